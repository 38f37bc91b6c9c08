#include "app/server/access_part.hpp"

#include <openssl/rand.h>

#include "base/assertion.hpp"
#include "base/json_writer.hpp"

namespace tianqu::server {

bool AccessPart::fold(const ports::EventRecord& record) {
    const auto event = access::decode_body(record.type, record.payload);
    if (!event) return false;
    access::apply(state_, *event);
    return true;
}

std::string AccessPart::encode() const { return encode_record(state_); }

Status AccessPart::decode(std::string_view bytes) {
    auto state = decode_record<access::State>(bytes);
    if (!state) return std::unexpected(state.error());
    state_ = std::move(*state);
    return {};
}

std::vector<ports::EventRecord> access_records(const std::vector<access::EventBody>& events,
                                               const charging::Actor& actor) {
    std::vector<ports::EventRecord> records;
    records.reserve(events.size());
    for (const auto& event : events) {
        records.push_back(ports::EventRecord{.sequence = 0,
                                             .type = access::event_type(event),
                                             .tenant = TenantId{"city"},
                                             .principal = actor.principal,
                                             .received = actor.now,
                                             .claimed = {},
                                             .reason = actor.reason,
                                             .payload = access::encode_body(event)});
    }
    return records;
}

std::string users_json(const access::State& state) {
    JsonWriter json;
    json.begin_object().key("users").begin_array();
    for (const auto& [user, entry] : state.users) {
        std::size_t keys = 0;
        for (const auto& [hash, key] : state.keys) keys += key.user == user ? 1 : 0;
        json.begin_object().field("name", user.value).field("role", enum_name(entry.role));
        json.field("password", !entry.password_hash.empty()).field("api_keys", keys).end_object();
    }
    json.end_array().end_object();
    return json.take();
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    const int done = RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
    TIANQU_ASSERT(done == 1);
    return bytes;
}

}  // namespace tianqu::server
