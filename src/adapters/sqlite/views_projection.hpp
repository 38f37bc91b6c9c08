#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "charging/events.hpp"
#include "ports/journal.hpp"
#include "ports/views.hpp"

namespace tianqu::sqlite {

/// Where the meters of a session belong in the grid.
struct ViewTopology {
    std::unordered_map<NodeId, NodeId> parents;  ///< empty parent: the root
    std::unordered_map<ChargerId, NodeId> stations;
};

/// What a run of events changes in the tables.
struct ViewChanges {
    struct AlarmChange {
        ports::AlarmView alarm;
        bool raised = false;  ///< else only `alarm.alarm` and `alarm.cleared` count
    };

    std::int64_t last_sequence = 0;
    std::map<SessionId, ports::SessionView> sessions;
    std::vector<std::pair<SessionId, ports::SampleView>> samples;
    std::map<std::pair<SessionId, TimePoint>, WattHours> session_energy;  ///< to be added
    std::map<std::pair<NodeId, TimePoint>, WattHours> node_energy;        ///< to be added
    std::vector<std::pair<NodeId, ports::TelemetryView>> telemetry;
    std::vector<ports::AuditView> audit;
    std::vector<AlarmChange> alarms;
    std::vector<ports::FlaggedView> flagged;
    bool topology_replaced = false;
    std::map<NodeId, std::optional<NodeId>> nodes;     ///< absent parent: removed
    std::map<ChargerId, std::optional<NodeId>> sites;  ///< absent station: removed
};

/// Turns events into changes; no SQL. The rules by which registers become energy are those of charging's own fold.
class Projection {
public:
    /// Finds a session that the tables already have.
    using SessionSource = std::function<Result<std::optional<ports::SessionView>>(SessionId)>;

    Projection(ViewTopology topology, SessionSource source)
        : topology_(std::move(topology)), source_(std::move(source)) {}

    /// Errors only from the session source; an event that says nothing to the tables changes nothing, one that cannot
    /// be decoded is logged.
    [[nodiscard]] Status take(const ports::EventRecord& record);
    /// The changes since the last call.
    [[nodiscard]] ViewChanges take_changes();

private:
    struct Visitor;

    /// Nullptr when there is no such session.
    [[nodiscard]] Result<ports::SessionView*> find(SessionId id);
    void touch(SessionId id) { touched_.insert(id); }
    void add_samples(const ports::EventRecord& record, ports::SessionView& session,
                     const std::vector<charging::MeterSample>& samples, bool count_registers);
    void count_register(ports::SessionView& session, WattHours reading, TimePoint at);
    void add_energy(const ports::SessionView& session, WattHours energy, TimePoint from, TimePoint until);

    ViewTopology topology_;
    SessionSource source_;
    std::map<SessionId, ports::SessionView> sessions_;  ///< running, or touched since the last take_changes
    std::set<SessionId> touched_;
    ViewChanges changes_;
};

/// Spreads an energy evenly over [from, until) by quarter-hours; the parts add up exactly. All of it falls into the
/// quarter-hour of `until` when the stretch is empty or longer than 400 days.
void spread_energy(WattHours energy, TimePoint from, TimePoint until,
                   const std::function<void(TimePoint, WattHours)>& add);

}  // namespace tianqu::sqlite
