#include <gtest/gtest.h>

#include "base/csv.hpp"
#include "base/record.hpp"
#include "base/sha256.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace tianqu {
namespace {

TEST(Units, PriceTimesEnergyIsExact) {
    EXPECT_EQ(cost(*parse_yuan_per_kwh("0.28342"), WattHours{1}), Money{28342});
    EXPECT_EQ(format_yuan(cost(*parse_yuan_per_kwh("1.1358"), WattHours{1000})), "1.1358");
}

TEST(Units, RoundsHalfAwayFromZero) {
    EXPECT_EQ(multiply_divide(1, 1, 2), 1);
    EXPECT_EQ(multiply_divide(-1, 1, 2), -1);
    EXPECT_EQ(multiply_divide(1, 1, 3), 0);
    EXPECT_EQ(to_fen(Money{500'000}), 1);
    EXPECT_EQ(to_fen(Money{-499'999}), 0);
}

TEST(Units, DecimalsRoundTrip) {
    for (const char* text : {"0", "7.36", "-0.1", "123456.001", "0.5014"}) {
        const auto count = parse_decimal(text, 4);
        ASSERT_TRUE(count) << text;
        EXPECT_EQ(format_decimal(*count, 4), text);
    }
}

TEST(Units, RefusesWhatIsNotADecimal) {
    for (const char* text : {"", "-", ".5", "5.", "1.23456", "1e3", "NaN", " 1", "99999999999999999999"}) {
        EXPECT_FALSE(parse_decimal(text, 4)) << text;
    }
    EXPECT_EQ(parse_decimal("1.50000", 1).value(), 15);
}

TEST(Time, ReadsZonesAndFractions) {
    const auto noon = parse_time("2026-11-23T12:00:00Z").value();
    EXPECT_EQ(parse_time("2026-11-23T20:00:00.000+08:00").value(), noon);
    EXPECT_EQ(parse_time("2026-11-23T12:00:00").value(), noon);
    EXPECT_EQ(parse_time("2026-11-23T12:00:00.1234Z").value(), noon + Milliseconds{123});
    EXPECT_EQ(format_time(noon), "2026-11-23T12:00:00.000Z");
    EXPECT_EQ(format_local(noon, UtcOffset{std::chrono::minutes{480}}), "2026-11-23 20:00:00");
    for (const char* text :
         {"", "2026-02-30T00:00:00Z", "2026-11-23", "2026-11-23T25:00:00Z", "2026-11-23T12:00:00+99:00"}) {
        EXPECT_FALSE(parse_time(text)) << text;
    }
}

TEST(Time, LocalMidnightAndSlots) {
    const UtcOffset china{std::chrono::minutes{480}};
    const auto time = parse_time("2026-11-23T17:30:00Z").value();
    EXPECT_EQ(format_time(local_midnight(time, china)), "2026-11-23T16:00:00.000Z");
    EXPECT_EQ(slot_start(time + Milliseconds{1}, std::chrono::minutes{15}), time);
    EXPECT_EQ(to_local(time, china).weekday, 2U);
}

TEST(Csv, NamesFileLineAndFieldOfAProblem) {
    const auto table = CsvTable::parse("a.csv", "\xEF\xBB\xBFid,name\r\n1,\"x, \"\"y\"\"\"\r\n\r\n2,z\n").value();
    ASSERT_EQ(table.rows().size(), 2U);
    EXPECT_EQ(table.rows()[0].cells[1], "x, \"y\"");
    EXPECT_EQ(table.rows()[1].line, 4U);
    EXPECT_EQ(table.cell_error(table.rows()[1], 0, "a letter").text, "a.csv:4: field 'id' is '2': expected a letter");
    EXPECT_FALSE(CsvTable::parse("a.csv", "id,name\n1\n"));
    EXPECT_FALSE(CsvTable::parse("a.csv", "id\n\"1\n"));
    EXPECT_FALSE(CsvTable::parse("a.csv", ""));
    EXPECT_FALSE(table.column("missing"));
}

struct Inner {
    std::string name;
    Watts power;
    auto operator<=>(const Inner&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "name", self.name);
        visit(2, "power_w", self.power);
    }
};

struct Outer {
    ChargerId charger;
    std::optional<TimePoint> at;
    std::vector<Inner> parts;
    std::map<std::int64_t, Inner> by_number;
    double ratio = 0;
    bool flag = false;
    std::int64_t negative = 0;
    bool operator==(const Outer&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "charger", self.charger);
        visit(2, "at", self.at);
        visit(3, "parts", self.parts);
        visit(4, "by_number", self.by_number);
        visit(5, "ratio", self.ratio);
        visit(6, "flag", self.flag);
        visit(7, "negative", self.negative);
    }
};

/// What an older release knew of the same record.
struct OlderOuter {
    ChargerId charger;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "charger", self.charger);
    }
};

Outer example() {
    return Outer{.charger = ChargerId{"德州-1"},
                 .at = from_milliseconds(1'700'000'000'123),
                 .parts = {{"a", Watts{7}}, {"", Watts{-1}}},
                 .by_number = {{5, {"b", Watts{1}}}},
                 .ratio = 0.25,
                 .flag = true,
                 .negative = -123456789};
}

TEST(Record, BinaryRoundTripAndUnknownFields) {
    const std::string bytes = encode_record(example());
    EXPECT_EQ(decode_record<Outer>(bytes).value(), example());
    EXPECT_EQ(decode_record<OlderOuter>(bytes).value().charger, ChargerId{"德州-1"});
    const std::string older = encode_record(OlderOuter{ChargerId{"x"}});
    EXPECT_EQ(decode_record<Outer>(older).value().charger, ChargerId{"x"});
}

TEST(Record, TruncatedBytesAreRefusedOrShorter) {
    const std::string bytes = encode_record(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto decoded = decode_record<Outer>(std::string_view(bytes).substr(0, size));
        if (decoded) EXPECT_NE(*decoded, example());
    }
}

TEST(Record, Json) {
    EXPECT_EQ(to_json(Inner{"a\"\n\xff", Watts{7}}), "{\"name\":\"a\\\"\\n\xEF\xBF\xBD\",\"power_w\":7}");
    EXPECT_EQ(to_json(example()),
              "{\"charger\":\"德州-1\",\"at\":\"2023-11-14T22:13:20.123Z\",\"parts\":[{\"name\":\"a\",\"power_w\":7},"
              "{\"name\":\"\",\"power_w\":-1}],\"by_number\":[{\"key\":5,\"value\":{\"name\":\"b\",\"power_w\":1}}],"
              "\"ratio\":0.25,\"flag\":true,\"negative\":-123456789}");
}

TEST(Sha256, KnownAnswer) {
    EXPECT_EQ(to_hex(sha256("a", "bc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace tianqu
