#include "base/time.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

namespace tianqu {

namespace {

using namespace std::chrono;

/// Takes exactly `width` digits from the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
    if (text.size() < width) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(1);
    return true;
}

std::unexpected<Error> not_a_time(std::string_view text) {
    return fail(Error{ErrorCode::invalid_input,
                      "expected a date and time such as 2026-11-23T12:00:00Z or 2026-11-23T20:00:00+08:00",
                      {{"value", std::string(text)}}});
}

std::optional<sys_days> take_date(std::string_view& text) {
    const auto year_number = take_digits(text, 4);
    if (!year_number || !take(text, '-')) return std::nullopt;
    const auto month_number = take_digits(text, 2);
    if (!month_number || !take(text, '-')) return std::nullopt;
    const auto day_number = take_digits(text, 2);
    if (!day_number) return std::nullopt;
    const year_month_day date{year{*year_number}, month{static_cast<unsigned>(*month_number)},
                              day{static_cast<unsigned>(*day_number)}};
    if (!date.ok()) return std::nullopt;
    return sys_days{date};
}

/// Fraction of a second to milliseconds; digits beyond the third are dropped.
std::optional<int> take_fraction(std::string_view& text) {
    if (!take(text, '.') && !take(text, ',')) return 0;
    int value = 0;
    int digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (digits < 3) value = value * 10 + (text.front() - '0');
        ++digits;
        text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits) value *= 10;
    return value;
}

std::optional<minutes> take_zone(std::string_view& text) {
    if (text.empty() || take(text, 'Z') || take(text, 'z')) return minutes{0};
    const bool negative = text.front() == '-';
    if (!take(text, '+') && !take(text, '-')) return std::nullopt;
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23) return std::nullopt;
    take(text, ':');
    const auto minute = text.empty() ? std::optional<int>{0} : take_digits(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    const minutes total{*hour * 60 + *minute};
    return negative ? -total : total;
}

}  // namespace

LocalTime to_local(TimePoint time, UtcOffset offset) {
    const auto shifted = time + offset.minutes;
    const auto date = floor<days>(shifted);
    const year_month_day calendar{date};
    const auto since_midnight = shifted - date;
    const auto whole_minutes = floor<minutes>(since_midnight);
    return LocalTime{.year = int{calendar.year()},
                     .month = unsigned{calendar.month()},
                     .day = unsigned{calendar.day()},
                     .minute_of_day = static_cast<int>(whole_minutes.count()),
                     .millisecond_of_minute = static_cast<int>((since_midnight - whole_minutes).count()),
                     .weekday = weekday{date}.c_encoding()};
}

TimePoint local_midnight(TimePoint time, UtcOffset offset) {
    return TimePoint{floor<days>(time + offset.minutes)} - offset.minutes;
}

TimePoint slot_start(TimePoint time, Milliseconds slot) {
    const auto count = time.time_since_epoch().count();
    const auto width = slot.count();
    const auto index = count >= 0 ? count / width : -((-count + width - 1) / width);
    return TimePoint{Milliseconds{index * width}};
}

Result<TimePoint> parse_time(std::string_view text) {
    const std::string_view whole = text;
    const auto date = take_date(text);
    if (!date || !(take(text, 'T') || take(text, 't') || take(text, ' '))) return not_a_time(whole);
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return not_a_time(whole);
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59) return not_a_time(whole);
    int second_number = 0;
    int fraction = 0;
    if (take(text, ':')) {
        const auto second = take_digits(text, 2);
        if (!second || *second > 60) return not_a_time(whole);
        const auto milliseconds_part = take_fraction(text);
        if (!milliseconds_part) return not_a_time(whole);
        second_number = *second;
        fraction = *milliseconds_part;
    }
    const auto zone = take_zone(text);
    if (!zone || !text.empty()) return not_a_time(whole);
    return TimePoint{*date} + hours{*hour} + minutes{*minute} + seconds{second_number} + Milliseconds{fraction} - *zone;
}

std::string format_time(TimePoint time) {
    const LocalTime utc = to_local(time, UtcOffset{});
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.year, utc.month, utc.day,
                       utc.minute_of_day / 60, utc.minute_of_day % 60, utc.millisecond_of_minute / 1000,
                       utc.millisecond_of_minute % 1000);
}

std::string format_local(TimePoint time, UtcOffset offset) {
    const LocalTime local = to_local(time, offset);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", local.year, local.month, local.day,
                       local.minute_of_day / 60, local.minute_of_day % 60, local.millisecond_of_minute / 1000);
}

Result<UtcOffset> parse_offset(std::string_view text) {
    std::string_view rest = text;
    const auto zone = take_zone(rest);
    if (text.empty() || !zone || !rest.empty()) {
        return fail(
            Error{ErrorCode::invalid_input, "expected an offset such as +08:00", {{"value", std::string(text)}}});
    }
    return UtcOffset{*zone};
}

std::string format_offset(UtcOffset offset) {
    const auto total = offset.minutes.count();
    const auto magnitude = std::abs(total);
    return fmt::format("{}{:02}:{:02}", total < 0 ? '-' : '+', magnitude / 60, magnitude % 60);
}

}  // namespace tianqu
