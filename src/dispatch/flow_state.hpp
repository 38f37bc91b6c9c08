#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dispatch/problem.hpp"

namespace tianqu::dispatch {

/// A plan in the making: amounts of every session and what they leave free at every node that can bind.
/// Nodes that cannot bind (no limit, or one above all maximum powers below) are left out; the root always stays.
class FlowState {
public:
    explicit FlowState(const Problem& problem);

    [[nodiscard]] const Problem& problem() const { return problem_; }
    [[nodiscard]] int slots() const { return slots_; }
    [[nodiscard]] int sessions() const { return static_cast<int>(served_.size()); }
    [[nodiscard]] int nodes() const { return static_cast<int>(parents_.size()); }
    [[nodiscard]] int parent(int node) const { return parents_[index(node)]; }
    /// Index of a node in the problem.
    [[nodiscard]] int origin(int node) const { return origins_[index(node)]; }
    [[nodiscard]] int node_of(int session) const { return session_nodes_[index(session)]; }
    /// Nodes from the session's own up to the root.
    [[nodiscard]] std::span<const int> path(int node) const {
        return {&paths_[index(path_offsets_[index(node)])], &paths_[index(path_offsets_[index(node) + 1])]};
    }
    [[nodiscard]] std::span<const int> children(int node) const {
        return {children_.data() + child_offsets_[index(node)], children_.data() + child_offsets_[index(node) + 1]};
    }
    [[nodiscard]] std::span<const int> sessions_at(int node) const {
        return {session_lists_.data() + list_offsets_[index(node)],
                session_lists_.data() + list_offsets_[index(node) + 1]};
    }

    /// Watt-slots a node may carry, and those still free; one entry a slot.
    [[nodiscard]] std::int64_t* residual(int node) { return &residual_[index(node) * index(slots_)]; }
    [[nodiscard]] const std::int64_t* limit(int node) const { return &limit_[index(node) * index(slots_)]; }
    [[nodiscard]] std::int64_t flow(int node, int slot) const {
        const auto at = index(node) * index(slots_) + index(slot);
        return limit_[at] - residual_[at];
    }

    /// Amounts of a session, one a slot of its window, and the most it may take there.
    [[nodiscard]] std::int32_t* amounts(int session) { return plan_.amounts.data() + plan_.offsets[index(session)]; }
    [[nodiscard]] const std::int32_t* caps(int session) const { return caps_.data() + plan_.offsets[index(session)]; }
    [[nodiscard]] int arrive(int session) const { return problem_.sessions[index(session)].arrive_slot; }
    [[nodiscard]] int window(int session) const {
        return static_cast<int>(plan_.offsets[index(session) + 1] - plan_.offsets[index(session)]);
    }
    [[nodiscard]] std::int64_t& served(int session) { return served_[index(session)]; }
    [[nodiscard]] std::int64_t wanted(int session) const { return problem_.sessions[index(session)].energy; }
    /// Charging load of the whole tree by slot, watt-slots.
    [[nodiscard]] std::vector<std::int64_t>& root_load() { return root_load_; }

    /// Takes all amounts of a session out again.
    void clear(int session);
    /// Adds amounts (one a slot of its window; may be negative) to a session and books them at its ancestors.
    void add(int session, const std::int64_t* amounts);

    /// Adds an amount to a session in one slot of its window.
    void add_one(int session, int slot, std::int64_t amount);
    /// Goes back to amounts kept earlier (a copy of this state for the same problem).
    void restore(const FlowState& earlier);

    /// The plan so far, accounted.
    [[nodiscard]] Plan take_plan();

private:
    static std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }
    void keep_binding_nodes();
    void list_members();
    void compute_caps();

    const Problem& problem_;
    int slots_;
    std::vector<int> parents_;
    std::vector<int> origins_;
    std::vector<int> session_nodes_;
    std::vector<int> path_offsets_, paths_;
    std::vector<int> child_offsets_, children_;
    std::vector<int> list_offsets_, session_lists_;
    std::vector<std::int64_t> limit_, residual_;
    std::vector<std::int64_t> root_load_;
    std::vector<std::int64_t> served_;
    std::vector<std::int32_t> caps_;
    Plan plan_;
};

}  // namespace tianqu::dispatch
