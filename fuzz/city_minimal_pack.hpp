#pragma once

#include "city/city.hpp"

namespace tianqu::fuzz {

/// The smallest sound pack, so that a fuzzed file meets sound neighbours.
inline city::FileTexts minimal_pack() {
    return {
        {"city.toml", R"([city]
name_zh = "城"
name_en = "City"
code = "123400"
utc_offset = "+08:00"
languages = ["zh"]
[outlines]
datum = "gcj02"
source = "none"
[counties]
datum = "gcj02"
[low_power_kw]
ac_single_phase = 1.4
ac_three_phase = 4.2
dc = 5
[station.residential]
departure = "07:30"
target_kwh = 18.5
tariff = "t"
[station.public_site]
stay_minutes = 60
target_kwh = 30
tariff = "t"
[station.workplace]
departure = "17:30"
target_kwh = 18
tariff = "t"
[station.depot]
departure = "06:00"
target_kwh = 80
tariff = "t"
[station.highway]
stay_minutes = 40
target_kwh = 40
tariff = "t"
)"},
        {"counties.csv", "code,name_zh,name_en,population,part_of,lon,lat\n123401,区,District,1000,,116,37\n"},
        {"townships.csv", "code,county,name_zh,name_en,type\n123401001,123401,街,Street,街道\n"},
        {"townships_points.csv", "code,lon,lat,datum\n123401001,116,37,placeholder\n"},
        {"outlines.geojson",
         R"({"type":"FeatureCollection","features":[{"properties":{"code":"123401"},"geometry":{"type":"Polygon","coordinates":[[[116,37],[117,37],[117,38],[116,37]]]}}]})"},
        {"tariffs/tariffs.csv", "tariff,name_zh,name_en\nt,价,Price\n"},
        {"tariffs/windows.csv",
         "windows,months,band,start,end,multiplier,price_yuan_per_kwh\n"
         "w,1;2;3;4;5;6;7;8;9;10;11;12,V,00:00,08:00,0.3,\nw,1;2;3;4;5;6;7;8;9;10;11;12,P,08:00,24:00,1.7,\n"},
        {"tariffs/calendars.csv",
         "tariff,valid_from,valid_until,standing,windows,source\nt,2026-01-01,,published,w,s\n"},
        {"tariffs/base_prices.csv",
         "tariff,valid_from,valid_until,voltage,floating_yuan_per_kwh,fixed_yuan_per_kwh,standing,source\n"
         "t,2026-01-01,,,0.5,0.1,example,s\n"}};
}

/// The smallest sound network folder.
inline city::FileTexts minimal_network() {
    std::string profiles = "profile,slot,permille\n";
    for (int slot = 0; slot < grid::slots_per_day; ++slot) profiles += "p," + std::to_string(slot) + ",500\n";
    return {{"network.toml",
             "source = \"s\"\nstatus = \"synthetic\"\nseed = 1\ndatum = \"placeholder\"\nmade_by = \"m\"\n"},
            {"network.csv",
             "id,parent,kind,name_zh,name_en,limit_kw,base_profile,base_peak_kw,county,township,lon,lat,station_kind\n"
             "c,,city,城,City,1000,,,123401,,116,37,\nt,c,transformer,变,T,200,p,40,123401,123401001,116,37,\n"
             "s,t,station,站,S,100,,,123401,123401001,116,37,residential\n"},
            {"chargers.csv", "charger,station,name,connector,current,phases,max_kw\nA,s,a,1,ac,1,7\nA,s,a,2,dc,3,60\n"},
            {"profiles.csv", profiles}};
}

}  // namespace tianqu::fuzz
