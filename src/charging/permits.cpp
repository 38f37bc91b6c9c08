#include <algorithm>
#include <charconv>

#include "charging/sessions.hpp"

namespace tianqu::charging {

namespace {

const Connector* find_connector(const State& state, const ConnectorKey& key) {
    const auto charger = state.chargers.find(key.charger);
    if (charger == state.chargers.end()) return nullptr;
    const auto connector = charger->second.connectors.find(key.connector.value);
    return connector == charger->second.connectors.end() ? nullptr : &connector->second;
}

}  // namespace

Watts maximum_power(const State& state, const ConnectorKey& connector) {
    const auto* spec = state.network.find_connector(connector);
    return spec == nullptr ? unplaced_maximum : spec->max_power;
}

Watts permitted_power(const State& state, const ConnectorKey& key, TimePoint time) {
    const auto maximum = maximum_power(state, key);
    const auto* connector = find_connector(state, key);
    if (connector == nullptr) return maximum;
    const bool own = connector->session && connector->session_permit;
    const auto& accepted = own ? connector->session_permit : connector->default_permit;
    if (!accepted) return maximum;
    auto permitted = accepted->limit_at(time);
    for (const auto& pending : connector->pending) {
        // A new default does not touch a session that has its own permission.
        if (own && !pending.session) continue;
        permitted = std::max(permitted, pending.schedule.limit_at(time));
    }
    return std::clamp(permitted, Watts{0}, maximum);
}

Watts measured_power(const State& state, const ConnectorKey& key) {
    const auto* connector = find_connector(state, key);
    if (connector == nullptr || !connector->session) return Watts{0};
    const auto session = state.sessions.find(*connector->session);
    return session == state.sessions.end() ? Watts{0} : std::max(session->second.last_power, Watts{0});
}

namespace detail {

void forget_permits(Connector& connector) {
    connector.session_permit.reset();
    connector.default_permit.reset();
    connector.pending.clear();
}

void note_command(State& state, const CommandId& command) {
    const auto digits = command.value.find_last_not_of("0123456789") + 1;
    std::int64_t number = 0;
    const auto* end = command.value.data() + command.value.size();
    const auto read = std::from_chars(command.value.data() + digits, end, number);
    if (read.ec == std::errc{} && read.ptr == end && number < (std::int64_t{1} << 62))
        state.next_command = std::max(state.next_command, number + 1);
}

void apply_permit_sent(State& state, const Event& event, const PermitSent& sent) {
    note_command(state, sent.command);
    auto& connector = state.chargers[sent.connector.charger].connectors[sent.connector.connector.value];
    connector.number = sent.connector.connector;
    connector.pending.push_back({sent.command, sent.session, sent.schedule, event.received});
    // So many unanswered ones and nobody knows what holds: the maximum counts until one is accepted.
    if (connector.pending.size() > max_pending_permits) {
        auto newest = std::move(connector.pending.back());
        forget_permits(connector);
        connector.pending.push_back(std::move(newest));
    }
}

void apply_permit_answered(State& state, const PermitAnswered& answered) {
    const auto charger = state.chargers.find(answered.connector.charger);
    if (charger == state.chargers.end()) return;
    const auto found = charger->second.connectors.find(answered.connector.connector.value);
    if (found == charger->second.connectors.end()) return;
    auto& connector = found->second;
    const auto at = std::ranges::find(connector.pending, answered.command, &PendingPermit::command);
    // Unanswered is not refused: it may hold, so it goes on counting until a later one is accepted.
    if (at == connector.pending.end()) return;
    if (answered.outcome == CommandOutcome::timed_out) {
        at->unanswered = true;
        return;
    }
    const auto permit = *at;
    if (answered.outcome != CommandOutcome::accepted) {
        connector.pending.erase(at);
        return;
    }
    const auto replaced = [&](const PendingPermit& pending) { return pending.session == permit.session; };
    connector.pending.erase(std::remove_if(connector.pending.begin(), at + 1, replaced), at + 1);
    if (!permit.session) {
        connector.default_permit = permit.schedule;
    } else if (permit.session == connector.session) {
        connector.session_permit = permit.schedule;
    }
}

void apply_permits_forgotten(State& state, const PermitsForgotten& forgotten) {
    const auto charger = state.chargers.find(forgotten.charger);
    if (charger == state.chargers.end()) return;
    for (auto& [number, connector] : charger->second.connectors) forget_permits(connector);
}

}  // namespace detail

}  // namespace tianqu::charging
