#include "orderly/problem_builder.hpp"

#include <algorithm>

#include "base/assertion.hpp"

namespace tianqu::orderly {

namespace {

using charging::State;

/// Stays at most this long use the begun quarter-hour before their departure too.
constexpr int short_window_slots = 16;
constexpr PricePerKwh later_is_dearer{1'000'000};

int priority_of(Urgency urgency) { return static_cast<int>(urgency); }

void set_slots(dispatch::Problem& problem, const Settings& settings, TimePoint now) {
    problem.start = now;
    problem.slot = settings.slot;
    problem.first_slot = slot_start(now, settings.slot) + settings.slot - now;
    problem.slots = settings.slots;
    problem.objective = settings.objective;
}

void set_nodes(const State& state, const HeadRoom& head_room, const std::vector<std::int64_t>& left, Snapshot& result) {
    const auto slots = static_cast<std::size_t>(head_room.slots);
    const auto nodes = state.network.nodes();
    if (nodes.empty()) {
        result.problem.nodes.emplace_back();
        return;
    }
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        result.nodes.push_back(nodes[n].id);
        dispatch::Node node;
        if (n > 0) node.parent = static_cast<int>(state.network.parent(static_cast<grid::NodeIndex>(n)));
        const auto first = left.begin() + static_cast<std::ptrdiff_t>(n * slots);
        node.head_room.assign(first, first + static_cast<std::ptrdiff_t>(slots));
        result.problem.nodes.push_back(std::move(node));
    }
    for (std::size_t t = 0; t < slots; ++t)
        result.problem.root_base.push_back(std::max<std::int64_t>(0, head_room.base[t]));
}

void set_prices(const tariff::Tariff& tariff, const Settings& settings, TimePoint now, Snapshot& result) {
    auto& problem = result.problem;
    auto spans = tariff.spans(now, now + settings.slot * settings.slots);
    if (spans) {
        result.prices = std::move(*spans);
    } else {
        result.price_problem = spans.error().to_string();
    }
    std::vector<PricePerKwh> by_slot(static_cast<std::size_t>(problem.slots));
    std::vector<PricePerKwh> at_once(by_slot.size());
    std::size_t span = 0;
    for (int t = 0; t < problem.slots; ++t) {
        const auto at = problem.begin_of(t);
        while (span + 1 < result.prices.size() && result.prices[span].until <= at) ++span;
        const auto slot = static_cast<std::size_t>(t);
        if (!result.prices.empty()) by_slot[slot] = result.prices[span].price;
        at_once[slot] = later_is_dearer * t;
    }
    problem.prices = {std::move(by_slot), std::move(at_once)};
}

struct Window {
    int slots = 1;
    Milliseconds last{0};  ///< how much of the last slot belongs to it
};

Window window_until(const dispatch::Problem& problem, TimePoint until) {
    Window window{.slots = 0, .last = problem.slot};
    while (window.slots < problem.slots && problem.begin_of(window.slots) + problem.length(window.slots) <= until)
        ++window.slots;
    if (window.slots == problem.slots) return window;
    const auto rest = until - problem.begin_of(window.slots);
    if (window.slots < 1 || (window.slots < short_window_slots && rest >= problem.slot / 15)) {
        ++window.slots;
        window.last = std::clamp(rest, Milliseconds{1}, problem.length(window.slots - 1));
    }
    return window;
}

/// A car that is there for a part of the last slot only can take that part of the energy.
void cap_last_slot(dispatch::Problem& problem, dispatch::Session& session, const Window& window) {
    const auto length = problem.length(window.slots - 1);
    if (window.last >= length) return;
    session.caps_offset = static_cast<std::int64_t>(problem.power_caps.size());
    problem.power_caps.insert(problem.power_caps.end(), static_cast<std::size_t>(window.slots),
                              static_cast<std::int32_t>(session.max_power.count));
    problem.power_caps.back() =
        static_cast<std::int32_t>(multiply_divide(session.max_power.count, window.last.count(), length.count()));
}

void add_session(const State& state, const charging::Session& session, const Need& need, Snapshot& result,
                 TimePoint now) {
    auto& problem = result.problem;
    const auto window = window_until(problem, need.until);
    dispatch::Session planned;
    planned.node = static_cast<int>(state.network.node_of(session.charger).value_or(0));
    planned.depart_slot = window.slots;
    planned.energy = dispatch::watt_slots_of(need.remaining, problem.slot);
    planned.max_power = need.usable;
    planned.min_power = need.minimum;
    planned.present = charging::permitted_power(state, {session.charger, session.connector}, now);
    planned.priority = priority_of(need.urgency);
    planned.group =
        need.urgency == Urgency::charge_now || need.urgency == Urgency::overdue ? at_once_group : tariff_group;
    cap_last_slot(problem, planned, window);
    problem.sessions.push_back(planned);
    result.sessions.push_back(session.id);
    result.last_slot.push_back(window.last);
}

}  // namespace

std::shared_ptr<const Snapshot> build_problem(const State& state, const tariff::Tariff& tariff,
                                              const Settings& settings, const Observations& observations,
                                              const HeadRoom& head_room, const Permissions& permissions,
                                              TimePoint now) {
    auto result = std::make_shared<Snapshot>();
    result->made = now;
    set_slots(result->problem, settings, now);
    set_prices(tariff, settings, now, *result);
    std::vector<ConnectorKey> planned;
    std::vector<const charging::Session*> sessions;
    for (const auto& [id, session] : state.sessions) {
        const ConnectorKey key{session.charger, session.connector};
        if (!permissions.controllable(key)) continue;
        planned.push_back(key);
        sessions.push_back(&session);
    }
    set_nodes(state, head_room, permissions.head_room(planned), *result);
    for (const auto* session : sessions)
        add_session(state, *session, need_of(state, *session, observations, settings, now), *result, now);
    const auto status = dispatch::validate(result->problem);
    TIANQU_ASSERT(status.has_value());
    return result;
}

}  // namespace tianqu::orderly
