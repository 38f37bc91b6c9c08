#include <gtest/gtest.h>

#include <array>
#include <set>

#include "base/csv.hpp"
#include "city/tests/pack_files.hpp"

namespace tianqu::city {
namespace {

TimePoint at(const std::string& text) { return parse_time(text).value(); }

TEST(DezhouPack, HoldsTheCity) {
    const auto city = load_city(dezhou_folder()).value();
    EXPECT_EQ(city.name_zh, "德州市");
    EXPECT_EQ(city.code, "371400");
    EXPECT_EQ(city.offset.minutes.count(), 480);
    EXPECT_EQ(city.languages.front(), "zh");
    EXPECT_EQ(city.counties.size(), 12U);
    EXPECT_EQ(city.townships.size(), 134U);
    std::int64_t population = 0;
    for (const auto& county : city.counties) population += county.population;
    EXPECT_EQ(population, 5'574'900);
    EXPECT_EQ(city.find_county("371471")->name_en, "Tianqu New Area");
    EXPECT_EQ(city.find_county("371471")->part_of, "371402");
    EXPECT_EQ(city.find_township("371482107")->name_en, "Shiliwang Hui Ethnic Town");
    EXPECT_EQ(city.defaults_of(grid::StationKind::residential).departure_minute, 450);
    EXPECT_EQ(city.tariff_of(grid::StationKind::highway).data().id, "commercial_tou");
    EXPECT_FALSE(city.network_folder);
}

TEST(DezhouPack, SaysWhatIsNoGeography) {
    const auto city = load_city(dezhou_folder()).value();
    const auto surveyed = std::count_if(city.townships.begin(), city.townships.end(),
                                        [](const auto& township) { return township.datum == grid::Datum::wgs84; });
    EXPECT_EQ(surveyed, 5);
    for (const auto& township : city.townships) {
        EXPECT_TRUE(township.datum == grid::Datum::wgs84 || township.datum == grid::Datum::placeholder);
    }
}

TEST(DezhouPack, PricesTheFiveBandsExactly) {
    const auto city = load_city(dezhou_folder()).value();
    const auto& tariff = city.tariff_of(grid::StationKind::public_site);
    const auto price = [&](const char* time) { return format_yuan_per_kwh(tariff.price_at(at(time)).value()); };
    EXPECT_EQ(price("2026-01-15T17:30:00+08:00"), "1.1358");
    EXPECT_EQ(price("2026-01-15T07:30:00+08:00"), "0.98538");
    EXPECT_EQ(price("2026-01-15T21:30:00+08:00"), "0.6344");
    EXPECT_EQ(price("2026-01-15T03:00:00+08:00"), "0.28342");
    EXPECT_EQ(price("2026-01-15T12:00:00+08:00"), "0.18314");
    const auto later = tariff.quote_at(at("2028-01-15T12:00:00+08:00")).value();
    EXPECT_EQ(later.calendar_standing, tariff::Standing::carried_forward);
    EXPECT_EQ(later.base_standing, tariff::Standing::carried_forward);
    EXPECT_EQ(tariff.quote_at(at("2026-01-15T12:00:00+08:00"))->base_standing, tariff::Standing::example);
    const auto* const household = city.find_tariff("household_voluntary_tou");
    ASSERT_NE(household, nullptr);
    EXPECT_EQ(format_yuan_per_kwh(household->price_at(at("2026-01-15T21:00:00+08:00")).value()), "0.3469");
    EXPECT_EQ(format_yuan_per_kwh(household->price_at(at("2026-06-15T21:00:00+08:00")).value()), "0.5769");
}

TEST(DezhouPack, EveryHourHasThePublishedBand) {
    const auto path = std::filesystem::path(TIANQU_SHARED_DATA_DIR) / "dezhou" / "tou_shandong_hourly.csv";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: no ../shared/data/dezhou/tou_shandong_hourly.csv";
    const auto table = CsvTable::parse("tou_shandong_hourly.csv", read_whole(path)).value();
    ASSERT_EQ(table.rows().size(), 12U);
    const auto city = load_city(dezhou_folder()).value();
    const auto& tariff = city.tariff_of(grid::StationKind::public_site);
    for (const int year : {2026, 2027}) {
        for (const auto& row : table.rows()) {
            const auto month = std::stoi(row.cells[0]);
            const auto midnight = tariff::start_of({year, month, 15}, city.offset);
            for (int hour = 0; hour < 24; ++hour) {
                for (const int minute : {0, 59}) {
                    const auto time = midnight + std::chrono::hours{hour} + std::chrono::minutes{minute};
                    EXPECT_EQ(std::string(1, tariff::band_letter(tariff.quote_at(time)->band)),
                              row.cells[static_cast<std::size_t>(hour) + 1])
                        << year << '-' << month << ' ' << hour << ':' << minute;
                }
            }
        }
    }
}

TEST(DezhouPack, AgreesWithTheDivisionsItWasMadeFrom) {
    const auto folder = std::filesystem::path(TIANQU_SHARED_DATA_DIR) / "dezhou";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no ../shared/data/dezhou";
    const auto city = load_city(dezhou_folder()).value();
    const auto table = CsvTable::parse("townships", read_whole(folder / "dezhou_townships.csv")).value();
    std::size_t found = 0;
    for (const auto& row : table.rows()) {
        const auto* const township = city.find_township(row.cells[0]);
        if (township == nullptr) {
            EXPECT_EQ(row.cells[1], "新区服务管理办公室");
            continue;
        }
        ++found;
        EXPECT_EQ(township->name_zh, row.cells[1]);
        EXPECT_EQ(township->county, row.cells[2]);
        EXPECT_EQ(township->type, row.cells[4]);
    }
    EXPECT_EQ(found, 134U);
}

TEST(DezhouPack, SafePowerIsNeverAboveTheConnector) {
    const auto city = load_city(dezhou_folder()).value();
    using grid::Current;
    EXPECT_EQ(city.safe_power({ConnectorNumber{1}, Watts{7'000}, Current::ac, 1}), Watts{1'400});
    EXPECT_EQ(city.safe_power({ConnectorNumber{1}, Watts{11'000}, Current::ac, 3}), Watts{4'200});
    EXPECT_EQ(city.safe_power({ConnectorNumber{1}, Watts{60'000}, Current::dc, 3}), Watts{5'000});
    EXPECT_EQ(city.safe_power({ConnectorNumber{1}, Watts{1'000}, Current::dc, 3}), Watts{1'000});
}

struct Fault {
    const char* name;
    const char* file;
    const char* from;
    const char* to;
    const char* line;
    const char* field;
    const char* value;
    const char* expected;
};

class PackFaults : public testing::TestWithParam<Fault> {};

TEST_P(PackFaults, NameFileLineFieldValueAndExpected) {
    auto texts = dezhou_texts();
    auto& text = texts.at(GetParam().file);
    const auto position = text.find(GetParam().from);
    ASSERT_NE(position, std::string::npos);
    text.replace(position, std::string_view(GetParam().from).size(), GetParam().to);
    const auto reading = read_city(texts, "pack/");
    ASSERT_FALSE(reading.problems.empty());
    const auto& problem = reading.problems.front();
    EXPECT_EQ(problem.field("file"), std::string("pack/") + GetParam().file);
    EXPECT_EQ(problem.field("line"), GetParam().line);
    EXPECT_EQ(problem.field("field"), GetParam().field);
    EXPECT_EQ(problem.field("value"), GetParam().value);
    EXPECT_NE(problem.field("expected").find(GetParam().expected), std::string::npos) << problem.text;
}

const std::array faults{
    Fault{"syntax", "city.toml", "name_zh =", "name_zh", "4", "(syntax)",
          "Error while parsing key-value pair: expected '=', saw '\"'", "TOML"},
    Fault{"no_name", "city.toml", "\"德州市\"", "\"\"", "4", "city.name_zh", "", "not empty"},
    Fault{"offset", "city.toml", "+08:00", "+8", "7", "city.utc_offset", "+8", "+08:00"},
    Fault{"code", "city.toml", "\"371400\"", "\"3714\"", "6", "city.code", "3714", "six digits"},
    Fault{"language", "city.toml", "[\"zh\", \"en\"]", "[\"zh\", \"fr\"]", "8", "city.languages", "fr", "zh or en"},
    Fault{"misspelt", "city.toml", "target_kwh = 18", "targt_kwh = 18", "28", "station.residential.targt_kwh", "18",
          "no such key"},
    Fault{"clock", "city.toml", "07:30", "25:30", "27", "station.residential.departure", "25:30", "time of day"},
    Fault{"both", "city.toml", "departure = \"07:30\"", "departure = \"07:30\"\nstay_minutes = 3", "26",
          "station.residential", "", "either"},
    Fault{"power", "city.toml", "= 1.4", "= -1.4", "19", "low_power_kw.ac_single_phase", "-1.4", "above 0"},
    Fault{"tariff", "city.toml", "\"commercial_tou\"", "\"cheap\"", "29", "station.residential.tariff", "cheap",
          "id of a tariff"},
    Fault{"datum", "city.toml", "\"gcj02\"", "\"bd09\"", "11", "outlines.datum", "bd09", "gcj02"},
    Fault{"county_code", "counties.csv", "371403", "37140", "3", "code", "37140", "six digits"},
    Fault{"county_twice", "counties.csv", "371403", "371402", "3", "code", "371402", "no other"},
    Fault{"population", "counties.csv", "482000", "48.2", "3", "population", "48.2", "whole number"},
    Fault{"part_of", "counties.csv", ",,371402,", ",,371499,", "11", "part_of", "371499", "code of a county"},
    Fault{"county_point", "counties.csv", "116.29947", "216.29947", "2", "lon", "216.29947", "-180 to 180"},
    Fault{"column", "counties.csv", "population", "people", "1", "(header)",
          "code,name_zh,name_en,people,part_of,lon,lat", "population"},
    Fault{"township_county", "townships.csv", "371402001,371402", "371402001,371499", "2", "county", "371499",
          "counties.csv"},
    Fault{"township_type", "townships.csv", "Subdistrict,街道", "Subdistrict,路", "2", "type", "路", "街道"},
    Fault{"township_name", "townships.csv", "新湖街道", "", "2", "name_zh", "", "not empty"},
    Fault{"point_of_none", "townships_points.csv", "371402001", "371402999", "2", "code", "371402999", "townships.csv"},
    Fault{"point_datum", "townships_points.csv", "wgs84", "wgs72", "2", "datum", "wgs72", "wgs84"},
    Fault{"json", "outlines.geojson", "\"features\": [", "\"features\": {", "2", "(syntax)", "syntax error", "JSON"},
    Fault{"outline_code", "outlines.geojson", "\"code\":\"371402\"", "\"code\":\"371499\"", "2",
          "features[0].properties.code", "371499", "counties.csv"},
    Fault{"outline_type", "outlines.geojson", "\"Polygon\"", "\"Point\"", "2", "features[0].geometry", "Point",
          "closed rings"},
    Fault{"band", "tariffs/windows.csv", "F,00:00,02:00", "X,00:00,02:00", "2", "band", "X", "S, P, F, V or D"},
    Fault{"months", "tariffs/windows.csv", "1;2;12", "1;2;13", "2", "months", "1;2;13", "1;2;12"},
    Fault{"gap", "tariffs/windows.csv", "F,00:00,02:00", "F,00:00,01:00", "2", "months", "1", "01:00 has none"},
    Fault{"overlap", "tariffs/windows.csv", "V,02:00,06:00", "V,01:00,06:00", "3", "start", "01:00",
          "no overlap in month 1"},
    Fault{"multiplier", "tariffs/windows.csv", "00:00,02:00,1.0", "00:00,02:00,many", "2", "multiplier", "many",
          "three decimals"},
    Fault{"no_price", "tariffs/windows.csv", "00:00,02:00,1.0", "00:00,02:00,", "2", "multiplier", "", "either"},
    Fault{"date", "tariffs/calendars.csv", "2025-01-01", "2025-02-30", "2", "valid_from", "2025-02-30", "2026-01-31"},
    Fault{"calendars_overlap", "tariffs/calendars.csv", "2026-01-01,published", "2026-02-01,published", "3",
          "valid_from", "2026-01-01", "does not overlap"},
    Fault{"window_set", "tariffs/calendars.csv", "published,shandong_commercial_914", "published,shandong", "2",
          "windows", "shandong", "windows.csv"},
    Fault{"standing", "tariffs/calendars.csv", "carried_forward", "assumed", "4", "standing", "assumed",
          "carried_forward"},
    Fault{"source", "tariffs/base_prices.csv",
          "the 2026 example carried forward until the operator enters its own month's notice", "", "3", "source", "",
          "not empty"},
    Fault{"floating", "tariffs/base_prices.csv", "0.5014", "0.5014001", "2", "floating_yuan_per_kwh", "0.5014001",
          "five decimals"},
    Fault{"base_of_none", "tariffs/base_prices.csv", "commercial_tou", "commercial", "2", "tariff", "commercial",
          "tariffs.csv"},
    Fault{"calendar_of_none", "tariffs/calendars.csv", "household_voluntary_tou", "household", "5", "tariff",
          "household", "tariffs.csv"}};

INSTANTIATE_TEST_SUITE_P(Dezhou, PackFaults, testing::ValuesIn(faults),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(PackFiles, AMissingFileIsAProblem) {
    for (const auto& [name, text] : dezhou_texts()) {
        auto texts = dezhou_texts();
        texts.erase(name);
        const auto reading = read_city(texts, "pack/");
        ASSERT_FALSE(reading.problems.empty()) << name;
        const auto named = std::any_of(reading.problems.begin(), reading.problems.end(), [&](const Error& problem) {
            return problem.field("file") == "pack/" + name && problem.field("field") == "(file)";
        });
        EXPECT_TRUE(named) << name;
    }
}

TEST(PackFiles, AFolderThatIsNoneIsAProblem) {
    const auto refused = load_city("/nonexistent/city");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field("field"), "(folder)");
    EXPECT_EQ(refused.error().field("count"), "1");
    EXPECT_FALSE(load_network("/nonexistent/network"));
}

}  // namespace
}  // namespace tianqu::city
