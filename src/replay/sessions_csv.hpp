#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace tianqu::replay {

/// Length of the periods that the columns count.
inline constexpr int period_minutes = 5;
/// Limits of what a file may hold.
inline constexpr std::size_t max_sessions = 1'000'000;
inline constexpr int max_period = 366 * 24 * 60 / period_minutes;

/// One recorded visit of a car; periods are counted from the file's local midnight.
struct RecordedSession {
    std::string session;
    std::string station;
    int arrival = 0;              ///< first period it is plugged in
    int departure = 0;            ///< first period it is gone; unknown to the scheduler
    int estimated_departure = 0;  ///< what the scheduler is told
    WattHours requested;
    Watts max_power;
};

/// Reads columns session_id, station_id, arrival_5min, departure_5min, est_departure_5min, requested_kwh, max_kw
/// (others are ignored). Errors name file, line, field, value and what was expected. The result is in order of arrival.
[[nodiscard]] Result<std::vector<RecordedSession>> read_sessions_csv(const std::string& file, std::string_view text);

}  // namespace tianqu::replay
