#include "simulation/car.hpp"

#include <algorithm>

#include "base/assertion.hpp"

namespace tianqu::simulation {

namespace {

/// While the battery limits the power, the power is held this long before it is looked up again.
constexpr Milliseconds taper_step{10'000};

Watts on_board(const CarModel& car, const grid::ConnectorSpec& connector) {
    return connector.phases >= 3 ? car.on_board_three_phase : car.on_board_single_phase;
}

}  // namespace

Watts full_power(const CarModel& car, const grid::ConnectorSpec& connector) {
    const Watts own =
        connector.current == grid::Current::dc ? car.direct : std::min(on_board(car, connector), car.direct);
    return std::min(own, connector.max_power);
}

Watts minimum_power(const CarModel& car, const grid::ConnectorSpec& connector) {
    if (connector.current == grid::Current::dc) return Watts{0};
    const bool three_phase = connector.phases >= 3 && car.on_board_three_phase > car.on_board_single_phase;
    return Watts{6 * phase_voltage * (three_phase ? 3 : 1)};
}

Car::Car(const CarModel& model, const grid::ConnectorSpec& connector, Energy stored, Energy asked)
    : capacity_(to_energy(model.capacity)),
      knee_(Energy{capacity_.count / 10 * 8}),
      direct_(model.direct),
      full_power_(full_power(model, connector)),
      minimum_(minimum_power(model, connector)),
      start_(stored),
      stored_(stored),
      goal_(stored + asked) {
    TIANQU_ASSERT(stored.count >= 0 && asked.count >= 0 && goal_ <= capacity_);
}

Watts Car::acceptance() const {
    if (stored_ <= knee_) return direct_;
    const Energy missing = capacity_ - stored_;
    const std::int64_t tapered = multiply_divide(direct_.count, missing.count, (capacity_ - knee_).count);
    return Watts{std::max(tapered, direct_.count * 3 / 100)};
}

Watts Car::wanted(Watts limit) const {
    const Watts allowed = std::min(limit, full_power_);
    return allowed < minimum_ || allowed.count <= 0 ? Watts{0} : allowed;
}

Watts Car::power(Watts limit) const {
    if (satisfied()) return Watts{0};
    return std::min(wanted(limit), acceptance());
}

Energy Car::step(Watts limit, Milliseconds time) {
    const Energy before = stored_;
    const Watts allowed = wanted(limit);
    while (time.count() > 0 && !satisfied()) {
        const Watts now = std::min(allowed, acceptance());
        if (now.count <= 0) break;
        Milliseconds held = time;
        if (stored_ > knee_) {
            held = std::min(held, taper_step);
        } else if (stored_ + energy_of(now, held) > knee_) {
            // To the first millisecond behind the knee: from there the battery has its say.
            held = std::min(held, Milliseconds{(knee_ - stored_).count / now.count + 1});
        }
        stored_ += std::min(energy_of(now, held), goal_ - stored_);
        time -= held;
    }
    return stored_ - before;
}

int Car::state_of_charge() const { return static_cast<int>(stored_.count / (capacity_.count / 100)); }

}  // namespace tianqu::simulation
