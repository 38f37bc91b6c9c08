#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "dispatch/policies.hpp"
#include "replay/sessions_csv.hpp"

namespace tianqu::replay {

/// A node of the tree the sessions charge below; node 0 is the root, parents come first.
struct SiteNode {
    int parent = -1;
    std::optional<Watts> limit;
    std::vector<Watts>
        base_day;  ///< base load by quarter-hour of the local day (96), those below included; empty: none
};

struct Site {
    std::vector<SiteNode> nodes{SiteNode{}};
    std::map<std::string, int> stations;  ///< station name → node; others are at the root
};

struct ReplayOptions {
    dispatch::Policy policy = dispatch::Policy::orderly;
    dispatch::OrderlyOptions orderly;  ///< for that policy alone
    Site site;
    std::vector<PricePerKwh>
        prices;  ///< by period from the file's midnight; empty: no cost. Must cover the last departure.
    PricePerKwh valley_weight{10'000};
};

struct ReplayResult {
    std::size_t sessions = 0;
    std::size_t sessions_served = 0;  ///< those that left with all they asked for
    std::int64_t asked = 0;           ///< energies in watts × 5-minute periods, exact
    std::int64_t delivered = 0;
    std::int64_t feasible = 0;  ///< maximum flow with perfect foresight inside the limits
    Watts peak;                 ///< highest charging load of a period
    std::optional<Money> cost;
    std::int64_t overloaded_node_periods = 0;  ///< node × period above its limit
    std::int64_t node_periods = 0;             ///< node × period with a limit

    [[nodiscard]] double delivered_percent() const;
    [[nodiscard]] double feasible_percent() const;
    [[nodiscard]] double asked_kwh() const;
    [[nodiscard]] double delivered_kwh() const;
    [[nodiscard]] double yuan_per_kwh() const;
};

/// Replays sessions (in order of arrival) on line: in each period the policy sees the cars that are plugged in, their
/// remaining energy and estimated departure, and what it plans for that period is delivered.
[[nodiscard]] Result<ReplayResult> replay(const std::vector<RecordedSession>& sessions, const ReplayOptions& options);

}  // namespace tianqu::replay
