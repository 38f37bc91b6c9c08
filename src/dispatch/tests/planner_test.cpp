#include "dispatch/planner.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "dispatch/max_flow.hpp"
#include "dispatch/policies.hpp"
#include "dispatch/tests/random_problem.hpp"

namespace tianqu::dispatch {
namespace {

Problem one_node(std::vector<std::int64_t> head_room) {
    Problem problem;
    problem.slots = static_cast<int>(head_room.size());
    problem.nodes = {{.parent = -1, .head_room = std::move(head_room)}};
    return problem;
}

Session car(std::int64_t energy, int arrive, int depart, std::int64_t power = 7000) {
    return {.node = 0, .arrive_slot = arrive, .depart_slot = depart, .energy = energy, .max_power = Watts{power}};
}

TEST(OrderlyPlanner, NeverPassesALimitAWindowOrAPower) {
    auto planner = make_orderly_planner();
    for (std::uint64_t seed = 0; seed < 6000; ++seed) {
        const auto problem =
            testing::random_problem(seed, {.head_room = seed % 2 == 0 ? 1.2 : 0.4, .minimum_power = seed % 3 == 0});
        ASSERT_TRUE(validate(problem).has_value());
        const auto plan = planner->plan(problem);
        const auto status = check(problem, plan);
        ASSERT_TRUE(status.has_value()) << "seed " << seed << ": " << status.error().to_string();
    }
}

TEST(OrderlyPlanner, PlansAllThatIsFeasible) {
    auto planner = make_orderly_planner();
    double worst = 1;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        const auto problem = testing::random_problem(seed, {.most_nodes = 12, .most_sessions = 20, .head_room = 0.4});
        const auto feasible = feasible_energy(problem).total;
        if (feasible == 0) continue;
        const auto planned = planner->plan(problem).planned;
        worst = std::min(worst, static_cast<double>(planned) / static_cast<double>(feasible));
    }
    RecordProperty("worst_part_of_feasible", std::to_string(worst));
    EXPECT_GE(worst, 0.9999) << "of the maximum flow";
}

TEST(OrderlyPlanner, MinimumPowerCostsLittleUnderShortage) {
    auto planner = make_orderly_planner();
    std::int64_t planned = 0;
    std::int64_t feasible = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        // A transformer for three of eight cars, which need 1.38 kW at least.
        Problem problem = one_node(std::vector<std::int64_t>(24, 21'000));
        std::mt19937_64 random(seed);
        for (int i = 0; i < 12; ++i) {
            auto session =
                car(40'000 + static_cast<std::int64_t>(random() % 90'000), static_cast<int>(random() % 8), 24);
            session.min_power = Watts{1380};
            problem.sessions.push_back(session);
        }
        const auto plan = planner->plan(problem);
        ASSERT_TRUE(check(problem, plan).has_value());
        planned += plan.planned;
        feasible += feasible_energy(problem).total;
    }
    EXPECT_GE(static_cast<double>(planned) / static_cast<double>(feasible), 0.97);
}

TEST(OrderlyPlanner, HigherPriorityIsServedFirst) {
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        auto problem = testing::random_problem(seed, {.head_room = 0.3});
        const auto plan = make_orderly_planner()->plan(problem);
        // Without the lower classes the high ones could not get more.
        auto high = problem;
        std::erase_if(high.sessions, [](const Session& session) { return session.priority < 2; });
        std::int64_t served = 0;
        for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
            if (problem.sessions[i].priority == 2) served += problem.sessions[i].energy - plan.unserved[i];
        }
        EXPECT_EQ(served, feasible_energy(high).total) << "seed " << seed;
    }
}

