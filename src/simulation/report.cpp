#include "simulation/report.hpp"

#include <algorithm>
#include <map>

#include "base/assertion.hpp"
#include "simulation/foresight.hpp"
#include "simulation/slots.hpp"

namespace tianqu::simulation {

namespace {

/// Energy by node and slot, and what the departed sessions got.
struct Charged {
    NodeSlots meters;
    std::vector<Energy> by_session;  ///< in the order of `departed`
};

std::vector<const VisitRecord*> departed_in(const Truth& truth) {
    std::vector<const VisitRecord*> result;
    for (const VisitRecord& record : truth.visits) {
        if (record.visit.departure <= truth.end) result.push_back(&record);
    }
    return result;
}

Charged charged_orderly(const ReportInput& input, const Slots& slots, const std::vector<const VisitRecord*>& departed) {
    Charged charged{NodeSlots(input.network.node_count(), slots.count()), {}};
    for (std::size_t node = 0; node < input.truth.station_slots.size(); ++node) {
        const auto& energies = input.truth.station_slots[node];
        for (std::size_t slot = 0; slot < std::min(energies.size(), slots.count()); ++slot) {
            charged.meters.at(node, slot) += energies[slot];
        }
    }
    for (const VisitRecord* record : departed) charged.by_session.push_back(record->delivered);
    charged.meters.sum_up(input.network.parents());
    return charged;
}

Charged charged_uncontrolled(const ReportInput& input, const Slots& slots) {
    Charged charged{NodeSlots(input.network.node_count(), slots.count()), {}};
    for (const VisitRecord& record : input.truth.visits) {
        const Visit& visit = record.visit;
        const auto* spec = input.network.find_connector(visit.connector);
        const auto node = input.network.node_of(visit.connector.charger);
        TIANQU_ASSERT(spec != nullptr && node.has_value());
        Car car(visit.car, *spec, visit.stored, to_energy(visit.asked));
        const TimePoint end = std::min(visit.departure, input.truth.end);
        for (TimePoint at = visit.arrival; at < end && !car.satisfied();) {
            const std::size_t slot = slots.index_of(at);
            const TimePoint next = std::min(end, slots.finish(slot));
            charged.meters.at(*node, slot) += car.step(spec->max_power, next - at);
            at = next;
        }
        if (visit.departure <= input.truth.end) charged.by_session.push_back(car.taken());
    }
    charged.meters.sum_up(input.network.parents());
    return charged;
}

Result<Money> cost_of(const ReportInput& input, const Slots& slots, const NodeSlots& meters) {
    // Stations of one tariff are priced together: the price depends on the time alone.
    std::map<const tariff::Tariff*, std::vector<Energy>> by_tariff;
    const auto nodes = input.network.nodes();
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        if (nodes[node].kind != grid::NodeKind::station) continue;
        auto& sums = by_tariff[&input.tariff_of(nodes[node].station_kind)];
        sums.resize(slots.count());
        for (std::size_t slot = 0; slot < slots.count(); ++slot) sums[slot] += meters.at(node, slot);
    }
    Money total;
    for (const auto& [tariff, sums] : by_tariff) {
        for (std::size_t slot = 0; slot < slots.count(); ++slot) {
            if (sums[slot].count == 0) continue;
            const WattHours energy{multiply_divide(sums[slot].count, 1, energy_per_watt_hour)};
            auto cost = tariff->cost_of(slots.begin(slot), slots.finish(slot), energy);
            if (!cost) return fail(std::move(cost.error()));
            total += *cost;
        }
    }
    return total;
}

Watts mean(Energy energy, Milliseconds length) { return Watts{multiply_divide(energy.count, 1, length.count())}; }

Result<Outcome> outcome_of(const ReportInput& input, const Slots& slots, const Charged& charged,
                           const std::vector<const VisitRecord*>& departed) {
    Outcome outcome;
    outcome.sessions = static_cast<std::int64_t>(departed.size());
    for (const VisitRecord* record : departed) outcome.asked += record->visit.asked;
    Energy delivered;
    for (const Energy energy : charged.by_session) delivered += energy;
    outcome.delivered = to_watt_hours(delivered);
    Energy metered;
    for (std::size_t slot = 0; slot < slots.count(); ++slot) {
        metered += charged.meters.at(0, slot);
        const Watts power = mean(charged.meters.at(0, slot), slots.length(slot));
        const Watts base = input.network.base_load_with_descendants(0, slots.begin(slot), input.offset);
        outcome.charging_peak = std::max(outcome.charging_peak, power);
        outcome.peak = std::max(outcome.peak, power + base);
    }
    outcome.metered = to_watt_hours(metered);
    for (grid::NodeIndex node = 0; node < input.network.node_count(); ++node) {
        for (std::size_t slot = 0; slot < slots.count(); ++slot) {
            const Watts base = input.network.base_load_with_descendants(node, slots.begin(slot), input.offset);
            const Energy allowed = energy_of(input.network.node(node).limit - base, slots.length(slot));
            outcome.overloaded_node_slots += charged.meters.at(node, slot) > allowed;
        }
    }
    auto cost = cost_of(input, slots, charged.meters);
    if (!cost) return fail(std::move(cost.error()));
    outcome.cost = *cost;
    return outcome;
}

std::vector<MeterRow> meter_rows(const ReportInput& input, const Slots& slots, const NodeSlots& orderly,
                                 const NodeSlots& uncontrolled) {
    std::vector<MeterRow> rows;
    rows.reserve(input.network.node_count() * slots.count());
    for (grid::NodeIndex node = 0; node < input.network.node_count(); ++node) {
        for (std::size_t slot = 0; slot < slots.count(); ++slot) {
            rows.push_back({node, slots.begin(slot), mean(orderly.at(node, slot), slots.length(slot)),
                            mean(uncontrolled.at(node, slot), slots.length(slot)),
                            input.network.base_load_with_descendants(node, slots.begin(slot), input.offset),
                            input.network.node(node).limit});
        }
    }
    return rows;
}

}  // namespace

double Outcome::yuan_per_kwh() const { return metered.count == 0 ? 0.0 : to_yuan(cost) / to_kilowatt_hours(metered); }

Result<Report> make_report(const ReportInput& input) {
    const Slots slots(input.truth.start, input.truth.end);
    const auto departed = departed_in(input.truth);
    const Charged orderly = charged_orderly(input, slots, departed);
    const Charged uncontrolled = charged_uncontrolled(input, slots);

    Report report;
    report.origin = input.network.origin();
    report.nodes = input.network.node_count();
    report.chargers = input.network.charger_count();
    report.start = input.truth.start;
    report.end = input.truth.end;
    report.seed = input.seed;
    report.speed = input.speed;
    report.truncated = input.truth.truncated;
    auto first = outcome_of(input, slots, orderly, departed);
    if (!first) return fail(std::move(first.error()));
    auto second = outcome_of(input, slots, uncontrolled, departed);
    if (!second) return fail(std::move(second.error()));
    report.orderly = *first;
    report.uncontrolled = *second;
    const auto feasible =
        feasible_with_foresight(input.network, input.offset, slots, departed, uncontrolled.by_session);
    if (!feasible) return fail(feasible.error());
    report.orderly.feasible = report.uncontrolled.feasible = *feasible;
    report.meters = meter_rows(input, slots, orderly.meters, uncontrolled.meters);
    return report;
}

}  // namespace tianqu::simulation
