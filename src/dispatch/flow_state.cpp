#include "dispatch/flow_state.hpp"

#include <algorithm>

#include "base/assertion.hpp"

namespace tianqu::dispatch {

FlowState::FlowState(const Problem& problem)
    : problem_(problem),
      slots_(problem.slots),
      root_load_(index(problem.slots), 0),
      served_(problem.sessions.size(), 0),
      plan_(Plan::empty_for(problem)) {
    compute_caps();
    keep_binding_nodes();
    list_members();
}

void FlowState::compute_caps() {
    caps_.resize(plan_.amounts.size());
    for (int i = 0; i < sessions(); ++i) {
        const auto& session = problem_.sessions[index(i)];
        auto* cap = caps_.data() + plan_.offsets[index(i)];
        for (int t = session.arrive_slot; t < session.depart_slot; ++t) {
            *cap++ = static_cast<std::int32_t>(problem_.session_amount(session, t));
        }
    }
}

void FlowState::keep_binding_nodes() {
    // The most that all sessions below could draw at once: a limit above it never binds.
    const auto count = problem_.nodes.size();
    std::vector<std::int64_t> possible(count, 0);
    for (const auto& session : problem_.sessions) possible[index(session.node)] += session.max_power.count;
    for (std::size_t n = count; n-- > 1;) possible[index(problem_.nodes[n].parent)] += possible[n];

    std::vector<int> kept(count, 0);
    for (std::size_t n = 0; n < count; ++n) {
        const auto& node = problem_.nodes[n];
        const bool binds = std::any_of(node.head_room.begin(), node.head_room.end(),
                                       [&](std::int64_t watts) { return watts < possible[n]; });
        if (n > 0 && !binds) {
            kept[n] = kept[index(node.parent)];
            continue;
        }
        kept[n] = static_cast<int>(parents_.size());
        origins_.push_back(static_cast<int>(n));
        parents_.push_back(n == 0 ? -1 : kept[index(node.parent)]);
        for (int t = 0; t < slots_; ++t) limit_.push_back(problem_.node_amount(static_cast<int>(n), t));
    }
    residual_ = limit_;
    session_nodes_.reserve(problem_.sessions.size());
    for (const auto& session : problem_.sessions) session_nodes_.push_back(kept[index(session.node)]);
}

void FlowState::list_members() {
    path_offsets_.push_back(0);
    for (int n = 0; n < nodes(); ++n) {
        for (int at = n; at >= 0; at = parent(at)) paths_.push_back(at);
        path_offsets_.push_back(static_cast<int>(paths_.size()));
    }
    paths_.push_back(0);  // so that the end of the last path can be addressed

    const auto group = [](const std::vector<int>& owner, int groups, std::vector<int>& offsets,
                          std::vector<int>& members) {
        offsets.assign(static_cast<std::size_t>(groups) + 1, 0);
        for (const int o : owner) {
            if (o >= 0) ++offsets[index(o) + 1];
        }
        for (std::size_t g = 0; g < static_cast<std::size_t>(groups); ++g) offsets[g + 1] += offsets[g];
        members.assign(index(offsets.back()), 0);
        auto next = offsets;
        for (std::size_t m = 0; m < owner.size(); ++m) {
            if (owner[m] >= 0) members[index(next[index(owner[m])]++)] = static_cast<int>(m);
        }
    };
    group(parents_, nodes(), child_offsets_, children_);
    group(session_nodes_, nodes(), list_offsets_, session_lists_);
}

void FlowState::clear(int session) {
    const int first = arrive(session);
    const int length = window(session);
    auto* amount = amounts(session);
    for (const int node : path(node_of(session))) {
        auto* free = residual(node) + first;
        for (int k = 0; k < length; ++k) free[k] += amount[k];
    }
    for (int k = 0; k < length; ++k) root_load_[index(first + k)] -= amount[k];
    std::fill(amount, amount + length, 0);
    served(session) = 0;
}

void FlowState::add(int session, const std::int64_t* added) {
    const int first = arrive(session);
    const int length = window(session);
    auto* amount = amounts(session);
    for (const int node : path(node_of(session))) {
        auto* free = residual(node) + first;
        for (int k = 0; k < length; ++k) free[k] -= added[k];
    }
    std::int64_t sum = 0;
    for (int k = 0; k < length; ++k) {
        root_load_[index(first + k)] += added[k];
        amount[k] += static_cast<std::int32_t>(added[k]);
        sum += added[k];
    }
    served(session) += sum;
}

void FlowState::add_one(int session, int slot, std::int64_t amount) {
    for (const int node : path(node_of(session))) residual(node)[slot] -= amount;
    root_load_[index(slot)] += amount;
    amounts(session)[slot - arrive(session)] += static_cast<std::int32_t>(amount);
    served(session) += amount;
}

void FlowState::restore(const FlowState& earlier) {
    TIANQU_ASSERT(&problem_ == &earlier.problem_);
    residual_ = earlier.residual_;
    root_load_ = earlier.root_load_;
    served_ = earlier.served_;
    plan_.amounts = earlier.plan_.amounts;
}

Plan FlowState::take_plan() {
    account(problem_, plan_);
    return std::move(plan_);
}

}  // namespace tianqu::dispatch
