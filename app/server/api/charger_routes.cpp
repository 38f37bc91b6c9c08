#include <algorithm>

#include "app/server/api/charger_view.hpp"
#include "app/server/api/impl.hpp"
#include "app/server/api/paging.hpp"

namespace tianqu::server {

namespace {

struct ChargerFilter {
    std::string state, registration, county, text;
    std::optional<grid::NodeIndex> node;
};

Result<ChargerFilter> filter_of(const Api::Impl& api, const http::Request& request) {
    ChargerFilter filter{std::string(request.parameter("state")),
                         std::string(request.parameter("registration")),
                         std::string(request.parameter("county")),
                         std::string(request.parameter("q")),
                         {}};
    if (const auto node = request.parameter("node"); !node.empty()) {
        filter.node = api.runtime.state().network.find_node(NodeId{node});
        if (!filter.node) return fail(Error{ErrorCode::not_found, "no such node", {{"node", std::string(node)}}});
    }
    return filter;
}

bool below(const grid::Network& network, grid::NodeIndex node, grid::NodeIndex top) {
    while (node != grid::no_node && node != top) node = network.parent(node);
    return node == top;
}

bool passes(const Runtime& runtime, const ChargerFilter& filter, const ChargerId& id) {
    const auto& state = runtime.state();
    const auto* charger = find_charger(state, id);
    if (!filter.registration.empty() &&
        (charger == nullptr || charging::enum_name(charger->registration) != filter.registration)) {
        return false;
    }
    if (!filter.state.empty() && enum_name(shown_state(state, id)) != filter.state) return false;
    const auto node = state.network.node_of(id);
    if (filter.node && (!node || !below(state.network, *node, *filter.node))) return false;
    if (!filter.county.empty() && (!node || state.network.node(*node).county != filter.county)) return false;
    if (filter.text.empty() || contains_text(id.value, filter.text)) return true;
    if (!node) return false;
    const auto& station = state.network.node(*node);
    return contains_text(station.name_zh, filter.text) || contains_text(station.name_en, filter.text);
}

/// Ids that pass the filter, in order; the page starts after `after`.
std::vector<ChargerId> selected(const Runtime& runtime, const ChargerFilter& filter) {
    auto ids = all_chargers(runtime.state());
    std::erase_if(ids, [&](const ChargerId& id) { return !passes(runtime, filter, id); });
    return ids;
}

void list(const Api::Impl& api, const Call& call, const Answer& answer, bool by_connector) {
    const auto filter = filter_of(api, call.request);
    const auto page = page_of(call.request);
    if (!filter || !page) {
        answer.error(filter ? page.error() : filter.error());
        return;
    }
    const auto ids = selected(api.runtime, *filter);
    auto from = std::upper_bound(ids.begin(), ids.end(), ChargerId{page->after});
    const auto count = std::min<std::ptrdiff_t>(page->limit, ids.end() - from);
    JsonWriter json;
    json.begin_object().key(by_connector ? "connectors" : "chargers").begin_array();
    for (auto id = from; id != from + count; ++id) {
        if (by_connector)
            write_connectors(json, api.runtime, *id, true);
        else
            write_charger(json, api.runtime, *id);
    }
    json.end_array().field("total", ids.size()).key("next");
    if (from + count != ids.end() && count > 0)
        json.text((from + count - 1)->value);
    else
        json.null();
    json.end_object();
    answer.json(json.take());
}

bool known(const Api::Impl& api, const ChargerId& id) {
    return find_charger(api.runtime.state(), id) != nullptr || api.runtime.state().network.find_charger(id).has_value();
}

void show(const Api::Impl& api, const Call& call, const Answer& answer) {
    const ChargerId id{call.capture(0)};
    if (!known(api, id)) {
        answer.error(Error{ErrorCode::not_found, "no such charger", {{"charger", id.value}}});
        return;
    }
    JsonWriter json;
    write_charger(json, api.runtime, id);
    answer.json(json.take());
}

void register_charger(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    const std::string wanted = body->required_text("registration");
    call.actor.reason = body->text("reason").value_or("");
    std::optional<charging::Registration> registration;
    for (const auto option :
         {charging::Registration::held, charging::Registration::approved, charging::Registration::rejected}) {
        if (wanted == charging::enum_name(option)) registration = option;
    }
    if (!registration) body->reject("registration", wanted, "approved, rejected or held");
    if (auto read = body->finish(); !read) {
        answer.error(read.error());
        return;
    }
    api.runtime.set_registration(call.actor, ChargerId{call.capture(0)}, *registration,
                                 [answer](const Status& status) { answer.status(status); });
}

void place(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    grid::ChargerSite site;
    site.id = ChargerId{call.capture(0)};
    site.station = NodeId{body->required_text("station")};
    site.name = body->text("name").value_or("");
    call.actor.reason = body->text("reason").value_or("");
    Status connectors_read;
    std::int64_t number = 0;
    for (auto& part : body->objects("connectors")) {
        grid::ConnectorSpec spec;
        spec.number = ConnectorNumber{part.whole("number").value_or(++number)};
        spec.max_power = Watts{part.required_whole("maximum_w")};
        const std::string current = part.text("current").value_or("ac");
        const auto kind = grid::parse_current(current);
        if (!kind) part.reject("current", current, "ac or dc");
        spec.current = kind.value_or(grid::Current::ac);
        spec.phases = static_cast<int>(part.whole("phases").value_or(spec.current == grid::Current::dc ? 3 : 1));
        if (auto read = part.finish(); !read && connectors_read) connectors_read = read;
        site.connectors.push_back(spec);
    }
    const auto read = body->finish();
    if (!read || !connectors_read) {
        answer.error(read ? connectors_read.error() : read.error());
        return;
    }
    api.runtime.commit(charging::place_charger(api.runtime.state(), call.actor, std::move(site)),
                       [answer](const Status& status) { answer.status(status); });
}

void command(Api::Impl& api, const Call& call, const Answer& answer) {
    const std::string payload = call.request.body.empty() ? "{}" : call.request.body;
    api.runtime.command(call.actor, ChargerId{call.capture(0)}, call.capture(1), payload,
                        [answer](const Result<charging::CommandAnswer>& result) {
                            if (!result) {
                                answer.error(result.error());
                                return;
                            }
                            JsonWriter json;
                            json.begin_object().field("command", result->id.value);
                            json.field("outcome", charging::enum_name(result->outcome)).field("status", result->status);
                            json.key("answer");
                            if (result->payload.empty())
                                json.null();
                            else
                                json.raw(result->payload);
                            json.end_object();
                            answer.json(json.take());
                        });
}

std::vector<QueryParameter> charger_query() {
    return {{"state", "string", "free, occupied, charging, discharging, reserved, fault, offline or unknown"},
            {"registration", "string", "held, approved or rejected"},
            {"county", "string", "division code"},
            {"node", "string", "only chargers below this node"},
            {"q", "string", "part of the id or the station's name"},
            {"after", "string", "the page after this id"},
            {"limit", "integer", "rows, 1 to 1000"}};
}

}  // namespace

void add_charger_routes(Api::Impl& api, std::vector<Route>& routes) {
    using access::Role;
    routes.push_back({"GET", "/chargers", Role::viewer, "Chargers, a page at a time", charger_query(), "",
                      R"({"chargers":[],"total":0,"next":null})",
                      [&api](const Call& call, const Answer& answer) { list(api, call, answer, false); }});
    routes.push_back({"GET", "/connectors", Role::viewer,
                      "Connectors of the same chargers, a row each; a page counts chargers", charger_query(), "",
                      R"({"connectors":[],"total":0,"next":null})",
                      [&api](const Call& call, const Answer& answer) { list(api, call, answer, true); }});
    routes.push_back({"GET",
                      "/chargers/{id}",
                      Role::viewer,
                      "One charger",
                      {},
                      "",
                      R"({"id":"DZ-1","state":"free"})",
                      [&api](const Call& call, const Answer& answer) { show(api, call, answer); }});
    routes.push_back({"POST",
                      "/chargers/{id}/registration",
                      Role::operator_role,
                      "Approve, hold or reject a charger",
                      {},
                      R"({"registration":"approved","reason":"installed today"})",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) { register_charger(api, call, answer); }});
    routes.push_back(
        {"PUT",
         "/chargers/{id}/site",
         Role::administrator,
         "Place a charger at a station",
         {},
         R"({"station":"S-1","name":"","connectors":[{"number":1,"maximum_w":7000,"current":"ac","phases":1}]})",
         R"({"done":true})",
         [&api](const Call& call, const Answer& answer) { place(api, call, answer); }});
    routes.push_back({"DELETE",
                      "/chargers/{id}/site",
                      Role::administrator,
                      "Take a charger off the network",
                      {},
                      "",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) {
                          api.runtime.commit(
                              charging::remove_charger(api.runtime.state(), call.actor, ChargerId{call.capture(0)}),
                              [answer](const Status& status) { answer.status(status); });
                      }});
    routes.push_back({"POST",
                      "/chargers/{id}/commands/{action}",
                      Role::operator_role,
                      "Send an OCPP message; the body is its payload; waits for the charger's answer",
                      {},
                      R"({"type":"Soft"})",
                      R"({"command":"c17","outcome":"accepted","status":"Accepted","answer":{"status":"Accepted"}})",
                      [&api](const Call& call, const Answer& answer) { command(api, call, answer); }});
}

}  // namespace tianqu::server
