#pragma once

#include <cstdint>
#include <vector>

#include "dispatch/flow_state.hpp"

namespace tianqu::dispatch {

/// Serves more energy by augmenting paths (Dinic's algorithm on sessions → (node, slot) → sink, the graph kept
/// implicit): a session takes room that another gives up because that one can charge at another time. Nobody's energy
/// is reduced.
class Augmenter {
public:
    /// `budget`: arc visits that may be spent over this object's life.
    Augmenter(FlowState& state, std::int64_t budget);

    /// Raises the served energy of `sessions` up to targets[session]. False when the budget ended before the maximum.
    bool raise(const std::vector<int>& sessions, const std::vector<std::int64_t>& targets);

    /// Sessions that could give something up for those of `sessions` below their target: all that compete for the room
    /// they lack. Call after `raise` returned true.
    [[nodiscard]] std::vector<int> competitors(const std::vector<int>& sessions,
                                               const std::vector<std::int64_t>& targets);

    [[nodiscard]] bool exhausted() const { return budget_ <= 0; }

private:
    struct Step {
        int vertex = 0;
        std::int64_t room = 0;  // of the arc that led here
    };

    [[nodiscard]] int vertex_of(int node, int slot) const { return state_.sessions() + node * state_.slots() + slot; }
    bool find_levels(const std::vector<int>& sessions, const std::vector<std::int64_t>& targets);
    void reach(int vertex, int level);
    void spread_session(int session);
    bool spread_node(int node, int slot);
    void push_from(int session, std::int64_t target);
    Step next(int vertex);
    [[nodiscard]] Step next_of_session(int session);
    [[nodiscard]] Step next_of_node(int vertex);
    void apply(std::int64_t amount);
    void apply_arc(int from, int to, std::int64_t amount);

    FlowState& state_;
    std::int64_t budget_;
    std::vector<int> level_;
    std::vector<int> cursor_;
    std::vector<int> queue_;
    std::vector<Step> path_;
    int sink_level_ = 0;
};

}  // namespace tianqu::dispatch
