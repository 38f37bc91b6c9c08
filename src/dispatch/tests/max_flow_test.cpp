#include "dispatch/max_flow.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "dispatch/tests/random_problem.hpp"

namespace tianqu::dispatch {
namespace {

/// The slow obvious model: every arc is written down, every path found by breadth-first search.
class PlainFlow {
public:
    explicit PlainFlow(const Problem& problem) {
        const int slots = problem.slots;
        const auto vertex = [&](int node, int slot) {
            return 2 + static_cast<int>(problem.sessions.size()) + node * slots + slot;
        };
        for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
            const auto& session = problem.sessions[i];
            connect(0, 2 + static_cast<int>(i), session.energy);
            for (int t = session.arrive_slot; t < session.depart_slot; ++t) {
                connect(2 + static_cast<int>(i), vertex(session.node, t), problem.session_amount(session, t));
            }
        }
        for (std::size_t n = 0; n < problem.nodes.size(); ++n) {
            for (int t = 0; t < slots; ++t) {
                const int up = n == 0 ? 1 : vertex(problem.nodes[n].parent, t);
                connect(vertex(static_cast<int>(n), t), up, problem.node_amount(static_cast<int>(n), t));
            }
        }
    }

    std::int64_t maximum() {
        std::int64_t total = 0;
        while (const auto amount = augment()) total += amount;
        return total;
    }

private:
    void connect(int from, int to, std::int64_t capacity) {
        arcs_[from][to] += capacity;
        arcs_[to][from] += 0;
    }

    std::int64_t augment() {
        std::map<int, int> before{{0, 0}};
        std::deque<int> queue{0};
        while (!queue.empty() && !before.contains(1)) {
            const int at = queue.front();
            queue.pop_front();
            for (const auto& [to, room] : arcs_[at]) {
                if (room > 0 && before.emplace(to, at).second) queue.push_back(to);
            }
        }
        if (!before.contains(1)) return 0;
        std::int64_t amount = Problem::unlimited;
        for (int at = 1; at != 0; at = before[at]) amount = std::min(amount, arcs_[before[at]][at]);
        for (int at = 1; at != 0; at = before[at]) {
            arcs_[before[at]][at] -= amount;
            arcs_[at][before[at]] += amount;
        }
        return amount;
    }

    std::map<int, std::map<int, std::int64_t>> arcs_;
};

TEST(MaxFlow, EqualsThePlainModelOnRandomTrees) {
    for (std::uint64_t seed = 0; seed < 1500; ++seed) {
        const auto problem = testing::random_problem(seed, {.head_room = seed % 3 == 0 ? 1.0 : 0.4});
        ASSERT_TRUE(validate(problem).has_value()) << "seed " << seed;
        const auto feasible = feasible_energy(problem);
        EXPECT_EQ(feasible.total, PlainFlow(problem).maximum()) << "seed " << seed;
        for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
            EXPECT_LE(feasible.by_session[i], problem.sessions[i].energy) << "seed " << seed;
        }
    }
}

TEST(MaxFlow, OneCarMovesSoThatAnotherFits) {
    // Both could charge in slot 0, the second one only there: the first must use slot 1.
    Problem problem;
    problem.slots = 2;
    problem.nodes = {{.parent = -1, .head_room = {1000, 1000}}};
    problem.sessions = {{.node = 0, .arrive_slot = 0, .depart_slot = 2, .energy = 1000, .max_power = Watts{1000}},
                        {.node = 0, .arrive_slot = 0, .depart_slot = 1, .energy = 1000, .max_power = Watts{1000}}};
    EXPECT_EQ(feasible_energy(problem).total, 2000);
    problem.nodes[0].head_room[1] = -5;
    EXPECT_EQ(feasible_energy(problem).total, 1000);
}

}  // namespace
}  // namespace tianqu::dispatch
