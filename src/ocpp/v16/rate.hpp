#pragma once

#include "base/units.hpp"
#include "ocpp/v16/types.hpp"

namespace tianqu::ocpp::v16 {

/// Watts to a schedule's unit, rounded down to 0.1 so that a limit is never exceeded. `voltage` is phase to neutral.
[[nodiscard]] Decimal to_rate(Watts power, RateUnit unit, int phases, int voltage);
/// And back, rounded down to the watt; anything but amperes counts as watts.
[[nodiscard]] Watts from_rate(Decimal rate, RateUnit unit, int phases, int voltage);

}  // namespace tianqu::ocpp::v16
