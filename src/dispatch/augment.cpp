#include "dispatch/augment.hpp"

#include <algorithm>
#include <limits>

#include "base/assertion.hpp"

namespace tianqu::dispatch {

namespace {
constexpr int unreached = -1;
constexpr int sink = -2;  // a vertex number that no session or node has
constexpr int no_arc = -3;
constexpr int far_away = std::numeric_limits<int>::max();
}  // namespace

Augmenter::Augmenter(FlowState& state, std::int64_t budget) : state_(state), budget_(budget) {
    const auto vertices = static_cast<std::size_t>(vertex_of(state.nodes(), 0));
    level_.resize(vertices);
    cursor_.resize(vertices);
    queue_.reserve(vertices);
}

bool Augmenter::raise(const std::vector<int>& sessions, const std::vector<std::int64_t>& targets) {
    while (budget_ > 0) {
        if (!find_levels(sessions, targets)) return true;
        std::fill(cursor_.begin(), cursor_.end(), 0);
        for (const int session : sessions) {
            push_from(session, targets[static_cast<std::size_t>(session)]);
            if (budget_ <= 0) return false;
        }
    }
    return false;
}

std::vector<int> Augmenter::competitors(const std::vector<int>& sessions, const std::vector<std::int64_t>& targets) {
    std::vector<int> result;
    find_levels(sessions, targets);
    for (int i = 0; i < state_.sessions(); ++i) {
        if (level_[static_cast<std::size_t>(i)] != unreached) result.push_back(i);
    }
    return result;
}

void Augmenter::reach(int vertex, int level) {
    auto& known = level_[static_cast<std::size_t>(vertex)];
    if (known != unreached) return;
    known = level;
    queue_.push_back(vertex);
}

void Augmenter::spread_session(int session) {
    const int first = state_.arrive(session);
    const int length = state_.window(session);
    const int node = state_.node_of(session);
    const int level = level_[static_cast<std::size_t>(session)] + 1;
    const auto* amount = state_.amounts(session);
    const auto* cap = state_.caps(session);
    budget_ -= length;
    for (int k = 0; k < length; ++k) {
        if (amount[k] < cap[k]) reach(vertex_of(node, first + k), level);
    }
}

// True when the sink is one step away.
bool Augmenter::spread_node(int node, int slot) {
    const int level = level_[static_cast<std::size_t>(vertex_of(node, slot))] + 1;
    if (state_.residual(node)[slot] > 0) {
        if (node == 0) return true;
        reach(vertex_of(state_.parent(node), slot), level);
    }
    for (const int child : state_.children(node)) {
        if (state_.flow(child, slot) > 0) reach(vertex_of(child, slot), level);
    }
    const auto members = state_.sessions_at(node);
    budget_ -= 1 + static_cast<std::int64_t>(state_.children(node).size() + members.size());
    for (const int session : members) {
        if (level_[static_cast<std::size_t>(session)] != unreached) continue;
        const int k = slot - state_.arrive(session);
        if (k >= 0 && k < state_.window(session) && state_.amounts(session)[k] > 0) reach(session, level);
    }
    return false;
}

bool Augmenter::find_levels(const std::vector<int>& sessions, const std::vector<std::int64_t>& targets) {
    std::fill(level_.begin(), level_.end(), unreached);
    queue_.clear();
    sink_level_ = far_away;
    for (const int session : sessions) {
        if (state_.served(session) < targets[static_cast<std::size_t>(session)]) reach(session, 0);
    }
    for (std::size_t head = 0; head < queue_.size(); ++head) {
        const int vertex = queue_[head];
        const int level = level_[static_cast<std::size_t>(vertex)];
        if (level + 1 > sink_level_) break;
        if (vertex < state_.sessions()) {
            spread_session(vertex);
        } else {
            const int at = vertex - state_.sessions();
            if (spread_node(at / state_.slots(), at % state_.slots())) sink_level_ = level + 1;
        }
    }
    return sink_level_ != far_away;
}

Augmenter::Step Augmenter::next_of_session(int session) {
    const int first = state_.arrive(session);
    const int length = state_.window(session);
    const int node = state_.node_of(session);
    const int wanted = level_[static_cast<std::size_t>(session)] + 1;
    const auto* amount = state_.amounts(session);
    const auto* cap = state_.caps(session);
    for (int& k = cursor_[static_cast<std::size_t>(session)]; k < length; ++k) {
        --budget_;
        const int to = vertex_of(node, first + k);
        if (amount[k] < cap[k] && level_[static_cast<std::size_t>(to)] == wanted) return {to, cap[k] - amount[k]};
    }
    return {no_arc, 0};
}

// The arcs of a node in a slot, in the order of its cursor: up, then down to children, then back to sessions.
Augmenter::Step Augmenter::next_of_node(int vertex) {
    const int node = (vertex - state_.sessions()) / state_.slots();
    const int slot = (vertex - state_.sessions()) % state_.slots();
    const int wanted = level_[static_cast<std::size_t>(vertex)] + 1;
    const auto children = state_.children(node);
    const auto members = state_.sessions_at(node);
    const int arcs = 1 + static_cast<int>(children.size() + members.size());
    for (int& arc = cursor_[static_cast<std::size_t>(vertex)]; arc < arcs; ++arc) {
        --budget_;
        if (arc == 0) {
            const auto free = state_.residual(node)[slot];
            if (free <= 0) continue;
            if (node == 0) {
                if (wanted == sink_level_) return {sink, free};
                continue;
            }
            const int to = vertex_of(state_.parent(node), slot);
            if (level_[static_cast<std::size_t>(to)] == wanted) return {to, free};
        } else if (arc <= static_cast<int>(children.size())) {
            const int child = children[static_cast<std::size_t>(arc - 1)];
            const int to = vertex_of(child, slot);
            if (level_[static_cast<std::size_t>(to)] != wanted) continue;
            if (const auto flow = state_.flow(child, slot); flow > 0) return {to, flow};
        } else {
            const int session = members[static_cast<std::size_t>(arc - 1) - children.size()];
            if (level_[static_cast<std::size_t>(session)] != wanted) continue;
            const int k = slot - state_.arrive(session);
            if (k < 0 || k >= state_.window(session)) continue;
            if (const auto amount = state_.amounts(session)[k]; amount > 0) return {session, amount};
        }
    }
    return {no_arc, 0};
}

Augmenter::Step Augmenter::next(int vertex) {
    return vertex < state_.sessions() ? next_of_session(vertex) : next_of_node(vertex);
}

void Augmenter::push_from(int session, std::int64_t target) {
    path_.clear();
    path_.push_back({session, 0});
    while (state_.served(session) < target && budget_ > 0) {
        const Step step = next(path_.back().vertex);
        if (step.vertex == no_arc) {
            if (path_.size() == 1) return;
            path_.pop_back();
            ++cursor_[static_cast<std::size_t>(path_.back().vertex)];
            continue;
        }
        path_.push_back(step);
        if (step.vertex != sink) continue;
        std::int64_t amount = target - state_.served(session);
        for (std::size_t i = 1; i < path_.size(); ++i) amount = std::min(amount, path_[i].room);
        apply(amount);
        // Go on from the tail of the first arc that is now full.
        std::size_t keep = 1;
        while (keep < path_.size() && path_[keep].room > 0) ++keep;
        path_.resize(std::min(keep, path_.size() - 1));
    }
}

void Augmenter::apply(std::int64_t amount) {
    TIANQU_ASSERT(amount > 0);
    for (std::size_t i = 1; i < path_.size(); ++i) {
        apply_arc(path_[i - 1].vertex, path_[i].vertex, amount);
        path_[i].room -= amount;
    }
    const int last = path_[path_.size() - 2].vertex - state_.sessions();
    state_.root_load()[static_cast<std::size_t>(last % state_.slots())] += amount;
    state_.served(path_.front().vertex) += amount;
}

void Augmenter::apply_arc(int from, int to, std::int64_t amount) {
    if (from < state_.sessions()) {
        const int slot = (to - state_.sessions()) % state_.slots();
        state_.amounts(from)[slot - state_.arrive(from)] += static_cast<std::int32_t>(amount);
        return;
    }
    const int node = (from - state_.sessions()) / state_.slots();
    const int slot = (from - state_.sessions()) % state_.slots();
    if (to == sink) {
        state_.residual(node)[slot] -= amount;
    } else if (to < state_.sessions()) {
        state_.amounts(to)[slot - state_.arrive(to)] -= static_cast<std::int32_t>(amount);
    } else if (const int other = (to - state_.sessions()) / state_.slots(); other == state_.parent(node)) {
        state_.residual(node)[slot] -= amount;
    } else {
        state_.residual(other)[slot] += amount;
    }
}

}  // namespace tianqu::dispatch
