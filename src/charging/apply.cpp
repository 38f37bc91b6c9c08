#include <algorithm>

#include "charging/sessions.hpp"

namespace tianqu::charging {

namespace {

using namespace detail;

/// Which charger an event is about, to note that it spoke; people's decisions and our own say nothing of that.
template <class Body>
constexpr bool from_charger =
    std::is_same_v<Body, ChargerConnected> || std::is_same_v<Body, ChargerBooted> ||
    std::is_same_v<Body, ConnectorStatusChanged> || std::is_same_v<Body, ChargerNoted> ||
    std::is_same_v<Body, MessageFlagged> || std::is_same_v<Body, SessionStarted> ||
    std::is_same_v<Body, SessionMetered> || std::is_same_v<Body, ConnectorMetered> || std::is_same_v<Body, UnknownStop>;

Charger& charger_at(State& state, const ChargerId& id) {
    auto& charger = state.chargers[id];
    charger.id = id;
    return charger;
}

/// A charger that a person put into the network is known: it needs no approval besides.
void know_charger(State& state, const grid::ChargerSite& site) {
    const bool known = state.chargers.contains(site.id);
    auto& charger = charger_at(state, site.id);
    if (!known) charger.registration = Registration::approved;
    for (const auto& spec : site.connectors) charger.connectors[spec.number.value].number = spec.number;
}

/// What no longer fits the network was refused by it as a whole.
void changes_nothing_if_refused(const Status&) {}

/// Answers do not come over a new connection: what was on its way may hold or not.
void lose_answers(Charger& charger) {
    for (auto& [number, connector] : charger.connectors) {
        for (auto& pending : connector.pending) pending.unanswered = true;
    }
}

struct Fold {
    State& state;
    const Event& event;

