#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace tianqu::tariff {

/// 尖峰, 高峰, 平, 低谷, 深谷: from dear to cheap.
enum class Band : std::uint8_t { sharp, peak, flat, valley, deep_valley };

/// How far a number may be trusted. `carried_forward`: beyond the last published validity, continued until replaced.
enum class Standing : std::uint8_t { published, example, carried_forward };

[[nodiscard]] std::string_view enum_name(Band band);
[[nodiscard]] std::string_view enum_name(Standing standing);
/// S, P, F, V, D
[[nodiscard]] char band_letter(Band band);
[[nodiscard]] std::optional<Band> parse_band_letter(std::string_view text);
[[nodiscard]] std::optional<Standing> parse_standing(std::string_view text);
/// 尖峰 …
[[nodiscard]] std::string_view band_name_zh(Band band);

/// A day of the city's calendar.
struct LocalDate {
    int year = 0;
    int month = 1;
    int day = 1;

    auto operator<=>(const LocalDate&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "year", self.year);
        visit(2, "month", self.month);
        visit(3, "day", self.day);
    }
};

/// "2026-01-01"; an error when there is no such day.
[[nodiscard]] Result<LocalDate> parse_date(std::string_view text);
/// Whether the calendar has such a day, from 1970 to 9999.
[[nodiscard]] bool is_date(LocalDate date);
[[nodiscard]] std::string format_date(LocalDate date);
/// The instant of that day's local midnight.
[[nodiscard]] TimePoint start_of(LocalDate date, UtcOffset offset);

/// One stretch of the clock in some months. Either `multiplier` (of the floating price) or `price` (the whole price)
/// holds.
struct Window {
    std::vector<int> months;  ///< 1…12
    int start_minute = 0;     ///< of the local day, inclusive
    int end_minute = 1440;    ///< exclusive; a window over midnight is given as two
    Band band = Band::flat;
    Permille multiplier{1000};
    std::optional<PricePerKwh> price;

    bool operator==(const Window&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "months", self.months);
        visit(2, "start_minute", self.start_minute);
        visit(3, "end_minute", self.end_minute);
        visit(4, "band", self.band);
        visit(5, "multiplier_permille", self.multiplier);
        visit(6, "price", self.price);
    }
};

/// The bands of whole years or parts of years: every minute of every month covered exactly once.
struct Calendar {
    LocalDate valid_from;
    std::optional<LocalDate> valid_until;  ///< exclusive; none: until replaced
    Standing standing = Standing::published;
    std::string source;
    std::vector<Window> windows;

    bool operator==(const Calendar&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "valid_from", self.valid_from);
        visit(2, "valid_until", self.valid_until);
        visit(3, "standing", self.standing);
        visit(4, "source", self.source);
        visit(5, "windows", self.windows);
    }
};

/// What multipliers apply to: price = floating × multiplier + fixed.
struct BasePrice {
    LocalDate valid_from;
    std::optional<LocalDate> valid_until;  ///< exclusive; none: until replaced
    std::string voltage;
    PricePerKwh floating;
    PricePerKwh fixed;
    Standing standing = Standing::published;
    std::string source;

    bool operator==(const BasePrice&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "valid_from", self.valid_from);
        visit(2, "valid_until", self.valid_until);
        visit(3, "voltage", self.voltage);
        visit(4, "floating", self.floating);
        visit(5, "fixed", self.fixed);
        visit(6, "standing", self.standing);
        visit(7, "source", self.source);
    }
};

/// A scheme with its dated calendars and base prices, as files and events carry it; not yet checked.
struct TariffData {
    std::string id;
    std::string name_zh;
    std::string name_en;
    std::vector<Calendar> calendars;
    std::vector<BasePrice> base_prices;

    bool operator==(const TariffData&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "id", self.id);
        visit(2, "name_zh", self.name_zh);
        visit(3, "name_en", self.name_en);
        visit(4, "calendars", self.calendars);
        visit(5, "base_prices", self.base_prices);
    }
};

}  // namespace tianqu::tariff
