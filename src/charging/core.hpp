#pragma once

/// Decides what a message or a person's wish means: state × input → events and reply. Pure; time comes in. The caller
/// appends the events to the journal, folds them in with `apply`, and sends the reply once they are durable.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "charging/state.hpp"

namespace tianqu::charging {

enum class UnknownChargers : std::uint8_t { hold, reject, accept };

/// What a session may do that nobody gave a target for.
struct StationDefault {
    int departure_minute_of_day = -1;  ///< local clock; next time it is reached; −1 = after `stay`
    Milliseconds stay{std::chrono::hours{1}};
    WattHours energy{20'000};
};

struct Settings {
    UtcOffset offset;
    UnknownChargers unknown_chargers = UnknownChargers::hold;
    bool accept_unknown_tokens = true;  ///< pilot default: any token charges; false: only those entered
    bool concurrent_sessions = true;    ///< false: a token that charges elsewhere is refused (`Verdict::concurrent`)
    Milliseconds heartbeat_interval{std::chrono::minutes{5}};
    Milliseconds held_retry_interval{std::chrono::minutes{1}};
    std::map<grid::StationKind, StationDefault> defaults;
};

/// A charger's message with what the codec had to say about it.
struct Inbound {
    ChargerId charger;
    ChargerMessage message;
    std::string action;              ///< protocol's name, for flags and logs
    std::vector<std::string> flags;  ///< tolerated deviations; empty = none
    std::string raw;                 ///< payload as received (only used when flagged)
    TimePoint received;
};

struct Outcome {
    std::vector<Event> events;
    Reply reply;
    bool confirm_when_durable = false;  ///< true also for a repeat whose first copy may not be durable yet
};

/// `state` must contain the charger (see `connect`).
[[nodiscard]] Outcome decide(const State& state, const Settings& settings, const Inbound& inbound);

struct Connection {
    ChargerId charger;
    std::string address, protocol;
    TimePoint received;
};
/// Error `forbidden` when unknown chargers are rejected, or this one was.
[[nodiscard]] Result<std::vector<Event>> connect(const State& state, const Settings& settings,
                                                 const Connection& connection);
[[nodiscard]] std::vector<Event> disconnect(const State& state, const ChargerId& charger, std::string cause,
                                            TimePoint received);

/// Who decides, when and why: goes into every event that a person causes.
struct Actor {
    PrincipalId principal;
    TimePoint now;
    std::string reason;
};

[[nodiscard]] Result<std::vector<Event>> set_registration(const State&, const Actor&, const ChargerId&, Registration);
[[nodiscard]] Result<std::vector<Event>> set_target(const State&, const Settings&, const Actor&, SessionId,
                                                    std::optional<TimePoint> departure, std::optional<WattHours> energy,
                                                    bool charge_now);
[[nodiscard]] Result<std::vector<Event>> set_token(const State&, const Actor&, TokenSet);
[[nodiscard]] Result<std::vector<Event>> remove_token(const State&, const Actor&, const TokenId&);
[[nodiscard]] Result<std::vector<Event>> set_temporary_limit(const State&, const Actor&, TemporaryLimitSet);
[[nodiscard]] Result<std::vector<Event>> clear_temporary_limit(const State&, const Actor&, const NodeId&);
[[nodiscard]] Result<std::vector<Event>> set_node(const State&, const Actor&, grid::Node);
[[nodiscard]] Result<std::vector<Event>> remove_node(const State&, const Actor&, const NodeId&);
[[nodiscard]] Result<std::vector<Event>> place_charger(const State&, const Actor&, grid::ChargerSite);
[[nodiscard]] Result<std::vector<Event>> remove_charger(const State&, const Actor&, const ChargerId&);
[[nodiscard]] Result<std::vector<Event>> import_network(const State&, const Actor&, const grid::Network&);
[[nodiscard]] Result<std::vector<Event>> report_node_meter(const State&, const Actor&, NodeMetered);
[[nodiscard]] Result<std::vector<Event>> set_base_price(const State&, const Actor&, BasePriceSet);
/// An operator's protocol message: the request event, its payload with secrets masked. The caller sends the payload as
/// it was given. `invalid_input` when it is no JSON object, `conflict` for a reservation id in use at another charger.
[[nodiscard]] Result<std::vector<Event>> request_command(const State&, const Actor&, const ChargerId&,
                                                         std::string action, const std::string& payload, CommandId);
/// The effects of an operator's answered message on state: reservation made or cancelled, local list version,
/// permissions forgotten.
[[nodiscard]] std::vector<Event> answer_command(const State&, const ChargerId&, const std::string& action,
                                                const std::string& request_payload, const CommandAnswer&,
                                                TimePoint now);
/// A permission was handed to the charger's queue / was answered.
[[nodiscard]] std::vector<Event> permit_sent(const State&, const CommandId&, const PermitPower&, TimePoint now);
[[nodiscard]] std::vector<Event> permit_answered(const State&, const ConnectorKey&, const CommandAnswer&,
                                                 TimePoint now);
/// Time passes: reservations and temporary limits expire, sessions whose charger has long been silent after departure
/// end.
[[nodiscard]] std::vector<Event> elapse(const State&, const Settings&, TimePoint now);

/// The rule for a charger's clock: claimed time is kept when it lies within 7 days before and 5 minutes after
/// `received`; else the time of receipt stands in and the record is flagged.
struct CorrectedTime {
    TimePoint time;
    bool credible = true;
};
[[nodiscard]] CorrectedTime corrected_time(TimePoint claimed, TimePoint received);

}  // namespace tianqu::charging
