#pragma once

#include <string_view>

#include "app/server/runtime.hpp"
#include "base/json_writer.hpp"

namespace tianqu::server {

/// What people see of a connector or charger: one word (docs/api.md).
enum class ShownState : std::uint8_t { free, occupied, charging, discharging, reserved, fault, offline, unknown };
[[nodiscard]] std::string_view enum_name(ShownState state);
/// One letter each, as `GET /map/states` sends them.
[[nodiscard]] char letter(ShownState state);

[[nodiscard]] ShownState shown_state(const charging::Connector& connector);
/// The charger's most telling connector: fault > charging > occupied > reserved > free; offline when it is not
/// connected.
[[nodiscard]] ShownState shown_state(const charging::Charger& charger);
/// A charger of the network that never connected is offline.
[[nodiscard]] ShownState shown_state(const charging::State& state, const ChargerId& charger);

/// {"id","kind","name_zh","name_en"} of a node.
void write_node_name(JsonWriter& json, const grid::Node& node);
/// Its connectors as list elements; with the charger's id in each when `name_charger`.
void write_connectors(JsonWriter& json, const Runtime& runtime, const ChargerId& id, bool name_charger);
/// The whole Charger object; works for one that is only in the network or only connected.
void write_charger(JsonWriter& json, const Runtime& runtime, const ChargerId& charger);
/// False for one that only a former network knew: it never connected and has no place.
[[nodiscard]] bool was_ever_here(const charging::Charger& charger);
/// Ids of all chargers, of the network and connected, in order.
[[nodiscard]] std::vector<ChargerId> all_chargers(const charging::State& state);
[[nodiscard]] const charging::Charger* find_charger(const charging::State& state, const ChargerId& charger);

}  // namespace tianqu::server
