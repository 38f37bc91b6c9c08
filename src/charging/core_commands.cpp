#include <algorithm>
#include <boost/json.hpp>

#include "charging/decide.hpp"

namespace tianqu::charging {

namespace {

using namespace detail;
namespace json = boost::json;

constexpr std::size_t max_payload_bytes = 64 * 1024;
constexpr std::string_view masked = "********";

std::optional<json::object> parse_object(std::string_view text) {
    boost::system::error_code error;
    auto value = json::parse(text, error, {}, {.max_depth = 16});
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.as_object());
}

std::optional<std::int64_t> whole(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_int64()) return value->as_int64();
    return std::nullopt;
}

std::string text(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

bool is_secret(std::string_view key) {
    const auto equal = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    constexpr std::array<std::string_view, 3> secrets{"AuthorizationKey", "Password", "Secret"};
    return std::ranges::any_of(
        secrets, [&](std::string_view secret) { return !std::ranges::search(key, secret, equal).empty(); });
}

/// "ftp://name:password@host/file", where firmware is fetched and diagnostics are put: without name and password.
std::string without_login(const std::string& address) {
    const auto scheme = address.find("://");
    if (scheme == std::string::npos) return address;
    const auto host = scheme + 3;
    const auto login = std::string_view(address).substr(host, address.find('/', host) - host).rfind('@');
    if (login == std::string_view::npos) return address;
    return address.substr(0, host) + std::string(masked) + address.substr(host + login);
}

/// "key": "AuthorizationKey" beside "value", alone or in a list of configuration keys; the login in a "location".
void mask_secrets(json::object& object) {
    if (const auto location = text(object, "location"); !location.empty()) object["location"] = without_login(location);
    if (is_secret(text(object, "key")) && object.contains("value")) object["value"] = masked;
    const auto* list = object.if_contains("configurationKey");
    if (list == nullptr || !list->is_array()) return;
    for (auto& entry : object["configurationKey"].as_array()) {
        if (entry.is_object() && is_secret(text(entry.as_object(), "key"))) entry.as_object()["value"] = masked;
    }
}

/// What may be kept of a payload. Text that is not an object is no payload of ours to look into: it is not kept.
std::string keepable(const std::string& payload) {
    auto object = parse_object(payload);
    if (!object) return "{}";
    mask_secrets(*object);
    return json::serialize(*object);
}

/// One accepted message of an operator and what it says.
struct Accepted {
    const State& state;
    const ChargerId& charger;
    const json::object& request;
    TimePoint now;
};

using Effect = std::optional<EventBody> (*)(const Accepted&);

std::optional<EventBody> reservation_made(const Accepted& accepted) {
    const auto id = whole(accepted.request, "reservationId");
    const auto connector = whole(accepted.request, "connectorId");
    const auto expires = parse_time(text(accepted.request, "expiryDate"));
    const TokenId token{text(accepted.request, "idTag")};
    if (!id || !connector || !expires || token.empty()) return std::nullopt;
    return ReservationMade{*id, {accepted.charger, ConnectorNumber{*connector}}, token, *expires};
}

std::optional<EventBody> reservation_cancelled(const Accepted& accepted) {
    const auto id = whole(accepted.request, "reservationId");
    if (!id) return std::nullopt;
    const auto made = accepted.state.reservations.find(*id);
    if (made == accepted.state.reservations.end() || made->second.connector.charger != accepted.charger)
        return std::nullopt;
    return ReservationEnded{*id, "cancelled"};
}

std::optional<EventBody> list_sent(const Accepted& accepted) {
    const auto version = whole(accepted.request, "listVersion");
    if (!version) return std::nullopt;
    return LocalListVersionSet{accepted.charger, *version};
}

std::optional<EventBody> profile_set(const Accepted& accepted) {
    return PermitsForgotten{accepted.charger, "SetChargingProfile"};
}

std::optional<EventBody> profile_cleared(const Accepted& accepted) {
    return PermitsForgotten{accepted.charger, "ClearChargingProfile"};
}

struct NamedEffect {
    std::string_view action;
    Effect effect;
};
/// A reset needs no entry: the boot that follows drops the sessions' permissions, and defaults outlive it.
constexpr std::array effects{NamedEffect{"ReserveNow", reservation_made},
                             NamedEffect{"CancelReservation", reservation_cancelled},
                             NamedEffect{"SendLocalList", list_sent}, NamedEffect{"SetChargingProfile", profile_set},
                             NamedEffect{"ClearChargingProfile", profile_cleared}};

/// A profile message that nobody answered may have been applied all the same.
bool may_have_changed_permits(const std::string& action, CommandOutcome outcome) {
    return outcome == CommandOutcome::timed_out && (action == "SetChargingProfile" || action == "ClearChargingProfile");
}

bool said_yes(const CommandAnswer& answer) {
    if (answer.outcome != CommandOutcome::accepted) return false;
    if (const auto object = parse_object(answer.payload); object && object->contains("status"))
        return text(*object, "status") == "Accepted";
    return answer.status == "Accepted";
}

Event command_event(const PrincipalId& principal, std::string reason, EventBody body, TimePoint now) {
    return Event{.principal = principal, .received = now, .reason = std::move(reason), .body = std::move(body)};
}

}  // namespace

Result<std::vector<Event>> request_command(const State& state, const Actor& actor, const ChargerId& charger,
                                           std::string action, const std::string& payload, CommandId command) {
    if (!state.chargers.contains(charger))
        return fail(
            Error{ErrorCode::not_found, "there is no charger '" + charger.value + "'", {{"charger", charger.value}}});
    if (payload.size() > max_payload_bytes) return fail(ErrorCode::too_large, "the payload has more than 65536 bytes");
    const auto object = parse_object(payload);
    if (!object) return fail(ErrorCode::invalid_input, "the payload is not a JSON object");
    if (action == "ReserveNow") {
        const auto id = whole(*object, "reservationId");
        const auto made = id ? state.reservations.find(*id) : state.reservations.end();
        if (made != state.reservations.end() && made->second.connector.charger != charger) {
            return fail(Error{ErrorCode::conflict,
                              "this reservation id is in use at another charger",
                              {{"field", "reservationId"}, {"value", std::to_string(*id)}}});
        }
    }
    std::vector<Event> events;
    events.push_back(command_event(actor.principal, actor.reason,
                                   CommandRequested{std::move(command), charger, std::move(action), keepable(payload)},
                                   actor.now));
    return events;
}

std::vector<Event> answer_command(const State& state, const ChargerId& charger, const std::string& action,
                                  const std::string& request_payload, const CommandAnswer& answer, TimePoint now) {
    std::vector<Event> events;
    const auto principal = principal_of(charger);
    auto kept = answer.payload.empty() ? std::string() : keepable(answer.payload);
    events.push_back(command_event(
        principal, {}, CommandAnswered{answer.id, charger, answer.outcome, answer.status, std::move(kept)}, now));
    const auto found = std::ranges::find(effects, action, &NamedEffect::action);
    if (found == effects.end()) return events;
    if (!said_yes(answer) && !may_have_changed_permits(action, answer.outcome)) return events;
    const auto request = parse_object(request_payload);
    if (!request) return events;
    if (auto body = found->effect({state, charger, *request, now}))
        events.push_back(command_event(principal, {}, std::move(*body), now));
    return events;
}

}  // namespace tianqu::charging
