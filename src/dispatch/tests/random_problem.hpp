#pragma once

#include <algorithm>
#include <random>

#include "dispatch/problem.hpp"

namespace tianqu::dispatch::testing {

struct Shape {
    int most_nodes = 8;
    int most_sessions = 12;
    int most_slots = 12;
    double head_room = 1.0;  ///< scales every limit; below 1 not all can be served
    bool partial_first_slot = true;
    bool minimum_power = false;
    bool priorities = true;
    bool tapers = true;
    bool negative_head_room = true;
};

/// A small problem of any shape, the same for the same seed.
inline Problem random_problem(std::uint64_t seed, const Shape& shape = {}) {
    std::mt19937_64 random(seed);
    const auto between = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    };
    Problem problem;
    problem.slots = static_cast<int>(between(1, shape.most_slots));
    if (shape.partial_first_slot && between(0, 1) == 1)
        problem.first_slot = Milliseconds{between(1, problem.slot.count())};
    const auto nodes = between(1, shape.most_nodes);
    const auto sessions = between(0, shape.most_sessions);
    for (int n = 0; n < nodes; ++n) {
        Node node{.parent = n == 0 ? -1 : static_cast<int>(between(0, n - 1)), .head_room = {}};
        if (between(0, 4) > 0) {
            const double typical = shape.head_room * 3000.0 * static_cast<double>(sessions) / (n == 0 ? 1.0 : 2.0);
            for (int t = 0; t < problem.slots; ++t) {
                const auto low = shape.negative_head_room ? -2000 : 0;
                node.head_room.push_back(between(low, std::max<std::int64_t>(1, static_cast<std::int64_t>(typical))));
            }
        }
        problem.nodes.push_back(std::move(node));
    }
    const auto groups = between(0, 2);
    for (int g = 0; g < groups; ++g) {
        auto& prices = problem.prices.emplace_back();
        for (int t = 0; t < problem.slots; ++t) prices.push_back(PricePerKwh{between(2, 12) * 10'000});
    }
    if (between(0, 1) == 1) {
        for (int t = 0; t < problem.slots; ++t) problem.root_base.push_back(between(0, 50'000));
    }
    problem.objective.valley_weight = PricePerKwh{between(0, 3) * 10'000};
    for (int i = 0; i < sessions; ++i) {
        Session session;
        session.node = static_cast<int>(between(0, nodes - 1));
        session.arrive_slot = static_cast<int>(between(0, problem.slots - 1));
        session.depart_slot = static_cast<int>(between(session.arrive_slot + 1, problem.slots));
        session.max_power = Watts{between(0, 11'000)};
        if (shape.minimum_power && between(0, 3) > 0)
            session.min_power =
                Watts{std::min<std::int64_t>(session.max_power.count, between(0, 1) == 0 ? 1380 : 4140)};
        session.energy = between(0, session.max_power.count * 5 + 10);
        if (shape.priorities) session.priority = static_cast<int>(between(0, 2));
        if (groups > 0) session.group = static_cast<int>(between(0, groups - 1));
        if (shape.tapers && between(0, 3) == 0) {
            session.caps_offset = static_cast<std::int64_t>(problem.power_caps.size());
            for (int t = session.arrive_slot; t < session.depart_slot; ++t) {
                problem.power_caps.push_back(static_cast<std::int32_t>(between(0, 9000)));
            }
        }
        problem.sessions.push_back(session);
    }
    return problem;
}

}  // namespace tianqu::dispatch::testing
