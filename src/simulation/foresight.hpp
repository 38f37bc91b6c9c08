#pragma once

#include <vector>

#include "base/result.hpp"
#include "grid/network.hpp"
#include "simulation/slots.hpp"
#include "simulation/truth.hpp"

namespace tianqu::simulation {

/// What these sessions could have got by their departures if every arrival had been known beforehand: a maximum flow on
/// sessions × tree × quarter-hours. `at_full_power` bounds each session: what its car takes in its stay without any
/// limit. Cars that had not left by the end take nothing here, so this is never too low.
[[nodiscard]] Result<WattHours> feasible_with_foresight(const grid::Network& network, UtcOffset offset,
                                                        const Slots& slots,
                                                        const std::vector<const VisitRecord*>& sessions,
                                                        const std::vector<Energy>& at_full_power);

}  // namespace tianqu::simulation
