#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "grid/network.hpp"
#include "grid/network_files.hpp"
#include "tariff/tariff.hpp"

namespace tianqu::city {

/// A county-level unit.
struct County {
    std::string code;  ///< six digits
    std::string name_zh;
    std::string name_en;
    std::int64_t population = 0;  ///< persons
    std::string part_of;          ///< code of the county inside whose outline and population it lies; empty for most
    double lon = 0;
    double lat = 0;
    grid::Datum datum = grid::Datum::unknown;
};

/// A township-level unit: 街道, 镇 or 乡.
struct Township {
    std::string code;  ///< nine digits
    std::string county;
    std::string name_zh;
    std::string name_en;
    std::string type;  ///< 街道, 镇, 乡
    double lon = 0;
    double lat = 0;
    grid::Datum datum = grid::Datum::placeholder;
};

/// When a car without a stated departure is taken to leave, and what it is taken to want.
struct StationDefaults {
    /// Minute of the local day of the next departure (450 = 07:30); none: `stay` after arrival.
    std::optional<int> departure_minute;
    std::chrono::minutes stay{60};
    WattHours target;
};

/// What every charger falls back to when it hears no more from here.
struct LowPower {
    Watts ac_single_phase;
    Watts ac_three_phase;
    Watts dc;
};

struct City {
    std::string name_zh;
    std::string name_en;
    std::string code;  ///< GB/T 2260, six digits
    UtcOffset offset;
    std::vector<std::string> languages;  ///< "zh", "en"; the first is the default
    grid::Datum counties_datum = grid::Datum::unknown;
    std::vector<County> counties;
    std::vector<Township> townships;
    std::string outlines_geojson;  ///< FeatureCollection of county polygons, simplified
    std::string outlines_source;
    grid::Datum outlines_datum = grid::Datum::unknown;
    std::map<grid::StationKind, StationDefaults> station_defaults;  ///< one for every kind but `none`
    LowPower low_power;
    std::vector<tariff::Tariff> tariffs;
    std::map<grid::StationKind, std::string> tariff_by_station_kind;  ///< tariff id, one for every kind but `none`
    /// The folder of the network inside the pack, if there is one.
    std::optional<std::filesystem::path> network_folder;

    [[nodiscard]] const County* find_county(std::string_view code) const;
    [[nodiscard]] const Township* find_township(std::string_view code) const;
    [[nodiscard]] const tariff::Tariff* find_tariff(std::string_view id) const;
    /// The tariff that charging at such a station is priced by.
    [[nodiscard]] const tariff::Tariff& tariff_of(grid::StationKind kind) const;
    [[nodiscard]] const StationDefaults& defaults_of(grid::StationKind kind) const;
    /// Power of a connector's safe level: the low default profile, never above its maximum.
    [[nodiscard]] Watts safe_power(const grid::ConnectorSpec& connector) const;
};

/// The files of a pack or network folder by name relative to it, e.g. "city.toml", "tariffs/bands.csv".
using FileTexts = std::map<std::string, std::string>;

struct CityReading {
    City city;                    ///< usable only when `problems` is empty
    std::vector<Error> problems;  ///< each with file, line, field, value, expected
};

/// Reads and checks a pack given as texts; `prefix` is put before file names in messages.
[[nodiscard]] CityReading read_city(const FileTexts& files, const std::string& prefix = "");

/// Reads and checks a network folder's texts (network.toml, network.csv, chargers.csv, profiles.csv). With a city also
/// that county and township codes exist.
[[nodiscard]] grid::NetworkReading read_network_folder(const FileTexts& files, const std::string& prefix = "",
                                                       const City* city = nullptr);
[[nodiscard]] FileTexts write_network_folder(const grid::NetworkParts& parts);

/// Every problem of the pack in this folder (and of the network inside it or in `network`); unreadable files are
/// problems too.
[[nodiscard]] std::vector<Error> check_city(const std::filesystem::path& folder,
                                            const std::optional<std::filesystem::path>& network = std::nullopt);

/// The pack in this folder, or its first problem (field "count" says how many there are).
[[nodiscard]] Result<City> load_city(const std::filesystem::path& folder);
[[nodiscard]] Result<grid::Network> load_network(const std::filesystem::path& folder, const City* city = nullptr);

}  // namespace tianqu::city
