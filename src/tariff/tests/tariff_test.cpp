#include "tariff/tariff.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/record.hpp"

namespace tianqu::tariff {
namespace {

constexpr UtcOffset china{std::chrono::minutes{480}};

std::vector<int> all_months() { return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}; }

/// Valley until 08:00, flat until 17:00, sharp until 22:00, valley again.
TariffData example() {
    TariffData data{.id = "example", .name_zh = "示例", .name_en = "Example", .calendars = {}, .base_prices = {}};
    data.calendars.push_back({.valid_from = {2026, 1, 1},
                              .valid_until = LocalDate{2027, 1, 1},
                              .standing = Standing::published,
                              .source = "a notice",
                              .windows = {{all_months(), 0, 480, Band::valley, Permille{300}, std::nullopt},
                                          {all_months(), 480, 1020, Band::flat, Permille{1000}, std::nullopt},
                                          {all_months(), 1020, 1320, Band::sharp, Permille{2000}, std::nullopt},
                                          {all_months(), 1320, 1440, Band::valley, Permille{300}, std::nullopt}}});
    data.base_prices.push_back({.valid_from = {2026, 1, 1},
                                .valid_until = std::nullopt,
                                .voltage = "110kV",
                                .floating = PricePerKwh{50'140},
                                .fixed = PricePerKwh{13'300},
                                .standing = Standing::example,
                                .source = "a table"});
    return data;
}

TimePoint at(const char* text) { return parse_time(text).value(); }

TEST(Tariff, QuotesBandPriceAndWhereItComesFrom) {
    const auto tariff = Tariff::build(example(), china).value();
    const auto quote = tariff.quote_at(at("2026-03-05T18:30:00+08:00")).value();
    EXPECT_EQ(quote.band, Band::sharp);
    EXPECT_EQ(format_yuan_per_kwh(quote.price), "1.1358");
    EXPECT_EQ(quote.derivation(), "0.5014 × 2 + 0.133 = 1.1358 元/kWh");
    EXPECT_EQ(quote.calendar_source, "a notice");
    EXPECT_EQ(quote.base_source, "a table");
    EXPECT_EQ(quote.base_standing, Standing::example);
    EXPECT_EQ(quote.from, at("2026-03-05T17:00:00+08:00"));
    EXPECT_EQ(quote.until, at("2026-03-05T22:00:00+08:00"));
}

TEST(Tariff, ABandBeginsAtItsFirstMillisecond) {
    const auto tariff = Tariff::build(example(), china).value();
    EXPECT_EQ(tariff.quote_at(at("2026-03-05T16:59:59.999+08:00"))->band, Band::flat);
    EXPECT_EQ(tariff.quote_at(at("2026-03-05T17:00:00+08:00"))->band, Band::sharp);
}

TEST(Tariff, NothingIsQuotedOutsideItsValidity) {
    const auto tariff = Tariff::build(example(), china).value();
    EXPECT_EQ(tariff.price_at(at("2025-12-31T23:59:59+08:00")).error().code, ErrorCode::not_found);
    EXPECT_EQ(tariff.price_at(at("2027-01-01T00:00:00+08:00")).error().code, ErrorCode::not_found);
    EXPECT_TRUE(tariff.price_at(at("2026-12-31T23:59:59+08:00")));
    EXPECT_FALSE(tariff.spans(at("2026-12-31T12:00:00+08:00"), at("2027-01-01T12:00:00+08:00")));
}

TEST(Tariff, WithoutABasePriceThereIsNoPrice) {
    auto data = example();
    data.base_prices.front().valid_from = {2026, 7, 1};
    const auto tariff = Tariff::build(data, china).value();
    const auto refused = tariff.price_at(at("2026-06-30T12:00:00+08:00"));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text.find("base price"), std::string::npos);
    EXPECT_TRUE(tariff.price_at(at("2026-07-01T12:00:00+08:00")));
}

TEST(Tariff, AWindowMayStateTheWholePrice) {
    auto data = example();
    data.base_prices.clear();
    data.calendars.front().windows = {{all_months(), 0, 1440, Band::peak, Permille{1000}, PricePerKwh{57'690}}};
    const auto tariff = Tariff::build(data, china).value();
    const auto quote = tariff.quote_at(at("2026-05-05T12:00:00+08:00")).value();
    EXPECT_EQ(quote.price, PricePerKwh{57'690});
    EXPECT_EQ(quote.derivation(), "0.5769 元/kWh");
}

TEST(Tariff, ADayJoinsNeighboursOfOnePrice) {
    const auto tariff = Tariff::build(example(), china).value();
    EXPECT_EQ(tariff.day(at("2026-03-05T12:00:00+08:00"))->size(), 4U);
    // Over midnight the two valley windows are one span.
    const auto night = tariff.spans(at("2026-03-05T20:00:00+08:00"), at("2026-03-06T09:00:00+08:00")).value();
    ASSERT_EQ(night.size(), 3U);
    EXPECT_EQ(night[1].from, at("2026-03-05T22:00:00+08:00"));
    EXPECT_EQ(night[1].until, at("2026-03-06T08:00:00+08:00"));
}

TEST(Tariff, SplitsEnergyAtBandBordersWithoutLosingAny) {
    const auto tariff = Tariff::build(example(), china).value();
    const auto parts =
        tariff.split_cost(at("2026-03-05T21:20:00+08:00"), at("2026-03-05T22:20:00+08:00"), WattHours{1000}).value();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].energy, WattHours{667});
    EXPECT_EQ(parts[1].energy, WattHours{333});
    EXPECT_EQ(
        parts[0].cost + parts[1].cost,
        tariff.cost_of(at("2026-03-05T21:20:00+08:00"), at("2026-03-05T22:20:00+08:00"), WattHours{1000}).value());
    const auto instant =
        tariff.split_cost(at("2026-03-05T18:00:00+08:00"), at("2026-03-05T18:00:00+08:00"), WattHours{5});
    EXPECT_EQ(instant->front().energy, WattHours{5});
    EXPECT_FALSE(tariff.split_cost(at("2026-03-05T18:00:00+08:00"), at("2026-03-05T17:00:00+08:00"), WattHours{5}));
}

TEST(Tariff, SurvivesTheJournal) {
    const auto data = example();
    EXPECT_EQ(decode_record<TariffData>(encode_record(data)).value(), data);
}

TEST(Tariff, DatesAreRealDays) {
    EXPECT_EQ(parse_date("2024-02-29").value(), (LocalDate{2024, 2, 29}));
    for (const char* text : {"", "2026-02-29", "2026-13-01", "2026-1-01", "2026-00-10", "20260101", "1969-12-31"}) {
        EXPECT_FALSE(parse_date(text)) << text;
    }
}

struct Fault {
    const char* name;
    void (*spoil)(TariffData&);
    const char* field;
    const char* expected;
};

class TariffFaults : public testing::TestWithParam<Fault> {};

TEST_P(TariffFaults, AreNamed) {
    auto data = example();
    GetParam().spoil(data);
    const auto problems = find_problems(data);
    ASSERT_FALSE(problems.empty());
    EXPECT_EQ(problems.front().field, GetParam().field);
    EXPECT_NE(problems.front().expected.find(GetParam().expected), std::string::npos) << problems.front().expected;
    EXPECT_FALSE(Tariff::build(data, china));
}

const std::array faults{
    Fault{"no_id", [](TariffData& d) { d.id.clear(); }, "id", "1 to 64"},
    Fault{"no_calendar", [](TariffData& d) { d.calendars.clear(); }, "valid_from", "at least one"},
    Fault{"overlap", [](TariffData& d) { d.calendars[0].windows[1].start_minute = 479; }, "start",
          "no overlap in month 1"},
    Fault{"gap", [](TariffData& d) { d.calendars[0].windows[1].end_minute = 1019; }, "months", "16:59 has none"},
    Fault{"month_missing", [](TariffData& d) { d.calendars[0].windows[1].months.pop_back(); }, "months",
          "08:00 has none"},
    Fault{"month_13", [](TariffData& d) { d.calendars[0].windows[0].months[0] = 13; }, "months", "1 to 12"},
    Fault{"month_twice", [](TariffData& d) { d.calendars[0].windows[0].months.push_back(12); }, "months", "once"},
    Fault{"end_late", [](TariffData& d) { d.calendars[0].windows[3].end_minute = 1441; }, "end", "1440"},
    Fault{"over_midnight", [](TariffData& d) { d.calendars[0].windows[3].end_minute = 60; }, "end", "two windows"},
    Fault{"start_negative", [](TariffData& d) { d.calendars[0].windows[0].start_minute = -1; }, "start", "0 to 1439"},
    Fault{"multiplier", [](TariffData& d) { d.calendars[0].windows[0].multiplier = Permille{-1}; }, "multiplier",
          "0 to 20"},
    Fault{"price", [](TariffData& d) { d.base_prices[0].floating = PricePerKwh{50'140'000}; }, "floating",
          "-100 to 100"},
    Fault{"no_such_day", [](TariffData& d) { d.base_prices[0].valid_from = {2026, 2, 30}; }, "valid_from", "a date"},
    Fault{"until_before_from", [](TariffData& d) { d.calendars[0].valid_until = LocalDate{2025, 1, 1}; }, "valid_until",
          "after valid_from"},
    Fault{"calendars_overlap", [](TariffData& d) { d.calendars.push_back(d.calendars[0]); }, "valid_from", "overlap"},
    Fault{"bases_overlap", [](TariffData& d) { d.base_prices.push_back(d.base_prices[0]); }, "valid_from", "overlap"}};

INSTANTIATE_TEST_SUITE_P(Tariff, TariffFaults, testing::ValuesIn(faults),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tianqu::tariff
