#include <algorithm>

#include "dispatch/planner.hpp"

namespace tianqu::dispatch {

std::string_view enum_name(ReasonKind kind) {
    switch (kind) {
        case ReasonKind::charging:
            return "charging";
        case ReasonKind::limited_by_node:
            return "limited_by_node";
        case ReasonKind::cheaper_later:
            return "cheaper_later";
        case ReasonKind::not_arrived:
            return "not_arrived";
        case ReasonKind::finished:
            return "finished";
        case ReasonKind::short_of_power:
            return "short_of_power";
        case ReasonKind::window_too_short:
            return "window_too_short";
    }
    return "unknown";
}

Explainer::Explainer(const Problem& problem, const Plan& plan)
    : problem_(problem), plan_(plan), loads_(node_loads(problem, plan)) {}

// The ancestor that leaves no room in a slot, the nearest to the car first; −1 when all have room.
// Room below the car's least power is no room.
int Explainer::binding_node(int session, int slot) const {
    const auto& car = problem_.sessions[static_cast<std::size_t>(session)];
    const bool runs = plan_.amount(problem_, session, slot) > 0;
    const auto needed = std::max<std::int64_t>(1, runs ? 1 : problem_.amount(slot, car.min_power.count));
    for (int node = car.node; node >= 0; node = problem_.nodes[static_cast<std::size_t>(node)].parent) {
        const auto at =
            static_cast<std::size_t>(node) * static_cast<std::size_t>(problem_.slots) + static_cast<std::size_t>(slot);
        const auto limit = problem_.node_amount(node, slot);
        if (limit != Problem::unlimited && limit - loads_[at] < needed) return node;
    }
    return -1;
}

// The ancestor that is full in most slots of the window.
int Explainer::tightest_node(int session) const {
    const auto& car = problem_.sessions[static_cast<std::size_t>(session)];
    std::vector<int> counts(problem_.nodes.size(), 0);
    int best = -1;
    for (int t = car.arrive_slot; t < car.depart_slot; ++t) {
        const int node = binding_node(session, t);
        if (node < 0) continue;
        const int count = ++counts[static_cast<std::size_t>(node)];
        if (best < 0 || count > counts[static_cast<std::size_t>(best)]) best = node;
    }
    return best;
}

Reason Explainer::explain(int session) const {
    const auto& car = problem_.sessions[static_cast<std::size_t>(session)];
    Reason reason;
    reason.unserved = plan_.unserved[static_cast<std::size_t>(session)];
    for (int t = car.arrive_slot; t < car.depart_slot && reason.slot < 0; ++t) {
        if (plan_.amount(problem_, session, t) > 0) reason.slot = t;
    }
    const auto with = [&](ReasonKind kind, int node = -1) {
        reason.kind = kind;
        reason.node = node;
        return reason;
    };
    if (car.energy == 0) return with(ReasonKind::finished);
    if (reason.unserved > 0) {
        const int node = tightest_node(session);
        return with(node < 0 ? ReasonKind::window_too_short : ReasonKind::short_of_power, node);
    }
    if (car.arrive_slot > 0) {
        reason.slot = car.arrive_slot;
        return with(ReasonKind::not_arrived);
    }
    const auto now = plan_.amount(problem_, session, 0);
    if (now >= std::min(car.energy, problem_.session_amount(car, 0))) return with(ReasonKind::charging);
    if (const int node = binding_node(session, 0); node >= 0) return with(ReasonKind::limited_by_node, node);
    if (now > 0) return with(ReasonKind::charging);
    return with(ReasonKind::cheaper_later);
}

}  // namespace tianqu::dispatch
