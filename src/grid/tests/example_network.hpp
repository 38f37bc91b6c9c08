#pragma once

#include "grid/network.hpp"

namespace tianqu::grid {

/// City 1 MW ─ feeder 500 kW (base 100 kW by day) ─ transformer 200 kW (base 40 kW, flat) ─ station 150 kW ─ two
/// chargers.
inline NetworkParts example_parts() {
    DayProfile flat{"flat", std::vector<Permille>(slots_per_day, Permille{1000})};
    DayProfile day{"day", std::vector<Permille>(slots_per_day)};
    for (std::size_t slot = 32; slot < 72; ++slot) day.slots[slot] = Permille{500};
    day.slots[48] = Permille{1000};
    NetworkParts parts{.origin = {.source = "example", .synthetic = true, .made_by = "test"},
                       .nodes = {},
                       .chargers = {},
                       .profiles = {flat, day}};
    parts.nodes = {{.id = NodeId{"station"},
                    .parent = NodeId{"transformer"},
                    .kind = NodeKind::station,
                    .name_zh = "站",
                    .name_en = "Station",
                    .limit = Watts{150'000},
                    .lon = 116.3,
                    .lat = 37.45,
                    .datum = Datum::placeholder,
                    .station_kind = StationKind::residential,
                    .synthetic = true},
                   {.id = NodeId{"transformer"},
                    .parent = NodeId{"feeder"},
                    .kind = NodeKind::transformer,
                    .limit = Watts{200'000},
                    .base_profile = "flat",
                    .base_peak = Watts{40'000}},
                   {.id = NodeId{"feeder"},
                    .parent = NodeId{"city"},
                    .kind = NodeKind::feeder,
                    .limit = Watts{500'000},
                    .base_profile = "day",
                    .base_peak = Watts{100'000}},
                   {.id = NodeId{"city"}, .kind = NodeKind::city, .name_zh = "城", .limit = Watts{1'000'000}},
                   {.id = NodeId{"other"},
                    .parent = NodeId{"feeder"},
                    .kind = NodeKind::station,
                    .limit = Watts{60'000},
                    .station_kind = StationKind::public_site}};
    parts.chargers = {
        {ChargerId{"A"}, NodeId{"station"}, "一号", {{ConnectorNumber{1}, Watts{7'000}, Current::ac, 1}}},
        {ChargerId{"B"},
         NodeId{"station"},
         "二号, 双枪",
         {{ConnectorNumber{1}, Watts{60'000}, Current::dc, 3}, {ConnectorNumber{2}, Watts{60'000}, Current::dc, 3}}}};
    return parts;
}

}  // namespace tianqu::grid
