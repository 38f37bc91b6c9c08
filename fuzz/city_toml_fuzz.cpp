#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assertion.hpp"
#include "fuzz/city_minimal_pack.hpp"

/// The first byte says whether the rest stands for city.toml or network.toml.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tianqu;
    if (size == 0) return 0;
    std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        auto files = fuzz::minimal_pack();
        files["city.toml"] = std::move(text);
        const auto reading = city::read_city(files);
        if (!reading.problems.empty()) return 0;
        for (const auto& [kind, id] : reading.city.tariff_by_station_kind) {
            static_cast<void>(reading.city.tariff_of(kind));
            TIANQU_ASSERT(reading.city.defaults_of(kind).target.count > 0);
        }
        return 0;
    }
    auto files = fuzz::minimal_network();
    files["network.toml"] = std::move(text);
    const auto reading = city::read_network_folder(files);
    if (!reading.problems.empty()) return 0;
    const auto again = city::read_network_folder(city::write_network_folder(reading.parts));
    TIANQU_ASSERT(again.problems.empty() && again.parts == reading.parts);
    return 0;
}
