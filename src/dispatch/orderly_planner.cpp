#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/assertion.hpp"
#include "dispatch/augment.hpp"
#include "dispatch/flow_state.hpp"
#include "dispatch/minimum_power.hpp"
#include "dispatch/planner.hpp"
#include "dispatch/water_fill.hpp"

namespace tianqu::dispatch {

namespace {

/// Sessions in the order of service: higher priority first, then least laxity (room of its own window less its need).
std::vector<int> service_order(const Problem& problem, FlowState& state) {
    std::vector<std::int64_t> laxity(problem.sessions.size());
    for (int i = 0; i < state.sessions(); ++i) {
        const auto* cap = state.caps(i);
        laxity[static_cast<std::size_t>(i)] =
            std::accumulate(cap, cap + state.window(i), std::int64_t{0}) - state.wanted(i);
    }
    std::vector<int> order(problem.sessions.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        const auto at = static_cast<std::size_t>(a);
        const auto bt = static_cast<std::size_t>(b);
        if (problem.sessions[at].priority != problem.sessions[bt].priority) {
            return problem.sessions[at].priority > problem.sessions[bt].priority;
        }
        return laxity[at] != laxity[bt] ? laxity[at] < laxity[bt] : a < b;
    });
    return order;
}

int first_reserved_slot(const Problem& problem, Milliseconds reserve_after) {
    int slot = 0;
    while (slot < problem.slots && problem.begin_of(slot) < problem.start + reserve_after) ++slot;
    return slot;
}

/// What a session wants, but no more than its car can take in its window: a car that leaves in a second with half its
/// need missing is late, it does not crowd the city.
std::int64_t takeable(const FlowState& state, int session) {
    const auto* caps = state.caps(session);
    return std::min(std::accumulate(caps, caps + state.window(session), std::int64_t{0}), state.wanted(session));
}

/// Known demand of each node as permille of what it can carry: the highest, over all times, of the energy that must be
/// delivered until then and the head-room until then.
std::vector<std::int64_t> demand_permille(FlowState& state) {
    const auto slots = static_cast<std::size_t>(state.slots());
    const auto nodes = static_cast<std::size_t>(state.nodes());
    std::vector<std::int64_t> due(nodes * slots, 0);
    for (int i = 0; i < state.sessions(); ++i) {
        const auto last = static_cast<std::size_t>(state.arrive(i) + state.window(i) - 1);
        due[static_cast<std::size_t>(state.node_of(i)) * slots + last] += takeable(state, i);
    }
    for (std::size_t n = nodes; n-- > 1;) {
        const auto parent = static_cast<std::size_t>(state.parent(static_cast<int>(n)));
        for (std::size_t t = 0; t < slots; ++t) due[parent * slots + t] += due[n * slots + t];
    }
    std::vector<std::int64_t> result(nodes, 0);
    for (std::size_t n = 0; n < nodes; ++n) {
        const auto* limit = state.limit(static_cast<int>(n));
        double demand = 0;
        double room = 0;
        for (std::size_t t = 0; t < slots; ++t) {
            demand += static_cast<double>(due[n * slots + t]);
            room += static_cast<double>(limit[t]);
            const double ratio = room > 0 ? 1000.0 * demand / room : (demand > 0 ? 1000.0 : 0.0);
            result[n] = std::max(result[n], static_cast<std::int64_t>(std::min(ratio, 1000.0)));
        }
    }
    return result;
}

/// What earlier plans saw of the same tree: how crowded each node was, fading with time.
class CrowdingMemory {
public:
    /// Raises the demand of nodes that were crowded lately, and remembers those that are now.
    void apply(FlowState& state, Milliseconds half_life, std::vector<std::int64_t>& demand) {
        const auto& problem = state.problem();
        if (crowding_.size() != problem.nodes.size() || problem.start < seen_)
            crowding_.assign(problem.nodes.size(), 0.0);
        const double passed =
            static_cast<double>((problem.start - seen_).count()) / static_cast<double>(half_life.count());
        const double fading = std::exp2(-std::max(0.0, passed));
        for (auto& crowding : crowding_) crowding *= fading;
        seen_ = problem.start;
        for (std::size_t n = 0; n < demand.size(); ++n) {
            auto& crowding = crowding_[static_cast<std::size_t>(state.origin(static_cast<int>(n)))];
            if (demand[n] >= whole) crowding = whole;
            demand[n] = std::max(demand[n], static_cast<std::int64_t>(crowding));
        }
    }

private:
    static constexpr int whole = 1000;

