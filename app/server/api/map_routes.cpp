#include <memory>

#include "app/server/api/charger_view.hpp"
#include "app/server/api/impl.hpp"
#include "app/server/api/paging.hpp"

namespace tianqu::server {

namespace {

/// Points of the network's chargers, made again only when the network changes.
struct PointCache {
    const void* network = nullptr;
    std::size_t chargers = 0;
    std::int64_t version = 0;
    std::string head;  ///< `"version":…,"ids":[…],"lon":[…],"lat":[…]`
};

/// Chargers of one station are drawn apart, on a small spiral around it (about 20 m a step).
std::pair<double, double> offset_of(std::size_t position) {
    static constexpr double step_degrees = 0.0002;
    static constexpr std::pair<int, int> directions[] = {{0, 0}, {1, 0},  {0, 1},   {-1, 0}, {0, -1},
                                                         {1, 1}, {-1, 1}, {-1, -1}, {1, -1}};
    const auto [x, y] = directions[position % 9];
    const double ring = 1.0 + static_cast<double>(position / 9);
    return {x * ring * step_degrees, y * ring * step_degrees};
}

std::string points_head(const grid::Network& network, std::int64_t version) {
    JsonWriter ids;
    JsonWriter lon;
    JsonWriter lat;
    for (auto* list : {&ids, &lon, &lat}) list->begin_array();
    std::vector<std::size_t> at_station(network.node_count(), 0);
    for (grid::ChargerIndex index = 0; index < network.charger_count(); ++index) {
        const auto node = network.node_of(index);
        const auto& station = network.node(node);
        const auto [x, y] = offset_of(at_station[node]++);
        ids.text(network.charger(index).id.value);
        lon.raw(format_decimal(static_cast<std::int64_t>((station.lon + x) * 1e5), 5));
        lat.raw(format_decimal(static_cast<std::int64_t>((station.lat + y) * 1e5), 5));
    }
    for (auto* list : {&ids, &lon, &lat}) list->end_array();
    return "\"version\":" + std::to_string(version) + ",\"ids\":" + ids.take() + ",\"lon\":" + lon.take() +
           ",\"lat\":" + lat.take();
}

void refresh(PointCache& cache, const Runtime& runtime) {
    const auto& network = runtime.state().network;
    const void* identity = network.chargers().data();
    if (cache.network == identity && cache.chargers == network.charger_count()) return;
    cache.network = identity;
    cache.chargers = network.charger_count();
    ++cache.version;
    cache.head = points_head(network, cache.version);
}

std::string states(const charging::State& state) {
    std::string letters;
    letters.reserve(state.network.charger_count());
    for (const auto& site : state.network.chargers()) letters += letter(shown_state(state, site.id));
    return letters;
}

/// The pack's outlines, and for a county without one (a new area inside another) a feature with its names and no
/// geometry.
std::string counties_json(const city::City& city) {
    const std::string& outlines = city.outlines_geojson;
    const auto end = outlines.rfind(']');
    if (end == std::string::npos) return outlines;
    std::string text = outlines.substr(0, end);
    for (const auto& county : city.counties) {
        if (outlines.find('"' + county.code + '"') != std::string::npos) continue;
        JsonWriter feature;
        feature.begin_object().field("type", "Feature").key("geometry").null().key("properties").begin_object();
        feature.field("code", county.code).field("name_zh", county.name_zh).field("name_en", county.name_en);
        feature.field("part_of", county.part_of).end_object().end_object();
        text.append(text.ends_with('[') ? "" : ",").append(feature.take());
    }
    return text + outlines.substr(end);
}

std::string stations_json(const Runtime& runtime) {
    const auto& network = runtime.state().network;
    JsonWriter json;
    json.begin_object().key("stations").begin_array();
    for (grid::NodeIndex index = 0; index < network.node_count(); ++index) {
        const auto& node = network.node(index);
        if (node.kind != grid::NodeKind::station) continue;
        json.begin_object().field("id", node.id.value).field("name_zh", node.name_zh).field("name_en", node.name_en);
        json.field("kind", grid::enum_name(node.station_kind)).field("lon", node.lon).field("lat", node.lat);
        json.field("county", node.county).field("chargers", network.chargers_at(index).size()).end_object();
    }
    json.end_array().end_object();
    return json.take();
}

void write_node_hit(JsonWriter& json, const grid::Node& node) {
    json.begin_object().field("kind", "node").field("id", node.id.value);
    json.field("title_zh", node.name_zh).field("title_en", node.name_en).end_object();
}

/// At most this many of each kind.
constexpr int most_hits = 8;

std::string search_json(const Runtime& runtime, const std::string& text) {
    JsonWriter json;
    json.begin_object().key("hits").begin_array();
    int hits = 0;
    for (const auto& id : all_chargers(runtime.state())) {
        if (hits >= most_hits) break;
        if (!contains_text(id.value, text)) continue;
        ++hits;
        json.begin_object()
            .field("kind", "charger")
            .field("id", id.value)
            .field("title_zh", id.value)
            .field("title_en", id.value);
        json.end_object();
    }
    hits = 0;
    for (const auto& [id, session] : runtime.state().sessions) {
        if (hits >= most_hits) break;
        const std::string number = std::to_string(id.value);
        if (number != text && !contains_text(session.token.value, text)) continue;
        ++hits;
        json.begin_object().field("kind", "session").field("id", number);
        json.field("title_zh", "会话 " + number + " · " + session.charger.value);
        json.field("title_en", "Session " + number + " · " + session.charger.value).end_object();
    }
    hits = 0;
    for (const auto& node : runtime.state().network.nodes()) {
        if (hits >= most_hits) break;
        if (!contains_text(node.id.value, text) && !contains_text(node.name_zh, text) &&
            !contains_text(node.name_en, text))
            continue;
        ++hits;
        write_node_hit(json, node);
    }
    json.end_array().end_object();
    return json.take();
}

}  // namespace

void add_map_routes(Api::Impl& api, std::vector<Route>& routes) {
    using access::Role;
    const auto cache = std::make_shared<PointCache>();
    routes.push_back({"GET",
                      "/map/counties",
                      Role::viewer,
                      "County outlines as GeoJSON",
                      {},
                      "",
                      "",
                      [&api](const Call&, const Answer& answer) { answer.json(counties_json(api.runtime.city())); }});
    routes.push_back({"GET",
                      "/map/points",
                      Role::viewer,
                      "Every charger's place and state, as columns",
                      {},
                      "",
                      R"({"version":1,"ids":["DZ-1"],"lon":[116.3],"lat":[37.4],"states":"f"})",
                      [&api, cache](const Call&, const Answer& answer) {
                          refresh(*cache, api.runtime);
                          answer.json("{" + cache->head + ",\"states\":\"" + states(api.runtime.state()) + "\"}");
                      }});
    routes.push_back({"GET",
                      "/map/states",
                      Role::viewer,
                      "One letter a charger, in the order of /map/points",
                      {},
                      "",
                      R"({"version":1,"states":"f"})",
                      [&api, cache](const Call&, const Answer& answer) {
                          refresh(*cache, api.runtime);
                          answer.json("{\"version\":" + std::to_string(cache->version) + ",\"states\":\"" +
                                      states(api.runtime.state()) + "\"}");
                      }});
    routes.push_back({"GET",
                      "/map/stations",
                      Role::viewer,
                      "Stations and their places",
                      {},
                      "",
                      R"({"stations":[]})",
                      [&api](const Call&, const Answer& answer) { answer.json(stations_json(api.runtime)); }});
    routes.push_back({"GET",
                      "/search",
                      Role::viewer,
                      "Chargers, running sessions and nodes by part of id or name",
                      {{"q", "string", "what to look for"}},
                      "",
                      R"({"hits":[]})",
                      [&api](const Call& call, const Answer& answer) {
                          const std::string text{call.request.parameter("q")};
                          answer.json(text.empty() ? "{\"hits\":[]}" : search_json(api.runtime, text));
                      }});
}

}  // namespace tianqu::server