TEST(OrderlyPlanner, ShortageIsSharedByNeed) {
    auto problem = one_node({6000, 6000, 6000, 6000});
    problem.sessions = {car(20'000, 0, 4), car(10'000, 0, 4), car(18'000, 0, 4)};
    const auto plan = make_orderly_planner()->plan(problem);
    EXPECT_EQ(plan.planned, 24'000);
    for (std::size_t i = 0; i < 3; ++i) {
        const double part = static_cast<double>(plan.unserved[i]) / static_cast<double>(problem.sessions[i].energy);
        EXPECT_NEAR(part, 0.5, 1.0 / 16) << "session " << i;
    }
}

TEST(OrderlyPlanner, FillsTheValley) {
    Problem problem = one_node({});
    problem.slots = 4;
    problem.root_base = {40'000, 10'000, 10'000, 30'000};
    problem.sessions = {car(24'000, 0, 4, 20'000)};
    const auto plan = make_orderly_planner()->plan(problem);
    EXPECT_EQ(std::vector<std::int32_t>(plan.amounts), (std::vector<std::int32_t>{0, 12'000, 12'000, 0}));
}

TEST(OrderlyPlanner, PrefersTheCheapBandAndPaysForThePeak) {
    Problem problem = one_node({});
    problem.slots = 4;
    problem.prices = {{PricePerKwh{100'000}, PricePerKwh{30'000}, PricePerKwh{30'000}, PricePerKwh{100'000}}};
    problem.root_base = {0, 20'000, 20'000, 0};
    problem.sessions = {car(10'000, 0, 4, 20'000)};
    problem.objective.valley_weight = PricePerKwh{10'000};
    const auto cheap = make_orderly_planner()->plan(problem);
    EXPECT_EQ(cheap.amounts[1] + cheap.amounts[2], 10'000);
    problem.objective.valley_weight =
        PricePerKwh{1'000'000};  // ten yuan at reference load: the peak costs more than the band
    const auto flat = make_orderly_planner()->plan(problem);
    EXPECT_EQ(flat.amounts[0] + flat.amounts[3], 10'000);
}

/// Projected-gradient-free reference: moves single watts between slots of a session while that lowers the cost.
double brute_force_cost(const Problem& problem, Plan plan, std::int64_t step) {
    account(problem, plan);
    double best = plan.energy_cost_yuan + plan.valley_cost_yuan;
    for (bool moved = true; moved;) {
        moved = false;
        for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
            for (auto from = plan.offsets[i]; from < plan.offsets[i + 1]; ++from) {
                for (auto to = plan.offsets[i]; to < plan.offsets[i + 1]; ++to) {
                    auto tried = plan;
                    tried.amounts[static_cast<std::size_t>(from)] -= static_cast<std::int32_t>(step);
                    tried.amounts[static_cast<std::size_t>(to)] += static_cast<std::int32_t>(step);
                    if (from == to || !check(problem, tried)) continue;
                    account(problem, tried);
                    const double cost = tried.energy_cost_yuan + tried.valley_cost_yuan;
                    if (cost >= best - 1e-9) continue;
                    best = cost;
                    plan = tried;
                    moved = true;
                }
            }
        }
    }
    return best;
}

TEST(OrderlyPlanner, NoSingleMoveMakesItMuchCheaper) {
    OrderlyOptions options;
    options.least_reserve = Permille{0};
    options.calm_demand = options.full_demand = Permille{1001};
    options.sweeps = 8;
    auto planner = make_orderly_planner(options);
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        const auto problem = testing::random_problem(
            seed, {.most_nodes = 3, .most_sessions = 4, .most_slots = 5, .head_room = 3, .negative_head_room = false});
        const auto plan = planner->plan(problem);
        const double cost = plan.energy_cost_yuan + plan.valley_cost_yuan;
        EXPECT_LE(cost, brute_force_cost(problem, plan, 200) + 1e-3 + 0.002 * std::abs(cost)) << "seed " << seed;
    }
}

TEST(OrderlyPlanner, ALimitMayHoldInSomeSlotsOnly) {
    auto problem = one_node({Problem::unlimited, 1000, Problem::unlimited, -5});
    problem.sessions = {car(20'000, 0, 4), car(20'000, 0, 4)};
    const auto plan = make_orderly_planner()->plan(problem);
    EXPECT_TRUE(check(problem, plan).has_value());
    EXPECT_EQ(plan.planned, 29'000);
    EXPECT_EQ(plan.overloaded, std::vector<int>{0});
}

TEST(OrderlyPlanner, APartialFirstSlotGivesLessEnergyAtTheSamePower) {
    auto problem = one_node({10'000, 0});
    problem.first_slot = Milliseconds{300'000};  // a third
    problem.sessions = {car(7000, 0, 2)};
    const auto plan = make_orderly_planner()->plan(problem);
    EXPECT_EQ(plan.amounts[0], 2333);
    EXPECT_EQ(plan.power(problem, 0, 0), Watts{6999});
    EXPECT_EQ(plan.unserved[0], 7000 - 2333);
}

TEST(OrderlyPlanner, ACarThatLeavesInASecondDoesNotCrowdTheCity) {
    auto problem = one_node({1'000'000, 1'000'000, 1'000'000, 1'000'000});
    problem.prices = {{PricePerKwh{100'000}, PricePerKwh{100'000}, PricePerKwh{30'000}, PricePerKwh{30'000}}};
    problem.first_slot = Milliseconds{1'000};
    problem.sessions = {car(9'000, 0, 1), car(6'000, 0, 4)};
    const auto planner = make_orderly_planner();
    const auto late = planner->plan(problem);
    EXPECT_EQ(late.amounts[static_cast<std::size_t>(late.offsets[1])], 0);
    problem.start += problem.first_slot;
    problem.first_slot = problem.slot;
    problem.sessions = {car(6'000, 0, 4)};
    const auto after = planner->plan(problem);
    EXPECT_EQ(after.amounts[2] + after.amounts[3], 6'000) << "nobody is crowded: the cheap band is worth waiting for";
}

TEST(Policies, KeepLimitsAndNeverBeatTheMaximumFlow) {
    for (const auto policy :
         {Policy::first_come, Policy::earliest_deadline, Policy::least_laxity, Policy::round_robin}) {
        auto planner = make_policy(policy);
        for (std::uint64_t seed = 0; seed < 1500; ++seed) {
            const auto problem = testing::random_problem(seed, {.head_room = 0.6});
            const auto plan = planner->plan(problem);
            const auto status = check(problem, plan);
            ASSERT_TRUE(status.has_value())
                << enum_name(policy) << " seed " << seed << ": " << status.error().to_string();
            EXPECT_LE(plan.planned, feasible_energy(problem).total);
        }
    }
}

TEST(Policies, NamesReadBack) {
    for (const auto* name : {"uncontrolled", "fcfs", "edf", "llf", "rr", "orderly"}) {
        const auto policy = parse_policy(name);
        ASSERT_TRUE(policy.has_value());
        EXPECT_EQ(enum_name(*policy), name);
    }
    EXPECT_FALSE(parse_policy("magic").has_value());
}

TEST(Explainer, NamesTheBindingNode) {
    Problem problem;
    problem.slots = 4;
    problem.nodes = {{.parent = -1, .head_room = {}}, {.parent = 0, .head_room = {0, 0, 7000, 7000}}};
    problem.sessions = {car(14'000, 0, 4), car(90'000, 0, 4)};
    problem.sessions[0].node = 1;
    const auto plan = make_orderly_planner()->plan(problem);
    const Explainer explainer(problem, plan);
    const auto waiting = explainer.explain(0);
    EXPECT_EQ(waiting.kind, ReasonKind::limited_by_node);
    EXPECT_EQ(waiting.node, 1);
    EXPECT_EQ(waiting.slot, 2);
    EXPECT_EQ(explainer.explain(1).kind, ReasonKind::window_too_short);
    EXPECT_EQ(explainer.explain(1).unserved, 90'000 - 28'000);
}

TEST(Explainer, SaysThatALaterBandIsCheaper) {
    auto problem = one_node({20'000, 20'000, 20'000});
    problem.prices = {{PricePerKwh{100'000}, PricePerKwh{100'000}, PricePerKwh{30'000}}};
    problem.sessions = {car(7000, 0, 3)};
    const auto plan = make_orderly_planner()->plan(problem);
    const auto reason = Explainer(problem, plan).explain(0);
    EXPECT_EQ(reason.kind, ReasonKind::cheaper_later);
    EXPECT_EQ(reason.slot, 2);
}

TEST(Explainer, NamesTheNodeOfAShortage) {
    auto problem = one_node({3000, 3000});
    problem.sessions = {car(7000, 0, 2), car(7000, 0, 2)};
    const auto plan = make_orderly_planner()->plan(problem);
    const auto reason = Explainer(problem, plan).explain(0);
    EXPECT_EQ(reason.kind, ReasonKind::short_of_power);
    EXPECT_EQ(reason.node, 0);
}

}  // namespace
}  // namespace tianqu::dispatch
