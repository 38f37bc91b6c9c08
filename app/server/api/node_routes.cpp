#include <algorithm>

#include "app/server/api/charger_view.hpp"
#include "app/server/api/impl.hpp"
#include "app/server/api/paging.hpp"

namespace tianqu::server {

namespace {

std::int64_t chargers_below(const grid::Network& network, grid::NodeIndex node) {
    auto count = static_cast<std::int64_t>(network.chargers_at(node).size());
    for (const auto child : network.children(node)) count += chargers_below(network, child);
    return count;
}

void write_node(JsonWriter& json, const Runtime& runtime, grid::NodeIndex index, const std::vector<Watts>& charging) {
    const auto& state = runtime.state();
    const auto& node = state.network.node(index);
    const TimePoint now = runtime.now();
    const Watts base = state.network.base_load_with_descendants(index, now, runtime.city().offset);
    const Watts limit = limit_of(state, index, now);
    json.begin_object()
        .field("id", node.id.value)
        .field("parent", node.parent.value)
        .field("kind", grid::enum_name(node.kind));
    json.field("name_zh", node.name_zh).field("name_en", node.name_en).field("limit_w", node.limit.count);
    json.key("temporary_limit");
    if (const auto found = state.temporary_limits.find(node.id); found != state.temporary_limits.end()) {
        json.begin_object().field("limit_w", found->second.limit.count).field("from", format_time(found->second.from));
        json.field("until", format_time(found->second.until)).end_object();
    } else {
        json.null();
    }
    json.field("base_w", base.count).field("charging_w", charging[index].count);
    json.field("permitted_w", runtime.planning().orderly().permitted_at(node.id).count);
    json.field("load_permille",
               limit.count > 0 ? multiply_divide((base + charging[index]).count, 1000, limit.count) : 0);
    json.field("chargers", chargers_below(state.network, index)).field("lon", node.lon).field("lat", node.lat);
    json.field("datum", grid::enum_name(node.datum))
        .field("county", node.county)
        .field("station_kind", grid::enum_name(node.station_kind));
    json.field("base_profile", node.base_profile)
        .field("base_peak_w", node.base_peak.count)
        .field("synthetic", node.synthetic);
    json.key("path").begin_array();
    for (const auto step : state.network.path_to_root(index)) write_node_name(json, state.network.node(step));
    json.end_array().end_object();
}

bool node_passes(const grid::Node& node, const http::Request& request) {
    const auto parent = request.parameter("parent");
    const auto kind = request.parameter("kind");
    const auto text = request.parameter("q");
    if (!parent.empty() && node.parent.value != parent) return false;
    if (!kind.empty() && grid::enum_name(node.kind) != kind) return false;
    return text.empty() || contains_text(node.id.value, text) || contains_text(node.name_zh, text) ||
           contains_text(node.name_en, text);
}

void list_nodes(const Api::Impl& api, const Call& call, const Answer& answer) {
    const auto page = page_of(call.request);
    if (!page) {
        answer.error(page.error());
        return;
    }
    const auto& network = api.runtime.state().network;
    std::vector<grid::NodeIndex> found;
    for (grid::NodeIndex index = 0; index < network.node_count(); ++index) {
        if (node_passes(network.node(index), call.request) && network.node(index).id.value > page->after)
            found.push_back(index);
    }
    std::sort(found.begin(), found.end(), [&](auto a, auto b) { return network.node(a).id < network.node(b).id; });
    const std::size_t count = std::min(found.size(), static_cast<std::size_t>(page->limit));
    const auto charging = charging_by_node(api.runtime.state());
    JsonWriter json;
    json.begin_object().key("nodes").begin_array();
    for (std::size_t i = 0; i < count; ++i) write_node(json, api.runtime, found[i], charging);
    json.end_array().key("next");
    if (count < found.size())
        json.text(network.node(found[count - 1]).id.value);
    else
        json.null();
    json.end_object();
    answer.json(json.take());
}

/// The node of the first capture, or an error sent.
std::optional<grid::NodeIndex> node_of(const Api::Impl& api, const Call& call, const Answer& answer) {
    const auto index = api.runtime.state().network.find_node(NodeId{call.capture(0)});
    if (!index) answer.error(Error{ErrorCode::not_found, "no such node", {{"node", call.capture(0)}}});
    return index;
}

void show_node(const Api::Impl& api, const Call& call, const Answer& answer) {
    const auto index = node_of(api, call, answer);
    if (!index) return;
    JsonWriter json;
    write_node(json, api.runtime, *index, charging_by_node(api.runtime.state()));
    answer.json(json.take());
}

std::string curve_json(const Runtime& runtime, const NodeId& id, const DayCurve& curve) {
    const auto& state = runtime.state();
    const auto index = state.network.find_node(id);
    if (!index) return "{}";
    const auto& node = state.network.node(*index);
    const TimePoint now = runtime.now();
    const auto now_slot = (now - curve.start) / quarter_hour;
    std::map<TimePoint, Watts> planned;
    for (const auto& slot : runtime.planning().orderly().planned_at(id, now)) planned[slot.start] = slot.power;
    const auto& tariff = runtime.tariff_of(grid::StationKind::public_site);
    const auto base = state.network.base_day(*index);
    JsonWriter json;
    json.begin_object().key("node").begin_object().field("id", id.value).field("kind", grid::enum_name(node.kind));
    json.field("name_zh", node.name_zh).field("name_en", node.name_en).field("limit_w", node.limit.count);
    json.field("parent", node.parent.value).end_object();
    json.field("date", date_text(curve.start, runtime.city().offset))
        .field("slot_ms", quarter_hour.count())
        .key("now_slot");
    if (now_slot >= 0 && now_slot < slots_of_day)
        json.number(now_slot);
    else
        json.null();
    json.key("slots").begin_array();
    for (int slot = 0; slot < slots_of_day; ++slot) {
        const auto position = static_cast<std::size_t>(slot);
        const TimePoint start = curve.start + quarter_hour * slot;
        const auto quote = tariff.quote_at(start);
        json.begin_object().field("start", format_time(start));
        json.field("band", quote ? std::string(1, tariff::band_letter(quote->band)) : std::string{});
        json.field("price", quote ? format_yuan_per_kwh(quote->price) : std::string{});
        json.field("limit_w", limit_of(state, *index, start).count)
            .field("base_w", base[position].count)
            .key("measured_w");
        if (slot <= now_slot && start + quarter_hour > runtime.began())
            json.number(curve.measured[position].count);
        else
            json.null();
        json.key("planned_w");
        const auto found = planned.find(start);
        if (slot >= now_slot && found != planned.end())
            json.number(found->second.count);
        else
            json.null();
        json.field("uncontrolled_w", curve.uncontrolled[position].count).end_object();
    }
    json.end_array().end_object();
    return json.take();
}

void node_curve(const Api::Impl& api, const Call& call, const Answer& answer) {
    if (!node_of(api, call, answer)) return;
    const auto day = day_of(api.runtime, call.request.parameter("date"));
    if (!day) {
        answer.error(day.error());
        return;
    }
    const NodeId id{call.capture(0)};
    api.day.curve(api.runtime, id, *day, [&api, id, answer](const Result<DayCurve>& curve) {
        if (curve)
            answer.json(curve_json(api.runtime, id, *curve));
        else
            answer.error(curve.error());
    });
}

void put_node(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    const NodeId id{call.capture(0)};
    const auto& network = api.runtime.state().network;
    const auto existing = network.find_node(id);
    grid::Node node = existing ? network.node(*existing) : grid::Node{};
    node.id = id;
    const auto text = [&](const char* field, std::string& target) { target = body->text(field).value_or(target); };
    node.parent = NodeId{body->text("parent").value_or(node.parent.value)};
    if (const auto kind = body->text("kind")) {
        const auto parsed = grid::parse_node_kind(*kind);
        if (parsed)
            node.kind = *parsed;
        else
            body->reject("kind", *kind, "city, substation, feeder, transformer or station");
    }
    if (const auto kind = body->text("station_kind")) {
        const auto parsed = grid::parse_station_kind(*kind);
        if (parsed)
            node.station_kind = *parsed;
        else
            body->reject("station_kind", *kind, "none, residential, public_site, workplace, depot or highway");
    }
    text("name_zh", node.name_zh);
    text("name_en", node.name_en);
    node.limit = Watts{body->whole("limit_w").value_or(node.limit.count)};
    text("base_profile", node.base_profile);
    node.base_peak = Watts{body->whole("base_peak_w").value_or(node.base_peak.count)};
    text("county", node.county);
    text("township", node.township);
    node.lon = body->real("lon").value_or(node.lon);
    node.lat = body->real("lat").value_or(node.lat);
    call.actor.reason = body->text("reason").value_or("");
    if (auto read = body->finish(); !read) {
        answer.error(read.error());
        return;
    }
    api.runtime.commit(charging::set_node(api.runtime.state(), call.actor, std::move(node)),
                       [answer](const Status& status) { answer.status(status); });
}

void put_temporary_limit(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    charging::TemporaryLimitSet limit;
    limit.node = NodeId{call.capture(0)};
    limit.limit = Watts{body->required_whole("limit_w")};
    limit.from = body->time("from").value_or(api.runtime.now());
    const auto until = body->time("until");
    if (!until) body->reject("until", "absent", "when the limit ends");
    limit.until = until.value_or(limit.from);
    call.actor.reason = body->text("reason").value_or("");
    if (auto read = body->finish(); !read) {
        answer.error(read.error());
        return;
    }
    api.runtime.commit(charging::set_temporary_limit(api.runtime.state(), call.actor, std::move(limit)),
                       [answer](const Status& status) { answer.status(status); });
}

void telemetry(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    charging::NodeMetered reading;
    reading.node = NodeId{call.capture(0)};
    reading.power = Watts{body->required_whole("power_w")};
    reading.at = body->time("at").value_or(api.runtime.now());
    if (auto read = body->finish(); !read) {
        answer.error(read.error());
        return;
    }
    api.runtime.commit(charging::report_node_meter(api.runtime.state(), call.actor, std::move(reading)),
                       [answer](const Status& status) { answer.status(status); });
}

void import_network(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    city::FileTexts files;
    for (auto& [name, text] : body->texts("files")) files[name] = std::move(text);
    call.actor.reason = body->text("reason").value_or("");
    if (auto read = body->finish(); !read) {
        answer.error(read.error());
        return;
    }
    auto reading = city::read_network_folder(files, "", &api.runtime.city());
    if (!reading.problems.empty()) {
        answer.error(reading.problems.front().with("problems", std::to_string(reading.problems.size())));
        return;
    }
    auto network = grid::Network::build(std::move(reading.parts));
    if (!network) {
        answer.error(network.error());
        return;
    }
    api.runtime.commit(charging::import_network(api.runtime.state(), call.actor, *network),
                       [answer](const Status& status) { answer.status(status); });
}

}  // namespace

void add_node_routes(Api::Impl& api, std::vector<Route>& routes) {
    using access::Role;
    const auto done = [](const Answer& answer) { return [answer](const Status& status) { answer.status(status); }; };
    routes.push_back({"GET",
                      "/nodes",
                      Role::viewer,
                      "Nodes of the limit tree with their load",
                      {{"parent", "string", "children of this node"},
                       {"kind", "string", "city, substation, feeder, transformer, station"},
                       {"q", "string", "part of id or name"},
                       {"after", "string", "the page after this id"},
                       {"limit", "integer", "rows, 1 to 1000"}},
                      "",
                      R"({"nodes":[],"next":null})",
                      [&api](const Call& call, const Answer& answer) { list_nodes(api, call, answer); }});
    routes.push_back({"GET",
                      "/nodes/{id}",
                      Role::viewer,
                      "One node",
                      {},
                      "",
                      R"({"id":"city","limit_w":1})",
                      [&api](const Call& call, const Answer& answer) { show_node(api, call, answer); }});
    routes.push_back({"GET",
                      "/nodes/{id}/curve",
                      Role::viewer,
                      "A node's local day in quarter-hours",
                      {{"date", "string", "2026-11-23; today if absent"}},
                      "",
                      R"({"slots":[]})",
                      [&api](const Call& call, const Answer& answer) { node_curve(api, call, answer); }});
    routes.push_back({"PUT",
                      "/nodes/{id}",
                      Role::administrator,
                      "Add a node or change what is given of it",
                      {},
                      R"({"limit_w":400000,"reason":"new transformer"})",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) { put_node(api, call, answer); }});
    routes.push_back({"DELETE",
                      "/nodes/{id}",
                      Role::administrator,
                      "Remove a node with nothing below it",
                      {},
                      "",
                      R"({"done":true})",
                      [&api, done](const Call& call, const Answer& answer) {
                          api.runtime.commit(
                              charging::remove_node(api.runtime.state(), call.actor, NodeId{call.capture(0)}),
                              done(answer));
                      }});
    routes.push_back({"PUT",
                      "/nodes/{id}/temporary-limit",
                      Role::operator_role,
                      "A dispatcher's temporary limit",
                      {},
                      R"({"limit_w":200000,"until":"2026-11-23T14:00:00Z","reason":"work on the feeder"})",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) { put_temporary_limit(api, call, answer); }});
    routes.push_back({"DELETE",
                      "/nodes/{id}/temporary-limit",
                      Role::operator_role,
                      "End a temporary limit",
                      {},
                      "",
                      R"({"done":true})",
                      [&api, done](const Call& call, const Answer& answer) {
                          api.runtime.commit(
                              charging::clear_temporary_limit(api.runtime.state(), call.actor, NodeId{call.capture(0)}),
                              done(answer));
                      }});
    routes.push_back({"POST",
                      "/nodes/{id}/telemetry",
                      Role::operator_role,
                      "A node meter's reading",
                      {},
                      R"({"power_w":315000,"at":"2026-11-23T10:00:00Z"})",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) { telemetry(api, call, answer); }});
    routes.push_back(
        {"POST",
         "/network/import",
         Role::administrator,
         "Replace the network by the files of a network folder",
         {},
         R"({"files":{"network.toml":"…","network.csv":"…","chargers.csv":"…","profiles.csv":"…"},"reason":"survey of 2026"})",
         R"({"done":true})",
         [&api](const Call& call, const Answer& answer) { import_network(api, call, answer); }});
}

}  // namespace tianqu::server
