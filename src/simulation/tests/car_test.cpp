#include "simulation/car.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace tianqu::simulation {
namespace {

constexpr CarModel sedan{WattHours{65'000}, Watts{7'000}, Watts{11'000}, Watts{100'000}};
constexpr grid::ConnectorSpec single_phase{ConnectorNumber{1}, Watts{7'000}, grid::Current::ac, 1};
constexpr grid::ConnectorSpec direct{ConnectorNumber{1}, Watts{120'000}, grid::Current::dc, 3};

TEST(Car, TakesConstantPowerBelowEightyPerCent) {
    Car car(sedan, single_phase, to_energy(WattHours{10'000}), to_energy(WattHours{20'000}));
    EXPECT_EQ(car.power(Watts{7'000}), Watts{7'000});
    EXPECT_EQ(car.step(Watts{7'000}, Milliseconds{3'600'000}), to_energy(WattHours{7'000}));
    EXPECT_EQ(car.step(Watts{3'000}, Milliseconds{1'800'000}), to_energy(WattHours{1'500}));
    EXPECT_EQ(car.taken(), to_energy(WattHours{8'500}));
    EXPECT_FALSE(car.satisfied());
}

TEST(Car, StopsAtWhatWasAsked) {
    Car car(sedan, single_phase, Energy{0}, to_energy(WattHours{7'000}));
    EXPECT_EQ(car.step(Watts{7'000}, Milliseconds{7'200'000}), to_energy(WattHours{7'000}));
    EXPECT_TRUE(car.satisfied());
    EXPECT_EQ(car.power(Watts{7'000}), Watts{0});
}

TEST(Car, PausesBelowSixAmperes) {
    Car car(sedan, single_phase, Energy{0}, to_energy(WattHours{7'000}));
    EXPECT_EQ(minimum_power(sedan, single_phase), Watts{1'320});
    EXPECT_EQ(car.step(Watts{1'319}, Milliseconds{60'000}), Energy{0});
    EXPECT_EQ(car.power(Watts{1'320}), Watts{1'320});
    Car fast(sedan, direct, Energy{0}, to_energy(WattHours{7'000}));
    EXPECT_EQ(fast.power(Watts{100}), Watts{100});
}

TEST(Car, TapersExponentiallyAboveEightyPerCent) {
    const Energy full = to_energy(sedan.capacity);
    Car car(sedan, direct, Energy{full.count / 10 * 8}, Energy{full.count / 5});
    EXPECT_EQ(car.power(Watts{120'000}), Watts{100'000});
    // Missing energy falls as exp(−t/τ) with τ = 0.2 × 65 kWh / 100 kW = 468 s; after one τ 36.8 % of it is missing.
    car.step(Watts{120'000}, Milliseconds{468'000});
    const double missing = to_kilowatt_hours(full - car.stored());
    EXPECT_NEAR(missing, 13.0 * 0.3679, 0.1);
    EXPECT_NEAR(static_cast<double>(car.power(Watts{120'000}).count), 36'790, 900);
}

TEST(Car, ReachesAFullBattery) {
    const Energy full = to_energy(sedan.capacity);
    Car car(sedan, direct, Energy{0}, full);
    car.step(Watts{120'000}, Milliseconds{6 * 3'600'000});
    EXPECT_TRUE(car.satisfied());
    EXPECT_EQ(car.stored(), full);
    EXPECT_EQ(car.state_of_charge(), 100);
}

/// A slow obvious model: millisecond by millisecond would be too slow, so second by second.
Energy slow_charge(const CarModel& model, const grid::ConnectorSpec& spec, Energy stored, Energy asked, int seconds) {
    const double capacity = static_cast<double>(to_energy(model.capacity).count);
    double energy = static_cast<double>(stored.count);
    const double goal = energy + static_cast<double>(asked.count);
    for (int second = 0; second < seconds && energy < goal; ++second) {
        double power = static_cast<double>(model.direct.count);
        if (energy > 0.8 * capacity) power = std::max(power * (capacity - energy) / (0.2 * capacity), 0.03 * power);
        power = std::min(power, static_cast<double>(full_power(model, spec).count));
        energy = std::min(goal, energy + power * 1000);
    }
    return Energy{static_cast<std::int64_t>(energy) - stored.count};
}

TEST(Car, AgreesWithASlowModel) {
    rc::check("the same energy second by second, to 1 per cent", [] {
        const bool fast = *rc::gen::arbitrary<bool>();
        const auto& spec = fast ? direct : single_phase;
        const auto stored = to_energy(WattHours{*rc::gen::inRange(0, 60'000)});
        const auto asked = to_energy(WattHours{*rc::gen::inRange(1, 5'000)});
        const int seconds = *rc::gen::inRange(1, 7'200);
        Car car(sedan, spec, stored, asked);
        const Energy taken = car.step(spec.max_power, Milliseconds{seconds * 1'000});
        const Energy slow = slow_charge(sedan, spec, stored, asked, seconds);
        const auto difference = std::abs(taken.count - slow.count);
        RC_ASSERT(difference <= std::max(slow.count / 100, to_energy(WattHours{60}).count));
    });
}

TEST(Car, NeverTakesMoreThanAllowedAskedOrFits) {
    rc::check("power, asked energy and capacity bound every step; energies add up", [] {
        const auto& spec = *rc::gen::arbitrary<bool>() ? direct : single_phase;
        const Energy capacity = to_energy(sedan.capacity);
        const auto stored = to_energy(WattHours{*rc::gen::inRange(0, 65'000)});
        const auto asked = Energy{*rc::gen::inRange<std::int64_t>(0, (capacity - stored).count + 1)};
        Car car(sedan, spec, stored, asked);
        Energy sum;
        const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
            rc::gen::pair(rc::gen::inRange(-100, 130'000), rc::gen::inRange(0, 1'000'000)));
        for (const auto& [limit, time] : steps) {
            const Energy energy = car.step(Watts{limit}, Milliseconds{time});
            RC_ASSERT(energy.count >= 0);
            const Watts most = std::clamp(Watts{limit}, Watts{0}, full_power(sedan, spec));
            RC_ASSERT(energy <= energy_of(most, Milliseconds{time}));
            sum += energy;
        }
        RC_ASSERT(sum == car.taken());
        RC_ASSERT(sum <= asked);
        RC_ASSERT(car.stored() <= capacity);
    });
}

}  // namespace
}  // namespace tianqu::simulation
