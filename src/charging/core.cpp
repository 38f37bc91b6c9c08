#include "charging/core.hpp"

#include <algorithm>

#include "base/assertion.hpp"
#include "charging/decide.hpp"

namespace tianqu::charging {

namespace {

using namespace detail;

constexpr std::size_t max_raw_bytes = 4'096;
constexpr std::size_t max_note_bytes = 1'024;
/// A charger silent for so long after its car's departure will not send the stop by itself any more.
constexpr Milliseconds long_silence{std::chrono::hours{24}};

Event server_event(EventBody body, TimePoint now) {
    return Event{.principal = PrincipalId{"system:server"}, .received = now, .body = std::move(body)};
}

Event charger_event(const ChargerId& charger, EventBody body, TimePoint now) {
    return Event{.principal = principal_of(charger), .received = now, .body = std::move(body)};
}

bool same_error(const std::string& a, const std::string& b) {
    const auto none = [](const std::string& text) { return text.empty() || text == "NoError"; };
    return a == b || (none(a) && none(b));
}

std::string clipped(const std::string& text, std::size_t limit) {
    if (text.size() <= limit) return text;
    auto end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

AlarmId fault_alarm(const ChargerId& charger, ConnectorNumber connector) {
    return AlarmId{"fault:" + charger.value + ":" + std::to_string(connector.value)};
}

void note_fault(const Context& context, const StatusReport& report, ConnectorNumber connector,
                std::vector<Event>& events) {
    const auto alarm = fault_alarm(context.charger.id, connector);
    const bool standing = context.state.alarms.contains(alarm);
    const bool faulted = report.status == ConnectorStatus::faulted;
    if (faulted && !standing) {
        const auto number = std::to_string(connector.value);
        const auto& id = context.charger.id.value;
        events.push_back(server_event(
            AlarmRaised{
                .alarm = alarm,
                .kind = "charger_fault",
                .charger = context.charger.id,
                .text_zh = "充电桩 " + id + " 的 " + number + " 号枪报告故障：" + report.error_code,
                .text_en = "Charger " + id + " reports a fault at connector " + number + ": " + report.error_code},
            context.now()));
    }
    if (!faulted && standing) events.push_back(server_event(AlarmCleared{alarm}, context.now()));
}

Outcome note(const Context& context, std::string kind, const std::string& text) {
    Outcome outcome;
    outcome.events.push_back(
        context.event(ChargerNoted{context.charger.id, std::move(kind), clipped(text, max_note_bytes)}));
    return outcome;
}

struct Decide {
    const Context& context;

    Outcome operator()(const Boot& boot) const {
        Outcome outcome;
        outcome.events.push_back(
            context.event(ChargerBooted{context.charger.id, boot.vendor, boot.model, boot.serial, boot.firmware,
                                        boot.iccid, boot.imsi, boot.meter_type, boot.meter_serial}));
        const auto registration = context.charger.registration;
        const auto interval = registration == Registration::approved ? context.settings.heartbeat_interval
                                                                     : context.settings.held_retry_interval;
        outcome.reply = BootReply{registration, context.now(), interval};
        return outcome;
    }
    Outcome operator()(const Heartbeat&) const { return {.reply = HeartbeatReply{context.now()}}; }
    Outcome operator()(const StatusReport& report) const {
        Outcome outcome;
        std::vector<std::string> flags;
        const auto connector = sane_connector(report.connector, flags);
        if (!flags.empty()) return note(context, "status", "connector " + std::to_string(report.connector.value));
        if (!changes(report, connector)) return outcome;
        outcome.events.push_back(context.event(
            ConnectorStatusChanged{context.charger.id, connector, report.status, report.error_code,
                                   clipped(report.info, max_note_bytes), report.vendor_id, report.vendor_error},
            report.claimed));
        note_fault(context, report, connector, outcome.events);
        return outcome;
    }
    Outcome operator()(const Authorize& authorize) const {
        AuthorizeReply reply;
        reply.token = judge_token(context.state, context.settings, authorize.token, context.charger.id, context.now());
        if (!context.not_approved().empty()) reply.token.verdict = Verdict::blocked;
        return {.reply = reply};
    }
    Outcome operator()(const StartTransaction& start) const { return decide_start(context, start); }
    Outcome operator()(const StopTransaction& stop) const { return decide_stop(context, stop); }
    Outcome operator()(const MeterValues& values) const { return decide_meter(context, values); }
    Outcome operator()(const DriverTarget& target) const { return decide_target(context, target); }
    Outcome operator()(const VendorData& data) const {
        auto outcome = note(context, "vendor_data", data.vendor + " " + data.message + " " + data.data);
        outcome.reply = VendorDataReply{};
        return outcome;
    }
    Outcome operator()(const FirmwareStatus& status) const { return note(context, "firmware", status.status); }
    Outcome operator()(const DiagnosticsStatus& status) const { return note(context, "diagnostics", status.status); }

    [[nodiscard]] bool changes(const StatusReport& report, ConnectorNumber number) const {
        const auto& charger = context.charger;
        if (number.value == 0) {
            return charger.charger_status != enum_name(report.status) ||
                   !same_error(charger.charger_error, report.error_code);
        }
        const auto connector = charger.connectors.find(number.value);
        return connector == charger.connectors.end() || connector->second.status != report.status ||
               !same_error(connector->second.error_code, report.error_code);
    }
};

void end_silent_sessions(const State& state, TimePoint now, std::vector<Event>& events) {
    for (const auto& [id, session] : state.sessions) {
        if (session.departure + long_silence > now) continue;
        const auto heard = session.last_metered.value_or(session.received_start);
        if (heard + long_silence > now) continue;
        const auto charger = state.chargers.find(session.charger);
        if (charger != state.chargers.end() && charger->second.online) continue;
        events.push_back(server_event(end_by_rule(session, heard, {"charger_silent"}), now));
    }
}

}  // namespace

namespace detail {

PrincipalId principal_of(const ChargerId& charger) { return PrincipalId{"charger:" + charger.value}; }

Event Context::event(EventBody body, std::optional<TimePoint> claimed) const {
    auto event = charger_event(charger.id, std::move(body), now());
    event.claimed = claimed;
    return event;
}

std::string_view Context::not_approved() const {
    switch (charger.registration) {
        case Registration::approved:
            return {};
        case Registration::rejected:
            return "charger_rejected";
        case Registration::held:
            break;
    }
    return "charger_held";
}

TokenVerdict judge_token(const State& state, const Settings& settings, const TokenId& token, const ChargerId& here,
                         TimePoint now) {
    if (token.empty()) return {Verdict::invalid, std::nullopt, {}};
    const auto known = state.tokens.find(token);
    TokenVerdict verdict{settings.accept_unknown_tokens ? Verdict::accepted : Verdict::invalid, std::nullopt, {}};
    if (known != state.tokens.end()) {
        verdict = {known->second.verdict, known->second.expires, known->second.parent};
        if (verdict.verdict == Verdict::accepted && verdict.expires && *verdict.expires <= now)
            verdict.verdict = Verdict::expired;
    }
    if (verdict.verdict != Verdict::accepted || settings.concurrent_sessions) return verdict;
    const auto running = state.running_by_token.find(token);
    if (running == state.running_by_token.end()) return verdict;
    const auto elsewhere = [&](SessionId id) {
        const auto session = state.sessions.find(id);
        return session != state.sessions.end() && session->second.charger != here;
    };
    if (std::ranges::any_of(running->second, elsewhere)) verdict.verdict = Verdict::concurrent;
    return verdict;
}

ConnectorNumber sane_connector(ConnectorNumber number, std::vector<std::string>& flags) {
    if (number.value >= 0 && number.value <= max_connector_number) return number;
    flags.emplace_back("connector_out_of_range");
    return ConnectorNumber{0};
}

}  // namespace detail

CorrectedTime corrected_time(TimePoint claimed, TimePoint received) {
    const bool credible =
        claimed >= received - std::chrono::hours{24 * 7} && claimed <= received + std::chrono::minutes{5};
    return {credible ? claimed : received, credible};
}

Outcome decide(const State& state, const Settings& settings, const Inbound& inbound) {
    const auto charger = state.chargers.find(inbound.charger);
    TIANQU_ASSERT(charger != state.chargers.end());
    const Context context{state, settings, inbound, charger->second};
    auto outcome = std::visit(Decide{context}, inbound.message);
    // A flag without an event of its own (a repeat) is not worth keeping again.
    const bool repeat = outcome.events.empty() && outcome.confirm_when_durable;
    if (!inbound.flags.empty() && !repeat) {
        outcome.events.push_back(context.event(
            MessageFlagged{inbound.charger, inbound.action, inbound.flags, clipped(inbound.raw, max_raw_bytes)}));
    }
    return outcome;
}

Result<std::vector<Event>> connect(const State& state, const Settings& settings, const Connection& connection) {
    const auto known = state.chargers.find(connection.charger);
    std::vector<Event> events;
    if (known == state.chargers.end()) {
        if (settings.unknown_chargers == UnknownChargers::reject) {
            return fail(
                Error{ErrorCode::forbidden, "this charger is not known", {{"charger", connection.charger.value}}});
        }
        events.push_back(charger_event(connection.charger, ChargerSeen{connection.charger, connection.address},
                                       connection.received));
        if (settings.unknown_chargers == UnknownChargers::accept) {
            events.push_back(
                server_event(RegistrationSet{connection.charger, Registration::approved}, connection.received));
        }
    } else if (known->second.registration == Registration::rejected) {
        return fail(Error{ErrorCode::forbidden, "this charger was rejected", {{"charger", connection.charger.value}}});
    }
    events.push_back(charger_event(connection.charger,
                                   ChargerConnected{connection.charger, connection.address, connection.protocol},
                                   connection.received));
    return events;
}

std::vector<Event> disconnect(const State& state, const ChargerId& charger, std::string cause, TimePoint received) {
    const auto known = state.chargers.find(charger);
    if (known == state.chargers.end() || !known->second.online) return {};
    return {server_event(ChargerDisconnected{charger, std::move(cause)}, received)};
}

std::vector<Event> elapse(const State& state, const Settings&, TimePoint now) {
    std::vector<Event> events;
    for (const auto& [id, reservation] : state.reservations) {
        if (reservation.expires <= now) events.push_back(server_event(ReservationEnded{id, "expired"}, now));
    }
    for (const auto& [node, limit] : state.temporary_limits) {
        if (limit.until <= now) events.push_back(server_event(TemporaryLimitCleared{node}, now));
    }
    end_silent_sessions(state, now, events);
    return events;
}

}  // namespace tianqu::charging
