#include "base/units.hpp"

#include <limits>

#include "base/assertion.hpp"

namespace tianqu {

namespace {

using Wide = __int128;

constexpr std::int64_t milliseconds_per_hour = 3'600'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::unexpected<Error> not_a_decimal(std::string_view text, int digits) {
    return fail(Error{ErrorCode::invalid_input,
                      "expected a decimal number with at most " + std::to_string(digits) + " digits after the point",
                      {{"value", std::string(text)}}});
}

template <class Value>
Result<Value> parse_quantity(std::string_view text, int digits) {
    const auto count = parse_decimal(text, digits);
    if (!count) return std::unexpected(count.error());
    return Value{*count};
}

}  // namespace

std::int64_t multiply_divide(std::int64_t numerator, std::int64_t factor, std::int64_t denominator) {
    TIANQU_ASSERT(denominator > 0);
    const Wide product = static_cast<Wide>(numerator) * factor;
    const Wide half = denominator / 2;
    const Wide rounded = product >= 0 ? (product + half) / denominator : -((-product + half) / denominator);
    TIANQU_ASSERT(rounded <= std::numeric_limits<std::int64_t>::max() &&
                  rounded >= std::numeric_limits<std::int64_t>::min());
    return static_cast<std::int64_t>(rounded);
}

Money cost(PricePerKwh price, WattHours energy) { return Money{multiply_divide(price.count, energy.count, 1)}; }

WattHours energy_of(Watts power, std::int64_t duration_ms) {
    return WattHours{multiply_divide(power.count, duration_ms, milliseconds_per_hour)};
}

Watts power_of(WattHours energy, std::int64_t duration_ms) {
    return Watts{multiply_divide(energy.count, milliseconds_per_hour, duration_ms)};
}

Watts scaled(Watts power, Permille factor) { return Watts{multiply_divide(power.count, factor.count, 1000)}; }

Result<std::int64_t> parse_decimal(std::string_view text, int digits) {
    const std::string_view whole_text = text;
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty() || !is_digit(text.front())) return not_a_decimal(whole_text, digits);
    Wide value = 0;
    int digits_after_point = -1;
    for (const char c : text) {
        if (c == '.' && digits_after_point < 0) {
            digits_after_point = 0;
            continue;
        }
        if (!is_digit(c)) return not_a_decimal(whole_text, digits);
        if (digits_after_point >= 0 && ++digits_after_point > digits) {
            if (c != '0') return not_a_decimal(whole_text, digits);
            continue;
        }
        value = value * 10 + (c - '0');
        if (value > std::numeric_limits<std::int64_t>::max()) return not_a_decimal(whole_text, digits);
    }
    if (text.back() == '.') return not_a_decimal(whole_text, digits);
    const int present = digits_after_point < 0 ? 0 : (digits_after_point < digits ? digits_after_point : digits);
    for (int i = present; i < digits; ++i) value *= 10;
    if (value > std::numeric_limits<std::int64_t>::max()) return not_a_decimal(whole_text, digits);
    const auto count = static_cast<std::int64_t>(value);
    return negative ? -count : count;
}

Result<Watts> parse_kilowatts(std::string_view text) { return parse_quantity<Watts>(text, 3); }

Result<WattHours> parse_kilowatt_hours(std::string_view text) { return parse_quantity<WattHours>(text, 3); }

Result<PricePerKwh> parse_yuan_per_kwh(std::string_view text) { return parse_quantity<PricePerKwh>(text, 5); }

std::string format_decimal(std::int64_t count, int digits) {
    const bool negative = count < 0;
    // Through unsigned so that the smallest value has a magnitude too.
    const std::uint64_t magnitude =
        negative ? ~static_cast<std::uint64_t>(count) + 1 : static_cast<std::uint64_t>(count);
    std::string text = std::to_string(magnitude);
    const auto width = static_cast<std::size_t>(digits);
    if (text.size() <= width) text.insert(0, width + 1 - text.size(), '0');
    if (digits > 0) {
        text.insert(text.size() - width, 1, '.');
        while (text.back() == '0') text.pop_back();
        if (text.back() == '.') text.pop_back();
    }
    return negative ? "-" + text : text;
}

std::int64_t to_fen(Money money) { return multiply_divide(money.count, 1, 1'000'000); }

}  // namespace tianqu
