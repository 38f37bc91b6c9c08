#include "orderly/need.hpp"

#include <algorithm>

namespace tianqu::orderly {

namespace {

using charging::Session;
using charging::State;

constexpr Milliseconds settling{std::chrono::minutes{2}};
constexpr Milliseconds observation_age{std::chrono::minutes{20}};   ///< an older reading says nothing of now
constexpr Milliseconds observation_life{std::chrono::minutes{60}};  ///< then the car is tried again at full power
constexpr Milliseconds top_up_ahead{std::chrono::hours{1}};
constexpr std::int64_t volts_times_amperes = 230 * 6;

const charging::Connector* connector_of(const State& state, const Session& session) {
    const auto charger = state.chargers.find(session.charger);
    if (charger == state.chargers.end()) return nullptr;
    const auto connector = charger->second.connectors.find(session.connector.value);
    return connector == charger->second.connectors.end() ? nullptr : &connector->second;
}

/// The energy up to now: readings come minutes apart, and what flowed since is estimated a little low.
WattHours estimated_energy(const State& state, const Session& session, TimePoint now) {
    const auto since = session.last_metered.value_or(session.started);
    const auto elapsed = std::clamp(now - since, Milliseconds{0}, observation_age);
    const auto permitted = charging::permitted_power(state, {session.charger, session.connector}, now);
    const auto power = std::min(session.last_power, permitted);
    return session.energy + energy_of(Watts{power.count * 95 / 100}, elapsed.count());
}

Need urgent(Need need, Urgency urgency, TimePoint now) {
    need.urgency = urgency;
    const auto power = std::max<std::int64_t>(need.usable.count, 1);
    const Milliseconds needed{multiply_divide(need.remaining.count, 3'600'000, power)};
    need.until = now + needed;
    return need;
}

}  // namespace

Watts minimum_power(const State& state, const ConnectorKey& connector) {
    const auto* spec = state.network.find_connector(connector);
    if (spec == nullptr) return Watts{volts_times_amperes};
    if (spec->current == grid::Current::dc) return Watts{0};
    return Watts{std::min<std::int64_t>(volts_times_amperes * std::clamp(spec->phases, 1, 3), spec->max_power.count)};
}

Watts default_level(const State& state, const ConnectorKey& connector) {
    const auto least = minimum_power(state, connector);
    if (least.count > 0) return least;
    return Watts{charging::maximum_power(state, connector).count / 10};
}

void Observations::observe(const State& state, TimePoint now) {
    std::erase_if(seen_, [&](const auto& entry) {
        return !state.sessions.contains(entry.first) || entry.second.at + observation_life < now;
    });
    for (const auto& [id, session] : state.sessions) {
        const auto* connector = connector_of(state, session);
        if (connector == nullptr || !connector->session_permit || !connector->last_sample) continue;
        if (!session.last_metered || *session.last_metered + observation_age < now) continue;
        if (!connector->last_sample->power) continue;
        const auto at = *session.last_metered;
        const auto& permit = *connector->session_permit;
        if (at < permit.start + settling || permit.limit_at(at) != permit.limit_at(at - settling)) continue;
        const ConnectorKey key{session.charger, session.connector};
        const auto permitted = std::min(permit.limit_at(at), charging::maximum_power(state, key));
        const auto least = default_level(state, key);
        if (permitted < least) continue;  // paused by us: says nothing of the car
        const auto drawn = *connector->last_sample->power;
        const auto tolerance = std::max<std::int64_t>(permitted.count / 20, 50);
        if (permitted.count - drawn.count > tolerance) {
            seen_[id] = {std::max(Watts{drawn.count * 11 / 10 + 100}, least), at};
        } else if (const auto known = seen_.find(id);
                   known != seen_.end() && drawn.count * 20 >= known->second.limit.count * 19) {
            seen_.erase(known);
        }
    }
}

std::optional<Watts> Observations::limit(SessionId session) const {
    const auto found = seen_.find(session);
    if (found == seen_.end()) return std::nullopt;
    return found->second.limit;
}

Need need_of(const State& state, const Session& session, const Observations& observations, const Settings& settings,
             TimePoint now) {
    const ConnectorKey key{session.charger, session.connector};
    Need need;
    need.usable = charging::maximum_power(state, key);
    if (const auto observed = observations.limit(session.id)) need.usable = std::min(need.usable, *observed);
    need.minimum = std::min(minimum_power(state, key), need.usable);
    need.until = session.departure;
    if (session.energy >= session.target) {
        if (!session.target_by_default || session.departure <= now) return need;
        need.urgency = Urgency::top_up;
        need.remaining = energy_of(need.usable, std::min(session.departure - now, top_up_ahead).count());
        return need;
    }
    // A reading decides that it has enough; until then a minute's worth is kept in the plan.
    const auto least = energy_of(std::max(need.minimum, Watts{1'000}), 60'000);
    need.remaining = std::max(session.target - estimated_energy(state, session, now), least);
    if (session.charge_now) return urgent(need, Urgency::charge_now, now);
    const auto buffer = std::min(settings.completion_buffer, (session.departure - session.started) / 20);
    const auto ready = session.departure - buffer;
    if (session.departure <= now) return urgent(need, Urgency::overdue, now);
    need.until = std::max(ready, std::min(session.departure, now + std::chrono::minutes{1}));
    return need;
}

}  // namespace tianqu::orderly
