#include "ocpp/v16/composite_schedule.hpp"

#include <gtest/gtest.h>

namespace tianqu::ocpp::v16 {
namespace {

using namespace std::chrono_literals;

const TimePoint noon = *parse_time("2026-11-23T12:00:00Z");  // a Monday

struct Shape {
    std::int64_t id = 1;
    ProfilePurpose purpose = ProfilePurpose::tx_default_profile;
    std::int64_t level = 0;
    ProfileKind kind = ProfileKind::absolute;
    std::optional<TimePoint> start;
    std::optional<std::int64_t> duration;
    std::vector<std::pair<std::int64_t, std::int64_t>> periods;  ///< seconds, watts
    std::optional<RecurrencyKind> recurrency;
};

ChargingProfile make(const Shape& shape) {
    ChargingProfile profile{.charging_profile_id = shape.id,
                            .stack_level = shape.level,
                            .charging_profile_purpose = shape.purpose,
                            .charging_profile_kind = shape.kind,
                            .recurrency_kind = shape.recurrency};
    profile.charging_schedule.duration = shape.duration;
    if (shape.start) profile.charging_schedule.start_schedule = Timestamp{*shape.start};
    for (const auto& [start, watts] : shape.periods) {
        profile.charging_schedule.charging_schedule_period.push_back(
            {.start_period = start, .limit = Decimal::whole(watts)});
    }
    return profile;
}

constexpr auto accepted = ChargingProfileStatus::accepted;
constexpr auto rejected = ChargingProfileStatus::rejected;

TEST(CompositeScheduleTest, WithoutProfilesNothingIsLimited) {
    CompositeSchedule charger({});
    EXPECT_FALSE(charger.limit_at(1, noon).has_value());
    EXPECT_FALSE(charger.next_change(1, noon).has_value());
}

TEST(CompositeScheduleTest, TheTransactionsProfileStandsInForTheDefaultUntilItEnds) {
    CompositeSchedule charger({});
    ASSERT_EQ(charger.install(0, make({.periods = {{0, 1400}}}), noon), accepted);
    const Shape of_transaction{.id = 2,
                               .purpose = ProfilePurpose::tx_profile,
                               .start = noon,
                               .duration = 3600,
                               .periods = {{0, 7000}, {1800, 11'000}}};
    EXPECT_EQ(charger.install(1, make(of_transaction), noon), rejected) << "no transaction yet";
    charger.transaction_started(1, 9, noon);
    auto other = make(of_transaction);
    other.transaction_id = 8;
    EXPECT_EQ(charger.install(1, other, noon), rejected) << "another transaction";
    ASSERT_EQ(charger.install(1, make(of_transaction), noon), accepted);
    EXPECT_EQ(charger.limit_at(1, noon), Watts{7000});
    EXPECT_EQ(charger.limit_at(1, noon + 30min), Watts{11'000});
    EXPECT_EQ(charger.limit_at(1, noon + 1h), Watts{1400});
    EXPECT_EQ(charger.next_change(1, noon), noon + 30min);
    EXPECT_EQ(charger.next_change(1, noon + 30min), noon + 1h);
    charger.transaction_ended(1);
    EXPECT_EQ(charger.limit_at(1, noon), Watts{1400});
    EXPECT_EQ(charger.profile_count(), 1u);
}

TEST(CompositeScheduleTest, TheHighestStackLevelThatCoversTheInstantCounts) {
    CompositeSchedule charger({});
    ASSERT_EQ(charger.install(1, make({.id = 1, .level = 0, .start = noon, .periods = {{0, 5000}}}), noon), accepted);
    ASSERT_EQ(charger.install(
                  1, make({.id = 2, .level = 1, .start = noon + 1h, .duration = 600, .periods = {{0, 9000}}}), noon),
              accepted);
    EXPECT_EQ(charger.limit_at(1, noon), Watts{5000});
    EXPECT_EQ(charger.limit_at(1, noon + 1h), Watts{9000});
    EXPECT_EQ(charger.limit_at(1, noon + 1h + 10min), Watts{5000});
    // The same level replaces.
    ASSERT_EQ(charger.install(1, make({.id = 3, .level = 0, .start = noon, .periods = {{0, 6000}}}), noon), accepted);
    EXPECT_EQ(charger.profile_count(), 2u);
    EXPECT_EQ(charger.limit_at(1, noon), Watts{6000});
}

TEST(CompositeScheduleTest, AConnectorsOwnDefaultComesBeforeTheChargers) {
    CompositeSchedule charger({.connectors = 2});
    ASSERT_EQ(charger.install(0, make({.id = 1, .level = 5, .periods = {{0, 1000}}}), noon), accepted);
    ASSERT_EQ(charger.install(2, make({.id = 2, .level = 0, .periods = {{0, 2000}}}), noon), accepted);
    EXPECT_EQ(charger.limit_at(1, noon), Watts{1000});
    EXPECT_EQ(charger.limit_at(2, noon), Watts{2000});
}

TEST(CompositeScheduleTest, RelativeProfilesBeginWithTheTransaction) {
    CompositeSchedule charger({});
    ASSERT_EQ(charger.install(1, make({.kind = ProfileKind::relative, .periods = {{0, 3000}, {600, 6000}}}), noon),
              accepted);
    EXPECT_FALSE(charger.limit_at(1, noon).has_value());
    charger.transaction_started(1, 1, noon + 1h);
    EXPECT_EQ(charger.limit_at(1, noon + 1h), Watts{3000});
    EXPECT_EQ(charger.limit_at(1, noon + 1h + 10min), Watts{6000});
}

TEST(CompositeScheduleTest, RecurringProfilesComeBack) {
    CompositeSchedule charger({.offset = UtcOffset{480min}});
    ASSERT_EQ(charger.install(1,
                              make({.kind = ProfileKind::recurring,
                                    .start = noon - 24h * 10,
                                    .duration = 3600,
                                    .periods = {{0, 3000}},
                                    .recurrency = RecurrencyKind::daily}),
                              noon),
              accepted);
    EXPECT_EQ(charger.limit_at(1, noon + 59min), Watts{3000});
    EXPECT_FALSE(charger.limit_at(1, noon + 60min).has_value());
    EXPECT_EQ(charger.limit_at(1, noon + 24h), Watts{3000});
    EXPECT_EQ(charger.next_change(1, noon + 2h), noon + 24h);
    ASSERT_EQ(charger.install(1,
                              make({.kind = ProfileKind::recurring,
                                    .periods = {{0, 100}, {86'400, 200}},
                                    .recurrency = RecurrencyKind::weekly}),
                              noon),
              accepted);
    EXPECT_EQ(charger.limit_at(1, noon), Watts{100});
    EXPECT_EQ(charger.limit_at(1, noon + 4h), Watts{200}) << "Tuesday begins at 16:00 UTC";
    EXPECT_EQ(charger.limit_at(1, noon + 24h * 6 + 3h), Watts{200});
    EXPECT_EQ(charger.limit_at(1, noon + 24h * 6 + 4h), Watts{100});
    EXPECT_EQ(charger.install(1, make({.kind = ProfileKind::recurring, .periods = {{0, 1}}}), noon), rejected);
}

TEST(CompositeScheduleTest, ValidityBounds) {
    CompositeSchedule charger({});
    auto profile = make({.start = noon, .periods = {{0, 4000}}});
    profile.valid_from = Timestamp{noon + 1h};
    profile.valid_to = Timestamp{noon + 2h};
    ASSERT_EQ(charger.install(1, profile, noon), accepted);
    EXPECT_FALSE(charger.limit_at(1, noon + 59min).has_value());
    EXPECT_EQ(charger.limit_at(1, noon + 1h), Watts{4000});
    EXPECT_FALSE(charger.limit_at(1, noon + 2h).has_value());
    EXPECT_EQ(charger.next_change(1, noon), noon + 1h);
}

TEST(CompositeScheduleTest, AmperesCountPhases) {
    CompositeSchedule charger({});
    auto profile = make({.start = noon, .periods = {{0, 16}, {60, 16}}});
    profile.charging_schedule.charging_rate_unit = RateUnit::amperes;
    profile.charging_schedule.charging_schedule_period[1].number_phases = 1;
    ASSERT_EQ(charger.install(1, profile, noon), accepted);
    EXPECT_EQ(charger.limit_at(1, noon), Watts{11'040});
    EXPECT_EQ(charger.limit_at(1, noon + 60s), Watts{3680});
}

TEST(CompositeScheduleTest, RefusesWhatTheStandardRefuses) {
    CompositeSchedule charger({.connectors = 1, .max_stack_level = 2, .max_periods = 2, .max_profiles = 2});
    EXPECT_EQ(charger.install(1, make({}), noon), rejected) << "no periods";
    EXPECT_EQ(charger.install(1, make({.periods = {{5, 1}}}), noon), rejected) << "the first must begin at 0";
    EXPECT_EQ(charger.install(1, make({.periods = {{0, 1}, {0, 2}}}), noon), rejected);
    EXPECT_EQ(charger.install(1, make({.periods = {{0, 1}, {1, 2}, {2, 3}}}), noon), rejected);
    EXPECT_EQ(charger.install(1, make({.level = 3, .periods = {{0, 1}}}), noon), rejected);
    EXPECT_EQ(charger.install(1, make({.periods = {{0, -1}}}), noon), rejected);
    EXPECT_EQ(charger.install(2, make({.periods = {{0, 1}}}), noon), rejected) << "no such connector";
    const auto max = ProfilePurpose::charge_point_max_profile;
    EXPECT_EQ(charger.install(1, make({.purpose = max, .periods = {{0, 1}}}), noon), rejected);
    EXPECT_EQ(charger.install(0, make({.id = 1, .purpose = max, .periods = {{0, 1}}}), noon), accepted);
    EXPECT_EQ(charger.install(1, make({.id = 2, .periods = {{0, 1}}}), noon), accepted);
    EXPECT_EQ(charger.install(1, make({.id = 3, .level = 1, .periods = {{0, 1}}}), noon), rejected) << "full";
    EXPECT_EQ(charger.install(1, make({.id = 2, .level = 1, .periods = {{0, 1}}}), noon), accepted) << "replaces";
}

TEST(CompositeScheduleTest, ClearMatchesAllGivenFields) {
    CompositeSchedule charger({.connectors = 2});
    for (std::int64_t id = 1; id <= 3; ++id) {
        ASSERT_EQ(charger.install(id - 1, make({.id = id, .level = id, .periods = {{0, id}}}), noon), accepted);
    }
    EXPECT_EQ(charger.clear({.id = 1, .stack_level = 2}), 0u);
    EXPECT_EQ(charger.clear({.connector_id = 0}), 1u);
    EXPECT_EQ(charger.clear({.charging_profile_purpose = ProfilePurpose::tx_profile}), 0u);
    EXPECT_EQ(charger.clear({}), 2u);
}

TEST(CompositeScheduleTest, ComposesTheLowestOfConnectorAndCharger) {
    CompositeSchedule charger({});
    ASSERT_EQ(charger.install(0,
                              make({.id = 1,
                                    .purpose = ProfilePurpose::charge_point_max_profile,
                                    .start = noon,
                                    .periods = {{0, 10'000}, {1800, 5000}}}),
                              noon),
              accepted);
    ASSERT_EQ(
        charger.install(1, make({.id = 2, .start = noon + 10min, .duration = 3000, .periods = {{0, 7000}}}), noon),
        accepted);
    const auto schedule = charger.compose(1, noon, 7200, RateUnit::watts, Watts{22'000});
    using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;
    const auto pairs = [](const ChargingSchedule& composed) {
        Pairs out;
        for (const auto& period : composed.charging_schedule_period) {
            out.emplace_back(period.start_period, period.limit.thousandths / 1000);
        }
        return out;
    };
    EXPECT_EQ(pairs(schedule), (Pairs{{0, 10'000}, {600, 7000}, {1800, 5000}}));
    EXPECT_EQ(pairs(charger.compose(1, noon, 60, RateUnit::amperes, Watts{22'000})), (Pairs{{0, 14}}));
    EXPECT_EQ(pairs(charger.compose(0, noon, 1000, RateUnit::watts, Watts{8000})), (Pairs{{0, 8000}, {600, 7000}}));
}

TEST(CompositeScheduleTest, HugeNumbersDoNoHarm) {
    CompositeSchedule charger({});
    auto profile = make({.start = noon, .duration = INT64_MAX, .periods = {{0, 0}, {INT64_MAX, 1}}});
    profile.charging_schedule.charging_schedule_period[0].limit = Decimal{INT64_MAX};
    ASSERT_EQ(charger.install(1, profile, noon), accepted);
    EXPECT_TRUE(charger.limit_at(1, noon).has_value());
    (void)charger.compose(1, noon, INT64_MAX, RateUnit::amperes, Watts{INT64_MAX});
}

}  // namespace
}  // namespace tianqu::ocpp::v16
