#pragma once

#include <fstream>
#include <iterator>

#include "city/city.hpp"

namespace tianqu::city {

inline std::filesystem::path dezhou_folder() { return std::filesystem::path(TIANQU_SOURCE_DIR) / "cities" / "dezhou"; }

inline std::string read_whole(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The files of the Dezhou pack as texts, for tests to spoil.
inline FileTexts dezhou_texts() {
    FileTexts texts;
    for (const char* name :
         {"city.toml", "counties.csv", "townships.csv", "townships_points.csv", "outlines.geojson",
          "tariffs/tariffs.csv", "tariffs/windows.csv", "tariffs/calendars.csv", "tariffs/base_prices.csv"}) {
        texts[name] = read_whole(dezhou_folder() / name);
    }
    return texts;
}

}  // namespace tianqu::city
