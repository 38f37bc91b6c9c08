#include "simulation/visits.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "simulation/random.hpp"
#include "simulation/trouble.hpp"

namespace tianqu::simulation {
namespace {

constexpr UtcOffset china{std::chrono::minutes{480}};
constexpr grid::ConnectorSpec home{ConnectorNumber{1}, Watts{7'000}, grid::Current::ac, 1};
constexpr grid::ConnectorSpec fast{ConnectorNumber{1}, Watts{120'000}, grid::Current::dc, 3};

TimePoint at(const char* text) { return *parse_time(text); }

std::vector<Visit> visits(grid::StationKind kind, const grid::ConnectorSpec& spec, int charger, std::uint64_t seed,
                          const char* day = "2026-11-23T04:00:00Z") {
    const ConnectorKey key{ChargerId("C" + std::to_string(charger)), spec.number};
    return visits_of_day({.seed = seed, .offset = china}, key, spec, kind, at(day));
}

TEST(Visits, SameSeedSameVisitsOtherSeedOthers) {
    int different = 0;
    for (int charger = 0; charger < 50; ++charger) {
        const auto first = visits(grid::StationKind::residential, home, charger, 1);
        EXPECT_EQ(first, visits(grid::StationKind::residential, home, charger, 1));
        different += first != visits(grid::StationKind::residential, home, charger, 2);
    }
    EXPECT_GT(different, 30);
}

TEST(Visits, ResidentsComeInTheEveningAndLeaveInTheMorning) {
    int evening = 0;
    std::int64_t asked = 0;
    for (int charger = 0; charger < 1'000; ++charger) {
        for (const Visit& visit : visits(grid::StationKind::residential, home, charger, 1)) {
            const int arrival = to_local(visit.arrival, china).minute_of_day;
            const int departure = to_local(visit.departure, china).minute_of_day;
            if (arrival < 17 * 60) continue;
            ++evening;
            asked += visit.asked.count;
            EXPECT_LT(arrival, 22 * 60);
            EXPECT_GE(departure, 6 * 60 + 30);
            EXPECT_LT(departure, 8 * 60 + 30);
            EXPECT_LE(visit.asked, WattHours{30'000});
        }
    }
    // 750 of 1,000 connectors, give or take four standard deviations.
    EXPECT_NEAR(evening, 750, 55);
    EXPECT_NEAR(static_cast<double>(asked) / evening, 19'000, 1'500);
}

TEST(Visits, NeverOverlapAndAlwaysFitTheCar) {
    rc::check("order, lengths and energies", [] {
        const auto kind =
            *rc::gen::element(grid::StationKind::residential, grid::StationKind::public_site,
                              grid::StationKind::workplace, grid::StationKind::depot, grid::StationKind::highway);
        const auto& spec = *rc::gen::arbitrary<bool>() ? fast : home;
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        const ConnectorKey key{ChargerId("C"), spec.number};
        VisitSource source({.seed = seed, .offset = china}, key, spec, kind, at("2026-11-23T04:00:00Z"));
        TimePoint free_from = at("2026-11-23T04:00:00Z");
        for (int i = 0; i < 20; ++i) {
            const Visit& visit = *source.next();
            RC_ASSERT(visit.arrival >= free_from);
            RC_ASSERT(visit.departure > visit.arrival);
            RC_ASSERT(visit.asked.count > 0);
            RC_ASSERT(visit.stored.count >= 0);
            RC_ASSERT(visit.stored + to_energy(visit.asked) <= to_energy(visit.car.capacity));
            const Energy possible = energy_of(full_power(visit.car, spec), visit.departure - visit.arrival);
            RC_ASSERT(to_energy(visit.asked) <= possible);
            RC_ASSERT(visit.token.size() <= 20U);
            free_from = visit.departure;
            source.advance();
        }
    });
}

TEST(Visits, NobodyComesToAConnectorWithoutPower) {
    const grid::ConnectorSpec dead{ConnectorNumber{1}, Watts{0}, grid::Current::ac, 1};
    const VisitSource source({}, {ChargerId("C"), dead.number}, dead, grid::StationKind::public_site, TimePoint{});
    EXPECT_EQ(source.next(), nullptr);
}

TEST(Random, StaysInItsRangeAndUsesAllOfIt) {
    Random random(7, {1, 2});
    std::array<int, 6> seen{};
    for (int i = 0; i < 6'000; ++i) ++seen[static_cast<std::size_t>(random.between(0, 5))];
    for (const int count : seen) EXPECT_NEAR(count, 1'000, 150);
    EXPECT_EQ(random.between(3, 3), 3);
    constexpr std::array<int, 3> weights{0, 5, 0};
    EXPECT_EQ(random.pick(weights), 1U);
}

TEST(Trouble, ComesAsOftenAsAsked) {
    const TimePoint start = at("2026-11-23T00:00:00Z");
    EXPECT_EQ(next_trouble(1, 5, 1, 0, start).begin, never);
    int today = 0;
    for (std::uint64_t charger = 0; charger < 1'000; ++charger) {
        const Trouble trouble = next_trouble(1, charger, 2, 300, start);
        EXPECT_GE(trouble.begin, start);
        EXPECT_GT(trouble.end, trouble.begin);
        EXPECT_LT(trouble.connector, 2U);
        today += trouble.begin < start + std::chrono::hours{24};
    }
    EXPECT_NEAR(today, 300, 60);
}

}  // namespace
}  // namespace tianqu::simulation
