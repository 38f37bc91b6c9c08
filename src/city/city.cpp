#include "city/city.hpp"

#include <algorithm>

#include "base/assertion.hpp"
#include "base/csv.hpp"
#include "city/reading.hpp"

namespace tianqu::city {

namespace {

template <class List>
auto find_by_code(const List& list, std::string_view code) -> decltype(&list.front()) {
    const auto found = std::ranges::find_if(list, [&](const auto& entry) { return entry.code == code; });
    return found == list.end() ? nullptr : &*found;
}

}  // namespace

const County* City::find_county(std::string_view wanted) const { return find_by_code(counties, wanted); }

const Township* City::find_township(std::string_view wanted) const { return find_by_code(townships, wanted); }

const tariff::Tariff* City::find_tariff(std::string_view id) const {
    const auto found = std::ranges::find_if(tariffs, [&](const auto& tariff) { return tariff.data().id == id; });
    return found == tariffs.end() ? nullptr : &*found;
}

const tariff::Tariff& City::tariff_of(grid::StationKind kind) const {
    const auto id = tariff_by_station_kind.find(kind);
    TIANQU_ASSERT(id != tariff_by_station_kind.end());
    const auto* const tariff = find_tariff(id->second);
    TIANQU_ASSERT(tariff != nullptr);
    return *tariff;
}

const StationDefaults& City::defaults_of(grid::StationKind kind) const {
    const auto found = station_defaults.find(kind);
    TIANQU_ASSERT(found != station_defaults.end());
    return found->second;
}

Watts City::safe_power(const grid::ConnectorSpec& connector) const {
    const auto level = connector.current == grid::Current::dc ? low_power.dc
                       : connector.phases == 3                ? low_power.ac_three_phase
                                                              : low_power.ac_single_phase;
    return std::min(level, connector.max_power);
}

const std::string* Reading::file(const std::string& name) {
    const auto found = files.find(name);
    if (found != files.end()) return &found->second;
    problems.push_back(input_error(shown(name), 0, "(file)", "", "this file, which the pack must have"));
    return nullptr;
}

bool is_code(std::string_view text, std::size_t digits) {
    return text.size() == digits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

CityReading read_city(const FileTexts& files, const std::string& prefix) {
    Reading reading{files, prefix, {}, {}};
    read_settings(reading);
    read_divisions(reading);
    read_outlines(reading);
    read_tariffs(reading);
    check_references(reading);
    return {std::move(reading.city), std::move(reading.problems)};
}

}  // namespace tianqu::city
