#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace tianqu::ports {

/// A session as history knows it. What it costs follows from `session_energy` and the tariff.
struct SessionView {
    SessionId id;
    ChargerId charger;
    ConnectorNumber connector;
    NodeId station;  ///< where the charger stood when it began; empty when it had no place
    TokenId token;
    std::string verdict;  ///< "accepted", "blocked", …
    std::optional<TimePoint> claimed_start;
    TimePoint received_start;
    TimePoint started;  ///< corrected
    WattHours meter_start;
    std::optional<TimePoint> claimed_end;
    std::optional<TimePoint> received_end;
    std::optional<TimePoint> ended;  ///< corrected; absent while it runs
    std::optional<WattHours> meter_stop;
    std::string end_reason;
    WattHours energy;         ///< metered since the start
    WattHours last_register;  ///< highest register value so far
    TimePoint last_metered;   ///< corrected time of it
    std::optional<TimePoint> departure;
    std::optional<WattHours> target;
    bool charge_now = false;
    bool target_by_default = false;
    WattHours shortfall;  ///< foreseen at departure
    std::vector<std::string> flags;

    bool operator==(const SessionView&) const = default;
};

struct SampleView {
    TimePoint at;  ///< corrected
    std::optional<WattHours> energy_register;
    std::optional<Watts> power;

    bool operator==(const SampleView&) const = default;
};

/// Energy within one quarter-hour.
struct QuarterEnergy {
    TimePoint start;
    WattHours energy;

    bool operator==(const QuarterEnergy&) const = default;
};

struct TelemetryView {
    TimePoint at;
    Watts power;

    bool operator==(const TelemetryView&) const = default;
};

/// What a person or an API key decided. `type` and `payload` are the event's, to be put in words by the domain.
struct AuditView {
    std::int64_t sequence = 0;
    TimePoint at;
    PrincipalId principal;
    std::string reason;
    std::int32_t type = 0;
    std::string payload;

    bool operator==(const AuditView&) const = default;
};

struct AlarmView {
    std::int64_t sequence = 0;  ///< of the event that raised it
    AlarmId alarm;
    std::string kind;
    NodeId node;
    ChargerId charger;
    std::string text_zh;
    std::string text_en;
    TimePoint raised;
    std::optional<TimePoint> cleared;

    bool operator==(const AlarmView&) const = default;
};

/// A message that was accepted although it was not as the standard says.
struct FlaggedView {
    std::int64_t sequence = 0;
    TimePoint at;
    ChargerId charger;
    std::string action;
    std::vector<std::string> flags;
    std::string raw;

    bool operator==(const FlaggedView&) const = default;
};

/// Newest first; `next` is the `after` of the following page, absent at the end.
template <class Row>
struct Page {
    std::vector<Row> rows;
    std::optional<std::int64_t> next;
};

inline constexpr int max_page_rows = 1'000;

struct SessionFilter {
    std::optional<ChargerId> charger;
    std::optional<NodeId> node;  ///< the station or anything above it
    std::optional<bool> active;
    std::optional<TimePoint> started_from;   ///< inclusive
    std::optional<TimePoint> started_until;  ///< exclusive
    std::string text;                        ///< part of the charger's, token's or session's id
    std::optional<std::int64_t> after;       ///< only sessions with a smaller id
    int limit = 50;                          ///< 1…max_page_rows
};

struct PageFilter {
    std::optional<std::int64_t> after;  ///< only rows with a smaller sequence
    int limit = 50;                     ///< 1…max_page_rows
};

/// Tables for people, made from the journal alone: they lag behind it a little and can be thrown away. Every function
/// may be called from any thread; those that query block on the disk. Errors: `storage_failure`; `invalid_input` for a
/// limit out of range.
class Views {
public:
    virtual ~Views() = default;

    /// Sequence of the last event the tables contain.
    [[nodiscard]] virtual std::int64_t applied_sequence() const = 0;
    /// There is something new in the journal; never blocks. Without it the journal is looked at every quarter of a
    /// second.
    virtual void wake() = 0;

    [[nodiscard]] virtual Result<Page<SessionView>> sessions(const SessionFilter& filter) const = 0;
    /// `not_found` when there is none.
    [[nodiscard]] virtual Result<SessionView> session(SessionId id) const = 0;
    /// In order of time.
    [[nodiscard]] virtual Result<std::vector<SampleView>> samples(SessionId id) const = 0;
    /// The session's energy by quarter-hour, each register difference spread evenly over its time.
    [[nodiscard]] virtual Result<std::vector<QuarterEnergy>> session_energy(SessionId id) const = 0;
    /// The same for all sessions at a node and below it, over [from, until); quarter-hours without energy are left out.
    [[nodiscard]] virtual Result<std::vector<QuarterEnergy>> node_energy(const NodeId& node, TimePoint from,
                                                                         TimePoint until) const = 0;
    /// A node meter's readings over [from, until), in order of time.
    [[nodiscard]] virtual Result<std::vector<TelemetryView>> telemetry(const NodeId& node, TimePoint from,
                                                                       TimePoint until) const = 0;
    [[nodiscard]] virtual Result<Page<AuditView>> audit(const PageFilter& filter) const = 0;
    [[nodiscard]] virtual Result<Page<AlarmView>> alarms(const PageFilter& filter) const = 0;
    [[nodiscard]] virtual Result<Page<FlaggedView>> flagged(const std::optional<ChargerId>& charger,
                                                            const PageFilter& filter) const = 0;
};

}  // namespace tianqu::ports
