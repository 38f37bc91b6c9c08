#pragma once

/// OCPP 1.6 to and from the protocol-free messages of `charging`.

#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "charging/messages.hpp"
#include "ocpp/peer.hpp"
#include "ocpp/v16/messages.hpp"
#include "ocpp/v16/rate.hpp"

namespace tianqu::ocpp::v16 {

/// What a charger understands of charging profiles; from its configuration keys, or these careful defaults.
struct ProfileDialect {
    RateUnit unit = RateUnit::watts;
    int phases = 3;        ///< a limit in amperes counts for this many
    int voltage = 230;     ///< phase to neutral
    int max_periods = 24;  ///< ChargingScheduleMaxPeriods
    int stack_level = 0;   ///< of the profiles we send; at most ChargeProfileMaxStackLevel
};

/// A charger's request as the domain reads it. `received` stands in for an unusable claimed time. Refused where the
/// domain could do nothing with it (a transaction on connector 0), or where the request is one that only the central
/// system sends.
[[nodiscard]] std::expected<charging::ChargerMessage, Refusal> to_domain(const Request& request,
                                                                         std::string_view payload_json,
                                                                         TimePoint received);

/// The domain's answer to a request of this action.
[[nodiscard]] Response to_response(Action action, const charging::Reply& reply);

/// The samples of meter values: one a timestamp, phases summed, units brought to base units, rounded to them once.
/// Signed data and values that are no numbers are left to the source text.
[[nodiscard]] std::vector<charging::MeterSample> to_samples(std::span<const MeterValue> values, TimePoint received);

/// A domain command as a request. `now` ends what lies in the past. Errors: invalid_input (a ProtocolCommand whose
/// payload disagrees with the schema, with field, value and expected), unsupported (an unknown action).
[[nodiscard]] Result<Request> to_request(const charging::CommandBody& command, const ProfileDialect& dialect,
                                         TimePoint now);
/// The command's end, with the charger's own word and its answer as JSON.
[[nodiscard]] charging::CommandAnswer to_answer(const CommandId& id, const charging::CommandBody& command,
                                                const CompletedCall& completed);

/// Our profile ids: one default and one transaction profile a connector, so that a new one replaces the last.
[[nodiscard]] std::int64_t default_profile_id(ConnectorNumber connector);
[[nodiscard]] std::int64_t transaction_profile_id(ConnectorNumber connector);

/// The schedule as a profile whose limits never exceed it: amperes and tenths are rounded down, steps beyond
/// `max_periods` are joined at their lowest. After the last step the fallback holds for good.
[[nodiscard]] ChargingProfile to_profile(const dispatch::Schedule& schedule, ConnectorNumber connector,
                                         std::optional<SessionId> session, const ProfileDialect& dialect,
                                         TimePoint now);

/// Reads GetConfiguration's answer: unit and limits of profiles.
[[nodiscard]] ProfileDialect dialect_of(const GetConfigurationResponse& configuration, ProfileDialect base = {});

}  // namespace tianqu::ocpp::v16
