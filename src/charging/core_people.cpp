#include <algorithm>

#include "charging/decide.hpp"

namespace tianqu::charging {

namespace {

using namespace detail;

constexpr std::size_t max_token_bytes = 64;
constexpr std::size_t max_text_bytes = 1'024;
constexpr std::size_t max_tokens = 1'000'000;
constexpr Watts largest_limit{100'000'000'000};

std::vector<Event> one(const Actor& actor, EventBody body) {
    std::vector<Event> events;
    events.push_back(
        Event{.principal = actor.principal, .received = actor.now, .reason = actor.reason, .body = std::move(body)});
    return events;
}

std::unexpected<Error> wrong(std::string field, std::string value, std::string expected) {
    Error error{ErrorCode::invalid_input, "field '" + field + "' is '" + value + "': expected " + expected, {}};
    return fail(std::move(error)
                    .with("field", std::move(field))
                    .with("value", std::move(value))
                    .with("expected", std::move(expected)));
}

std::unexpected<Error> missing(std::string kind, const std::string& id) {
    auto text = "there is no " + kind + " '" + id + "'";
    return fail(Error{ErrorCode::not_found, std::move(text), {{std::move(kind), id}}});
}

/// Tries an edit on a copy of the network, so that only what will fit becomes an event.
template <class Edit>
Result<std::vector<Event>> tried(const State& state, const Actor& actor, EventBody body, Edit edit) {
    auto network = state.network;
    if (auto status = edit(network); !status) return std::unexpected(std::move(status.error()));
    return one(actor, std::move(body));
}

}  // namespace

Result<std::vector<Event>> set_registration(const State& state, const Actor& actor, const ChargerId& charger,
                                            Registration registration) {
    const auto known = state.chargers.find(charger);
    if (known == state.chargers.end()) return missing("charger", charger.value);
    if (known->second.registration == registration) return std::vector<Event>{};
    return one(actor, RegistrationSet{charger, registration});
}

Result<std::vector<Event>> set_target(const State& state, const Settings&, const Actor& actor, SessionId id,
                                      std::optional<TimePoint> departure, std::optional<WattHours> energy,
                                      bool charge_now) {
    const auto found = state.sessions.find(id);
    if (found == state.sessions.end()) return missing("session", std::to_string(id.value));
    const auto& session = found->second;
    if (!departure && !energy && !charge_now) return wrong("departure", "", "a departure, an energy, or charge_now");
    if (departure && (*departure <= actor.now || *departure > actor.now + max_stay))
        return wrong("departure", format_time(*departure), "a time after now and at most 14 days away");
    if (energy && (energy->count <= 0 || *energy > max_target))
        return wrong("energy_wh", std::to_string(energy->count), "1 to 1000000");
    return one(actor, SessionTargetSet{id, departure.value_or(session.departure), energy.value_or(session.target),
                                       charge_now, false});
}

Result<std::vector<Event>> set_token(const State& state, const Actor& actor, TokenSet token) {
    const auto& id = token.token.value;
    if (id.empty() || id.size() > max_token_bytes) return wrong("token", id, "1 to 64 bytes");
    if (token.verdict != Verdict::accepted && token.verdict != Verdict::blocked)
        return wrong("verdict", std::string(enum_name(token.verdict)), "accepted or blocked");
    if (token.note.size() > max_text_bytes) return wrong("note", token.note, "at most 1024 bytes");
    if (token.parent.value.size() > max_token_bytes) return wrong("parent", token.parent.value, "at most 64 bytes");
    if (state.tokens.size() >= max_tokens && !state.tokens.contains(token.token))
        return fail(ErrorCode::too_large, "there are 1000000 tokens already");
    return one(actor, std::move(token));
}

Result<std::vector<Event>> remove_token(const State& state, const Actor& actor, const TokenId& token) {
    if (!state.tokens.contains(token)) return missing("token", token.value);
    return one(actor, TokenRemoved{token});
}

Result<std::vector<Event>> set_temporary_limit(const State& state, const Actor& actor, TemporaryLimitSet limit) {
    if (!state.network.find_node(limit.node)) return missing("node", limit.node.value);
    if (limit.limit.count < 0 || limit.limit > largest_limit)
        return wrong("limit_w", std::to_string(limit.limit.count), "0 to 100000000000");
    if (limit.until <= limit.from || limit.until <= actor.now)
        return wrong("until", format_time(limit.until), "a time after 'from' and after now");
    return one(actor, std::move(limit));
}

Result<std::vector<Event>> clear_temporary_limit(const State& state, const Actor& actor, const NodeId& node) {
    if (!state.temporary_limits.contains(node)) return missing("temporary limit at node", node.value);
    return one(actor, TemporaryLimitCleared{node});
}

Result<std::vector<Event>> set_node(const State& state, const Actor& actor, grid::Node node) {
    return tried(state, actor, NodeSet{node}, [&](grid::Network& network) { return network.set_node(node); });
}

Result<std::vector<Event>> remove_node(const State& state, const Actor& actor, const NodeId& node) {
    return tried(state, actor, NodeRemoved{node}, [&](grid::Network& network) { return network.remove_node(node); });
}

Result<std::vector<Event>> place_charger(const State& state, const Actor& actor, grid::ChargerSite site) {
    return tried(state, actor, ChargerPlaced{site},
                 [&](grid::Network& network) { return network.place_charger(site); });
}

Result<std::vector<Event>> remove_charger(const State& state, const Actor& actor, const ChargerId& charger) {
    if (!state.network.find_charger(charger)) return missing("charger", charger.value);
    return one(actor, ChargerRemoved{charger});
}

Result<std::vector<Event>> import_network(const State&, const Actor& actor, const grid::Network& network) {
    if (network.node_count() == 0) return wrong("network", "", "at least a root node");
    return one(actor, NetworkImported{network.parts()});
}

Result<std::vector<Event>> report_node_meter(const State& state, const Actor& actor, NodeMetered metered) {
    if (!state.network.find_node(metered.node)) return missing("node", metered.node.value);
    if (metered.power < -largest_limit || metered.power > largest_limit)
        return wrong("power_w", std::to_string(metered.power.count), "-100000000000 to 100000000000");
    if (!corrected_time(metered.at, actor.now).credible)
        return wrong("at", format_time(metered.at), "a time of the last 7 days, not more than 5 minutes ahead");
    const auto known = state.node_readings.find(metered.node);
    if (known != state.node_readings.end() && metered.at < known->second.at)
        return fail(
            Error{ErrorCode::conflict, "a newer reading of this node is known", {{"node", metered.node.value}}});
    return one(actor, std::move(metered));
}

Result<std::vector<Event>> set_base_price(const State&, const Actor& actor, BasePriceSet price) {
    if (price.scheme.empty() || price.scheme.size() > max_text_bytes)
        return wrong("scheme", price.scheme, "the id of a tariff scheme");
    constexpr std::int64_t dearest = 10'000'000;
    if (price.floating.count < 0 || price.floating.count > dearest)
        return wrong("floating", format_yuan_per_kwh(price.floating), "0 to 100 yuan per kWh");
    if (price.fixed.count < -dearest || price.fixed.count > dearest)
        return wrong("fixed", format_yuan_per_kwh(price.fixed), "-100 to 100 yuan per kWh");
    if (price.source.size() > max_text_bytes) return wrong("source", price.source, "at most 1024 bytes");
    return one(actor, std::move(price));
}

std::vector<Event> permit_sent(const State&, const CommandId& command, const PermitPower& permit, TimePoint now) {
    return {Event{.principal = PrincipalId{"system:dispatch"},
                  .received = now,
                  .body = PermitSent{command, permit.connector, permit.session, permit.schedule}}};
}

std::vector<Event> permit_answered(const State& state, const ConnectorKey& key, const CommandAnswer& answer,
                                   TimePoint now) {
    const auto charger = state.chargers.find(key.charger);
    if (charger == state.chargers.end()) return {};
    const auto connector = charger->second.connectors.find(key.connector.value);
    if (connector == charger->second.connectors.end()) return {};
    const auto& pending = connector->second.pending;
    if (std::ranges::find(pending, answer.id, &PendingPermit::command) == pending.end()) return {};
    return {Event{.principal = principal_of(key.charger),
                  .received = now,
                  .body = PermitAnswered{answer.id, key, answer.outcome, answer.status}}};
}

}  // namespace tianqu::charging