    std::vector<double> crowding_;  // permille by node of the problem
    TimePoint seen_{};
};

std::vector<Permille> reserves(FlowState& state, const OrderlyOptions& options, CrowdingMemory& memory) {
    auto demands = demand_permille(state);
    memory.apply(state, options.crowding_half_life, demands);
    std::vector<Permille> result;
    const auto span = std::max<std::int64_t>(1, options.full_demand.count - options.calm_demand.count);
    for (const auto demand : demands) {
        const auto grown = (demand - options.calm_demand.count) * 1000 / span;
        result.push_back(Permille{std::clamp<std::int64_t>(grown, options.least_reserve.count, 1000)});
    }
    return result;
}

class Run {
public:
    Run(const Problem& problem, const OrderlyOptions& options, CrowdingMemory& memory)
        : problem_(problem),
          options_(options),
          state_(problem),
          water_(state_, reserves(state_, options, memory), first_reserved_slot(problem, options.reserve_after)),
          targets_(problem.sessions.size(), 0) {}

    Plan plan() {
        const auto order = service_order(problem_, state_);
        for (std::size_t begin = 0; begin < order.size();) {
            std::size_t end = begin;
            while (end < order.size() && priority(order[end]) == priority(order[begin])) ++end;
            serve(
                {order.begin() + static_cast<std::ptrdiff_t>(begin), order.begin() + static_cast<std::ptrdiff_t>(end)});
            begin = end;
        }
        for (int sweep = 0; sweep < options_.sweeps; ++sweep) {
            for (const int session : order) water_.refill(session);
        }
        keep_minimum_power(state_);
        return state_.take_plan();
    }

private:
    int priority(int session) const { return problem_.sessions[static_cast<std::size_t>(session)].priority; }

    // Serves one priority: fill, then repair, then level a shortage among those that compete for the same room.
    void serve(const std::vector<int>& members) {
        std::vector<int> short_ones;
        for (const int session : members) {
            targets_[static_cast<std::size_t>(session)] = state_.wanted(session);
            if (water_.fill(session, state_.wanted(session)) < state_.wanted(session)) short_ones.push_back(session);
        }
        if (short_ones.empty()) return;
        Augmenter augmenter(state_, options_.repair_budget);
        const bool complete = augmenter.raise(short_ones, targets_);
        water_.refresh();
        std::erase_if(short_ones, [&](int i) { return state_.served(i) >= targets_[static_cast<std::size_t>(i)]; });
        if (short_ones.empty() || !complete) return;
        auto rivals = augmenter.competitors(short_ones, targets_);
        std::erase_if(rivals, [&](int i) { return priority(i) != priority(members.front()); });
        share(rivals, augmenter);
    }

    // The most that can be served is the same whoever gets it, so the rivals start again from nothing and rise
    // together, each to the same part of its need, until one after the other is stopped by a full node.
    void share(std::vector<int> rivals, Augmenter& augmenter) {
        if (rivals.size() < 2) return;
        const FlowState before = state_;
        for (const int session : rivals) state_.clear(session);
        water_.refresh();
        for (int step = 1; step <= options_.fair_steps && !rivals.empty(); ++step) {
            std::vector<int> short_ones;
            for (const int session : rivals) {
                auto& target = targets_[static_cast<std::size_t>(session)];
                target = multiply_divide(state_.wanted(session), step, options_.fair_steps);
                const auto missing = target - state_.served(session);
                if (water_.fill(session, missing) < missing) short_ones.push_back(session);
            }
            if (short_ones.empty()) continue;
            if (!augmenter.raise(short_ones, targets_)) {
                state_.restore(before);
                break;
            }
            water_.refresh();
            std::erase_if(rivals, [&](int i) { return state_.served(i) < targets_[static_cast<std::size_t>(i)]; });
        }
        water_.refresh();
    }

    const Problem& problem_;
    const OrderlyOptions& options_;
    FlowState state_;
    WaterFill water_;
    std::vector<std::int64_t> targets_;
};

class OrderlyPlanner final : public Planner {
public:
    explicit OrderlyPlanner(OrderlyOptions options) : options_(options) { TIANQU_ASSERT(options.fair_steps > 0); }
    std::string_view name() const override { return "orderly"; }
    Plan plan(const Problem& problem) override { return Run(problem, options_, memory_).plan(); }

private:
    OrderlyOptions options_;
    CrowdingMemory memory_;
};

}  // namespace

std::unique_ptr<Planner> make_orderly_planner(OrderlyOptions options) {
    return std::make_unique<OrderlyPlanner>(options);
}

}  // namespace tianqu::dispatch
