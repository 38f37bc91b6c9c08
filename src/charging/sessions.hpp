#pragma once

/// How a session's readings become energy and power; used where events are folded in and where they are decided.

#include <span>

#include "charging/state.hpp"

namespace tianqu::charging {

inline constexpr std::size_t max_recent_sessions = 16;    ///< ended ones a charger is remembered by
inline constexpr std::size_t max_recent_with_hashes = 2;  ///< of these, the newest still tell repeated readings
inline constexpr std::size_t max_meter_hashes = 4'096;    ///< readings a session can tell apart from repeats
inline constexpr std::int64_t max_connector_number = 32;
inline constexpr std::size_t max_pending_permits = 8;

/// The flag of a message whose registers rise faster than the connector can: kept, not counted.
inline constexpr std::string_view flag_implausible = "register_implausible";

/// Folds readings into a session: energy is the highest register seen less the start, so order and repeats cannot
/// change it. With `count_registers` false only powers are taken.
void fold_samples(Session& session, std::span<const MeterSample> samples, TimePoint received, bool count_registers);

/// Ended by our own rule, its real stop not seen yet: it may still gain energy.
[[nodiscard]] bool ended_by_rule(const Session& session);

[[nodiscard]] bool has_flag(const std::vector<std::string>& flags, std::string_view flag);

namespace detail {
void apply_started(State& state, const Event& event, const SessionStarted& started);
void apply_metered(State& state, const Event& event, const SessionMetered& metered);
void apply_ended(State& state, const Event& event, const SessionEnded& ended);
void apply_target(State& state, const SessionTargetSet& target);
void apply_connector_metered(State& state, const Event& event, const ConnectorMetered& metered);
void apply_permit_sent(State& state, const Event& event, const PermitSent& sent);
void apply_permit_answered(State& state, const PermitAnswered& answered);
void apply_permits_forgotten(State& state, const PermitsForgotten& forgotten);
void forget_permits(Connector& connector);
[[nodiscard]] Session* running_session(State& state, SessionId id);
void note_command(State& state, const CommandId& command);
}  // namespace detail

}  // namespace tianqu::charging
