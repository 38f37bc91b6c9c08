#include "app/server/api/charger_view.hpp"

#include <algorithm>

namespace tianqu::server {

namespace {

/// Greater is more telling.
int weight(ShownState state) {
    switch (state) {
        case ShownState::fault:
            return 7;
        case ShownState::discharging:
            return 6;
        case ShownState::charging:
            return 5;
        case ShownState::occupied:
            return 4;
        case ShownState::reserved:
            return 3;
        case ShownState::free:
            return 2;
        case ShownState::offline:
            return 1;
        case ShownState::unknown:
            return 0;
    }
    return 0;
}

void write_connector(JsonWriter& json, const Runtime& runtime, const ChargerId& charger, std::int64_t number,
                     const charging::Connector* connector, bool name_charger) {
    const auto* owner = find_charger(runtime.state(), charger);
    const bool online = owner != nullptr && owner->online;
    const ConnectorKey key{charger, ConnectorNumber{number}};
    const auto state =
        connector == nullptr ? (online ? ShownState::unknown : ShownState::offline) : shown_state(*connector);
    json.begin_object();
    if (name_charger) json.field("charger", charger.value);
    json.field("number", number);
    json.field("state", enum_name(online ? state : ShownState::offline));
    json.field("status", connector == nullptr ? "unknown" : charging::enum_name(connector->status));
    const bool has_error = connector != nullptr && connector->error_code != "NoError";
    json.field("error_code", has_error ? connector->error_code : std::string{});
    json.field("maximum_w", charging::maximum_power(runtime.state(), key).count);
    json.field("permitted_w", charging::permitted_power(runtime.state(), key, runtime.now()).count);
    json.field("measured_w", charging::measured_power(runtime.state(), key).count);
    json.key("session");
    if (connector != nullptr && connector->session)
        json.number(connector->session->value);
    else
        json.null();
    json.end_object();
}

void write_place(JsonWriter& json, const Runtime& runtime, const ChargerId& charger) {
    const auto& network = runtime.state().network;
    const auto node = network.node_of(charger);
    if (!node) {
        json.key("station")
            .null()
            .field("county", "")
            .key("lon")
            .null()
            .key("lat")
            .null()
            .key("path")
            .begin_array()
            .end_array();
        return;
    }
    const auto& station = network.node(*node);
    json.key("station").begin_object().field("id", station.id.value).field("name_zh", station.name_zh);
    json.field("name_en", station.name_en).field("kind", grid::enum_name(station.station_kind)).end_object();
    json.field("county", station.county).field("lon", station.lon).field("lat", station.lat);
    json.key("path").begin_array();
    for (const auto index : network.path_to_root(*node)) write_node_name(json, network.node(index));
    json.end_array();
}

}  // namespace

std::string_view enum_name(ShownState state) {
    switch (state) {
        case ShownState::free:
            return "free";
        case ShownState::occupied:
            return "occupied";
        case ShownState::charging:
            return "charging";
        case ShownState::discharging:
            return "discharging";
        case ShownState::reserved:
            return "reserved";
        case ShownState::fault:
            return "fault";
        case ShownState::offline:
            return "offline";
        case ShownState::unknown:
            return "unknown";
    }
    return "unknown";
}

char letter(ShownState state) {
    static constexpr std::string_view letters = "focdrx-?";
    return letters.at(static_cast<std::size_t>(state));
}

ShownState shown_state(const charging::Connector& connector) {
    switch (connector.status) {
        case charging::ConnectorStatus::available:
            return ShownState::free;
        case charging::ConnectorStatus::preparing:
        case charging::ConnectorStatus::suspended_by_car:
        case charging::ConnectorStatus::suspended_by_charger:
        case charging::ConnectorStatus::finishing:
            return ShownState::occupied;
        case charging::ConnectorStatus::charging:
            return ShownState::charging;
        case charging::ConnectorStatus::reserved:
            return ShownState::reserved;
        case charging::ConnectorStatus::unavailable:
        case charging::ConnectorStatus::faulted:
            return ShownState::fault;
        case charging::ConnectorStatus::unknown:
            break;
    }
    return connector.session ? ShownState::occupied : ShownState::unknown;
}

ShownState shown_state(const charging::Charger& charger) {
    if (!charger.online) return ShownState::offline;
    ShownState shown = ShownState::unknown;
    for (const auto& [number, connector] : charger.connectors) {
        const ShownState state = shown_state(connector);
        if (weight(state) > weight(shown)) shown = state;
    }
    return shown;
}

const charging::Charger* find_charger(const charging::State& state, const ChargerId& charger) {
    const auto found = state.chargers.find(charger);
    return found == state.chargers.end() ? nullptr : &found->second;
}

ShownState shown_state(const charging::State& state, const ChargerId& charger) {
    const auto* found = find_charger(state, charger);
    return found == nullptr ? ShownState::offline : shown_state(*found);
}

void write_node_name(JsonWriter& json, const grid::Node& node) {
    json.begin_object().field("id", node.id.value).field("kind", grid::enum_name(node.kind));
    json.field("name_zh", node.name_zh).field("name_en", node.name_en).end_object();
}

bool was_ever_here(const charging::Charger& charger) {
    return charger.online || charger.booted || !charger.address.empty() ||
           charger.registration != charging::Registration::approved;
}

std::vector<ChargerId> all_chargers(const charging::State& state) {
    std::vector<ChargerId> ids;
    ids.reserve(state.network.charger_count() + 16);
    for (const auto& site : state.network.chargers()) ids.push_back(site.id);
    for (const auto& [id, charger] : state.chargers) {
        if (!state.network.find_charger(id) && was_ever_here(charger)) ids.push_back(id);
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

void write_connectors(JsonWriter& json, const Runtime& runtime, const ChargerId& id, bool name_charger) {
    const auto& network = runtime.state().network;
    const auto* charger = find_charger(runtime.state(), id);
    const auto site = network.find_charger(id);
    const auto placed = site ? static_cast<std::int64_t>(network.charger(*site).connectors.size()) : 0;
    const auto seen = charger != nullptr && !charger->connectors.empty() ? charger->connectors.rbegin()->first : 0;
    for (std::int64_t number = 1; number <= std::max(placed, seen); ++number) {
        const charging::Connector* connector = nullptr;
        if (charger != nullptr) {
            const auto found = charger->connectors.find(number);
            if (found != charger->connectors.end()) connector = &found->second;
        }
        if (connector == nullptr && number > placed) continue;
        write_connector(json, runtime, id, number, connector, name_charger);
    }
}

void write_charger(JsonWriter& json, const Runtime& runtime, const ChargerId& id) {
    const auto& state = runtime.state();
    const auto* charger = find_charger(state, id);
    const auto site = state.network.find_charger(id);
    const bool online = charger != nullptr && charger->online;
    const auto text = [&](const char* name, std::string charging::Charger::* member) {
        json.field(name, charger == nullptr ? std::string{} : charger->*member);
    };
    json.begin_object().field("id", id.value).field("name", site ? state.network.charger(*site).name : std::string{});
    json.field("registration", charger == nullptr ? "never_seen" : charging::enum_name(charger->registration));
    json.field("online", online).field("state", enum_name(shown_state(state, id)));
    text("vendor", &charging::Charger::vendor);
    text("model", &charging::Charger::model);
    text("serial", &charging::Charger::serial);
    text("firmware", &charging::Charger::firmware);
    text("address", &charging::Charger::address);
    json.key("booted");
    if (charger != nullptr && charger->booted)
        json.text(format_time(*charger->booted));
    else
        json.null();
    json.key("last_seen");
    const auto heard = runtime.links().last_heard(id);
    if (heard)
        json.text(format_time(*heard));
    else if (charger != nullptr && charger->last_message)
        json.text(format_time(*charger->last_message));
    else
        json.null();
    write_place(json, runtime, id);
    json.key("connectors").begin_array();
    write_connectors(json, runtime, id, false);
    json.end_array().end_object();
}

}  // namespace tianqu::server
