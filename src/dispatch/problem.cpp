#include "dispatch/problem.hpp"

#include <fmt/format.h>

#include "base/assertion.hpp"

namespace tianqu::dispatch {

namespace {

constexpr std::int64_t milliseconds_per_hour = 3'600'000;
constexpr std::int64_t largest_power = 1'000'000'000;  // 1 GW: amounts of one session stay within 32 bits

Error session_error(std::size_t session, std::string_view text) {
    return Error{ErrorCode::invalid_input, fmt::format("session {}: {}", session, text), {}};
}

Status validate_session(const Problem& problem, std::size_t index) {
    const auto& session = problem.sessions[index];
    if (session.node < 0 || session.node >= static_cast<int>(problem.nodes.size())) {
        return fail(session_error(index, "its node does not exist"));
    }
    if (session.arrive_slot < 0 || session.arrive_slot >= session.depart_slot || session.depart_slot > problem.slots) {
        return fail(session_error(index, "its window must lie inside the horizon and hold a slot"));
    }
    if (session.energy < 0) return fail(session_error(index, "its energy is negative"));
    if (session.max_power.count < 0 || session.max_power.count > largest_power || session.min_power.count < 0) {
        return fail(session_error(index, "its power limits must lie between 0 and 1 GW"));
    }
    if (session.group < 0 || (!problem.prices.empty() && session.group >= static_cast<int>(problem.prices.size()))) {
        return fail(session_error(index, "its user group has no prices"));
    }
    if (session.caps_offset >= 0) {
        const auto end = session.caps_offset + session.depart_slot - session.arrive_slot;
        if (end > static_cast<std::int64_t>(problem.power_caps.size())) {
            return fail(session_error(index, "its power caps do not cover its window"));
        }
    }
    return {};
}

Status validate_nodes(const Problem& problem) {
    if (problem.nodes.empty() || problem.nodes.front().parent != -1) {
        return fail(ErrorCode::invalid_input, "node 0 must be the root, with parent -1");
    }
    for (std::size_t i = 0; i < problem.nodes.size(); ++i) {
        const auto& node = problem.nodes[i];
        if (i > 0 && (node.parent < 0 || node.parent >= static_cast<int>(i))) {
            return fail(ErrorCode::invalid_input, fmt::format("node {}: its parent must stand before it", i));
        }
        if (!node.head_room.empty() && node.head_room.size() != static_cast<std::size_t>(problem.slots)) {
            return fail(ErrorCode::invalid_input, fmt::format("node {}: head-room must have one entry a slot", i));
        }
    }
    return {};
}

double hours(const Problem& problem, int slot) {
    return static_cast<double>(problem.length(slot).count()) / static_cast<double>(milliseconds_per_hour);
}

void account_costs(const Problem& problem, Plan& plan) {
    const double kwh_per_amount = static_cast<double>(problem.slot.count()) / milliseconds_per_hour / 1000.0;
    const double reference = static_cast<double>(valley_reference(problem));
    const double weight = static_cast<double>(problem.objective.valley_weight.count) / 1e5;
    std::vector<double> load(static_cast<std::size_t>(problem.slots), 0.0);
    for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
        const auto& session = problem.sessions[i];
        const auto begin = static_cast<std::size_t>(plan.offsets[i]);
        for (int t = session.arrive_slot; t < session.depart_slot; ++t) {
            const double amount = plan.amounts[begin + static_cast<std::size_t>(t - session.arrive_slot)];
            load[static_cast<std::size_t>(t)] += amount;
            if (problem.prices.empty()) continue;
            const auto price = problem.prices[static_cast<std::size_t>(session.group)][static_cast<std::size_t>(t)];
            plan.energy_cost_yuan += static_cast<double>(price.count) / 1e5 * amount * kwh_per_amount;
        }
    }
    for (int t = 0; t < problem.slots; ++t) {
        const auto at = static_cast<std::size_t>(t);
        const double base = problem.root_base.empty() ? 0.0 : static_cast<double>(problem.root_base[at]);
        const double watts =
            load[at] * static_cast<double>(problem.slot.count()) / static_cast<double>(problem.length(t).count());
        plan.valley_cost_yuan += weight * hours(problem, t) / (2 * reference) * watts * (watts + 2 * base) / 1000.0;
    }
}

}  // namespace

std::int64_t watt_slots_of(WattHours energy, Milliseconds slot) {
    TIANQU_ASSERT(slot.count() > 0);
    if (energy.count <= 0) return 0;
    __extension__ using Wide = __int128;
    const Wide product = static_cast<Wide>(energy.count) * milliseconds_per_hour;
    return static_cast<std::int64_t>((product + slot.count() - 1) / slot.count());
}

WattHours watt_hours_of(std::int64_t watt_slots, Milliseconds slot) {
    return WattHours{multiply_divide(watt_slots, slot.count(), milliseconds_per_hour)};
}

Status validate(const Problem& problem) {
    if (problem.slots <= 0) return fail(ErrorCode::invalid_input, "a problem needs at least one slot");
    if (problem.slot.count() <= 0 || problem.first_slot.count() <= 0 || problem.first_slot > problem.slot) {
        return fail(ErrorCode::invalid_input, "slot lengths must be positive, the first at most a full one");
    }
    const auto slots = static_cast<std::size_t>(problem.slots);
    if (!problem.root_base.empty() && problem.root_base.size() != slots) {
        return fail(ErrorCode::invalid_input, "the root's base load must have one entry a slot");
    }
    for (const auto& group : problem.prices) {
        if (group.size() != slots) return fail(ErrorCode::invalid_input, "prices must have one entry a slot");
    }
    if (problem.objective.valley_weight.count < 0 || problem.objective.reference.count < 0) {
        return fail(ErrorCode::invalid_input, "the valley weight and its reference must not be negative");
    }
    if (auto status = validate_nodes(problem); !status) return status;
    for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
        if (auto status = validate_session(problem, i); !status) return status;
    }
    return {};
}

