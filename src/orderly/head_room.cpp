#include "orderly/head_room.hpp"

#include <algorithm>
#include <array>

namespace tianqu::orderly {

namespace {

using charging::State;

/// How much of what telemetry says about now still holds in the quarter-hours after it.
constexpr std::array<Permille, 4> telemetry_weight{Permille{1000}, Permille{1000}, Permille{667}, Permille{333}};
constexpr int corrected_slots = 4;
constexpr Milliseconds settling{std::chrono::minutes{1}};

/// A reading from before the permission changed is not held against the car.
Watts trusted_power(const State& state, const charging::Session& session, const charging::Connector& connector,
                    TimePoint now) {
    const ConnectorKey key{session.charger, session.connector};
    const auto power = std::max(session.last_power, Watts{0});
    const auto permitted = charging::permitted_power(state, key, now);
    const auto& permit = connector.session_permit ? connector.session_permit : connector.default_permit;
    if (!permit || !session.last_metered) return std::min(power, permitted);
    const auto at = *session.last_metered;
    const bool settled = at >= permit->start + settling && permit->limit_at(at - settling) <= permit->limit_at(now);
    return settled ? power : std::min(power, permitted);
}

struct Charging {
    std::vector<Watts> drawn;      ///< below each node
    std::vector<Watts> beyond;     ///< of it, what cars draw beyond their permission
    std::vector<Watts> reserved;   ///< for cars that may arrive before the next plan
    std::vector<Watts> permitted;  ///< to connectors with a car
};

Charging charging_below(const State& state, const Settings& settings, TimePoint now) {
    const auto nodes = state.network.node_count();
    Charging charging{std::vector<Watts>(nodes), std::vector<Watts>(nodes), std::vector<Watts>(nodes),
                      std::vector<Watts>(nodes)};
    std::vector<Watts> idle(nodes);
    for (const auto& [id, charger] : state.chargers) {
        const auto node = state.network.node_of(id);
        if (!node && nodes == 0) break;
        const auto at = node.value_or(0);
        for (const auto& [number, connector] : charger.connectors) {
            if (connector.session) {
                const auto session = state.sessions.find(*connector.session);
                if (session == state.sessions.end()) continue;
                const auto power = trusted_power(state, session->second, connector, now);
                const auto permitted = charging::permitted_power(state, {id, connector.number}, now);
                charging.drawn[at] += power;
                charging.permitted[at] += permitted;
                charging.beyond[at] += std::max(power - permitted, Watts{0});
            } else if (node && charger.online && number > 0) {
                idle[at] += default_level(state, {id, ConnectorNumber{number}});
            }
        }
    }
    state.network.sum_up(std::span<Watts>(charging.drawn));
    state.network.sum_up(std::span<Watts>(charging.beyond));
    state.network.sum_up(std::span<Watts>(charging.permitted));
    state.network.sum_up(std::span<Watts>(idle));
    // Less than half a car is no car: small nodes rely on the margin, large ones on large numbers.
    constexpr std::int64_t half_a_car = 690;
    for (std::size_t node = 0; node < nodes; ++node) {
        const auto expected = scaled(idle[node], settings.arrivals);
        if (expected.count >= half_a_car) charging.reserved[node] = expected;
    }
    return charging;
}

std::optional<Watts> fresh_reading(const State& state, const Settings& settings, grid::NodeIndex node, TimePoint now) {
    const auto reading = state.node_readings.find(state.network.node(node).id);
    if (reading == state.node_readings.end() || reading->second.at + settings.telemetry_fresh < now)
        return std::nullopt;
    return reading->second.power;
}

std::int64_t& cell(std::vector<std::int64_t>& values, const HeadRoom& head_room, std::size_t node, int slot) {
    return values[node * static_cast<std::size_t>(head_room.slots) + static_cast<std::size_t>(slot)];
}

void fill_base(const State& state, const Settings& settings, const std::vector<std::int64_t>& deviation,
               HeadRoom& head_room) {
    for (std::size_t node = 0; node < state.network.node_count(); ++node) {
        const auto day = state.network.base_day(static_cast<grid::NodeIndex>(node));
        for (int t = 0; t < head_room.slots; ++t) {
            const auto begin = head_room.start + settings.slot * t;
            auto load = day[static_cast<std::size_t>(grid::slot_of_day(begin, settings.offset))].count;
            const auto near = static_cast<std::size_t>(t);
            if (near < telemetry_weight.size()) load += scaled(Watts{deviation[node]}, telemetry_weight[near]).count;
            cell(head_room.base, head_room, node, t) = load;
        }
    }
}

}  // namespace

Watts limit_of(const State& state, grid::NodeIndex node, TimePoint from, TimePoint until) {
    const auto& entry = state.network.node(node);
    if (state.temporary_limits.empty()) return entry.limit;
    const auto temporary = state.temporary_limits.find(entry.id);
    if (temporary == state.temporary_limits.end()) return entry.limit;
    const auto& [limit, begin, end] = temporary->second;
    return begin < until && end > from ? std::min(limit, entry.limit) : entry.limit;
}

/// What telemetry says the base load is now, less the forecast; a node without a meter has the sum of those below.
std::vector<std::int64_t> Measurements::base_deviation(const State& state, const Settings& settings,
                                                       const std::vector<Watts>& drawn, TimePoint now) {
    const auto nodes = state.network.node_count();
    std::vector<std::int64_t> deviation(nodes, 0);
    if (state.node_readings.empty()) return deviation;
    for (std::size_t node = nodes; node-- > 0;) {
        const auto index = static_cast<grid::NodeIndex>(node);
        if (const auto reading = fresh_reading(state, settings, index, now)) {
            const auto& id = state.network.node(index).id;
            const auto at = state.node_readings.at(id).at;
            const auto [known, is_new] = deviations_.try_emplace(id);
            if (is_new || known->second.at != at) {
                const auto forecast = state.network.base_load_with_descendants(index, now, settings.offset);
                known->second = Deviation{at, (*reading - drawn[node] - forecast).count};
            }
            deviation[node] = known->second.watts;
        }
        if (node > 0) deviation[state.network.parent(index)] += deviation[node];
    }
    return deviation;
}

void Measurements::correct(const State& state, const Settings& settings, TimePoint now, HeadRoom& head_room) {
    std::erase_if(corrections_, [&](const auto& entry) { return entry.second.until <= now; });
    for (const auto& overload : overloads_) {
        const auto& id = state.network.node(overload.node).id;
        // A limit that was lowered or a base load that rose is in the head-room already: what the plan cannot know is
        // that cars draw more than they may.
        if (overload.unexplained.count <= 0) continue;
        auto& correction = corrections_[id];
        correction.power = std::max(correction.power, overload.unexplained);
        correction.until = now + settings.correction_hold;
    }
    for (const auto& [id, correction] : corrections_) {
        const auto node = state.network.find_node(id);
        if (!node) continue;
        for (int t = 0; t < std::min(corrected_slots, head_room.slots); ++t)
            cell(head_room.room, head_room, *node, t) -= correction.power.count;
    }
}

void Measurements::keep_mean(const std::vector<Watts>& permitted, const Settings& settings, TimePoint now,
                             HeadRoom& head_room) {
    const auto begin = head_room.start;
    if (balance_slot_ != begin || balance_.size() != permitted.size()) {
        balance_.assign(permitted.size(), 0);
        balance_slot_ = begin;
        balance_until_ = begin;
    }
    const auto passed = (now - balance_until_).count();
    const auto left = (begin + settings.slot - now).count();
    for (std::size_t node = 0; node < permitted.size(); ++node) {
        const auto plain = cell(head_room.plain, head_room, node, 0);
        balance_[node] += (plain - permitted[node].count) * passed;
        if (balance_[node] >= 0 || plain <= 0 || left <= 0) continue;
        auto& room = cell(head_room.room, head_room, node, 0);
        room = std::min(room, std::max<std::int64_t>(plain + balance_[node] / left, 0));
    }
    balance_until_ = now;
}

HeadRoom Measurements::take(const State& state, const Settings& settings, TimePoint now) {
    const auto nodes = state.network.node_count();
    HeadRoom head_room{.slots = settings.slots, .start = slot_start(now, settings.slot)};
    const auto cells = nodes * static_cast<std::size_t>(settings.slots);
    head_room.base.assign(cells, 0);
    head_room.plain.assign(cells, 0);
    const auto charging = charging_below(state, settings, now);
    fill_base(state, settings, base_deviation(state, settings, charging.drawn, now), head_room);
    overloads_.clear();
    for (std::size_t node = 0; node < nodes; ++node) {
        const auto index = static_cast<grid::NodeIndex>(node);
        for (int t = 0; t < settings.slots; ++t) {
            const auto begin = std::max(head_room.start + settings.slot * t, now);
            const auto end = head_room.start + settings.slot * (t + 1);
            cell(head_room.plain, head_room, node, t) =
                limit_of(state, index, begin, end).count - cell(head_room.base, head_room, node, t);
        }
        const auto limit = limit_of(state, index, now, now + Milliseconds{1});
        const auto measured = fresh_reading(state, settings, index, now);
        const auto load = measured ? *measured : Watts{cell(head_room.base, head_room, node, 0)} + charging.drawn[node];
        if ((load - limit).count > limit.count / 100 && (measured || charging.drawn[node].count > 0))
            overloads_.push_back({index, load, limit, std::min(load - limit, charging.beyond[node])});
    }
    head_room.room = head_room.plain;
    for (auto& room : head_room.room) {
        if (room > 0) room -= scaled(Watts{room}, settings.margin).count;
    }
    for (std::size_t node = 0; node < nodes; ++node)
        cell(head_room.room, head_room, node, 0) -= charging.reserved[node].count;
    keep_mean(charging.permitted, settings, now, head_room);
    correct(state, settings, now, head_room);
    return head_room;
}

}  // namespace tianqu::orderly
