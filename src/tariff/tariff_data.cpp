#include "tariff/tariff_data.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace tianqu::tariff {

namespace {

struct BandNames {
    Band band;
    char letter;
    std::string_view name;
    std::string_view name_zh;
};

constexpr std::array band_names{BandNames{Band::sharp, 'S', "sharp", "尖峰"},
                                BandNames{Band::peak, 'P', "peak", "高峰"}, BandNames{Band::flat, 'F', "flat", "平段"},
                                BandNames{Band::valley, 'V', "valley", "低谷"},
                                BandNames{Band::deep_valley, 'D', "deep_valley", "深谷"}};

const BandNames& names_of(Band band) {
    const auto at = static_cast<std::size_t>(band);
    return band_names[at < band_names.size() ? at : 2];
}

std::chrono::year_month_day calendar_day(LocalDate date) {
    return std::chrono::year{date.year} / date.month / date.day;
}

}  // namespace

std::string_view enum_name(Band band) { return names_of(band).name; }
char band_letter(Band band) { return names_of(band).letter; }
std::string_view band_name_zh(Band band) { return names_of(band).name_zh; }

std::optional<Band> parse_band_letter(std::string_view text) {
    for (const auto& names : band_names) {
        if (text.size() == 1 && text.front() == names.letter) return names.band;
    }
    return std::nullopt;
}

std::string_view enum_name(Standing standing) {
    switch (standing) {
        case Standing::published:
            return "published";
        case Standing::example:
            return "example";
        case Standing::carried_forward:
            return "carried_forward";
    }
    return "unknown";
}

std::optional<Standing> parse_standing(std::string_view text) {
    for (const auto standing : {Standing::published, Standing::example, Standing::carried_forward}) {
        if (text == enum_name(standing)) return standing;
    }
    return std::nullopt;
}

Result<LocalDate> parse_date(std::string_view text) {
    const auto refused = [&] {
        return fail(
            Error{ErrorCode::invalid_input, "expected a date such as 2026-01-31", {{"value", std::string(text)}}});
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return refused();
    const auto year = parse_decimal(text.substr(0, 4), 0);
    const auto month = parse_decimal(text.substr(5, 2), 0);
    const auto day = parse_decimal(text.substr(8, 2), 0);
    if (!year || !month || !day) return refused();
    const LocalDate date{static_cast<int>(*year), static_cast<int>(*month), static_cast<int>(*day)};
    if (!is_date(date)) return refused();
    return date;
}

bool is_date(LocalDate date) {
    return date.year >= 1970 && date.year <= 9999 && date.month >= 1 && date.day >= 1 && calendar_day(date).ok();
}

std::string format_date(LocalDate date) {
    std::array<char, 40> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02d", date.year, date.month, date.day);
    return buffer.data();
}

TimePoint start_of(LocalDate date, UtcOffset offset) {
    return TimePoint{std::chrono::sys_days{calendar_day(date)}} - offset.minutes;
}

}  // namespace tianqu::tariff
