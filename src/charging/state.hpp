#pragma once

/// The state of the charging network: a fold over the journal's events and nothing else.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "charging/events.hpp"
#include "grid/network.hpp"

namespace tianqu::charging {

/// A permission on its way to a charger.
struct PendingPermit {
    CommandId command;
    std::optional<SessionId> session;
    dispatch::Schedule schedule;
    TimePoint sent;
    bool unanswered = false;  ///< timed out: nobody knows whether it holds

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "command", self.command);
        visit(2, "session", self.session);
        visit(3, "schedule", self.schedule);
        visit(4, "sent", self.sent);
        visit(5, "unanswered", self.unanswered);
    }
};

struct Connector {
    ConnectorNumber number;
    ConnectorStatus status = ConnectorStatus::unknown;
    std::string error_code;
    std::optional<TimePoint> status_at;                ///< received
    std::optional<SessionId> session;                  ///< the one running here
    std::optional<dispatch::Schedule> session_permit;  ///< last accepted for the running session
    std::optional<dispatch::Schedule> default_permit;  ///< last accepted as the connector's default
    std::vector<PendingPermit> pending;                ///< sent, not answered; oldest first
    std::optional<MeterSample> last_sample;
    std::optional<TimePoint> last_sample_at;  ///< received
    std::optional<WattHours> idle_register;   ///< last register outside sessions

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "number", self.number);
        visit(2, "status", self.status);
        visit(3, "error_code", self.error_code);
        visit(4, "status_at", self.status_at);
        visit(5, "session", self.session);
        visit(6, "session_permit", self.session_permit);
        visit(7, "default_permit", self.default_permit);
        visit(8, "pending", self.pending);
        visit(9, "last_sample", self.last_sample);
        visit(10, "last_sample_at", self.last_sample_at);
        visit(11, "idle_register_wh", self.idle_register);
    }
};

struct Session {
    SessionId id;
    ChargerId charger;
    ConnectorNumber connector;
    TokenId token;
    WattHours meter_start;
    std::optional<TimePoint> claimed_start;
    TimePoint received_start;
    TimePoint started;  ///< corrected
    Verdict verdict = Verdict::accepted;
    WattHours energy;  ///< metered since the start; a register that went back adds nothing and is flagged
    WattHours last_register;
    Watts last_power;                       ///< reported, or derived from the last two registers
    std::optional<TimePoint> last_metered;  ///< corrected time of the newest reading
    Watts highest_power;                    ///< largest seen in this session
    TimePoint departure;
    WattHours target;  ///< wanted since the start
    bool charge_now = false;
    bool target_by_default = true;
    WattHours shortfall;                      ///< foreseen at departure
    std::vector<std::uint64_t> meter_hashes;  ///< of the messages counted, newest last, at most 4,096
    std::vector<std::string> flags;
    std::optional<TimePoint> ended;  ///< corrected
    std::optional<WattHours> meter_stop;
    std::string end_reason;
    std::optional<TimePoint> token_expires;  ///< with `verdict`, the answer to a repeated start
    TokenId token_parent;
    std::optional<TokenVerdict> stop_answer;  ///< the answer to a repeated stop
    std::optional<TimePoint> last_register_at;

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "session", self.id);
        visit(2, "charger", self.charger);
        visit(3, "connector", self.connector);
        visit(4, "token", self.token);
        visit(5, "meter_start_wh", self.meter_start);
        visit(6, "claimed_start", self.claimed_start);
        visit(7, "received_start", self.received_start);
        visit(8, "started", self.started);
        visit(9, "verdict", self.verdict);
        visit(10, "energy_wh", self.energy);
        visit(11, "last_register_wh", self.last_register);
        visit(12, "last_power_w", self.last_power);
        visit(13, "last_metered", self.last_metered);
        visit(14, "highest_power_w", self.highest_power);
        visit(15, "departure", self.departure);
        visit(16, "target_wh", self.target);
        visit(17, "charge_now", self.charge_now);
        visit(18, "target_by_default", self.target_by_default);
        visit(19, "shortfall_wh", self.shortfall);
        visit(20, "meter_hashes", self.meter_hashes);
        visit(21, "flags", self.flags);
        visit(22, "ended", self.ended);
        visit(23, "meter_stop_wh", self.meter_stop);
        visit(24, "end_reason", self.end_reason);
        visit(25, "token_expires", self.token_expires);
        visit(26, "token_parent", self.token_parent);
        visit(27, "stop_answer", self.stop_answer);
        visit(28, "last_register_at", self.last_register_at);
    }
};

