#include "dispatch/max_flow.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "dispatch/augment.hpp"
#include "dispatch/flow_state.hpp"

namespace tianqu::dispatch {

namespace {

// Energy as early as it fits: most of the flow before the first search.
void fill_greedily(FlowState& state, int session) {
    const int first = state.arrive(session);
    std::int64_t rest = state.wanted(session);
    for (int k = 0; k < state.window(session) && rest > 0; ++k) {
        std::int64_t room = std::min<std::int64_t>(rest, state.caps(session)[k]);
        for (const int node : state.path(state.node_of(session)))
            room = std::min(room, state.residual(node)[first + k]);
        if (room <= 0) continue;
        state.add_one(session, first + k, room);
        rest -= room;
    }
}

}  // namespace

Feasible feasible_energy(const Problem& problem) {
    FlowState state(problem);
    std::vector<int> everyone;
    std::vector<std::int64_t> targets;
    for (int i = 0; i < state.sessions(); ++i) {
        everyone.push_back(i);
        targets.push_back(state.wanted(i));
    }
    // Those that leave first take first: under one limit this is already the maximum.
    std::sort(everyone.begin(), everyone.end(), [&](int a, int b) {
        return std::pair{state.arrive(a) + state.window(a), a} < std::pair{state.arrive(b) + state.window(b), b};
    });
    for (const int session : everyone) fill_greedily(state, session);
    Augmenter(state, std::numeric_limits<std::int64_t>::max()).raise(everyone, targets);

    Feasible result;
    for (int i = 0; i < state.sessions(); ++i) {
        result.by_session.push_back(state.served(i));
        result.total += state.served(i);
    }
    return result;
}

}  // namespace tianqu::dispatch
