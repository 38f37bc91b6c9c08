#include "city/synthetic_load.hpp"

#include <algorithm>

namespace tianqu::city {

namespace {

using HourShape = std::array<int, 24>;

// Permille of the peak at full hours; assumed shapes, not measurements.
constexpr HourShape residential_shape{420, 380, 350, 340, 340, 360, 450, 560, 560,  520, 510, 540,
                                      600, 560, 520, 520, 560, 700, 880, 980, 1000, 920, 720, 540};
constexpr HourShape commercial_shape{300, 290, 280, 280,  290, 320, 420, 600, 820, 930, 970, 980,
                                     930, 940, 980, 1000, 970, 900, 820, 760, 660, 500, 390, 330};
constexpr HourShape industrial_shape{780, 760, 750,  750, 760, 790, 840, 910, 970, 990, 1000, 990,
                                     940, 970, 1000, 990, 970, 930, 890, 870, 860, 840, 820,  800};

/// 17:00 to 22:00, when cars come home.
constexpr std::size_t evening_first = 68;
constexpr std::size_t evening_end = 88;

grid::DayProfile profile_of(const char* name, const HourShape& shape) {
    grid::DayProfile profile{name, {}};
    for (std::size_t slot = 0; slot < grid::slots_per_day; ++slot) {
        const auto hour = slot / 4;
        const auto quarter = static_cast<std::int64_t>(slot % 4);
        profile.slots.emplace_back((shape[hour] * (4 - quarter) + shape[(hour + 1) % 24] * quarter) / 4);
    }
    return profile;
}

/// power × 1000 / permille, never rounded down.
Watts divided_up(Watts power, std::int64_t permille) { return Watts{(power.count * 1000 + permille - 1) / permille}; }

}  // namespace

void Demand::add(const Demand& other) {
    connected += other.connected;
    charging += other.charging;
    low += other.low;
    largest = std::max(largest, other.largest);
    for (std::size_t slot = 0; slot < base.size(); ++slot) base[slot] += other.base[slot];
}

void Demand::add_base(Watts peak, const grid::DayProfile& profile) {
    for (std::size_t slot = 0; slot < base.size(); ++slot) base[slot] += scaled(peak, profile.slots[slot]);
}

Watts limit_for(const Demand& demand, Watts expected, Permille tightness) {
    const auto base_peak = std::ranges::max(demand.base);
    const auto evening = *std::max_element(demand.base.begin() + evening_first, demand.base.begin() + evening_end);
    return rounded_up(std::max({evening + scaled(expected, tightness), divided_up(base_peak, 440),
                                divided_up(base_peak + demand.low, 590), base_peak + demand.largest}));
}

Watts rounded_up(Watts power) { return Watts{(power.count + 999) / 1000 * 1000}; }

std::vector<grid::DayProfile> synthetic_profiles() {
    return {profile_of("residential", residential_shape), profile_of("commercial", commercial_shape),
            profile_of("industrial", industrial_shape)};
}

}  // namespace tianqu::city
