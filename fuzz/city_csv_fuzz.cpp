#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assertion.hpp"
#include "city/make_network.hpp"
#include "fuzz/city_minimal_pack.hpp"

namespace {

using namespace tianqu;

constexpr std::array pack_files{"counties.csv",          "townships.csv",          "townships_points.csv",
                                "outlines.geojson",      "tariffs/tariffs.csv",    "tariffs/windows.csv",
                                "tariffs/calendars.csv", "tariffs/base_prices.csv"};
constexpr std::array network_files{"network.csv", "chargers.csv", "profiles.csv"};

void read_pack_with(const std::string& name, std::string text) {
    auto files = fuzz::minimal_pack();
    files[name] = std::move(text);
    const auto reading = city::read_city(files, "f/");
    for (const auto& problem : reading.problems)
        TIANQU_ASSERT(problem.field("file") == "f/" + name || !problem.text.empty());
    if (!reading.problems.empty()) return;
    // A pack without a problem is one that a network can be made from and prices can be asked of.
    const auto parts = city::make_network(reading.city, {.public_chargers = 3, .residential_chargers = 5, .seed = 1});
    TIANQU_ASSERT(parts.has_value());
    for (const auto& tariff : reading.city.tariffs)
        static_cast<void>(tariff.quote_at(from_milliseconds(1'780'000'000'000)));
}

void read_network_with(const std::string& name, std::string text) {
    auto files = fuzz::minimal_network();
    files[name] = std::move(text);
    const auto reading = city::read_network_folder(files, "f/");
    if (!reading.problems.empty()) return;
    TIANQU_ASSERT(grid::Network::build(reading.parts).has_value());
    const auto again = city::read_network_folder(city::write_network_folder(reading.parts), "f/");
    TIANQU_ASSERT(again.problems.empty() && again.parts == reading.parts);
}

}  // namespace

/// The first byte says which file of a pack or network the rest stands for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t which = data[0] % (pack_files.size() + network_files.size());
    if (which < pack_files.size())
        read_pack_with(pack_files[which], std::move(text));
    else
        read_network_with(network_files[which - pack_files.size()], std::move(text));
    return 0;
}
