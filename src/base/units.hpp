#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace tianqu {

/// An exact whole number of one unit. Numbers of record are quantities; doubles stay inside solvers and statistics.
template <class Unit>
struct Quantity {
    std::int64_t count = 0;

    constexpr Quantity() = default;
    constexpr explicit Quantity(std::int64_t value) : count(value) {}

    constexpr auto operator<=>(const Quantity&) const = default;
    constexpr Quantity operator-() const { return Quantity{-count}; }
    constexpr Quantity& operator+=(Quantity other) {
        count += other.count;
        return *this;
    }
    constexpr Quantity& operator-=(Quantity other) {
        count -= other.count;
        return *this;
    }
    friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity{a.count + b.count}; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity{a.count - b.count}; }
    friend constexpr Quantity operator*(Quantity a, std::int64_t factor) { return Quantity{a.count * factor}; }
};

struct WattUnit {};
struct WattHourUnit {};
struct MoneyUnit {};
struct PriceUnit {};
struct PermilleUnit {};

using Watts = Quantity<WattUnit>;
using WattHours = Quantity<WattHourUnit>;
/// 10⁻⁸ yuan: a price times an energy is exact in it.
using Money = Quantity<MoneyUnit>;
/// 10⁻⁵ yuan per kWh, the finest step of published tariffs.
using PricePerKwh = Quantity<PriceUnit>;
using Permille = Quantity<PermilleUnit>;

/// numerator × factor / denominator with a 128-bit product, rounded half away from zero: the one rounding of the
/// product. Requires denominator > 0 and a result that fits 64 bits.
[[nodiscard]] std::int64_t multiply_divide(std::int64_t numerator, std::int64_t factor, std::int64_t denominator);

/// Exact: 10⁻⁵ yuan/kWh × Wh = 10⁻⁸ yuan.
[[nodiscard]] Money cost(PricePerKwh price, WattHours energy);
/// Energy of a constant power over a time in milliseconds, rounded to the Wh.
[[nodiscard]] WattHours energy_of(Watts power, std::int64_t duration_ms);
/// Constant power that gives this energy in this time (> 0), rounded to the W.
[[nodiscard]] Watts power_of(WattHours energy, std::int64_t duration_ms);
[[nodiscard]] Watts scaled(Watts power, Permille factor);

/// Reads a decimal number ("7.36", "-0.1") as an exact count of 10^-digits units; more digits than that are an error.
[[nodiscard]] Result<std::int64_t> parse_decimal(std::string_view text, int digits);
/// Kilowatts with up to three decimals to watts; kilowatt-hours likewise; yuan per kWh with up to five.
[[nodiscard]] Result<Watts> parse_kilowatts(std::string_view text);
[[nodiscard]] Result<WattHours> parse_kilowatt_hours(std::string_view text);
[[nodiscard]] Result<PricePerKwh> parse_yuan_per_kwh(std::string_view text);

/// Decimal text of count × 10^-digits without trailing zeros ("7.36").
[[nodiscard]] std::string format_decimal(std::int64_t count, int digits);
[[nodiscard]] inline std::string format_kilowatts(Watts power) { return format_decimal(power.count, 3); }
[[nodiscard]] inline std::string format_kilowatt_hours(WattHours energy) { return format_decimal(energy.count, 3); }
[[nodiscard]] inline std::string format_yuan_per_kwh(PricePerKwh price) { return format_decimal(price.count, 5); }
/// Yuan with all eight decimals trimmed of zeros; for people round to the fen first.
[[nodiscard]] inline std::string format_yuan(Money money) { return format_decimal(money.count, 8); }
/// Rounded half away from zero to whole fen (10⁻² yuan), as a count of fen.
[[nodiscard]] std::int64_t to_fen(Money money);

[[nodiscard]] constexpr double to_kilowatts(Watts power) { return static_cast<double>(power.count) / 1000.0; }
[[nodiscard]] constexpr double to_kilowatt_hours(WattHours energy) {
    return static_cast<double>(energy.count) / 1000.0;
}
[[nodiscard]] constexpr double to_yuan(Money money) { return static_cast<double>(money.count) / 1e8; }

}  // namespace tianqu
