#include <array>
#include <fstream>
#include <iterator>

#include "base/csv.hpp"
#include "city/city.hpp"

namespace tianqu::city {

namespace {

namespace fs = std::filesystem;

/// No file of a pack comes near this; a larger one is a mistake, refused before it is read.
constexpr std::uintmax_t max_file_bytes = 256U << 20;

constexpr std::array pack_files{
    "city.toml",           "counties.csv",        "townships.csv",         "townships_points.csv",   "outlines.geojson",
    "tariffs/tariffs.csv", "tariffs/windows.csv", "tariffs/calendars.csv", "tariffs/base_prices.csv"};
constexpr std::array network_files{"network.toml", "network.csv", "chargers.csv", "profiles.csv"};

/// The files that exist; those that do not are left out, for the reader to name.
template <class Names>
FileTexts read_files(const fs::path& folder, const Names& names, std::vector<Error>& problems) {
    FileTexts texts;
    for (const char* const name : names) {
        const auto path = folder / name;
        std::error_code error;
        if (!fs::is_regular_file(path, error)) continue;
        const auto size = fs::file_size(path, error);
        if (error || size > max_file_bytes) {
            problems.push_back(
                input_error(path.string(), 0, "(file)", std::to_string(size) + " bytes", "at most 256 MiB"));
            continue;
        }
        std::ifstream stream(path, std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(stream), {}};
        if (!stream.good() && !stream.eof()) {
            problems.push_back(input_error(path.string(), 0, "(file)", "", "a readable file"));
            continue;
        }
        texts.emplace(name, std::move(text));
    }
    return texts;
}

std::string prefix_of(const fs::path& folder) { return (folder / "").string(); }

Error first_of(std::vector<Error>& problems) {
    auto count = std::to_string(problems.size());
    return std::move(problems.front()).with("count", std::move(count));
}

struct LoadedCity {
    CityReading reading;
    std::vector<Error> problems;
};

LoadedCity read_pack(const fs::path& folder) {
    std::vector<Error> problems;
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        problems.push_back(input_error(folder.string(), 0, "(folder)", "", "a folder with a city pack"));
        return {{}, std::move(problems)};
    }
    const auto texts = read_files(folder, pack_files, problems);
    auto reading = read_city(texts, prefix_of(folder));
    std::move(reading.problems.begin(), reading.problems.end(), std::back_inserter(problems));
    if (fs::is_directory(folder / "network", error)) reading.city.network_folder = folder / "network";
    return {std::move(reading), std::move(problems)};
}

grid::NetworkReading read_network_at(const fs::path& folder, const City* city) {
    std::vector<Error> problems;
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        problems.push_back(input_error(folder.string(), 0, "(folder)", "", "a folder with a network"));
        return {{}, std::move(problems)};
    }
    const auto texts = read_files(folder, network_files, problems);
    auto reading = read_network_folder(texts, prefix_of(folder), city);
    reading.problems.insert(reading.problems.begin(), problems.begin(), problems.end());
    return reading;
}

}  // namespace

std::vector<Error> check_city(const fs::path& folder, const std::optional<fs::path>& network) {
    auto loaded = read_pack(folder);
    auto problems = std::move(loaded.problems);
    const auto network_folder = network ? network : loaded.reading.city.network_folder;
    if (network_folder) {
        // Division codes mean something only against a sound pack.
        const auto* const city = problems.empty() ? &loaded.reading.city : nullptr;
        auto reading = read_network_at(*network_folder, city);
        std::move(reading.problems.begin(), reading.problems.end(), std::back_inserter(problems));
    }
    return problems;
}

Result<City> load_city(const fs::path& folder) {
    auto loaded = read_pack(folder);
    if (!loaded.problems.empty()) return fail(first_of(loaded.problems));
    return std::move(loaded.reading.city);
}

Result<grid::Network> load_network(const fs::path& folder, const City* city) {
    auto reading = read_network_at(folder, city);
    if (!reading.problems.empty()) return fail(first_of(reading.problems));
    return grid::Network::build(std::move(reading.parts));
}

}  // namespace tianqu::city
