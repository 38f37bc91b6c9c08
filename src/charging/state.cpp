#include "charging/state.hpp"

#include <algorithm>

#include "charging/sessions.hpp"

namespace tianqu::charging {

namespace {

/// A state's lasting members, in the form that is stored.
struct StoredState {
    grid::NetworkParts network;
    std::vector<Charger> chargers;
    std::vector<Session> sessions;
    std::vector<TokenSet> tokens;
    std::vector<ReservationMade> reservations;
    std::map<NodeId, TemporaryLimit> temporary_limits;
    std::map<NodeId, NodeReading> node_readings;
    std::vector<AlarmRaised> alarms;
    std::vector<BasePriceSet> base_prices;
    SessionId next_session{1};
    std::int64_t next_command = 1;
    std::int64_t next_reservation = 1;
    std::int64_t applied_sequence = 0;

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "network", self.network);
        visit(2, "chargers", self.chargers);
        visit(3, "sessions", self.sessions);
        visit(4, "tokens", self.tokens);
        visit(5, "reservations", self.reservations);
        visit(6, "temporary_limits", self.temporary_limits);
        visit(7, "node_readings", self.node_readings);
        visit(8, "alarms", self.alarms);
        visit(9, "base_prices", self.base_prices);
        visit(10, "next_session", self.next_session);
        visit(11, "next_command", self.next_command);
        visit(12, "next_reservation", self.next_reservation);
        visit(13, "applied_sequence", self.applied_sequence);
    }
};

template <class Key, class Value>
std::vector<Value> values_of(const std::map<Key, Value>& map) {
    std::vector<Value> values;
    values.reserve(map.size());
    for (const auto& [key, value] : map) values.push_back(value);
    return values;
}

template <class Key, class Value>
void fill(std::map<Key, Value>& map, std::vector<Value>& values, Key Value::* key) {
    for (auto& value : values) {
        auto at = value.*key;
        map.insert_or_assign(std::move(at), std::move(value));
    }
}

}  // namespace

std::string encode_state(const State& state) {
    StoredState stored;
    stored.network = state.network.parts();
    stored.chargers = values_of(state.chargers);
    stored.sessions = values_of(state.sessions);
    stored.tokens = values_of(state.tokens);
    stored.reservations = values_of(state.reservations);
    stored.temporary_limits = state.temporary_limits;
    stored.node_readings = state.node_readings;
    stored.alarms = values_of(state.alarms);
    stored.base_prices = state.base_prices;
    stored.next_session = state.next_session;
    stored.next_command = state.next_command;
    stored.next_reservation = state.next_reservation;
    stored.applied_sequence = state.applied_sequence;
    return encode_record(stored);
}

Result<State> decode_state(std::string_view bytes) {
    auto stored = decode_record<StoredState>(bytes);
    if (!stored) return std::unexpected(std::move(stored.error()));
    State state;
    if (!stored->network.nodes.empty()) {
        auto network = grid::Network::build(std::move(stored->network));
        if (!network) return fail(ErrorCode::corrupt, "the snapshot's network: " + network.error().to_string());
        state.network = std::move(*network);
    }
    fill(state.chargers, stored->chargers, &Charger::id);
    fill(state.sessions, stored->sessions, &Session::id);
    fill(state.tokens, stored->tokens, &TokenSet::token);
    fill(state.reservations, stored->reservations, &ReservationMade::reservation);
    state.temporary_limits = std::move(stored->temporary_limits);
    state.node_readings = std::move(stored->node_readings);
    fill(state.alarms, stored->alarms, &AlarmRaised::alarm);
    state.base_prices = std::move(stored->base_prices);
    state.next_session = stored->next_session;
    state.next_command = stored->next_command;
    state.next_reservation = stored->next_reservation;
    state.applied_sequence = stored->applied_sequence;
    for (const auto& [id, session] : state.sessions) state.running_by_token[session.token].push_back(id);
    return state;
}

const Session* find_session(const State& state, const ChargerId& charger, SessionId id) {
    if (const auto running = state.sessions.find(id); running != state.sessions.end())
        return running->second.charger == charger ? &running->second : nullptr;
    const auto found = state.chargers.find(charger);
    if (found == state.chargers.end()) return nullptr;
    const auto session = std::ranges::find(found->second.recent, id, &Session::id);
    return session == found->second.recent.end() ? nullptr : &*session;
}

}  // namespace tianqu::charging