Plan Plan::empty_for(const Problem& problem) {
    Plan plan;
    plan.offsets.reserve(problem.sessions.size() + 1);
    plan.offsets.push_back(0);
    for (const auto& session : problem.sessions) {
        plan.offsets.push_back(plan.offsets.back() + session.depart_slot - session.arrive_slot);
    }
    plan.amounts.assign(static_cast<std::size_t>(plan.offsets.back()), 0);
    plan.unserved.assign(problem.sessions.size(), 0);
    return plan;
}

std::int64_t Plan::amount(const Problem& problem, int session, int slot) const {
    const auto& window = problem.sessions[static_cast<std::size_t>(session)];
    if (slot < window.arrive_slot || slot >= window.depart_slot) return 0;
    return amounts[static_cast<std::size_t>(offsets[static_cast<std::size_t>(session)] + slot - window.arrive_slot)];
}

Watts Plan::power(const Problem& problem, int session, int slot) const {
    return Watts{problem.power(slot, amount(problem, session, slot))};
}

std::vector<std::int64_t> node_loads(const Problem& problem, const Plan& plan) {
    const auto slots = static_cast<std::size_t>(problem.slots);
    std::vector<std::int64_t> loads(problem.nodes.size() * slots, 0);
    for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
        const auto& session = problem.sessions[i];
        auto* load = &loads[static_cast<std::size_t>(session.node) * slots];
        auto at = static_cast<std::size_t>(plan.offsets[i]);
        for (int t = session.arrive_slot; t < session.depart_slot; ++t) load[t] += plan.amounts[at++];
    }
    for (std::size_t n = problem.nodes.size(); n-- > 1;) {
        const auto parent = static_cast<std::size_t>(problem.nodes[n].parent);
        for (std::size_t t = 0; t < slots; ++t) loads[parent * slots + t] += loads[n * slots + t];
    }
    return loads;
}

void account(const Problem& problem, Plan& plan) {
    plan.unserved.assign(problem.sessions.size(), 0);
    plan.planned = plan.total_unserved = 0;
    plan.energy_cost_yuan = plan.valley_cost_yuan = 0;
    plan.overloaded.clear();
    for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
        std::int64_t served = 0;
        for (auto at = plan.offsets[i]; at < plan.offsets[i + 1]; ++at)
            served += plan.amounts[static_cast<std::size_t>(at)];
        plan.unserved[i] = std::max<std::int64_t>(0, problem.sessions[i].energy - served);
        plan.planned += served;
        plan.total_unserved += plan.unserved[i];
    }
    for (std::size_t n = 0; n < problem.nodes.size(); ++n) {
        const auto& head_room = problem.nodes[n].head_room;
        if (std::any_of(head_room.begin(), head_room.end(), [](std::int64_t watts) { return watts < 0; })) {
            plan.overloaded.push_back(static_cast<int>(n));
        }
    }
    account_costs(problem, plan);
}

std::int64_t valley_reference(const Problem& problem) {
    if (problem.objective.reference.count > 0) return problem.objective.reference.count;
    std::int64_t highest = 0;
    for (const auto base : problem.root_base) highest = std::max(highest, base);
    if (highest > 0) return highest;
    std::int64_t sum = 0;
    for (const auto& session : problem.sessions) sum += session.max_power.count;
    return std::max<std::int64_t>(1, sum);
}

namespace {

Status check_session(const Problem& problem, const Plan& plan, std::size_t index) {
    const auto& session = problem.sessions[index];
    if (plan.offsets[index + 1] - plan.offsets[index] != session.depart_slot - session.arrive_slot) {
        return fail(session_error(index, "the plan's window is not the session's"));
    }
    std::int64_t served = 0;
    for (int t = session.arrive_slot; t < session.depart_slot; ++t) {
        const auto amount = plan.amount(problem, static_cast<int>(index), t);
        const auto power = problem.power(t, amount);
        if (amount < 0) return fail(session_error(index, fmt::format("negative amount in slot {}", t)));
        if (amount > problem.session_amount(session, t)) {
            return fail(session_error(index, fmt::format("above its power limit in slot {}", t)));
        }
        if (amount > 0 && power < session.min_power.count) {
            return fail(session_error(index, fmt::format("below its least power in slot {}", t)));
        }
        served += amount;
    }
    if (served > session.energy && served - session.energy >= std::max<std::int64_t>(1, session.min_power.count)) {
        return fail(session_error(index, "more energy than wanted"));
    }
    return {};
}

}  // namespace

Status check(const Problem& problem, const Plan& plan) {
    if (plan.offsets.size() != problem.sessions.size() + 1)
        return fail(ErrorCode::invalid_input, "a plan of another problem");
    for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
        if (auto status = check_session(problem, plan, i); !status) return status;
    }
    const auto loads = node_loads(problem, plan);
    for (std::size_t n = 0; n < problem.nodes.size(); ++n) {
        for (int t = 0; t < problem.slots; ++t) {
            const auto load = loads[n * static_cast<std::size_t>(problem.slots) + static_cast<std::size_t>(t)];
            if (load > problem.node_amount(static_cast<int>(n), t)) {
                return fail(ErrorCode::invalid_input, fmt::format("node {}: above its head-room in slot {}", n, t));
            }
        }
    }
    return {};
}

}  // namespace tianqu::dispatch