struct Charger {
    ChargerId id;
    Registration registration = Registration::held;
    bool online = false;
    std::string address, protocol;
    std::string vendor, model, serial, firmware;
    std::optional<TimePoint> booted;
    std::optional<TimePoint> last_message;         ///< of those that are events
    std::map<std::int64_t, Connector> connectors;  ///< by number, from 1
    std::string charger_status, charger_error;     ///< connector 0
    std::vector<Session> recent;                   ///< ended sessions, newest last, at most 16: to recognise repeats
    std::int64_t local_list_version = 0;

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "charger", self.id);
        visit(2, "registration", self.registration);
        visit(3, "online", self.online);
        visit(4, "address", self.address);
        visit(5, "protocol", self.protocol);
        visit(6, "vendor", self.vendor);
        visit(7, "model", self.model);
        visit(8, "serial", self.serial);
        visit(9, "firmware", self.firmware);
        visit(10, "booted", self.booted);
        visit(11, "last_message", self.last_message);
        visit(12, "connectors", self.connectors);
        visit(13, "charger_status", self.charger_status);
        visit(14, "charger_error", self.charger_error);
        visit(15, "recent", self.recent);
        visit(16, "local_list_version", self.local_list_version);
    }
};

struct TemporaryLimit {
    Watts limit;
    TimePoint from, until;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "limit_w", self.limit);
        visit(2, "from", self.from);
        visit(3, "until", self.until);
    }
};

struct NodeReading {
    Watts power;
    TimePoint at;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "power_w", self.power);
        visit(2, "at", self.at);
    }
};

struct State {
    grid::Network network;
    std::map<ChargerId, Charger> chargers;
    std::map<SessionId, Session> sessions;  ///< running
    std::map<TokenId, TokenSet> tokens;
    std::map<std::int64_t, ReservationMade> reservations;
    std::map<NodeId, TemporaryLimit> temporary_limits;
    std::map<NodeId, NodeReading> node_readings;
    std::map<AlarmId, AlarmRaised> alarms;  ///< standing
    std::vector<BasePriceSet> base_prices;
    SessionId next_session{1};
    std::int64_t next_command = 1;
    std::int64_t next_reservation = 1;
    std::int64_t applied_sequence = 0;                           ///< of the last event folded in
    std::map<TokenId, std::vector<SessionId>> running_by_token;  ///< derived from `sessions`; not in snapshots
};

/// How an ended session ends that never sent its stop; its real stop may still come.
inline constexpr std::string_view no_stop_received = "no_stop_received";

/// The charger's session with this id, running or among the recent ones; nullptr when it is neither.
[[nodiscard]] const Session* find_session(const State& state, const ChargerId& charger, SessionId id);

/// Folds one event in. Never fails: what contradicts the state was refused before it became an event; an event that no
/// longer fits (its node was removed, say) changes nothing.
void apply(State& state, const Event& event, std::int64_t sequence);

/// The whole state as bytes for a segment's snapshot, and back.
[[nodiscard]] std::string encode_state(const State& state);
[[nodiscard]] Result<State> decode_state(std::string_view bytes);

/// What the connector may draw at `time` as far as we know: the accepted permission (session's, else default), and of
/// every permission under way the larger; without any, its maximum.
[[nodiscard]] Watts permitted_power(const State& state, const ConnectorKey& connector, TimePoint time);
/// The connector's maximum from the network, or `unplaced_maximum` for a charger that has no place yet.
[[nodiscard]] Watts maximum_power(const State& state, const ConnectorKey& connector);
inline constexpr Watts unplaced_maximum{22'000};
/// What the car draws now: the running session's last reading, 0 without one.
[[nodiscard]] Watts measured_power(const State& state, const ConnectorKey& connector);

}  // namespace tianqu::charging
