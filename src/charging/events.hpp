#pragma once

/// Everything that can happen to the charging network, as records of the one journal. Type numbers and field numbers
/// never change; a new fact gets a new number. Access events (users, keys) live in access/events.hpp with types 60–69.

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/record.hpp"
#include "charging/messages.hpp"
#include "dispatch/schedule.hpp"
#include "grid/network.hpp"

namespace tianqu::charging {

/// Declares number, name and the field description of an event in one place.
#define TIANQU_EVENT(number_, name_)              \
    static constexpr std::int32_t type = number_; \
    static constexpr const char* name = name_;    \
    template <class Self, class Visitor>          \
    static void describe([[maybe_unused]] Self& self, [[maybe_unused]] Visitor& visit)

/// The server process started: every charger counts as offline until it connects again.
struct ServerStarted {
    std::string version;
    bool simulated = false;
    TIANQU_EVENT(1, "server_started") {
        visit(1, "version", self.version);
        visit(2, "simulated", self.simulated);
    }
};

// ---- chargers ------------------------------------------------------------------------------------------------------

struct ChargerSeen {
    ChargerId charger;
    std::string address;
    TIANQU_EVENT(10, "charger_seen") {
        visit(1, "charger", self.charger);
        visit(2, "address", self.address);
    }
};
struct RegistrationSet {
    ChargerId charger;
    Registration registration = Registration::held;
    TIANQU_EVENT(11, "registration_set") {
        visit(1, "charger", self.charger);
        visit(2, "registration", self.registration);
    }
};
struct ChargerConnected {
    ChargerId charger;
    std::string address;
    std::string protocol;  ///< "ocpp1.6"
    TIANQU_EVENT(12, "charger_connected") {
        visit(1, "charger", self.charger);
        visit(2, "address", self.address);
        visit(3, "protocol", self.protocol);
    }
};
struct ChargerDisconnected {
    ChargerId charger;
    std::string cause;
    TIANQU_EVENT(13, "charger_disconnected") {
        visit(1, "charger", self.charger);
        visit(2, "cause", self.cause);
    }
};
struct ChargerBooted {
    ChargerId charger;
    std::string vendor, model, serial, firmware, iccid, imsi, meter_type, meter_serial;
    TIANQU_EVENT(14, "charger_booted") {
        visit(1, "charger", self.charger);
        visit(2, "vendor", self.vendor);
        visit(3, "model", self.model);
        visit(4, "serial", self.serial);
        visit(5, "firmware", self.firmware);
        visit(6, "iccid", self.iccid);
        visit(7, "imsi", self.imsi);
        visit(8, "meter_type", self.meter_type);
        visit(9, "meter_serial", self.meter_serial);
    }
};
struct ConnectorStatusChanged {
    ChargerId charger;
    ConnectorNumber connector;
    ConnectorStatus status = ConnectorStatus::unknown;
    std::string error_code, info, vendor_id, vendor_error;
    TIANQU_EVENT(15, "connector_status_changed") {
        visit(1, "charger", self.charger);
        visit(2, "connector", self.connector);
        visit(3, "status", self.status);
        visit(4, "error_code", self.error_code);
        visit(5, "info", self.info);
        visit(6, "vendor_id", self.vendor_id);
        visit(7, "vendor_error", self.vendor_error);
    }
};
/// Firmware, diagnostics and vendor data: kept, shown with the charger, without further effect.
struct ChargerNoted {
    ChargerId charger;
    std::string kind;  ///< "firmware", "diagnostics", "vendor_data"
    std::string text;
    TIANQU_EVENT(16, "charger_noted") {
        visit(1, "charger", self.charger);
        visit(2, "kind", self.kind);
        visit(3, "text", self.text);
    }
};
/// The tolerant codec accepted a message that was not as the standard says.
struct MessageFlagged {
    ChargerId charger;
    std::string action;
    std::vector<std::string> flags;
    std::string raw;  ///< the payload as received, at most 4 kB of it
    TIANQU_EVENT(17, "message_flagged") {
        visit(1, "charger", self.charger);
        visit(2, "action", self.action);
        visit(3, "flags", self.flags);
        visit(4, "raw", self.raw);
    }
};

// ---- sessions ------------------------------------------------------------------------------------------------------

struct SessionStarted {
    SessionId session;
    ChargerId charger;
    ConnectorNumber connector;
    TokenId token;
    WattHours meter_start;
    TimePoint corrected;  ///< claimed time where it is credible, else received time (see `corrected_time`)
    Verdict verdict = Verdict::accepted;
    std::vector<std::string> flags;  ///< e.g. "claimed_time_not_credible", "connector_was_occupied", "charger_held"
    std::optional<TimePoint> token_expires;  ///< with the verdict: what a repeat is answered again
    TokenId token_parent;
    bool superseded = false;  ///< came late: a newer session runs at its connector, so this one is history only
    TIANQU_EVENT(20, "session_started") {
        visit(1, "session", self.session);
        visit(2, "charger", self.charger);
        visit(3, "connector", self.connector);
        visit(4, "token", self.token);
        visit(5, "meter_start_wh", self.meter_start);
        visit(6, "corrected", self.corrected);
        visit(7, "verdict", self.verdict);
        visit(8, "flags", self.flags);
        visit(9, "token_expires", self.token_expires);
        visit(10, "token_parent", self.token_parent);
        visit(11, "superseded", self.superseded);
    }
};
/// Meter readings of a session, in the order of the charger's message.
struct SessionMetered {
    SessionId session;
    ChargerId charger;
    ConnectorNumber connector;
    std::vector<MeterSample> samples;
    std::uint64_t content_hash = 0;
    std::vector<std::string> flags;  ///< e.g. "register_went_back", "after_end"
    TIANQU_EVENT(21, "session_metered") {
        visit(1, "session", self.session);
        visit(2, "charger", self.charger);
        visit(3, "connector", self.connector);
        visit(4, "samples", self.samples);
        visit(5, "content_hash", self.content_hash);
        visit(6, "flags", self.flags);
    }
};
/// A session may end twice: by our own rule, and then by its real stop, which holds.
struct SessionEnded {
    SessionId session;
    ChargerId charger;
    WattHours meter_stop;
    TimePoint corrected;
    std::string reason;  ///< the protocol's word, or "no_stop_received" when ended by our own rule
    TokenId token;
    std::vector<MeterSample> samples;
    std::vector<std::string> flags;
    std::optional<TokenVerdict> answer;  ///< what a repeat is answered again; absent without a token
    TIANQU_EVENT(22, "session_ended") {
        visit(1, "session", self.session);
        visit(2, "charger", self.charger);
        visit(3, "meter_stop_wh", self.meter_stop);
        visit(4, "corrected", self.corrected);
        visit(5, "reason", self.reason);
        visit(6, "token", self.token);
        visit(7, "samples", self.samples);
        visit(8, "flags", self.flags);
        visit(9, "answer", self.answer);
    }
};
struct SessionTargetSet {
    SessionId session;
    TimePoint departure;
    WattHours energy;  ///< wanted since the start
    bool charge_now = false;
    bool by_default = false;  ///< from the station kind's default, not from a person
    TIANQU_EVENT(23, "session_target_set") {
        visit(1, "session", self.session);
        visit(2, "departure", self.departure);
        visit(3, "energy_wh", self.energy);
        visit(4, "charge_now", self.charge_now);
        visit(5, "by_default", self.by_default);
    }
};
/// Readings that belong to no session (clock-aligned, connector 0, or a transaction nobody knows).
struct ConnectorMetered {
    ChargerId charger;
    ConnectorNumber connector;
    std::vector<MeterSample> samples;
    std::uint64_t content_hash = 0;
    std::optional<SessionId> claimed_session;  ///< the unknown transaction it named
    TIANQU_EVENT(24, "connector_metered") {
        visit(1, "charger", self.charger);
        visit(2, "connector", self.connector);
        visit(3, "samples", self.samples);
        visit(4, "content_hash", self.content_hash);
        visit(5, "claimed_session", self.claimed_session);
    }
};
/// A stop for a transaction nobody knows: kept for a person to look at, confirmed, counted nowhere.
struct UnknownStop {
    ChargerId charger;
    SessionId claimed_session;
    WattHours meter_stop;
    std::string reason;
    TIANQU_EVENT(25, "unknown_stop") {
        visit(1, "charger", self.charger);
        visit(2, "claimed_session", self.claimed_session);
        visit(3, "meter_stop_wh", self.meter_stop);
        visit(4, "reason", self.reason);
    }
};
/// Power could not serve all: what this session will lack at departure, as planned now. Zero = again served in full.
struct ShortfallForeseen {
    SessionId session;
    WattHours shortfall;
    TIANQU_EVENT(26, "shortfall_foreseen") {
        visit(1, "session", self.session);
        visit(2, "shortfall_wh", self.shortfall);
    }
};

// ---- permissions ---------------------------------------------------------------------------------------------------

struct PermitSent {
    CommandId command;
    ConnectorKey connector;
    std::optional<SessionId> session;  ///< absent: the connector's default
    dispatch::Schedule schedule;
    TIANQU_EVENT(30, "permit_sent") {
        visit(1, "command", self.command);
        visit(2, "connector", self.connector);
        visit(3, "session", self.session);
        visit(4, "schedule", self.schedule);
    }
};
struct PermitAnswered {
    CommandId command;
    ConnectorKey connector;
    CommandOutcome outcome = CommandOutcome::not_sent;
    std::string status;
    TIANQU_EVENT(31, "permit_answered") {
        visit(1, "command", self.command);
        visit(2, "connector", self.connector);
        visit(3, "outcome", self.outcome);
        visit(4, "status", self.status);
    }
};
/// What the charger holds is no longer known (an operator's own profile message, a reset): its maximum counts again.
struct PermitsForgotten {
    ChargerId charger;
    std::string cause;
    TIANQU_EVENT(32, "permits_forgotten") {
        visit(1, "charger", self.charger);
        visit(2, "cause", self.cause);
    }
};

// ---- grid ----------------------------------------------------------------------------------------------------------

struct NodeSet {
    grid::Node node;
    TIANQU_EVENT(40, "node_set") { visit(1, "node", self.node); }
};
struct NodeRemoved {
    NodeId node;
    TIANQU_EVENT(41, "node_removed") { visit(1, "node", self.node); }
};
struct ChargerPlaced {
    grid::ChargerSite site;
    TIANQU_EVENT(42, "charger_placed") { visit(1, "site", self.site); }
};
struct ChargerRemoved {
    ChargerId charger;
    TIANQU_EVENT(43, "charger_removed") { visit(1, "charger", self.charger); }
};
/// A day's shape of base load: 96 quarter-hours in permille of the peak.
struct BaseProfileSet {
    std::string profile;
    std::vector<std::int64_t> permille;
    TIANQU_EVENT(44, "base_profile_set") {
        visit(1, "profile", self.profile);
        visit(2, "permille", self.permille);
    }
};
/// A dispatcher's temporary limit; the lower of it and the node's own holds.
struct TemporaryLimitSet {
    NodeId node;
    Watts limit;
    TimePoint from, until;
    TIANQU_EVENT(45, "temporary_limit_set") {
        visit(1, "node", self.node);
        visit(2, "limit_w", self.limit);
        visit(3, "from", self.from);
        visit(4, "until", self.until);
    }
};
struct TemporaryLimitCleared {
    NodeId node;
    TIANQU_EVENT(46, "temporary_limit_cleared") { visit(1, "node", self.node); }
};
/// A node's own meter (transformer telemetry): everything that flows through it.
struct NodeMetered {
    NodeId node;
    Watts power;
    TimePoint at;
    TIANQU_EVENT(47, "node_metered") {
        visit(1, "node", self.node);
        visit(2, "power_w", self.power);
        visit(3, "at", self.at);
    }
};

/// The whole network at once, so that half an import can never be in force.
struct NetworkImported {
    grid::NetworkParts parts;
    TIANQU_EVENT(48, "network_imported") { visit(1, "parts", self.parts); }
};

// ---- tokens, reservations, local lists, operators' commands, tariffs, alarms
// ------------------------------------------

struct TokenSet {
    TokenId token;
    Verdict verdict = Verdict::accepted;  ///< accepted or blocked
    std::optional<TimePoint> expires;
    TokenId parent;
    std::string note;
    TIANQU_EVENT(50, "token_set") {
        visit(1, "token", self.token);
        visit(2, "verdict", self.verdict);
        visit(3, "expires", self.expires);
        visit(4, "parent", self.parent);
        visit(5, "note", self.note);
    }
};
struct TokenRemoved {
    TokenId token;
    TIANQU_EVENT(51, "token_removed") { visit(1, "token", self.token); }
};
struct ReservationMade {
    std::int64_t reservation = 0;
    ConnectorKey connector;
    TokenId token;
    TimePoint expires;
    TIANQU_EVENT(52, "reservation_made") {
        visit(1, "reservation", self.reservation);
        visit(2, "connector", self.connector);
        visit(3, "token", self.token);
        visit(4, "expires", self.expires);
    }
};
struct ReservationEnded {
    std::int64_t reservation = 0;
    std::string cause;  ///< "used", "cancelled", "expired"
    TIANQU_EVENT(53, "reservation_ended") {
        visit(1, "reservation", self.reservation);
        visit(2, "cause", self.cause);
    }
};
struct LocalListVersionSet {
    ChargerId charger;
    std::int64_t version = 0;
    TIANQU_EVENT(54, "local_list_version_set") {
        visit(1, "charger", self.charger);
        visit(2, "version", self.version);
    }
};
/// An operator's own message was handed to the charger's queue; payload without secrets (AuthorizationKey is masked).
struct CommandRequested {
    CommandId command;
    ChargerId charger;
    std::string action, payload;
    TIANQU_EVENT(70, "command_requested") {
        visit(1, "command", self.command);
        visit(2, "charger", self.charger);
        visit(3, "action", self.action);
        visit(4, "payload", self.payload);
    }
};
struct CommandAnswered {
    CommandId command;
    ChargerId charger;
    CommandOutcome outcome = CommandOutcome::not_sent;
    std::string status, payload;
    TIANQU_EVENT(71, "command_answered") {
        visit(1, "command", self.command);
        visit(2, "charger", self.charger);
        visit(3, "outcome", self.outcome);
        visit(4, "status", self.status);
        visit(5, "payload", self.payload);
    }
};
/// The base price that the calendar's multipliers apply to, from a date on (an operator enters the month's notice).
struct BasePriceSet {
    std::string scheme;
    TimePoint valid_from;
    PricePerKwh floating, fixed;
    std::string source;
    TIANQU_EVENT(72, "base_price_set") {
        visit(1, "scheme", self.scheme);
        visit(2, "valid_from", self.valid_from);
        visit(3, "floating", self.floating);
        visit(4, "fixed", self.fixed);
        visit(5, "source", self.source);
    }
};
struct AlarmRaised {
    AlarmId alarm;     ///< stable per cause, e.g. "overload:T-12": raised once until cleared
    std::string kind;  ///< "uncontrollable_overload", "measured_overload", "charger_fault", "storage"
    NodeId node;
    ChargerId charger;
    std::string text_zh, text_en;
    TIANQU_EVENT(80, "alarm_raised") {
        visit(1, "alarm", self.alarm);
        visit(2, "kind", self.kind);
        visit(3, "node", self.node);
        visit(4, "charger", self.charger);
        visit(5, "text_zh", self.text_zh);
        visit(6, "text_en", self.text_en);
    }
};
struct AlarmCleared {
    AlarmId alarm;
    TIANQU_EVENT(81, "alarm_cleared") { visit(1, "alarm", self.alarm); }
};

using EventBody =
    std::variant<ServerStarted, ChargerSeen, RegistrationSet, ChargerConnected, ChargerDisconnected, ChargerBooted,
                 ConnectorStatusChanged, ChargerNoted, MessageFlagged, SessionStarted, SessionMetered, SessionEnded,
                 SessionTargetSet, ConnectorMetered, UnknownStop, ShortfallForeseen, PermitSent, PermitAnswered,
                 PermitsForgotten, NodeSet, NodeRemoved, ChargerPlaced, ChargerRemoved, BaseProfileSet,
                 TemporaryLimitSet, TemporaryLimitCleared, NodeMetered, NetworkImported, TokenSet, TokenRemoved,
                 ReservationMade, ReservationEnded, LocalListVersionSet, CommandRequested, CommandAnswered,
                 BasePriceSet, AlarmRaised, AlarmCleared>;

/// An event with who and when; what the journal keeps besides is sequence and hash.
struct Event {
    TenantId tenant{"city"};
    PrincipalId principal;  ///< "charger:…", "user:…", "key:…", "system:dispatch", "system:server"
    TimePoint received;
    std::optional<TimePoint> claimed;  ///< the charger's clock, kept apart
    std::string reason;                ///< why, for what people decide
    EventBody body;
};

[[nodiscard]] std::int32_t event_type(const EventBody& body);
[[nodiscard]] std::string_view event_name(std::int32_t type);  ///< empty when unknown here
[[nodiscard]] std::string encode_body(const EventBody& body);
/// Unknown types are `unsupported` (a newer release wrote them), broken bytes `corrupt`.
[[nodiscard]] Result<EventBody> decode_body(std::int32_t type, std::string_view payload);
[[nodiscard]] std::string body_to_json(const EventBody& body);

}  // namespace tianqu::charging
