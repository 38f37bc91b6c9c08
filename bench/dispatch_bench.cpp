/// Times of the planner, of the maximum flow and of the permission ledger on synthetic cities:
/// 15 sessions a transformer, 20 transformers a feeder, 90 % overnight; head-room as a part of the uncontrolled peak.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "dispatch/ledger.hpp"
#include "dispatch/max_flow.hpp"
#include "dispatch/policies.hpp"

namespace {

using namespace tianqu;
using namespace tianqu::dispatch;

constexpr int slots = 96;
constexpr int sessions_a_transformer = 15;
constexpr int transformers_a_feeder = 20;

Session random_session(std::mt19937_64& random, int node) {
    const auto uniform = [&](double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(random);
    };
    const bool overnight = uniform(0, 1) < 0.9;
    const double arrival = overnight ? std::normal_distribution<double>(6.5, 1.8)(random) : uniform(0, 20);
    const double departure = overnight ? std::normal_distribution<double>(19, 1)(random) : arrival + 3;
    Session session;
    session.node = node;
    session.arrive_slot = std::clamp(static_cast<int>(arrival * 4), 0, 80);
    session.depart_slot = std::clamp(static_cast<int>(departure * 4), session.arrive_slot + 4, slots);
    session.max_power = Watts{uniform(0, 1) < 0.5 ? 7000 : (uniform(0, 1) < 0.5 ? 3500 : 11'000)};
    const auto most = session.max_power.count * (session.depart_slot - session.arrive_slot) * 9 / 10;
    session.energy = std::min<std::int64_t>(most, static_cast<std::int64_t>(uniform(4, 35) * 4000));
    return session;
}

Problem synthetic_city(int sessions, double tightness) {
    std::mt19937_64 random(7);
    Problem problem;
    problem.slots = slots;
    const int transformers = (sessions + sessions_a_transformer - 1) / sessions_a_transformer;
    const int feeders = (transformers + transformers_a_feeder - 1) / transformers_a_feeder;
    problem.nodes.push_back({.parent = -1, .head_room = {}});
    for (int i = 0; i < feeders; ++i) problem.nodes.push_back({.parent = 0, .head_room = {}});
    for (int i = 0; i < transformers; ++i)
        problem.nodes.push_back({.parent = 1 + i / transformers_a_feeder, .head_room = {}});
    auto& prices = problem.prices.emplace_back();
    for (int t = 0; t < slots; ++t) {
        const double hour = std::fmod(12 + t / 4.0, 24);
        prices.push_back(PricePerKwh{hour < 7 ? 35'000 : (hour > 17 && hour < 22 ? 110'000 : 70'000)});
        problem.root_base.push_back(
            static_cast<std::int64_t>(sessions * 2000.0 * (0.6 + 0.4 * std::exp(-std::pow((hour - 19.5) / 3, 2)))));
    }
    for (int i = 0; i < sessions; ++i)
        problem.sessions.push_back(random_session(random, 1 + feeders + i / sessions_a_transformer));
    const auto loads = node_loads(problem, make_policy(Policy::uncontrolled)->plan(problem));
    for (std::size_t n = 1; n < problem.nodes.size(); ++n) {
        const auto* first = loads.data() + n * slots;
        const auto limit = static_cast<double>(*std::max_element(first, first + slots)) * tightness;
        problem.nodes[n].head_room.assign(slots, static_cast<std::int64_t>(limit));
    }
    return problem;
}

void plan_with(benchmark::State& state, Policy policy) {
    const auto problem = synthetic_city(static_cast<int>(state.range(0)), static_cast<double>(state.range(1)) / 100.0);
    Plan plan;
    for (auto round : state) {
        static_cast<void>(round);
        plan = make_policy(policy)->plan(problem);
    }
    const auto feasible = feasible_energy(problem).total;
    state.counters["of_feasible"] = static_cast<double>(plan.planned) / static_cast<double>(feasible);
    state.counters["yuan"] = plan.energy_cost_yuan + plan.valley_cost_yuan;
}

void orderly(benchmark::State& state) { plan_with(state, Policy::orderly); }
void least_laxity(benchmark::State& state) { plan_with(state, Policy::least_laxity); }

void maximum_flow(benchmark::State& state) {
    const auto problem = synthetic_city(static_cast<int>(state.range(0)), static_cast<double>(state.range(1)) / 100.0);
    for (auto round : state) {
        static_cast<void>(round);
        benchmark::DoNotOptimize(feasible_energy(problem).total);
    }
}

/// One tick: every connector has a wish that differs a little, all answers arrive.
void ledger_tick(benchmark::State& state) {
    const auto problem = synthetic_city(static_cast<int>(state.range(0)), 1.0);
    std::vector<int> parents;
    for (const auto& node : problem.nodes) parents.push_back(node.parent);
    TimePoint now = from_milliseconds(1'795'000'000'000);
    Ledger ledger(LedgerOptions{}, parents, now);
    const auto plan = make_policy(Policy::orderly)->plan(problem);
    std::vector<Wish> wishes;
    for (int i = 0; i < static_cast<int>(problem.sessions.size()); ++i) {
        const int connector = ledger.add(problem.sessions[static_cast<std::size_t>(i)].node,
                                         problem.sessions[static_cast<std::size_t>(i)].max_power);
        ledger.accept_default(connector, Watts{0});
        Wish wish{.connector = connector, .watts = {}, .fallback = Watts{0}};
        for (int t = 0; t < slots; ++t)
            wish.watts.push_back(static_cast<std::int32_t>(plan.power(problem, i, t).count));
        wishes.push_back(std::move(wish));
    }
    std::size_t sent = 0;
    for (auto round : state) {
        static_cast<void>(round);
        now += Milliseconds{60'000};
        const auto commands = ledger.next_commands(now, wishes);
        sent += commands.size();
        for (const auto& command : commands) ledger.answer(command.connector, command.sequence, Answer::accepted);
    }
    state.counters["commands_a_tick"] = static_cast<double>(sent) / static_cast<double>(state.iterations());
}

}  // namespace

BENCHMARK(orderly)
    ->Args({3000, 100})
    ->Args({3000, 45})
    ->Args({3000, 30})
    ->Args({66'800, 100})
    ->Args({66'800, 45})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(least_laxity)->Args({3000, 45})->Args({66'800, 45})->Unit(benchmark::kMillisecond);
BENCHMARK(maximum_flow)->Args({3000, 45})->Args({3000, 30})->Args({66'800, 45})->Unit(benchmark::kMillisecond);
BENCHMARK(ledger_tick)->Arg(2000)->Arg(66'800)->Unit(benchmark::kMillisecond);
