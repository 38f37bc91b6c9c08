#include <cmath>
#include <set>

#include "base/csv_row.hpp"
#include "city/reading.hpp"

namespace tianqu::city {

namespace {

constexpr std::size_t max_rows = 20'000;

std::optional<std::string> six_digits(const std::string& text) {
    return is_code(text, 6) ? std::optional{text} : std::nullopt;
}

std::optional<std::string> nine_digits(const std::string& text) {
    return is_code(text, 9) ? std::optional{text} : std::nullopt;
}

double degrees_within(CsvRowReader& cells, std::string_view column, double bound) {
    const auto value = cells.degrees(column);
    if (std::abs(value) <= bound && !cells.text(column).empty()) return value;
    cells.refuse(column, "degrees from -" + std::to_string(static_cast<int>(bound)) + " to " +
                             std::to_string(static_cast<int>(bound)));
    return 0;
}

std::optional<CsvTable> read_rows(Reading& reading, const std::string& name,
                                  std::initializer_list<std::string_view> columns) {
    const auto* const text = reading.file(name);
    if (text == nullptr) return std::nullopt;
    auto table = read_csv(reading.shown(name), *text, columns, reading.problems);
    if (table && (table->rows().empty() || table->rows().size() > max_rows)) {
        reading.problems.push_back(input_error(reading.shown(name), 1, "(rows)", std::to_string(table->rows().size()),
                                               "1 to " + std::to_string(max_rows) + " rows"));
        return std::nullopt;
    }
    return table;
}

void read_counties(Reading& reading) {
    const auto table =
        read_rows(reading, "counties.csv", {"code", "name_zh", "name_en", "population", "part_of", "lon", "lat"});
    if (!table) return;
    for (const auto& row : table->rows()) {
        CsvRowReader cells(*table, row, reading.problems);
        County county;
        county.code = cells.read("code", "six digits (GB/T 2260 or statistics code)", std::string{}, six_digits);
        if (!county.code.empty() && reading.city.find_county(county.code) != nullptr) {
            cells.refuse("code", "a code that no other county has");
        }
        county.name_zh = cells.required("name_zh");
        county.name_en = cells.required("name_en");
        county.part_of = cells.text("part_of");
        if (county.part_of.empty()) {
            county.population = cells.whole("population", 1, 100'000'000);
        } else if (!cells.text("population").empty()) {
            cells.refuse("population", "nothing, as it is counted with the county named in part_of");
        }
        county.lon = degrees_within(cells, "lon", 180);
        county.lat = degrees_within(cells, "lat", 90);
        county.datum = reading.city.counties_datum;
        reading.city.counties.push_back(std::move(county));
    }
    for (const auto& row : table->rows()) {
        CsvRowReader cells(*table, row, reading.problems);
        const auto& part_of = cells.text("part_of");
        if (part_of.empty()) continue;
        const auto* const whole = reading.city.find_county(part_of);
        if (whole == nullptr || !whole->part_of.empty()) {
            cells.refuse("part_of", "the code of a county that is not part of another");
        }
    }
}

void read_townships(Reading& reading) {
    const auto table = read_rows(reading, "townships.csv", {"code", "county", "name_zh", "name_en", "type"});
    if (!table) return;
    std::set<std::string> codes;
    std::set<std::string> counties_with_townships;
    for (const auto& row : table->rows()) {
        CsvRowReader cells(*table, row, reading.problems);
        Township township;
        township.code = cells.read("code", "nine digits (statistics code)", std::string{}, nine_digits);
        if (!township.code.empty() && !codes.insert(township.code).second) {
            cells.refuse("code", "a code that no other township has");
        }
        township.county = cells.text("county");
        if (!reading.city.counties.empty() && reading.city.find_county(township.county) == nullptr) {
            cells.refuse("county", "the code of a county in counties.csv");
        }
        counties_with_townships.insert(township.county);
        township.name_zh = cells.required("name_zh");
        township.name_en = cells.required("name_en");
        township.type = cells.text("type");
        if (township.type != "街道" && township.type != "镇" && township.type != "乡") {
            cells.refuse("type", "街道, 镇 or 乡");
        }
        reading.city.townships.push_back(std::move(township));
    }
    for (const auto& county : reading.city.counties) {
        if (counties_with_townships.contains(county.code)) continue;
        reading.problems.push_back(
            input_error(table->file(), 1, "county", county.code, "at least one township of " + county.name_zh));
    }
}

void read_points(Reading& reading) {
    const auto table = read_rows(reading, "townships_points.csv", {"code", "lon", "lat", "datum"});
    if (!table) return;
    std::map<std::string, Township*> by_code;
    for (auto& township : reading.city.townships) by_code[township.code] = &township;
    std::set<std::string> placed;
    for (const auto& row : table->rows()) {
        CsvRowReader cells(*table, row, reading.problems);
        const auto found = by_code.find(cells.text("code"));
        if (found == by_code.end()) {
            if (!by_code.empty()) cells.refuse("code", "the code of a township in townships.csv");
            continue;
        }
        if (!placed.insert(found->first).second) cells.refuse("code", "each township once");
        auto& township = *found->second;
        township.lon = degrees_within(cells, "lon", 180);
        township.lat = degrees_within(cells, "lat", 90);
        township.datum =
            cells.read("datum", "unknown, wgs84, gcj02 or placeholder", grid::Datum::unknown, grid::parse_datum);
    }
    for (const auto& [code, township] : by_code) {
        if (placed.contains(code)) continue;
        reading.problems.push_back(
            input_error(table->file(), 1, "code", code, "a point for township " + township->name_zh));
    }
}

}  // namespace

void read_divisions(Reading& reading) {
    read_counties(reading);
    read_townships(reading);
    read_points(reading);
}

}  // namespace tianqu::city
