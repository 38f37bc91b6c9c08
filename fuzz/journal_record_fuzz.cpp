/// Bytes as a damaged or hostile journal file might hold them: an event, its way into the views, a packed snapshot.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/sqlite/compression.hpp"
#include "adapters/sqlite/views_projection.hpp"
#include "base/record.hpp"
#include "ports/journal.hpp"

namespace {

using namespace tianqu;

void require(bool condition) {
    if (!condition) std::abort();
}

/// What was read once is written and read again the same.
void check_round_trip(const ports::EventRecord& record) {
    const auto bytes = encode_record(record);
    const auto again = decode_record<ports::EventRecord>(bytes);
    require(again && *again == record && encode_record(*again) == bytes);
    require(ports::chain_hash({}, *again) == ports::chain_hash({}, record));
}

void project(ports::EventRecord record) {
    sqlite::Projection projection({},
                                  [](SessionId) -> Result<std::optional<ports::SessionView>> { return std::nullopt; });
    // A session to meter and to end, whatever comes then.
    charging::SessionStarted started{
        .session = SessionId(1), .charger = ChargerId("c"), .connector = ConnectorNumber(1)};
    started.corrected = record.received;
    ports::EventRecord start{.sequence = 1, .type = charging::SessionStarted::type, .received = record.received};
    start.payload = encode_record(started);
    require(projection.take(start).has_value());
    record.sequence = 2;
    require(projection.take(record).has_value());
    record.sequence = 3;
    require(projection.take(record).has_value());
    require(projection.take_changes().last_sequence == 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto unpacked = sqlite::decompress(bytes, size * 3);
    require(!unpacked || unpacked->size() == size * 3);
    auto record = decode_record<ports::EventRecord>(bytes);
    if (!record) return 0;
    check_round_trip(*record);
    project(std::move(*record));
    return 0;
}
