#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tariff/tariff.hpp"

namespace tianqu::tariff {
namespace {

constexpr UtcOffset china{std::chrono::minutes{480}};

/// A day cut at random quarter-hours, the same in all months, with random bands and multipliers.
TariffData random_tariff() {
    TariffData data{.id = "random", .name_zh = "随机", .name_en = "Random", .calendars = {}, .base_prices = {}};
    Calendar calendar{.valid_from = {2026, 1, 1}, .valid_until = std::nullopt, .source = "random", .windows = {}};
    int start = 0;
    while (start < 1440) {
        const auto length = 15 * *rc::gen::inRange(1, 40);
        const auto end = std::min(1440, start + length);
        calendar.windows.push_back({{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
                                    start,
                                    end,
                                    static_cast<Band>(*rc::gen::inRange(0, 5)),
                                    Permille{*rc::gen::inRange<std::int64_t>(0, 3000)},
                                    std::nullopt});
        start = end;
    }
    data.calendars.push_back(std::move(calendar));
    data.base_prices.push_back({.valid_from = {2026, 1, 1},
                                .valid_until = std::nullopt,
                                .voltage = "",
                                .floating = PricePerKwh{*rc::gen::inRange<std::int64_t>(0, 200'000)},
                                .fixed = PricePerKwh{*rc::gen::inRange<std::int64_t>(0, 50'000)},
                                .source = "random"});
    return data;
}

/// Minute by minute, straight from the definition.
PricePerKwh slow_price(const TariffData& data, TimePoint time) {
    const auto minute = to_local(time, china).minute_of_day;
    for (const auto& window : data.calendars[0].windows) {
        if (minute < window.start_minute || minute >= window.end_minute) continue;
        const auto product = data.base_prices[0].floating.count * window.multiplier.count;
        return PricePerKwh{(product + 500) / 1000 + data.base_prices[0].fixed.count};
    }
    return PricePerKwh{-1};
}

TEST(TariffProperty, PricesEqualTheSlowModel) {
    EXPECT_TRUE(rc::check("price at any minute", [] {
        const auto data = random_tariff();
        const auto tariff = Tariff::build(data, china).value();
        const auto time =
            parse_time("2026-01-01T00:00:00+08:00").value() + std::chrono::minutes{*rc::gen::inRange(0, 365 * 1440)};
        RC_ASSERT(tariff.price_at(time).value() == slow_price(data, time));
    }));
}

TEST(TariffProperty, SpansTileTheStretchAndPricesHoldWithin) {
    EXPECT_TRUE(rc::check("spans", [] {
        const auto data = random_tariff();
        const auto tariff = Tariff::build(data, china).value();
        const auto from = parse_time("2026-03-01T00:00:00Z").value() + Milliseconds{*rc::gen::inRange(0, 86'400'000)};
        const auto until = from + Milliseconds{*rc::gen::inRange(0, 2 * 86'400'000)};
        const auto spans = tariff.spans(from, until).value();
        auto at = from;
        for (const auto& span : spans) {
            RC_ASSERT(span.from == at);
            RC_ASSERT(span.until > span.from);
            RC_ASSERT(span.price == slow_price(data, span.from));
            RC_ASSERT(span.price == slow_price(data, span.until - Milliseconds{1}));
            at = span.until;
        }
        RC_ASSERT(at == until);
    }));
}

TEST(TariffProperty, SplitEnergyAddsUpAndEachPartIsWithinOneWattHour) {
    EXPECT_TRUE(rc::check("split", [] {
        const auto tariff = Tariff::build(random_tariff(), china).value();
        const auto from = parse_time("2026-03-01T00:00:00Z").value() + Milliseconds{*rc::gen::inRange(0, 86'400'000)};
        const auto until = from + Milliseconds{*rc::gen::inRange(1, 2 * 86'400'000)};
        const WattHours energy{*rc::gen::inRange<std::int64_t>(-1000, 200'000)};
        const auto parts = tariff.split_cost(from, until, energy).value();
        WattHours sum;
        Money cost_sum;
        for (const auto& part : parts) {
            sum += part.energy;
            cost_sum += part.cost;
            RC_ASSERT(part.cost == cost(part.span.price, part.energy));
            const auto exact = static_cast<double>(energy.count) *
                               static_cast<double>((part.span.until - part.span.from).count()) /
                               static_cast<double>((until - from).count());
            RC_ASSERT(std::abs(static_cast<double>(part.energy.count) - exact) < 1.0 + 1e-6);
        }
        RC_ASSERT(sum == energy);
        RC_ASSERT(cost_sum == tariff.cost_of(from, until, energy).value());
    }));
}

}  // namespace
}  // namespace tianqu::tariff
