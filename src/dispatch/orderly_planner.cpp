#include <algorithm>
#include <numeric>

#include "base/assertion.hpp"
#include "dispatch/augment.hpp"
#include "dispatch/flow_state.hpp"
#include "dispatch/minimum_power.hpp"
#include "dispatch/planner.hpp"
#include "dispatch/water_fill.hpp"

namespace tianqu::dispatch {

namespace {

constexpr Milliseconds reserve_after{3'600'000};

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

int first_reserved_slot(const Problem& problem) {
    int slot = 0;
    while (slot < problem.slots && problem.begin_of(slot) < problem.start + reserve_after) ++slot;
    return slot;
}

class Run {
public:
    Run(const Problem& problem, const OrderlyOptions& options)
        : problem_(problem),
          options_(options),
          state_(problem),
          water_(state_, options.reserve, first_reserved_slot(problem)),
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
    Plan plan(const Problem& problem) override { return Run(problem, options_).plan(); }

private:
    OrderlyOptions options_;
};

}  // namespace

std::unique_ptr<Planner> make_orderly_planner(OrderlyOptions options) {
    return std::make_unique<OrderlyPlanner>(options);
}

}  // namespace tianqu::dispatch
