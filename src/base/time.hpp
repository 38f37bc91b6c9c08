#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tianqu {

using Milliseconds = std::chrono::milliseconds;
/// UTC, milliseconds since 1970. The city's offset is data and applied only where people or tariffs read a clock.
using TimePoint = std::chrono::sys_time<Milliseconds>;

[[nodiscard]] constexpr std::int64_t to_milliseconds(TimePoint time) { return time.time_since_epoch().count(); }
[[nodiscard]] constexpr TimePoint from_milliseconds(std::int64_t count) { return TimePoint{Milliseconds{count}}; }

/// A city's fixed offset from UTC (China: +480 min, no daylight saving since 1991).
struct UtcOffset {
    std::chrono::minutes minutes{0};
    auto operator<=>(const UtcOffset&) const = default;
};

/// A clock reading in the city.
struct LocalTime {
    int year = 0;
    unsigned month = 1;     ///< 1…12
    unsigned day = 1;       ///< 1…31
    int minute_of_day = 0;  ///< 0…1439
    int millisecond_of_minute = 0;
    unsigned weekday = 0;  ///< 0 = Sunday … 6 = Saturday
};

[[nodiscard]] LocalTime to_local(TimePoint time, UtcOffset offset);
/// The instant of local midnight of the day that contains `time`.
[[nodiscard]] TimePoint local_midnight(TimePoint time, UtcOffset offset);

/// Start of the slot of this length that contains `time`; slots are counted from 1970 UTC (offsets are whole slots).
[[nodiscard]] TimePoint slot_start(TimePoint time, Milliseconds slot);

/// Reads an RFC 3339 / ISO 8601 date-time: "2026-11-23T12:00:00Z", with fraction, with "+08:00"; without a zone it is
/// UTC.
[[nodiscard]] Result<TimePoint> parse_time(std::string_view text);
/// "2026-11-23T12:00:00.000Z"
[[nodiscard]] std::string format_time(TimePoint time);
/// "2026-11-23 20:00:00" as the city's clocks show it.
[[nodiscard]] std::string format_local(TimePoint time, UtcOffset offset);
/// "+08:00"
[[nodiscard]] Result<UtcOffset> parse_offset(std::string_view text);
[[nodiscard]] std::string format_offset(UtcOffset offset);

}  // namespace tianqu
