#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"

namespace tianqu::simulation {

struct MillijouleUnit {};
/// One watt during one millisecond: what a virtual meter counts in, so that no rounding is ever needed.
using Energy = Quantity<MillijouleUnit>;

inline constexpr std::int64_t energy_per_watt_hour = 3'600'000;

[[nodiscard]] constexpr Energy energy_of(Watts power, Milliseconds time) { return Energy{power.count * time.count()}; }
[[nodiscard]] constexpr Energy to_energy(WattHours amount) { return Energy{amount.count * energy_per_watt_hour}; }
/// Rounded down, as a meter's display shows it.
[[nodiscard]] constexpr WattHours to_watt_hours(Energy energy) {
    return WattHours{energy.count / energy_per_watt_hour};
}
[[nodiscard]] constexpr double to_kilowatt_hours(Energy energy) {
    return static_cast<double>(energy.count) / (1000.0 * energy_per_watt_hour);
}

}  // namespace tianqu::simulation
