#include "ocpp/formats.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/assertion.hpp"

namespace tianqu::ocpp {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Takes exactly two digits; -1 when there are none.
int take_two(std::string_view& text) {
    if (text.size() < 2 || !is_digit(text[0]) || !is_digit(text[1])) return -1;
    const int value = (text[0] - '0') * 10 + (text[1] - '0');
    text.remove_prefix(2);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

bool take_date(std::string_view& text) {
    const int century = take_two(text);
    const int year_of_century = take_two(text);
    if (century < 0 || year_of_century < 0 || !take(text, '-')) return false;
    const int month = take_two(text);
    if (month < 0 || !take(text, '-')) return false;
    const int day = take_two(text);
    using namespace std::chrono;
    return day >= 0 && year_month_day{std::chrono::year{century * 100 + year_of_century},
                                      std::chrono::month{static_cast<unsigned>(month)},
                                      std::chrono::day{static_cast<unsigned>(day)}}
                           .ok();
}

/// The zone's minutes east of UTC from the whole rest; nothing when it is no zone.
std::optional<int> zone_minutes(std::string_view rest) {
    if (rest == "Z" || rest == "z") return 0;
    const bool west = rest.starts_with('-');
    if (!take(rest, '+') && !take(rest, '-')) return std::nullopt;
    const int hour = take_two(rest);
    int minute = 0;
    if (!rest.empty()) {
        take(rest, ':');
        minute = take_two(rest);
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || !rest.empty()) return std::nullopt;
    return west ? -(hour * 60 + minute) : hour * 60 + minute;
}

bool unreserved_or_sub_delimiter(char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-._~!$&'()*+,;=").contains(c);
}

/// Only characters allowed in a part: the usual ones, `more`, and percent-encoded bytes.
bool only(std::string_view text, std::string_view more) {
    while (!text.empty()) {
        if (text.front() == '%') {
            if (text.size() < 3 || !is_hex(text[1]) || !is_hex(text[2])) return false;
            text.remove_prefix(3);
        } else if (unreserved_or_sub_delimiter(text.front()) || more.contains(text.front())) {
            text.remove_prefix(1);
        } else {
            return false;
        }
    }
    return true;
}

bool is_ipv4(std::string_view text) {
    for (int part = 0; part < 4; ++part) {
        if (part > 0 && !take(text, '.')) return false;
        int value = 0;
        int digits = 0;
        while (!text.empty() && is_digit(text.front()) && digits < 3) {
            value = value * 10 + (text.front() - '0');
            ++digits;
            text.remove_prefix(1);
        }
        if (digits == 0 || value > 255) return false;
    }
    return text.empty();
}

bool is_ipv6(std::string_view text) {
    int groups = 0;
    bool gap = false;
    while (!text.empty()) {
        if (text.starts_with("::")) {
            if (gap) return false;
            gap = true;
            text.remove_prefix(2);
            continue;
        }
        if (groups > 0 && !gap && !take(text, ':')) return false;
        if (groups > 0 && gap) take(text, ':');
        if (is_ipv4(text)) return gap ? groups + 2 <= 7 : groups + 2 == 8;
        const auto length = static_cast<std::size_t>(std::ranges::find_if_not(text, is_hex) - text.begin());
        if (length == 0 || length > 4) return false;
        text.remove_prefix(length);
        ++groups;
    }
    return gap ? groups <= 7 : groups == 8;
}

bool is_host(std::string_view text) {
    if (!text.starts_with('[')) return only(text, "");
    if (!text.ends_with(']')) return false;
    text = text.substr(1, text.size() - 2);
    return is_ipv6(text);
}

/// [userinfo@]host[:port] and a path that is empty or begins with a slash.
bool is_authority_and_path(std::string_view text) {
    const auto slash = std::min(text.find('/'), text.size());
    if (!only(text.substr(slash), ":@/")) return false;
    auto authority = text.substr(0, slash);
    if (const auto at = authority.find('@'); at != std::string_view::npos) {
        if (!only(authority.substr(0, at), ":")) return false;
        authority.remove_prefix(at + 1);
    }
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        if (!std::ranges::all_of(authority.substr(colon + 1), is_digit)) return false;
        authority = authority.substr(0, colon);
    }
    return is_host(authority);
}

bool is_hierarchical_part(std::string_view text) {
    if (text.empty()) return false;
    if (text.front() != '/') return only(text, ":@/");
    if (text.starts_with("//") && is_authority_and_path(text.substr(2))) return true;
    return is_authority_and_path(text.substr(1)) || (!text.starts_with("//") && only(text, ":@/"));
}

}  // namespace

bool is_date_time(std::string_view text) {
    if (!take_date(text) || text.empty()) return false;
    if (!std::string_view("Tt \t\n\v\f\r").contains(text.front())) return false;
    text.remove_prefix(1);
    const int hour = take_two(text);
    if (hour < 0 || hour > 23 || !take(text, ':')) return false;
    const int minute = take_two(text);
    if (minute < 0 || minute > 59 || !take(text, ':')) return false;
    const int second = take_two(text);
    if (second < 0 || second > 60) return false;
    if (take(text, '.')) {
        const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
        if (digits == 0) return false;
        text.remove_prefix(digits);
    }
    const auto zone = zone_minutes(text);
    if (!zone) return false;
    constexpr int day = 24 * 60;
    // A leap second is the last one of a UTC day.
    return second < 60 || (hour * 60 + minute - *zone + 2 * day) % day == day - 1;
}

TimePoint date_time(std::string_view text) {
    TIANQU_ASSERT(text.size() > 10);
    if (text[10] == 'T') {
        if (auto time = parse_time(text)) return *time;
    }
    std::string usual(text);
    usual[10] = 'T';
    const auto time = parse_time(usual);
    TIANQU_ASSERT(time.has_value());
    return *time;
}

bool is_uri(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front())) return false;
    const auto scheme = text.substr(0, colon);
    const bool scheme_ok = std::ranges::all_of(
        scheme, [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
    if (!scheme_ok) return false;
    auto rest = text.substr(colon + 1);
    if (const auto hash = rest.find('#'); hash != std::string_view::npos) {
        if (!only(rest.substr(hash + 1), ":@/?")) return false;
        rest = rest.substr(0, hash);
    }
    if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
        if (!only(rest.substr(mark + 1), ":@/?")) return false;
        rest = rest.substr(0, mark);
    }
    return is_hierarchical_part(rest);
}

}  // namespace tianqu::ocpp
