#pragma once

#include <array>
#include <vector>

#include "grid/node.hpp"

namespace tianqu::city {

/// Shares of the connected power that are taken to charge at once in the evening if nobody steers: of home chargers on
/// any scale, of public chargers over a whole feeder, and of a single public site.
inline constexpr Permille residential_simultaneity{620};
inline constexpr Permille public_simultaneity{350};
inline constexpr Permille public_site_simultaneity{700};

/// What hangs below a node of a synthetic network.
struct Demand {
    Watts connected;  ///< all connectors at their maximum
    Watts charging;   ///< expected at once in the evening if nobody steers
    Watts low;        ///< all connectors at their safe level
    Watts largest;    ///< the largest connector
    std::array<Watts, grid::slots_per_day> base{};

    void add(const Demand& other);
    void add_base(Watts peak, const grid::DayProfile& profile);
};

/// A limit in whole kilowatts, `tightness` of what unsteered charging (`expected`) would need beside the evening's base
/// load, but never so low that at 60 % of it the safe levels no longer fit beside the base peak, that the base peak
/// exceeds 44 % of it, or that the largest connector cannot run alone.
[[nodiscard]] Watts limit_for(const Demand& demand, Watts expected, Permille tightness);
[[nodiscard]] Watts rounded_up(Watts power);

/// "residential" (evening peak), "commercial" (day peak), "industrial" (flat): shapes assumed for synthetic networks.
[[nodiscard]] std::vector<grid::DayProfile> synthetic_profiles();

}  // namespace tianqu::city
