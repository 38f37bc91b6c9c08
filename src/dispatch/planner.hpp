#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "dispatch/problem.hpp"

namespace tianqu::dispatch {

/// Anything that turns a problem into a plan: a policy, the water-filling planner, an exact solver.
/// An object may keep state between calls (a warm start); one object is used by one thread.
class Planner {
public:
    virtual ~Planner() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    /// Requires validate(problem). The plan never passes a node's head-room, a window or a power limit
    /// (except the policy `uncontrolled`, which knows no limits but the car's own).
    [[nodiscard]] virtual Plan plan(const Problem& problem) = 0;
};

struct OrderlyOptions {
    int sweeps = 2;  ///< times each session is taken out and put back at the least marginal cost
    /// Cars yet to come find room: later than `reserve_after`, a part of each node's head-room is used only by what
    /// fits nowhere else, and what does not fit beside it is served as early as possible. The part grows from
    /// `least_reserve` to all while the known demand grows from `calm_demand` to `full_demand` of what the node can
    /// carry before the departures; so a crowded node charges without delay, and a calm one when it is cheapest.
    Milliseconds reserve_after{900'000};
    Permille least_reserve{100};
    Permille calm_demand{400};
    Permille full_demand{700};
    /// A node whose known demand once passed all it can carry is taken for crowded from then on; this halves in that
    /// time.
    Milliseconds crowding_half_life{96 * 3'600'000};
    int fair_steps = 16;  ///< under shortage, shares of the need are levelled to 1/fair_steps
    /// Arc visits the repair by augmenting paths may spend, so that a tick has a bounded cost.
    std::int64_t repair_budget = 400'000'000;
};

/// The default planner: serves priorities in order, then minimises `Objective` by water-filling each session into what
/// its ancestors leave free, with coordinate-descent sweeps and a repair by augmenting paths when energy is unserved.
/// Within a priority a shortage is shared in proportion to the remaining need of the sessions that compete for it.
[[nodiscard]] std::unique_ptr<Planner> make_orderly_planner(OrderlyOptions options = {});

enum class ReasonKind : std::uint8_t {
    charging,         ///< charges in slot 0, nothing holds it back
    limited_by_node,  ///< the head-room of `node` binds: charges less than it could, or waits until `slot`
    cheaper_later,    ///< room now, but from `slot` on it is cheaper or the city's load is lower
    not_arrived,      ///< its window begins in `slot`
    finished,         ///< needs nothing more
    short_of_power,   ///< will leave without part of its energy, because of `node`
    window_too_short  ///< its own maximum power cannot give the energy before it leaves
};
[[nodiscard]] std::string_view enum_name(ReasonKind kind);

/// Why a session's plan is what it is, for a sentence on a page.
struct Reason {
    ReasonKind kind = ReasonKind::charging;
    int node = -1;              ///< index of the node whose limit binds, or −1
    int slot = -1;              ///< first slot in which it charges (or arrives), or −1 when it never does
    std::int64_t unserved = 0;  ///< watt-slots that will be missing
};

/// Explains sessions of one plan; computes the node loads once. The problem and the plan must outlive it.
class Explainer {
public:
    Explainer(const Problem& problem, const Plan& plan);
    [[nodiscard]] Reason explain(int session) const;

private:
    [[nodiscard]] int binding_node(int session, int slot) const;
    [[nodiscard]] int tightest_node(int session) const;

    const Problem& problem_;
    const Plan& plan_;
    std::vector<std::int64_t> loads_;
};

}  // namespace tianqu::dispatch
