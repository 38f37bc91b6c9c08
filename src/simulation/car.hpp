#pragma once

#include "grid/node.hpp"
#include "simulation/energy.hpp"

namespace tianqu::simulation {

/// What matters of a car to a charger. Amounts are as the charger's meter sees them: losses count as part of the
/// battery.
struct CarModel {
    WattHours capacity;
    Watts on_board_single_phase;
    Watts on_board_three_phase;
    Watts direct;  ///< the battery's own constant-power limit, for DC and, above 80 %, for AC too

    bool operator==(const CarModel&) const = default;
};

/// The nominal voltage between phase and neutral.
inline constexpr std::int64_t phase_voltage = 220;

/// The most this car takes at this connector while its battery is below 80 %.
[[nodiscard]] Watts full_power(const CarModel& car, const grid::ConnectorSpec& connector);
/// Below this the car pauses: 6 A in each phase that it uses (IEC 61851-1); 0 at a DC connector.
[[nodiscard]] Watts minimum_power(const CarModel& car, const grid::ConnectorSpec& connector);

/// A plugged-in car. Constant power up to 80 % of the battery, from there the battery's power falls in proportion to
/// what is missing, so exponentially in time, to no less than 3 %. It stops at the energy its driver asked for.
class Car {
public:
    /// Requires 0 <= stored, stored + asked <= capacity.
    Car(const CarModel& model, const grid::ConnectorSpec& connector, Energy stored, Energy asked);

    /// What it draws at this moment when it may draw `limit`.
    [[nodiscard]] Watts power(Watts limit) const;
    /// Time passes under a limit; the energy taken, which is never more than limit × time.
    Energy step(Watts limit, Milliseconds time);
    [[nodiscard]] Energy taken() const { return stored_ - start_; }
    [[nodiscard]] bool satisfied() const { return stored_ >= goal_; }
    [[nodiscard]] Energy stored() const { return stored_; }
    /// Per cent of the battery, rounded down.
    [[nodiscard]] int state_of_charge() const;

private:
    [[nodiscard]] Watts acceptance() const;
    [[nodiscard]] Watts wanted(Watts limit) const;

    Energy capacity_;
    Energy knee_;
    Watts direct_;
    Watts full_power_;
    Watts minimum_;
    Energy start_;
    Energy stored_;
    Energy goal_;
};

}  // namespace tianqu::simulation
