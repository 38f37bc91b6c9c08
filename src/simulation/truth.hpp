#pragma once

#include <vector>

#include "simulation/visits.hpp"

namespace tianqu::simulation {

/// Length of the slots that limits are judged by.
inline constexpr Milliseconds slot_length{900'000};

/// A visit that has begun, and what the charger's meter gave to its car up to the departure (or up to now).
struct VisitRecord {
    Visit visit;
    Energy delivered;
    bool departed = false;
};

/// What the chargers themselves know of a run: the measure that the operator's own numbers are held against.
struct Truth {
    TimePoint start;
    TimePoint end;  ///< how far it has come
    /// By node of the network (stations only), then by slot; slot 0 begins at `slot_start(start, slot_length)`.
    std::vector<std::vector<Energy>> station_slots;
    std::vector<VisitRecord> visits;
    bool truncated = false;  ///< the run was longer than what is kept (`most_recorded`); `end` says where it stops
};

inline constexpr Milliseconds most_recorded{std::chrono::hours{24 * 31}};

}  // namespace tianqu::simulation
