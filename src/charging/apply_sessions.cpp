#include <algorithm>

#include "charging/core.hpp"
#include "charging/sessions.hpp"

namespace tianqu::charging {

namespace {

/// Shorter steps between registers say little about power: registers come in whole or tenth kWh.
constexpr Milliseconds shortest_derivation{std::chrono::seconds{30}};

void remember_hash(Session& session, std::uint64_t hash) {
    if (hash == 0) return;
    if (session.meter_hashes.size() >= max_meter_hashes) session.meter_hashes.erase(session.meter_hashes.begin());
    session.meter_hashes.push_back(hash);
}

void add_flags(std::vector<std::string>& flags, const std::vector<std::string>& more) {
    for (const auto& flag : more) {
        if (!has_flag(flags, flag)) flags.push_back(flag);
    }
}

std::optional<Watts> derived_power(const Session& session, const MeterSample& sample, TimePoint at) {
    if (!sample.energy_register) return std::nullopt;
    const auto since = session.last_register_at.value_or(session.started);
    const auto elapsed = at - since;
    if (elapsed < shortest_derivation || *sample.energy_register < session.last_register) return std::nullopt;
    return power_of(*sample.energy_register - session.last_register, elapsed.count());
}

void take_newest(Session& session, const MeterSample& sample, TimePoint at, bool count_registers) {
    const auto derived = count_registers ? derived_power(session, sample, at) : std::nullopt;
    if (sample.power || derived) {
        session.last_power = sample.power ? *sample.power : *derived;
        session.highest_power = std::max(session.highest_power, session.last_power);
    }
    if (sample.energy_register && count_registers) {
        session.last_register = *sample.energy_register;
        session.last_register_at = at;
    }
    session.last_metered = at;
}

void trim_recent(Charger& charger) {
    if (charger.recent.size() > max_recent_sessions) charger.recent.erase(charger.recent.begin());
    if (charger.recent.size() > max_recent_with_hashes) {
        auto& older = charger.recent[charger.recent.size() - max_recent_with_hashes - 1];
        older.meter_hashes.clear();
        older.meter_hashes.shrink_to_fit();
    }
}

Session* recent_session(State& state, const ChargerId& charger, SessionId id) {
    const auto found = state.chargers.find(charger);
    if (found == state.chargers.end()) return nullptr;
    auto& recent = found->second.recent;
    const auto session = std::ranges::find(recent, id, &Session::id);
    return session == recent.end() ? nullptr : &*session;
}

void forget_token(State& state, const Session& session) {
    const auto found = state.running_by_token.find(session.token);
    if (found == state.running_by_token.end()) return;
    std::erase(found->second, session.id);
    if (found->second.empty()) state.running_by_token.erase(found);
}

void leave_connector(State& state, const Session& session) {
    const auto charger = state.chargers.find(session.charger);
    if (charger == state.chargers.end()) return;
    const auto found = charger->second.connectors.find(session.connector.value);
    if (found == charger->second.connectors.end() || found->second.session != session.id) return;
    auto& connector = found->second;
    connector.session.reset();
    connector.session_permit.reset();
    connector.last_sample.reset();
    connector.last_sample_at.reset();
    connector.idle_register = session.meter_stop;
    std::erase_if(connector.pending, [&](const PendingPermit& pending) { return pending.session.has_value(); });
}

void take_end(Session& session, const Event& event, const SessionEnded& ended) {
    fold_samples(session, ended.samples, event.received, false);
    session.ended = ended.corrected;
    session.meter_stop = ended.meter_stop;
    session.end_reason = ended.reason;
    session.stop_answer = ended.answer;
    session.last_power = Watts{0};
    if (ended.meter_stop >= session.meter_start) session.energy = ended.meter_stop - session.meter_start;
    add_flags(session.flags, ended.flags);
}

}  // namespace

bool has_flag(const std::vector<std::string>& flags, std::string_view flag) {
    return std::ranges::find(flags, flag) != flags.end();
}

bool ended_by_rule(const Session& session) { return session.ended && session.end_reason == no_stop_received; }

void fold_samples(Session& session, std::span<const MeterSample> samples, TimePoint received, bool count_registers) {
    for (const auto& sample : samples) {
        const auto at = corrected_time(sample.claimed, received).time;
        if (sample.energy_register && count_registers)
            session.energy = std::max(session.energy, *sample.energy_register - session.meter_start);
        if (!session.last_metered || at >= *session.last_metered) take_newest(session, sample, at, count_registers);
    }
}

namespace detail {

Session* running_session(State& state, SessionId id) {
    const auto found = state.sessions.find(id);
    return found == state.sessions.end() ? nullptr : &found->second;
}

void apply_started(State& state, const Event& event, const SessionStarted& started) {
    Session session{.id = started.session, .charger = started.charger, .connector = started.connector};
    session.token = started.token;
    session.meter_start = started.meter_start;
    session.last_register = started.meter_start;
    session.claimed_start = event.claimed;
    session.received_start = event.received;
    session.started = started.corrected;
    session.verdict = started.verdict;
    session.token_expires = started.token_expires;
    session.token_parent = started.token_parent;
    session.flags = started.flags;
    session.departure = started.corrected + StationDefault{}.stay;
    state.next_session = std::max(state.next_session, SessionId{started.session.value + 1});
    state.running_by_token[session.token].push_back(session.id);
    if (!started.superseded) {
        auto& connector = state.chargers[started.charger].connectors[started.connector.value];
        connector.number = started.connector;
        connector.session = started.session;
        connector.session_permit.reset();
        connector.last_sample.reset();
        connector.last_sample_at.reset();
    }
    state.sessions.insert_or_assign(session.id, std::move(session));
}

void apply_metered(State& state, const Event& event, const SessionMetered& metered) {
    const bool counts = !has_flag(metered.flags, flag_implausible);
    if (auto* session = running_session(state, metered.session)) {
        fold_samples(*session, metered.samples, event.received, counts);
        remember_hash(*session, metered.content_hash);
        add_flags(session->flags, metered.flags);
        auto& connectors = state.chargers[session->charger].connectors;
        const auto connector = connectors.find(session->connector.value);
        if (connector == connectors.end() || connector->second.session != session->id || metered.samples.empty())
            return;
        connector->second.last_sample = metered.samples.back();
        connector->second.last_sample_at = event.received;
        return;
    }
    auto* session = recent_session(state, metered.charger, metered.session);
    if (session == nullptr) return;
    remember_hash(*session, metered.content_hash);
    add_flags(session->flags, metered.flags);
    if (!ended_by_rule(*session)) return;
    fold_samples(*session, metered.samples, event.received, counts);
    session->last_power = Watts{0};
    session->meter_stop = session->meter_start + session->energy;
}

void apply_ended(State& state, const Event& event, const SessionEnded& ended) {
    const auto running = state.sessions.find(ended.session);
    if (running == state.sessions.end()) {
        if (auto* session = recent_session(state, ended.charger, ended.session)) take_end(*session, event, ended);
        return;
    }
    take_end(running->second, event, ended);
    leave_connector(state, running->second);
    forget_token(state, running->second);
    auto& charger = state.chargers[running->second.charger];
    charger.recent.push_back(std::move(running->second));
    state.sessions.erase(running);
    trim_recent(charger);
}

void apply_target(State& state, const SessionTargetSet& target) {
    auto* session = running_session(state, target.session);
    if (session == nullptr) return;
    session->departure = target.departure;
    session->target = target.energy;
    session->charge_now = target.charge_now;
    session->target_by_default = target.by_default;
}

void apply_connector_metered(State& state, const Event& event, const ConnectorMetered& metered) {
    if (metered.samples.empty()) return;
    auto& charger = state.chargers[metered.charger];
    if (metered.connector.value < 1 || metered.connector.value > max_connector_number) return;
    auto& connector = charger.connectors[metered.connector.value];
    connector.number = metered.connector;
    if (connector.session) return;
    connector.last_sample = metered.samples.back();
    connector.last_sample_at = event.received;
    for (const auto& sample : metered.samples) {
        if (sample.energy_register) connector.idle_register = sample.energy_register;
    }
}

}  // namespace detail

}  // namespace tianqu::charging