    void operator()(const ServerStarted&) const {
        for (auto& [id, charger] : state.chargers) {
            charger.online = false;
            lose_answers(charger);
        }
    }
    void operator()(const ChargerSeen& seen) const { charger_at(state, seen.charger).address = seen.address; }
    void operator()(const RegistrationSet& set) const {
        charger_at(state, set.charger).registration = set.registration;
    }
    void operator()(const ChargerConnected& connected) const {
        auto& charger = charger_at(state, connected.charger);
        charger.online = true;
        charger.address = connected.address;
        charger.protocol = connected.protocol;
    }
    void operator()(const ChargerDisconnected& gone) const {
        auto& charger = charger_at(state, gone.charger);
        charger.online = false;
        lose_answers(charger);
    }
    void operator()(const ChargerBooted& boot) const {
        auto& charger = charger_at(state, boot.charger);
        charger.vendor = boot.vendor;
        charger.model = boot.model;
        charger.serial = boot.serial;
        charger.firmware = boot.firmware;
        charger.booted = event.received;
        // Defaults outlive a restart of the charger; a permission of one session may or may not (many boot anew after
        // a mere lost connection): it counts beside the default until a later one is accepted.
        for (auto& [number, connector] : charger.connectors) {
            if (connector.session && connector.session_permit) {
                connector.pending.insert(connector.pending.begin(),
                                         PendingPermit{.command = CommandId{"before-boot"},
                                                       .session = connector.session,
                                                       .schedule = std::move(*connector.session_permit),
                                                       .sent = event.received,
                                                       .unanswered = true});
            }
            connector.session_permit.reset();
        }
    }
    void operator()(const ConnectorStatusChanged& changed) const {
        auto& charger = charger_at(state, changed.charger);
        if (changed.connector.value == 0) {
            charger.charger_status = enum_name(changed.status);
            charger.charger_error = changed.error_code;
            return;
        }
        auto& connector = charger.connectors[changed.connector.value];
        connector.number = changed.connector;
        connector.status = changed.status;
        connector.error_code = changed.error_code;
        connector.status_at = event.received;
    }
    void operator()(const ChargerNoted&) const {}
    void operator()(const MessageFlagged&) const {}
    void operator()(const SessionStarted& started) const { apply_started(state, event, started); }
    void operator()(const SessionMetered& metered) const { apply_metered(state, event, metered); }
    void operator()(const SessionEnded& ended) const { apply_ended(state, event, ended); }
    void operator()(const SessionTargetSet& target) const { apply_target(state, target); }
    void operator()(const ConnectorMetered& metered) const { apply_connector_metered(state, event, metered); }
    void operator()(const UnknownStop&) const {}
    void operator()(const ShortfallForeseen& foreseen) const {
        if (auto* session = running_session(state, foreseen.session)) session->shortfall = foreseen.shortfall;
    }
    void operator()(const PermitSent& sent) const { apply_permit_sent(state, event, sent); }
    void operator()(const PermitAnswered& answered) const { apply_permit_answered(state, answered); }
    void operator()(const PermitsForgotten& forgotten) const { apply_permits_forgotten(state, forgotten); }
    void operator()(const NodeSet& set) const { changes_nothing_if_refused(state.network.set_node(set.node)); }
    void operator()(const NodeRemoved& removed) const {
        if (state.network.remove_node(removed.node)) forget_node(removed.node);
    }
    void operator()(const ChargerPlaced& placed) const {
        if (state.network.place_charger(placed.site)) know_charger(state, placed.site);
    }
    void operator()(const ChargerRemoved& removed) const {
        changes_nothing_if_refused(state.network.remove_charger(removed.charger));
    }
    void operator()(const BaseProfileSet& set) const {
        grid::DayProfile profile{.name = set.profile};
        for (const auto value : set.permille) profile.slots.emplace_back(value);
        changes_nothing_if_refused(state.network.set_profile(std::move(profile)));
    }
    void operator()(const TemporaryLimitSet& set) const {
        state.temporary_limits[set.node] = {set.limit, set.from, set.until};
    }
    void operator()(const TemporaryLimitCleared& cleared) const { state.temporary_limits.erase(cleared.node); }
    void operator()(const NodeMetered& metered) const {
        state.node_readings[metered.node] = {metered.power, metered.at};
    }
    void operator()(const NetworkImported& imported) const {
        auto network = grid::Network::build(imported.parts);
        if (!network) return;
        state.network = std::move(*network);
        for (const auto& site : state.network.chargers()) know_charger(state, site);
        std::erase_if(state.temporary_limits, [&](const auto& entry) { return !state.network.find_node(entry.first); });
        std::erase_if(state.node_readings, [&](const auto& entry) { return !state.network.find_node(entry.first); });
    }
    void operator()(const TokenSet& set) const { state.tokens[set.token] = set; }
    void operator()(const TokenRemoved& removed) const { state.tokens.erase(removed.token); }
    void operator()(const ReservationMade& made) const {
        state.reservations[made.reservation] = made;
        if (made.reservation < (std::int64_t{1} << 62))
            state.next_reservation = std::max(state.next_reservation, made.reservation + 1);
    }
    void operator()(const ReservationEnded& ended) const { state.reservations.erase(ended.reservation); }
    void operator()(const LocalListVersionSet& set) const {
        charger_at(state, set.charger).local_list_version = set.version;
    }
    void operator()(const CommandRequested& requested) const { note_command(state, requested.command); }
    void operator()(const CommandAnswered&) const {}
    void operator()(const BasePriceSet& set) const { state.base_prices.push_back(set); }
    void operator()(const AlarmRaised& raised) const { state.alarms[raised.alarm] = raised; }
    void operator()(const AlarmCleared& cleared) const { state.alarms.erase(cleared.alarm); }

    void forget_node(const NodeId& node) const {
        state.temporary_limits.erase(node);
        state.node_readings.erase(node);
    }
};

}  // namespace

void apply(State& state, const Event& event, std::int64_t sequence) {
    std::visit(
        [&](const auto& body) {
            using Body = std::remove_cvref_t<decltype(body)>;
            if constexpr (from_charger<Body>) charger_at(state, body.charger).last_message = event.received;
            Fold{state, event}(body);
        },
        event.body);
    state.applied_sequence = sequence;
}

}  // namespace tianqu::charging
