#pragma once

/// Shared between the parts of `decide`.

#include "charging/core.hpp"
#include "charging/sessions.hpp"

namespace tianqu::charging::detail {

/// Everything a handler looks at.
struct Context {
    const State& state;
    const Settings& settings;
    const Inbound& inbound;
    const Charger& charger;

    [[nodiscard]] TimePoint now() const { return inbound.received; }
    [[nodiscard]] Event event(EventBody body, std::optional<TimePoint> claimed = std::nullopt) const;
    /// "" when approved, else the flag that says why not.
    [[nodiscard]] std::string_view not_approved() const;
};

[[nodiscard]] PrincipalId principal_of(const ChargerId& charger);
/// `here`: the charger that asks; a session there does not count as charging elsewhere.
[[nodiscard]] TokenVerdict judge_token(const State& state, const Settings& settings, const TokenId& token,
                                       const ChargerId& here, TimePoint now);
/// The connector's number, or 0 and a flag when no charger has such a connector.
[[nodiscard]] ConnectorNumber sane_connector(ConnectorNumber number, std::vector<std::string>& flags);
/// Registers and powers inside what arithmetic and any meter can hold.
[[nodiscard]] WattHours bounded(WattHours energy);
[[nodiscard]] std::vector<MeterSample> bounded(std::vector<MeterSample> samples);
/// Next time the local clock shows this minute, strictly after `after`.
[[nodiscard]] TimePoint next_local_time(TimePoint after, int minute_of_day, UtcOffset offset);
[[nodiscard]] SessionTargetSet default_target(const State& state, const Settings& settings, SessionId session,
                                              const ChargerId& charger, TimePoint started);
/// Ends a session that never sent its stop, with what was metered of it.
[[nodiscard]] SessionEnded end_by_rule(const Session& session, TimePoint at, std::vector<std::string> flags);

[[nodiscard]] Outcome decide_start(const Context& context, const StartTransaction& start);
[[nodiscard]] Outcome decide_stop(const Context& context, const StopTransaction& stop);
[[nodiscard]] Outcome decide_meter(const Context& context, const MeterValues& values);
[[nodiscard]] Outcome decide_target(const Context& context, const DriverTarget& target);

/// Limits of a target: at most this much energy, this far away.
inline constexpr WattHours max_target{1'000'000};
inline constexpr Milliseconds max_stay{std::chrono::hours{24 * 14}};

}  // namespace tianqu::charging::detail
