#include "grid/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "grid/tests/example_network.hpp"

namespace tianqu::grid {
namespace {

constexpr UtcOffset china{std::chrono::minutes{480}};

TimePoint at(const char* text) { return parse_time(text).value(); }

TEST(Network, PutsParentsBeforeChildren) {
    const auto network = Network::build(example_parts()).value();
    ASSERT_EQ(network.node_count(), 5U);
    EXPECT_EQ(network.node(0).id, NodeId{"city"});
    EXPECT_EQ(network.parent(0), no_node);
    for (NodeIndex index = 1; index < network.node_count(); ++index) EXPECT_LT(network.parent(index), index);
    const auto station = network.find_node(NodeId{"station"}).value();
    std::vector<std::string> path;
    for (const auto index : network.path_to_root(station)) path.push_back(network.node(index).id.value);
    EXPECT_THAT(path, testing::ElementsAre("station", "transformer", "feeder", "city"));
    const auto feeder = network.find_node(NodeId{"feeder"}).value();
    EXPECT_EQ(network.children(feeder).size(), 2U);
    EXPECT_TRUE(network.children(station).empty());
    EXPECT_FALSE(network.find_node(NodeId{"nowhere"}));
}

TEST(Network, KnowsItsChargersAndConnectors) {
    const auto network = Network::build(example_parts()).value();
    const auto station = network.find_node(NodeId{"station"}).value();
    EXPECT_EQ(network.node_of(ChargerId{"B"}), station);
    EXPECT_EQ(network.chargers_at(station).size(), 2U);
    ASSERT_NE(network.find_connector({ChargerId{"B"}, ConnectorNumber{2}}), nullptr);
    EXPECT_EQ(network.find_connector({ChargerId{"B"}, ConnectorNumber{2}})->max_power, Watts{60'000});
    for (const std::int64_t number : {0, 3, -1}) {
        EXPECT_EQ(network.find_connector({ChargerId{"B"}, ConnectorNumber{number}}), nullptr);
    }
    EXPECT_EQ(network.find_connector({ChargerId{"C"}, ConnectorNumber{1}}), nullptr);
}

TEST(Network, BaseLoadCountsAtItsNodeAndAllAbove) {
    const auto network = Network::build(example_parts()).value();
    const auto noon = at("2026-05-01T12:07:00+08:00");
    const auto night = at("2026-05-01T02:00:00+08:00");
    const auto feeder = network.find_node(NodeId{"feeder"}).value();
    const auto transformer = network.find_node(NodeId{"transformer"}).value();
    EXPECT_EQ(network.base_load(feeder, noon, china), Watts{100'000});
    EXPECT_EQ(network.base_load(feeder, night, china), Watts{0});
    EXPECT_EQ(network.base_load(0, noon, china), Watts{0});
    EXPECT_EQ(network.base_load_with_descendants(transformer, noon, china), Watts{40'000});
    EXPECT_EQ(network.base_load_with_descendants(feeder, noon, china), Watts{140'000});
    EXPECT_EQ(network.base_load_with_descendants(0, noon, china), Watts{140'000});
    EXPECT_EQ(network.base_load_with_descendants(0, night, china), Watts{40'000});
    EXPECT_EQ(network.base_day(0)[32], Watts{90'000});
    EXPECT_EQ(network.base_peak_with_descendants(0), Watts{140'000});
}

TEST(Network, AProfileValueHoldsForItsWholeQuarterHour) {
    EXPECT_EQ(slot_of_day(at("2026-05-01T00:14:59.999+08:00"), china), 0);
    EXPECT_EQ(slot_of_day(at("2026-05-01T00:15:00+08:00"), china), 1);
    EXPECT_EQ(slot_of_day(at("2026-05-01T23:59:59+08:00"), china), 95);
}

TEST(Network, SumsUpInOnePass) {
    const auto network = Network::build(example_parts()).value();
    std::vector<Watts> load(network.node_count());
    load[network.find_node(NodeId{"station"}).value()] = Watts{7};
    load[network.find_node(NodeId{"other"}).value()] = Watts{11};
    load[network.find_node(NodeId{"feeder"}).value()] = Watts{100};
    network.sum_up(load);
    EXPECT_EQ(load[0], Watts{118});
    EXPECT_EQ(load[network.find_node(NodeId{"transformer"}).value()], Watts{7});
}

TEST(Network, SurvivesTheJournal) {
    const auto parts = example_parts();
    EXPECT_EQ(decode_record<NetworkParts>(encode_record(parts)).value(), parts);
    EXPECT_NE(to_json(parts.nodes[0]).find(R"("station_kind":"residential")"), std::string::npos);
}

TEST(NetworkEdit, ChangesALimitAndKeepsTheRest) {
    auto network = Network::build(example_parts()).value();
    auto feeder = network.node(network.find_node(NodeId{"feeder"}).value());
    feeder.limit = Watts{300'000};
    ASSERT_TRUE(network.set_node(feeder));
    EXPECT_EQ(network.node(network.find_node(NodeId{"feeder"}).value()).limit, Watts{300'000});
    EXPECT_EQ(network.charger_count(), 2U);
    feeder.limit = Watts{139'999};
    const auto refused = network.set_node(feeder);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field("field"), "base_peak_kw");
    EXPECT_EQ(network.node(network.find_node(NodeId{"feeder"}).value()).limit, Watts{300'000});
}

TEST(NetworkEdit, RefusesToCutOffWhatHangsBelow) {
    auto network = Network::build(example_parts()).value();
    EXPECT_EQ(network.remove_node(NodeId{"feeder"}).error().code, ErrorCode::conflict);
    EXPECT_EQ(network.remove_node(NodeId{"station"}).error().code, ErrorCode::conflict);
    EXPECT_EQ(network.remove_node(NodeId{"city"}).error().code, ErrorCode::conflict);
    EXPECT_EQ(network.remove_node(NodeId{"nowhere"}).error().code, ErrorCode::not_found);
    EXPECT_TRUE(network.remove_node(NodeId{"other"}));
    EXPECT_EQ(network.node_count(), 4U);
    auto station = network.node(network.find_node(NodeId{"station"}).value());
    station.kind = NodeKind::transformer;
    station.station_kind = StationKind::none;
    EXPECT_EQ(network.set_node(station).error().code, ErrorCode::conflict);
}

TEST(NetworkEdit, PlacesMovesAndRemovesChargers) {
    auto network = Network::build(example_parts()).value();
    ChargerSite charger{ChargerId{"C"}, NodeId{"other"}, "", {{ConnectorNumber{1}, Watts{11'000}, Current::ac, 3}}};
    ASSERT_TRUE(network.place_charger(charger));
    EXPECT_EQ(network.node_of(ChargerId{"C"}), network.find_node(NodeId{"other"}));
    charger.station = NodeId{"station"};
    ASSERT_TRUE(network.place_charger(charger));
    EXPECT_EQ(network.charger_count(), 3U);
    EXPECT_EQ(network.chargers_at(network.find_node(NodeId{"station"}).value()).size(), 3U);
    EXPECT_TRUE(network.chargers_at(network.find_node(NodeId{"other"}).value()).empty());
    charger.station = NodeId{"feeder"};
    EXPECT_EQ(network.place_charger(charger).error().field("field"), "station");
    charger.station = NodeId{"city"};
    EXPECT_FALSE(network.place_charger(charger));
    charger.station = NodeId{"nowhere"};
    EXPECT_FALSE(network.place_charger(charger));
    EXPECT_EQ(network.node_of(ChargerId{"C"}), network.find_node(NodeId{"station"}));
    ASSERT_TRUE(network.remove_charger(ChargerId{"A"}));
    EXPECT_EQ(network.remove_charger(ChargerId{"A"}).error().code, ErrorCode::not_found);
    EXPECT_EQ(network.charger(network.find_charger(ChargerId{"C"}).value()).id, ChargerId{"C"});
}

struct Fault {
    const char* name;
    void (*spoil)(NetworkParts&);
    PartKind part;
    const char* field;
    const char* expected;
};

class NetworkFaults : public testing::TestWithParam<Fault> {};

TEST_P(NetworkFaults, AreNamed) {
    auto parts = example_parts();
    GetParam().spoil(parts);
    const auto problems = find_problems(parts);
    ASSERT_FALSE(problems.empty());
    EXPECT_EQ(problems.front().part, GetParam().part);
    EXPECT_EQ(problems.front().field, GetParam().field);
    EXPECT_NE(problems.front().expected.find(GetParam().expected), std::string::npos) << problems.front().expected;
    EXPECT_FALSE(Network::build(parts));
}

// The nodes of the example: 0 station, 1 transformer, 2 feeder, 3 city, 4 other.
const std::array faults{
    Fault{"empty", [](NetworkParts& p) { p = {}; }, PartKind::network, "nodes", "at least one"},
    Fault{"no_root", [](NetworkParts& p) { p.nodes[3].parent = NodeId{"feeder"}; }, PartKind::node, "parent",
          "a cycle"},
    Fault{"two_roots", [](NetworkParts& p) { p.nodes[2].parent = {}; }, PartKind::node, "parent",
          "is the root already"},
    Fault{"unknown_parent", [](NetworkParts& p) { p.nodes[2].parent = NodeId{"x"}; }, PartKind::node, "parent",
          "id of a node"},
    Fault{"own_parent", [](NetworkParts& p) { p.nodes[1].parent = NodeId{"transformer"}; }, PartKind::node, "parent",
          "cycle"},
    Fault{"upside_down", [](NetworkParts& p) { p.nodes[4].parent = NodeId{"station"}; }, PartKind::node, "parent",
          "nearer to the root"},
    Fault{"duplicate", [](NetworkParts& p) { p.nodes[4].id = NodeId{"station"}; }, PartKind::node, "id",
          "no other node"},
    Fault{"id_space", [](NetworkParts& p) { p.nodes[4].id = NodeId{"a b"}; }, PartKind::node, "id", "without spaces"},
    Fault{"limit_zero", [](NetworkParts& p) { p.nodes[4].limit = Watts{0}; }, PartKind::node, "limit_kw", "above 0"},
    Fault{"limit_negative", [](NetworkParts& p) { p.nodes[4].limit = Watts{-1}; }, PartKind::node, "limit_kw",
          "above 0"},
    Fault{"limit_unit", [](NetworkParts& p) { p.nodes[3].limit = Watts{9'000'000'000'000}; }, PartKind::node,
          "limit_kw", "at most"},
    Fault{"base_negative", [](NetworkParts& p) { p.nodes[2].base_peak = Watts{-1}; }, PartKind::node, "base_peak_kw",
          "0 to"},
    Fault{"base_without_profile", [](NetworkParts& p) { p.nodes[2].base_profile = ""; }, PartKind::node, "base_profile",
          "not 0"},
    Fault{"unknown_profile", [](NetworkParts& p) { p.nodes[2].base_profile = "x"; }, PartKind::node, "base_profile",
          "name of a profile"},
    Fault{"base_above_limit", [](NetworkParts& p) { p.nodes[2].limit = Watts{139'999}; }, PartKind::node,
          "base_peak_kw", "at most the limit"},
    Fault{"longitude", [](NetworkParts& p) { p.nodes[0].lon = 181; }, PartKind::node, "lon", "-180"},
    Fault{"latitude_nan", [](NetworkParts& p) { p.nodes[0].lat = std::numeric_limits<double>::quiet_NaN(); },
          PartKind::node, "lat", "-90"},
    Fault{"station_without_kind", [](NetworkParts& p) { p.nodes[0].station_kind = StationKind::none; }, PartKind::node,
          "station_kind", "what the station is for"},
    Fault{"feeder_with_kind", [](NetworkParts& p) { p.nodes[2].station_kind = StationKind::depot; }, PartKind::node,
          "station_kind", "none"},
    Fault{"kind_unknown", [](NetworkParts& p) { p.nodes[0].kind = static_cast<NodeKind>(77); }, PartKind::node, "kind",
          "a kind of node"},
    Fault{"profile_short", [](NetworkParts& p) { p.profiles[0].slots.pop_back(); }, PartKind::profile, "slot", "96"},
    Fault{"profile_high", [](NetworkParts& p) { p.profiles[0].slots[3] = Permille{1001}; }, PartKind::profile,
          "permille", "0 to 1000"},
    Fault{"profile_twice", [](NetworkParts& p) { p.profiles[0].name = "day"; }, PartKind::profile, "profile",
          "no other"},
    Fault{"charger_twice", [](NetworkParts& p) { p.chargers[0].id = ChargerId{"B"}; }, PartKind::charger, "id",
          "no other"},
    Fault{"charger_at_feeder", [](NetworkParts& p) { p.chargers[0].station = NodeId{"feeder"}; }, PartKind::charger,
          "station", "not a feeder"},
    Fault{"charger_nowhere", [](NetworkParts& p) { p.chargers[0].station = NodeId{"x"}; }, PartKind::charger, "station",
          "id of a station"},
    Fault{"no_connector", [](NetworkParts& p) { p.chargers[0].connectors.clear(); }, PartKind::charger, "connector",
          "1 to 32"},
    Fault{"connector_gap", [](NetworkParts& p) { p.chargers[1].connectors[1].number = ConnectorNumber{3}; },
          PartKind::charger, "connector", "number 2"},
    Fault{"connector_zero", [](NetworkParts& p) { p.chargers[0].connectors[0].number = ConnectorNumber{0}; },
          PartKind::charger, "connector", "number 1"},
    Fault{"connector_power", [](NetworkParts& p) { p.chargers[0].connectors[0].max_power = Watts{0}; },
          PartKind::charger, "max_kw", "above 0"},
    Fault{"two_phases", [](NetworkParts& p) { p.chargers[0].connectors[0].phases = 2; }, PartKind::charger, "phases",
          "1 or 3"},
    Fault{"dc_one_phase", [](NetworkParts& p) { p.chargers[1].connectors[0].phases = 1; }, PartKind::charger, "phases",
          "3 for dc"}};

INSTANTIATE_TEST_SUITE_P(Network, NetworkFaults, testing::ValuesIn(faults),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tianqu::grid
