#include "grid/node.hpp"

#include <array>
#include <utility>

namespace tianqu::grid {

namespace {

constexpr std::array node_kinds{std::pair{NodeKind::city, std::string_view{"city"}},
                                std::pair{NodeKind::substation, std::string_view{"substation"}},
                                std::pair{NodeKind::feeder, std::string_view{"feeder"}},
                                std::pair{NodeKind::transformer, std::string_view{"transformer"}},
                                std::pair{NodeKind::station, std::string_view{"station"}}};
constexpr std::array station_kinds{std::pair{StationKind::none, std::string_view{"none"}},
                                   std::pair{StationKind::residential, std::string_view{"residential"}},
                                   std::pair{StationKind::public_site, std::string_view{"public_site"}},
                                   std::pair{StationKind::workplace, std::string_view{"workplace"}},
                                   std::pair{StationKind::depot, std::string_view{"depot"}},
                                   std::pair{StationKind::highway, std::string_view{"highway"}}};
constexpr std::array currents{std::pair{Current::ac, std::string_view{"ac"}},
                              std::pair{Current::dc, std::string_view{"dc"}}};
constexpr std::array datums{
    std::pair{Datum::unknown, std::string_view{"unknown"}}, std::pair{Datum::wgs84, std::string_view{"wgs84"}},
    std::pair{Datum::gcj02, std::string_view{"gcj02"}}, std::pair{Datum::placeholder, std::string_view{"placeholder"}}};

template <class Table, class Enum>
std::string_view name_in(const Table& table, Enum value) {
    for (const auto& [entry, name] : table) {
        if (entry == value) return name;
    }
    return "unknown";
}

template <class Table>
auto value_in(const Table& table, std::string_view text) -> std::optional<decltype(table[0].first)> {
    for (const auto& [entry, name] : table) {
        if (name == text) return entry;
    }
    return std::nullopt;
}

}  // namespace

std::string_view enum_name(NodeKind kind) { return name_in(node_kinds, kind); }
std::string_view enum_name(StationKind kind) { return name_in(station_kinds, kind); }
std::string_view enum_name(Current current) { return name_in(currents, current); }
std::string_view enum_name(Datum datum) { return name_in(datums, datum); }

std::optional<NodeKind> parse_node_kind(std::string_view text) { return value_in(node_kinds, text); }
std::optional<StationKind> parse_station_kind(std::string_view text) { return value_in(station_kinds, text); }
std::optional<Current> parse_current(std::string_view text) { return value_in(currents, text); }
std::optional<Datum> parse_datum(std::string_view text) { return value_in(datums, text); }

}  // namespace tianqu::grid
