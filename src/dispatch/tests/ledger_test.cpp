#include "dispatch/ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "base/record.hpp"
#include "dispatch/problem.hpp"

namespace tianqu::dispatch {
namespace {

constexpr TimePoint noon = from_milliseconds(1'795'000'000'000 / 900'000 * 900'000);
constexpr Milliseconds minute{60'000};

LedgerOptions small(int slots = 4) {
    LedgerOptions options;
    options.slots = slots;
    return options;
}

Wish wish(int connector, std::vector<std::int32_t> watts, std::int64_t fallback = 1000) {
    return {.connector = connector, .watts = std::move(watts), .fallback = Watts{fallback}};
}

TEST(Schedule, HoldsStepsThenFallsBack) {
    const Schedule schedule{.start = noon,
                            .duration = 30 * minute,
                            .steps = {{Milliseconds{0}, Watts{7000}}, {15 * minute, Watts{3000}}},
                            .fallback = Watts{500}};
    EXPECT_EQ(highest_limit(schedule, noon, noon + minute), Watts{7000});
    EXPECT_EQ(highest_limit(schedule, noon + 15 * minute, noon + 30 * minute), Watts{3000});
    EXPECT_EQ(highest_limit(schedule, noon + 10 * minute, noon + 90 * minute), Watts{7000});
    EXPECT_EQ(highest_limit(schedule, noon + 30 * minute, noon + 90 * minute), Watts{500});
    EXPECT_EQ(highest_limit(schedule, noon - minute, noon + minute), Watts{7000});
    const auto copy = decode_record<Schedule>(encode_record(schedule));
    ASSERT_TRUE(copy.has_value());
    EXPECT_EQ(*copy, schedule);
}

TEST(Ledger, CountsTheMaximumUntilADefaultIsAccepted) {
    Ledger ledger(small(), {-1, 0}, noon);
    const int connector = ledger.add(1, Watts{7000});
    EXPECT_EQ(ledger.counted_at(0, 3), 7000);
    ledger.accept_default(connector, Watts{1400});
    EXPECT_EQ(ledger.counted_at(0, 3), 1400);
    EXPECT_EQ(ledger.counted_at(1, 0), 1400);
}

TEST(Ledger, LowersFirstAndRaisesOnlyIntoFreeRoom) {
    Ledger ledger(small(), {-1}, noon);
    ledger.set_limit(0, 10'000);
    const int a = ledger.add(0, Watts{7000});
    const int b = ledger.add(0, Watts{7000});
    ledger.accept_default(a, Watts{0});
    ledger.accept_default(b, Watts{0});
    ledger.restore(
        a, {.start = noon, .duration = 60 * minute, .steps = {{Milliseconds{0}, Watts{7000}}}, .fallback = Watts{0}});
    const std::vector<Wish> wishes{wish(b, {7000, 7000, 7000, 7000}, 0), wish(a, {3000, 3000, 3000, 3000}, 0)};

    auto commands = ledger.next_commands(noon, wishes);
    ASSERT_EQ(commands.size(), 1U) << "the raise waits for the room that the lowering frees";
    EXPECT_EQ(commands[0].connector, a);
    EXPECT_FALSE(commands[0].raises);
    EXPECT_EQ(ledger.counted_at(0, 0), 7000) << "not lowered before the charger said so";

    ledger.answer(a, commands[0].sequence, Answer::accepted);
    commands = ledger.next_commands(noon + minute, wishes);
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_EQ(commands[0].connector, b);
    EXPECT_TRUE(commands[0].raises);
    EXPECT_FALSE(commands[0].partial);
    EXPECT_EQ(ledger.counted_at(0, 0), 10'000);
}

TEST(Ledger, RaisesAsFarAsItFits) {
    Ledger ledger(small(), {-1, 0}, noon);
    ledger.set_limit(0, 5000);
    const int a = ledger.add(1, Watts{7000});
    ledger.accept_default(a, Watts{1000});
    const auto commands = ledger.next_commands(noon, std::vector{wish(a, {7000, 2000, 7000, 7000})});
    ASSERT_EQ(commands.size(), 1U);
    EXPECT_TRUE(commands[0].partial);
    EXPECT_EQ(commands[0].schedule.limit_at(noon), Watts{5000});
    EXPECT_EQ(commands[0].schedule.limit_at(noon + 20 * minute), Watts{2000});
    EXPECT_EQ(commands[0].schedule.limit_at(noon + 60 * minute), Watts{1000}) << "falls back after the horizon";
}

TEST(Ledger, RejectedKeepsTheOldAndUnansweredTheHigher) {
    Ledger ledger(small(), {-1}, noon);
    const int a = ledger.add(0, Watts{7000});
    ledger.accept_default(a, Watts{1000});
    auto commands = ledger.next_commands(noon, std::vector{wish(a, {4000, 4000, 4000, 4000})});
    ledger.answer(a, commands.at(0).sequence, Answer::rejected);
    EXPECT_EQ(ledger.counted(a, 0), Watts{1000});

    commands = ledger.next_commands(noon, std::vector{wish(a, {4000, 500, 4000, 4000})});
    ledger.answer(a, commands.at(0).sequence + 99, Answer::accepted);
    EXPECT_TRUE(ledger.in_flight(a)) << "an answer to something else";
    ledger.answer(a, commands.at(0).sequence, Answer::unanswered);
    EXPECT_EQ(ledger.counted(a, 0), Watts{4000});
    EXPECT_EQ(ledger.counted(a, 1), Watts{1000}) << "the lowering may not have arrived";
}

TEST(Ledger, DeadBandSparesTheChargerButNotALimit) {
    Ledger ledger(small(), {-1}, noon);
    const int a = ledger.add(0, Watts{7000});
    ledger.restore(
        a,
        {.start = noon, .duration = 60 * minute, .steps = {{Milliseconds{0}, Watts{7000}}}, .fallback = Watts{1000}});
    EXPECT_TRUE(ledger.next_commands(noon, std::vector{wish(a, {6950, 6950, 6950, 6980})}).empty());
    ledger.set_limit(0, 6950);
    EXPECT_EQ(ledger.next_commands(noon, std::vector{wish(a, {6950, 6950, 6950, 6950})}).size(), 1U);
}

TEST(Ledger, AnOfflineChargerCountsAndGetsNothing) {
    Ledger ledger(small(), {-1}, noon);
    ledger.set_limit(0, 6000);
    const int a = ledger.add(0, Watts{7000});
    const int b = ledger.add(0, Watts{7000});
    ledger.accept_default(b, Watts{0});
    ledger.set_online(a, false);
    EXPECT_EQ(ledger.overloaded(), std::vector<int>{0});
    EXPECT_TRUE(
        ledger.next_commands(noon, std::vector{wish(a, {0, 0, 0, 0}), wish(b, {5000, 5000, 5000, 5000}, 0)}).empty());
    const std::vector<std::uint8_t> planned{0, 1};
    EXPECT_EQ(ledger.head_room(planned), (std::vector<std::int64_t>(4, -1000)));
}

TEST(Ledger, TheHorizonMovesWithTime) {
    Ledger ledger(small(), {-1}, noon);
    const int a = ledger.add(0, Watts{7000});
    ledger.restore(a, {.start = noon,
                       .duration = 30 * minute,
                       .steps = {{Milliseconds{0}, Watts{7000}}, {15 * minute, Watts{4000}}},
                       .fallback = Watts{1000}});
    EXPECT_EQ(ledger.counted(a, 1), Watts{4000});
    EXPECT_EQ(ledger.counted(a, 2), Watts{1000});
    ledger.advance(noon + 16 * minute);
    EXPECT_EQ(ledger.counted(a, 0), Watts{4000});
    EXPECT_EQ(ledger.counted_at(0, 1), 1000);
    ledger.advance(noon + 600 * minute);
    EXPECT_EQ(ledger.counted_at(0, 0), 1000);
}

/// Chargers that accept, refuse, drop and lose commands, beside what they really keep to.
class World {
public:
    World(std::uint64_t seed, bool limits_move)
        : random_(seed), limits_move_(limits_move), ledger_(small(8), {-1, 0, 0, 1, 1}, noon) {
        for (int c = 0; c < connectors; ++c) {
            ledger_.add(static_cast<int>(between(0, 4)), Watts{7000});
            const Watts level{between(0, 1400)};
            ledger_.accept_default(c, level);
            truth_.push_back({.start = noon, .steps = {}, .fallback = level});
        }
        for (int n = 0; n < nodes; ++n) {
            std::int64_t least = 0;
            for (int t = 0; t < 8; ++t) least = std::max(least, ledger_.counted_at(n, t));
            for (int t = 0; t < 8; ++t) ledger_.set_limit(n, t, least + between(0, 20'000));
        }
        now_ = noon;
    }

    void step() {
        now_ += Milliseconds{between(1, 400'000)};
        ledger_.advance(now_);
        if (limits_move_ && between(0, 9) == 0) {
            ledger_.set_limit(static_cast<int>(between(0, nodes - 1)), static_cast<int>(between(0, 7)),
                              between(0, 30'000));
        }
        if (between(0, 3) == 0) ledger_.set_online(static_cast<int>(between(0, connectors - 1)), between(0, 1) == 1);
        const auto before = sums();
        for (const auto& command : ledger_.next_commands(now_, wishes())) open_.push_back(command);
        expect_no_new_excess(before);
        answer_some();
        expect_truth_is_covered();
    }

    /// Answers everything and lowers all wishes to nothing: afterwards only what takes no commands may pass a limit.
    void settle() {
        for (int c = 0; c < connectors; ++c) ledger_.set_online(c, true);
        for (int round = 0; round < 4; ++round) {
            for (const auto& command : open_) answer(command, Answer::accepted, true);
            open_.clear();
            std::vector<Wish> nothing;
            for (int c = 0; c < connectors; ++c) nothing.push_back(wish(c, std::vector<std::int32_t>(8, 0), 0));
            for (const auto& command : ledger_.next_commands(now_, nothing)) open_.push_back(command);
        }
        EXPECT_TRUE(open_.empty());
        for (int n = 0; n < nodes; ++n) {
            for (int t = 0; t < 8; ++t)
                EXPECT_LE(ledger_.counted_at(n, t), std::max<std::int64_t>(ledger_.limit_at(n, t), 12 * 100));
        }
    }

    /// Without moving limits nothing permitted ever passes one.
    void expect_inside_limits() {
        for (int n = 0; n < nodes; ++n) {
            for (int t = 0; t < 8; ++t) EXPECT_LE(ledger_.counted_at(n, t), ledger_.limit_at(n, t));
        }
    }

private:
    static constexpr int connectors = 12;
    static constexpr int nodes = 5;

    std::int64_t between(std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
    }

    std::vector<std::int64_t> sums() {
        std::vector<std::int64_t> result;
        for (int n = 0; n < nodes; ++n) {
            for (int t = 0; t < 8; ++t) result.push_back(ledger_.counted_at(n, t));
        }
        return result;
    }

    void expect_no_new_excess(const std::vector<std::int64_t>& before) {
        const auto after = sums();
        for (int n = 0; n < nodes; ++n) {
            for (int t = 0; t < 8; ++t) {
                const auto at = static_cast<std::size_t>(n * 8 + t);
                EXPECT_LE(after[at], std::max(before[at], ledger_.limit_at(n, t))) << "node " << n << " slot " << t;
            }
        }
    }

    std::vector<Wish> wishes() {
        std::vector<Wish> result;
        for (int c = 0; c < connectors; ++c) {
            if (between(0, 3) == 0) continue;
            std::vector<std::int32_t> watts;
            const auto level = between(0, 7000);
            for (auto t = between(0, 8); t > 0; --t)
                watts.push_back(static_cast<std::int32_t>(between(0, 1) == 0 ? level : between(0, 7000)));
            result.push_back(wish(c, std::move(watts), 0));
        }
        return result;
    }

    void answer_some() {
        std::vector<LedgerCommand> still_open;
        for (const auto& command : open_) {
            switch (between(0, 5)) {
                case 0:
                    answer(command, Answer::rejected, false);
                    break;
                case 1:
                    answer(command, Answer::unanswered, between(0, 1) == 1);
                    break;
                case 2:
                    still_open.push_back(command);
                    break;
                default:
                    answer(command, Answer::accepted, true);
            }
        }
        open_ = std::move(still_open);
    }

    void answer(const LedgerCommand& command, Answer answer, bool applied) {
        if (applied) truth_[static_cast<std::size_t>(command.connector)] = command.schedule;
        ledger_.answer(command.connector, command.sequence, answer);
    }

    void expect_truth_is_covered() {
        for (int c = 0; c < connectors; ++c) {
            for (int t = 0; t < 8; ++t) {
                const auto from = std::max(now_, ledger_.horizon_start() + Milliseconds{900'000} * t);
                const auto to = ledger_.horizon_start() + Milliseconds{900'000} * (t + 1);
                EXPECT_LE(highest_limit(truth_[static_cast<std::size_t>(c)], from, to), ledger_.counted(c, t))
                    << "connector " << c << " slot " << t;
            }
        }
    }

    std::mt19937_64 random_;
    bool limits_move_;
    Ledger ledger_;
    std::vector<Schedule> truth_;
    std::vector<LedgerCommand> open_;
    TimePoint now_{};
};

TEST(Ledger, WhatChargersKeepToIsAlwaysCounted) {
    for (std::uint64_t seed = 0; seed < 300 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        World world(seed, true);
        for (int i = 0; i < 80 && !::testing::Test::HasFailure(); ++i) world.step();
        world.settle();
    }
}

TEST(Ledger, PermissionsStayInsideSteadyLimits) {
    for (std::uint64_t seed = 1000; seed < 1300 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        World world(seed, false);
        for (int i = 0; i < 80 && !::testing::Test::HasFailure(); ++i) {
            world.step();
            world.expect_inside_limits();
        }
    }
}

}  // namespace
}  // namespace tianqu::dispatch
