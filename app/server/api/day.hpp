#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/server/runtime.hpp"

namespace tianqu::server {

/// Charging of one node over one local day, in quarter-hours, without base load.
struct DayCurve {
    TimePoint start;
    std::vector<Watts> measured;      ///< means; of the running slot so far
    std::vector<Watts> uncontrolled;  ///< the same cars at full power from arrival
    std::int64_t sessions = 0;        ///< that began on this day
    WattHours energy;
    Money cost;
    Money uncontrolled_cost;
};

/// Since the last noon.
struct DayTotals {
    std::int64_t sessions = 0;
    WattHours energy;
    Money cost;
    Money uncontrolled_cost;
    Watts peak;  ///< with base load
    Watts uncontrolled_peak;
};

/// Days as people look at them: made from history off the core thread and kept for some seconds.
class Days {
public:
    using Done = std::function<void(const Result<DayCurve>&)>;
    using Background = std::function<void(std::function<void()> work, std::function<void()> then)>;

    /// `background` runs `work` elsewhere and `then` on the core thread.
    explicit Days(Background background) : background_(std::move(background)) {}

    /// The curve of a node; `done` is called on the core thread, at once when it is fresh.
    void curve(const Runtime& runtime, const NodeId& node, TimePoint day, Done done) const;
    /// The city's figures since noon as last made; starts to make it anew when it is old.
    [[nodiscard]] const DayTotals& totals(const Runtime& runtime) const;

private:
    using MachineTime = std::chrono::steady_clock::time_point;
    struct Kept {
        DayCurve curve;
        MachineTime made;
    };
    using Maxima = std::map<ConnectorKey, Watts>;

    void make_totals(const Runtime& runtime) const;
    [[nodiscard]] std::shared_ptr<const Maxima> maxima(const grid::Network& network) const;

    Background background_;
    mutable std::map<std::pair<std::string, std::int64_t>, Kept> kept_;
    mutable DayTotals totals_;
    mutable MachineTime totals_made_{};
    mutable bool totals_running_ = false;
    mutable std::shared_ptr<const Maxima> maxima_;
    mutable const void* maxima_of_ = nullptr;
};

inline constexpr int slots_of_day = 96;
inline constexpr Milliseconds quarter_hour{900'000};

/// Local midnight of "2026-11-23", or of today when the text is empty.
[[nodiscard]] Result<TimePoint> day_of(const Runtime& runtime, std::string_view date);
[[nodiscard]] std::string date_text(TimePoint midnight, UtcOffset offset);

/// Measured charging by node (sub-nodes included).
[[nodiscard]] std::vector<Watts> charging_by_node(const charging::State& state);
/// The limit that holds now: the node's own, or a lower temporary one.
[[nodiscard]] Watts limit_of(const charging::State& state, grid::NodeIndex node, TimePoint time);
[[nodiscard]] bool is_below(const grid::Network& network, const ChargerId& charger, grid::NodeIndex top);

}  // namespace tianqu::server
