#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "grid/network.hpp"
#include "simulation/truth.hpp"
#include "tariff/tariff.hpp"

namespace tianqu::simulation {

struct ReportInput {
    const grid::Network& network;
    const Truth& truth;
    UtcOffset offset;
    std::uint64_t seed = 1;
    double speed = 1;
    std::function<const tariff::Tariff&(grid::StationKind)> tariff_of;
};

/// One way of charging the cars. Sessions are the visits that departed within the run; energies of theirs count up to
/// the departure. Peaks, overloads and cost are of everything the meters saw.
struct Outcome {
    std::int64_t sessions = 0;
    WattHours asked;
    WattHours feasible;  ///< perfect foresight under the same limits
    WattHours delivered;
    WattHours metered;    ///< all charging within the run, also of cars still there
    Watts peak;           ///< greatest slot mean at the root, with base load
    Watts charging_peak;  ///< the same without base load
    std::int64_t overloaded_node_slots = 0;
    Money cost;  ///< of `metered`
    [[nodiscard]] double yuan_per_kwh() const;
};

/// Means over the elapsed part of a slot.
struct MeterRow {
    grid::NodeIndex node = 0;
    TimePoint slot_start;
    Watts charging_orderly;
    Watts charging_uncontrolled;
    Watts base;
    Watts limit;
};

struct Report {
    grid::NetworkOrigin origin;
    std::size_t nodes = 0;
    std::size_t chargers = 0;
    TimePoint start;
    TimePoint end;
    std::uint64_t seed = 1;
    double speed = 1;
    bool truncated = false;
    Outcome orderly;
    Outcome uncontrolled;
    std::vector<MeterRow> meters;  ///< node by node, slot by slot
};

/// Compares what happened with the same cars at full power from arrival. Errors: not_found when a tariff has no price
/// for a part of the run.
[[nodiscard]] Result<Report> make_report(const ReportInput& input);

/// Without the meters.
[[nodiscard]] std::string to_json(const Report& report);
/// node,slot_start,charging_kw_orderly,charging_kw_uncontrolled,base_kw,limit_kw
[[nodiscard]] std::string meters_csv(const Report& report, const grid::Network& network);

}  // namespace tianqu::simulation
