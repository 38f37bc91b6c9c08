#include <array>

#include "base/csv.hpp"
#include "city/reading.hpp"
#include "city/toml_fields.hpp"

namespace tianqu::city {

namespace {

constexpr std::array charged_kinds{grid::StationKind::residential, grid::StationKind::public_site,
                                   grid::StationKind::workplace, grid::StationKind::depot, grid::StationKind::highway};

/// "07:30" as the minute of the day.
std::optional<int> parse_clock(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hour = parse_decimal(text.substr(0, 2), 0);
    const auto minute = parse_decimal(text.substr(3, 2), 0);
    if (!hour || !minute || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59) return std::nullopt;
    return static_cast<int>(*hour * 60 + *minute);
}

grid::Datum read_datum(TomlFields& fields, std::string_view path) {
    const auto text = fields.text(path);
    const auto datum = grid::parse_datum(text);
    if (!datum && !text.empty()) fields.refuse(path, text, "unknown, wgs84, gcj02 or placeholder");
    return datum.value_or(grid::Datum::unknown);
}

void read_station(TomlFields& fields, City& city, grid::StationKind kind) {
    const auto table = "station." + std::string(grid::enum_name(kind));
    fields.only_keys(table, {"departure", "stay_minutes", "target_kwh", "tariff"});
    StationDefaults defaults;
    const bool has_departure = fields.has(table + ".departure");
    if (has_departure == fields.has(table + ".stay_minutes")) {
        fields.refuse(table, "", "either departure or stay_minutes");
    } else if (has_departure) {
        const auto text = fields.text(table + ".departure");
        defaults.departure_minute = parse_clock(text);
        if (!defaults.departure_minute) fields.refuse(table + ".departure", text, "a time of day such as \"07:30\"");
    } else {
        defaults.stay = std::chrono::minutes{fields.whole(table + ".stay_minutes", 1, 7 * 24 * 60)};
    }
    defaults.target = WattHours{fields.thousandths(table + ".target_kwh")};
    city.station_defaults[kind] = defaults;
    city.tariff_by_station_kind[kind] = fields.text(table + ".tariff");
}

void read_city_table(TomlFields& fields, City& city) {
    fields.only_keys("city", {"name_zh", "name_en", "code", "utc_offset", "languages"});
    city.name_zh = fields.text("city.name_zh");
    city.name_en = fields.text("city.name_en");
    city.code = fields.text("city.code");
    if (!city.code.empty() && !is_code(city.code, 6)) fields.refuse("city.code", city.code, "six digits (GB/T 2260)");
    const auto offset_text = fields.text("city.utc_offset");
    if (const auto offset = parse_offset(offset_text)) {
        city.offset = *offset;
    } else if (!offset_text.empty()) {
        fields.refuse("city.utc_offset", offset_text, "an offset such as \"+08:00\"");
    }
    city.languages = fields.texts("city.languages");
    for (const auto& language : city.languages) {
        if (language != "zh" && language != "en") fields.refuse("city.languages", language, "zh or en");
    }
}

}  // namespace

void read_settings(Reading& reading) {
    const auto* const text = reading.file("city.toml");
    if (text == nullptr) return;
    TomlFields fields(reading.shown("city.toml"), *text, reading.problems);
    auto& city = reading.city;
    fields.only_keys("", {"city", "outlines", "counties", "low_power_kw", "station"});
    read_city_table(fields, city);
    fields.only_keys("outlines", {"datum", "source"});
    city.outlines_datum = read_datum(fields, "outlines.datum");
    city.outlines_source = fields.text("outlines.source");
    fields.only_keys("counties", {"datum"});
    city.counties_datum = read_datum(fields, "counties.datum");
    fields.only_keys("low_power_kw", {"ac_single_phase", "ac_three_phase", "dc"});
    city.low_power.ac_single_phase = Watts{fields.thousandths("low_power_kw.ac_single_phase")};
    city.low_power.ac_three_phase = Watts{fields.thousandths("low_power_kw.ac_three_phase")};
    city.low_power.dc = Watts{fields.thousandths("low_power_kw.dc")};
    fields.only_keys("station", {"residential", "public_site", "workplace", "depot", "highway"});
    for (const auto kind : charged_kinds) read_station(fields, city, kind);
}

void check_references(Reading& reading) {
    // A broken tariff file has been named already; a tariff missing for that reason need not be named again.
    if (!reading.problems.empty()) return;
    const auto* const text = reading.file("city.toml");
    if (text == nullptr) return;
    TomlFields fields(reading.shown("city.toml"), *text, reading.problems);
    for (const auto& [kind, id] : reading.city.tariff_by_station_kind) {
        if (reading.city.find_tariff(id) != nullptr) continue;
        fields.refuse("station." + std::string(grid::enum_name(kind)) + ".tariff", id,
                      "the id of a tariff in tariffs/tariffs.csv");
    }
}

}  // namespace tianqu::city
