#include "simulation/foresight.hpp"

#include <algorithm>

#include "base/assertion.hpp"
#include "dispatch/max_flow.hpp"
#include "dispatch/problem.hpp"

namespace tianqu::simulation {

namespace {

/// Watts during one full slot, rounded up: a bound from above must not lose what was really taken.
std::int64_t watt_slots_up(Energy energy) { return (energy.count + slot_length.count() - 1) / slot_length.count(); }

std::vector<std::int64_t> head_room_of(const grid::Network& network, grid::NodeIndex node, UtcOffset offset,
                                       const Slots& slots) {
    std::vector<std::int64_t> head_room;
    for (std::size_t slot = 0; slot < slots.count(); ++slot) {
        const Watts base = network.base_load_with_descendants(node, slots.begin(slot), offset);
        const Watts free = std::max(network.node(node).limit - base, Watts{0});
        head_room.push_back(watt_slots_up(energy_of(free, slots.length(slot))));
    }
    return head_room;
}

void add_session(dispatch::Problem& problem, const grid::Network& network, const Slots& slots, const Visit& visit,
                 Energy most) {
    const auto* spec = network.find_connector(visit.connector);
    const auto node = network.node_of(visit.connector.charger);
    TIANQU_ASSERT(spec != nullptr && node.has_value());
    const Watts power = full_power(visit.car, *spec);
    dispatch::Session session;
    session.node = static_cast<int>(*node);
    session.arrive_slot = static_cast<int>(slots.index_of(visit.arrival));
    session.depart_slot = static_cast<int>(slots.index_of(visit.departure - Milliseconds{1})) + 1;
    session.energy = watt_slots_up(most);
    session.max_power = power;
    session.caps_offset = static_cast<std::int64_t>(problem.power_caps.size());
    for (int slot = session.arrive_slot; slot < session.depart_slot; ++slot) {
        const auto index = static_cast<std::size_t>(slot);
        const TimePoint from = std::max(visit.arrival, slots.begin(index));
        const TimePoint until = std::min(visit.departure, slots.finish(index));
        const std::int64_t cap = watt_slots_up(energy_of(power, std::max(until - from, Milliseconds{0})));
        problem.power_caps.push_back(static_cast<std::int32_t>(cap));
    }
    problem.sessions.push_back(session);
}

}  // namespace

Result<WattHours> feasible_with_foresight(const grid::Network& network, UtcOffset offset, const Slots& slots,
                                          const std::vector<const VisitRecord*>& sessions,
                                          const std::vector<Energy>& at_full_power) {
    TIANQU_ASSERT(sessions.size() == at_full_power.size());
    if (sessions.empty()) return WattHours{0};
    dispatch::Problem problem;
    problem.start = slots.nominal(0);
    problem.slot = slot_length;
    problem.first_slot = slot_length;
    problem.slots = static_cast<int>(slots.count());
    const auto parents = network.parents();
    for (grid::NodeIndex node = 0; node < network.node_count(); ++node) {
        const int parent = parents[node] == grid::no_node ? -1 : static_cast<int>(parents[node]);
        problem.nodes.push_back({parent, head_room_of(network, node, offset, slots)});
    }
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        add_session(problem, network, slots, sessions[i]->visit, at_full_power[i]);
    }
    if (auto valid = dispatch::validate(problem); !valid) return fail(std::move(valid.error()));
    const dispatch::Feasible feasible = dispatch::feasible_energy(problem);
    Energy total;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        total += std::min(Energy{feasible.by_session[i] * slot_length.count()}, at_full_power[i]);
    }
    return to_watt_hours(total);
}

}  // namespace tianqu::simulation
