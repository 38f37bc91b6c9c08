#pragma once

/// The loop of orderly charging over the state of the network, without its clock, threads or wires:
///
///     auto snapshot = orderly.prepare(state, tariff, now);          // core thread; cheap enough for every minute
///     auto plan = planner.plan(snapshot->problem);                  // any thread
///     orderly.adopt(snapshot, std::move(plan));                     // core thread
///     auto output = orderly.act(state, now);                        // core thread: journal output.events, apply them,
///                                                                   // then hand output.commands to the chargers
///
/// `act` may be called as often as one likes, also without a new plan: after every answer, so that raises follow the
/// lowerings they wait for. The answers come back through `charging::permit_answered`; a command that could not be
/// handed over is answered `not_sent`.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "charging/core.hpp"
#include "dispatch/ledger.hpp"
#include "dispatch/planner.hpp"
#include "dispatch/problem.hpp"
#include "tariff/tariff.hpp"

namespace tianqu::orderly {

struct Settings {
    UtcOffset offset;
    Milliseconds slot{900'000};
    int slots = 96;
    /// Part of what charging may take at a node (limit less base load) that is never planned.
    Permille margin{30};
    /// Idle connectors of which this part may be taken by arriving cars before the next plan, each at its default
    /// level.
    Permille arrivals{10};
    /// A car shall be ready this long before it leaves; at most a twentieth of its stay.
    Milliseconds completion_buffer{300'000};
    Milliseconds telemetry_fresh{300'000};  ///< a node's reading replaces the forecast for so long
    Milliseconds correction_hold{900'000};  ///< a measured overload lowers a node's plan for so long
    Milliseconds alarm_delay{60'000};       ///< an overload must last so long to become an alarm
    Milliseconds refusal_pause{600'000};    ///< a connector that refuses permissions is asked again after this
    /// A charger of the network that never connected counts like any other that is offline: with its maximum.
    bool count_never_connected = true;
    dispatch::Objective objective;
    Permille dead_band{50};    ///< a smaller change of power in the next hour is not sent …
    Permille same_energy{50};  ///< … unless the energy over the horizon changes by more than this
};

/// What a plan is made for. Session i of the problem is `sessions[i]`; node n is node n of the state's network.
struct Snapshot {
    dispatch::Problem problem;
    std::vector<SessionId> sessions;
    std::vector<Milliseconds> last_slot;  ///< how much of the last slot of its window each session is really there
    std::vector<NodeId> nodes;
    TimePoint made;
    std::vector<tariff::PriceSpan> prices;
    std::string price_problem;  ///< empty, or why no prices could be had (then power is planned without)
};

struct Output {
    std::vector<charging::Event> events;      ///< sent permissions, alarms, shortfalls: journal and apply these first …
    std::vector<charging::Command> commands;  ///< … then hand these over, in this order
};

/// Why a session charges as it does, for programs and for people.
struct Explanation {
    std::string reason;  ///< "charging", "cheaper_later", "limited_by_node", "short_of_power", "window_too_short",
                         ///< "done", "charge_now", "offline", "held", "not_planned_yet", "refuses", "ended"
    NodeId node;         ///< whose limit holds it back; may be empty
    std::optional<TimePoint> until;  ///< when that changes
    std::optional<TimePoint> ready;  ///< when the target is reached as planned
    WattHours shortfall;
    std::string text_zh, text_en;
};

struct Counters {
    std::int64_t plans = 0;
    std::int64_t permits_sent = 0;
    std::int64_t defaults_sent = 0;
    std::int64_t refused = 0;
    std::int64_t unanswered = 0;
};

/// Power of one quarter-hour.
struct SlotPower {
    TimePoint start;
    Watts power;
};

class Orderly {
public:
    explicit Orderly(Settings settings);
    ~Orderly();
    Orderly(Orderly&&) noexcept;
    Orderly& operator=(Orderly&&) noexcept;

    [[nodiscard]] const Settings& settings() const;

    /// The problem as it stands at `now`. Takes note of measurements: call it with the live state only.
    [[nodiscard]] std::shared_ptr<const Snapshot> prepare(const charging::State& state, const tariff::Tariff& tariff,
                                                          TimePoint now);
    /// The plan that `act` follows from now on. One made for a network that was edited meanwhile is ignored (false).
    bool adopt(std::shared_ptr<const Snapshot> snapshot, dispatch::Plan plan);
    /// What may be sent now, lowerings first, and what must be told.
    [[nodiscard]] Output act(const charging::State& state, TimePoint now);

    /// Of a running session. Works from the adopted plan.
    [[nodiscard]] Explanation explain(const charging::State& state, SessionId session, TimePoint now) const;

    /// The adopted plan, null before the first. Valid until the next `adopt`.
    [[nodiscard]] const Snapshot* snapshot() const;
    [[nodiscard]] const dispatch::Plan* plan() const;
    /// From the slot of `now` on; empty when the session is not in the plan.
    [[nodiscard]] std::vector<SlotPower> planned(SessionId session, TimePoint now) const;
    /// Charging planned below a node (sessions of the plan and connectors it does not control), from the slot of `now`
    /// on; empty without a plan.
    [[nodiscard]] std::vector<SlotPower> planned_at(const NodeId& node, TimePoint now) const;
    /// Watts that chargers below a node are permitted now, answered and in flight; what the ledger promises to keep.
    [[nodiscard]] Watts permitted_at(const NodeId& node) const;
    /// What charging may take at a node now: limit (own, temporary) less base load and margin. May be negative.
    [[nodiscard]] std::optional<Watts> head_room_at(const NodeId& node) const;
    [[nodiscard]] const Counters& counters() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The low level every connector is given as its default: what keeps a car charging, little enough for all.
/// 6 A on each of its phases for AC, a tenth of its maximum for DC.
[[nodiscard]] Watts default_level(const charging::State& state, const ConnectorKey& connector);
/// Below this a car pauses: 6 A on its phases for AC, any power for DC.
[[nodiscard]] Watts minimum_power(const charging::State& state, const ConnectorKey& connector);

}  // namespace tianqu::orderly
