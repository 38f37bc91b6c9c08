#pragma once

#include <cstdint>
#include <vector>

#include "dispatch/problem.hpp"

namespace tianqu::dispatch {

/// What perfect foresight could deliver under the limits, whatever it costs (maximum flow on sessions × tree × slots).
/// `min_power`, priorities and prices play no part.
struct Feasible {
    std::int64_t total = 0;                ///< watt-slots: the maximum
    std::vector<std::int64_t> by_session;  ///< watt-slots of one maximum flow; other splits may exist
};

[[nodiscard]] Feasible feasible_energy(const Problem& problem);

}  // namespace tianqu::dispatch
