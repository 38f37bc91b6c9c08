#include "ocpp/v16/rate.hpp"

#include <algorithm>

#include "base/assertion.hpp"

namespace tianqu::ocpp::v16 {

namespace {

/// Far above any charger; keeps products inside 64 bits whatever a message says.
constexpr std::int64_t highest_thousandths = 1'000'000'000'000;

}  // namespace

Decimal to_rate(Watts power, RateUnit unit, int phases, int voltage) {
    TIANQU_ASSERT(phases > 0 && voltage > 0);
    const std::int64_t watts = std::clamp<std::int64_t>(power.count, 0, highest_thousandths / 1000);
    if (unit != RateUnit::amperes) return Decimal::whole(watts);
    const std::int64_t tenths = watts * 10 / (std::int64_t{phases} * voltage);
    return Decimal{tenths * 100};
}

Watts from_rate(Decimal rate, RateUnit unit, int phases, int voltage) {
    TIANQU_ASSERT(phases > 0 && voltage > 0);
    const std::int64_t thousandths = std::clamp<std::int64_t>(rate.thousandths, 0, highest_thousandths);
    if (unit != RateUnit::amperes) return Watts{thousandths / 1000};
    return Watts{thousandths * phases * voltage / 1000};
}

}  // namespace tianqu::ocpp::v16
