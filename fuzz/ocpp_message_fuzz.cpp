/// Any JSON as the payload of any message: the first byte picks the message. What a strict reader takes, a tolerant one
/// takes too; what is taken writes back to the same message; the domain copes with all of it.

#include <cstdlib>
#include <string_view>

#include "ocpp/v16/composite_schedule.hpp"
#include "ocpp/v16_domain.hpp"

namespace {

using namespace tianqu;
using namespace tianqu::ocpp;

void require(bool holds) {
    if (!holds) std::abort();
}

void try_request(v16::Action action, const JsonValue& payload, std::string_view text) {
    const auto strict = v16::read_request(action, payload, Validation::strict);
    const auto tolerant = v16::read_request(action, payload, Validation::tolerant);
    require(!strict || tolerant);
    if (strict) {
        require(strict->flags.empty() && strict->message == tolerant->message);
        const auto written = write_payload(strict->message);
        JsonDocument document;
        const auto again = v16::read_request(action, **document.parse(written), Validation::strict);
        require(again.has_value() && again->message == strict->message);
    }
    if (!tolerant) return;
    (void)write_payload(tolerant->message);
    (void)v16::to_domain(tolerant->message, text, TimePoint{});
    if (const auto* set = std::get_if<v16::SetChargingProfileRequest>(&tolerant->message)) {
        v16::CompositeSchedule schedule({});
        schedule.transaction_started(1, 1, TimePoint{});
        (void)schedule.install(set->connector_id, set->cs_charging_profiles, TimePoint{});
        (void)schedule.compose(1, TimePoint{}, 3600, v16::RateUnit::amperes, Watts{22'000});
    }
}

void try_response(v16::Action action, const JsonValue& payload) {
    const auto strict = v16::read_response(action, payload, Validation::strict);
    const auto tolerant = v16::read_response(action, payload, Validation::tolerant);
    require(!strict || tolerant);
    if (tolerant) (void)write_payload(tolerant->message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size < 1) return 0;
    const auto action = static_cast<v16::Action>(data[0] % v16::action_count);
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    JsonDocument document;
    const auto payload = document.parse(text);
    if (!payload) return 0;
    try_request(action, **payload, text);
    try_response(action, **payload);
    return 0;
}
