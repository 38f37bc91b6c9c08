#include "city/make_network.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <numeric>
#include <set>

#include "base/sha256.hpp"
#include "city/allocation.hpp"
#include "city/random.hpp"
#include "city/synthetic_load.hpp"
#include "city/tests/pack_files.hpp"

namespace tianqu::city {
namespace {

using grid::NodeIndex;
using grid::NodeKind;
using grid::StationKind;

const City& dezhou() {
    static const City city = load_city(dezhou_folder()).value();
    return city;
}

grid::Network made(std::int64_t publics, std::int64_t residentials, std::uint64_t seed) {
    return grid::Network::build(make_network(dezhou(), {publics, residentials, seed}).value()).value();
}

std::string hash_of(const MakeOptions& options) {
    std::string all;
    for (const auto& [name, text] : write_network_folder(make_network(dezhou(), options).value())) all += name + text;
    return to_hex(sha256(all));
}

std::map<StationKind, std::int64_t> chargers_by_kind(const grid::Network& network) {
    std::map<StationKind, std::int64_t> counts;
    for (grid::ChargerIndex index = 0; index < network.charger_count(); ++index) {
        ++counts[network.node(network.node_of(index)).station_kind];
    }
    return counts;
}

/// Power of all connectors below each node, by what `power` makes of a connector and the kind of its station.
template <class Power>
std::vector<Watts> summed(const grid::Network& network, Power power) {
    std::vector<Watts> by_node(network.node_count());
    for (grid::ChargerIndex index = 0; index < network.charger_count(); ++index) {
        const auto station = network.node_of(index);
        for (const auto& connector : network.charger(index).connectors) {
            by_node[station] += power(connector, network.node(station).station_kind);
        }
    }
    network.sum_up(by_node);
    return by_node;
}

class SyntheticNetwork : public testing::TestWithParam<MakeOptions> {};
/// Those with home chargers enough for an evening peak.
class BusyNetwork : public SyntheticNetwork {};

TEST_P(SyntheticNetwork, HasWhatWasAskedFor) {
    const auto& options = GetParam();
    const auto network = made(options.public_chargers, options.residential_chargers, options.seed);
    auto counts = chargers_by_kind(network);
    EXPECT_EQ(counts[StationKind::public_site], options.public_chargers);
    EXPECT_EQ(counts[StationKind::residential], options.residential_chargers);
    EXPECT_TRUE(network.origin().synthetic);
    EXPECT_EQ(network.origin().seed, static_cast<std::int64_t>(options.seed));
    for (const auto& node : network.nodes()) EXPECT_TRUE(node.synthetic);
    std::set<std::string> covered;
    for (const auto& node : network.nodes()) {
        if (node.station_kind == StationKind::public_site) covered.insert(node.township);
    }
    if (options.public_chargers >= 134) {
        EXPECT_EQ(covered.size(), 134U);
    }
}

/// Head-room that everything else relies on: at 60 % of the limits the base peak and all safe levels still fit.
TEST_P(SyntheticNetwork, KeepsHeadRoomAtEveryNode) {
    const auto& options = GetParam();
    const auto network = made(options.public_chargers, options.residential_chargers, options.seed);
    const auto low = summed(network, [](const auto& connector, auto) { return dezhou().safe_power(connector); });
    for (NodeIndex index = 0; index < network.node_count(); ++index) {
        const auto limit = network.node(index).limit.count;
        const auto base = network.base_peak_with_descendants(index).count;
        EXPECT_LE(base * 100, limit * 45) << network.node(index).id.value;
        EXPECT_LE(base + low[index].count, limit * 6 / 10) << network.node(index).id.value;
    }
}

/// The evening if nobody steers, at the stated simultaneity: the task that orderly charging has.
TEST_P(BusyNetwork, IsOverloadedWithoutSteeringYetServesTheNight) {
    const auto& options = GetParam();
    const auto network = made(options.public_chargers, options.residential_chargers, options.seed);
    const auto evening = summed(network, [](const auto& connector, StationKind kind) {
        return scaled(connector.max_power,
                      kind == StationKind::residential ? residential_simultaneity : public_simultaneity);
    });
    std::map<NodeKind, int> overloaded;
    std::map<NodeKind, int> count;
    for (NodeIndex index = 0; index < network.node_count(); ++index) {
        const auto& node = network.node(index);
        ++count[node.kind];
        if (evening[index] + network.base_day(index)[76] > node.limit) ++overloaded[node.kind];
    }
    EXPECT_GE(overloaded[NodeKind::transformer] * 5, count[NodeKind::transformer]);
    EXPECT_LT(overloaded[NodeKind::transformer], count[NodeKind::transformer]);
    EXPECT_GE(overloaded[NodeKind::feeder], 1);

    // 18:00 to 07:30 offers every home connector 25 kWh at any node, with the public ones at their evening power until
    // 23:00 and at a fifth of it afterwards.
    const auto wanted = summed(network, [](const auto&, StationKind kind) {
        return kind == StationKind::residential ? Watts{25'000} : Watts{0};
    });
    const auto others = summed(network, [](const auto& connector, StationKind kind) {
        return kind == StationKind::residential ? Watts{0} : scaled(connector.max_power, public_simultaneity);
    });
    for (NodeIndex index = 0; index < network.node_count(); ++index) {
        if (wanted[index].count == 0) continue;
        std::int64_t free_wh = 0;
        for (std::size_t slot = 72; slot < 72 + 54; ++slot) {
            const auto busy = slot < 92 ? others[index] : scaled(others[index], Permille{200});
            const auto free = network.node(index).limit - network.base_day(index)[slot % 96] - busy;
            free_wh += free.count / 4;
        }
        EXPECT_GE(free_wh, wanted[index].count) << network.node(index).id.value;
    }
}

TEST_P(SyntheticNetwork, HasAPlausibleTree) {
    const auto& options = GetParam();
    const auto network = made(options.public_chargers, options.residential_chargers, options.seed);
    for (NodeIndex index = 0; index < network.node_count(); ++index) {
        const auto& node = network.node(index);
        if (node.kind == NodeKind::feeder) EXPECT_LE(network.children(index).size(), 25U) << node.id.value;
        if (node.kind == NodeKind::substation) EXPECT_LE(network.children(index).size(), 11U) << node.id.value;
        if (node.station_kind == StationKind::residential) EXPECT_LE(network.chargers_at(index).size(), 18U);
        if (node.station_kind == StationKind::public_site) EXPECT_LE(network.chargers_at(index).size(), 12U);
        if (node.kind != NodeKind::city) EXPECT_NE(dezhou().find_county(node.county), nullptr);
    }
}

std::string case_name(const testing::TestParamInfo<MakeOptions>& test) {
    return "p" + std::to_string(test.param.public_chargers) + "r" + std::to_string(test.param.residential_chargers) +
           "s" + std::to_string(test.param.seed);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SyntheticNetwork,
                         testing::Values(MakeOptions{204, 1796, 1}, MakeOptions{204, 1796, 2},
                                         MakeOptions{6800, 60'000, 1}, MakeOptions{134, 0, 3}, MakeOptions{20, 100, 4},
                                         MakeOptions{0, 5000, 5}, MakeOptions{1, 0, 6}),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Sizes, BusyNetwork,
                         testing::Values(MakeOptions{204, 1796, 1}, MakeOptions{204, 1796, 2},
                                         MakeOptions{6800, 60'000, 1}, MakeOptions{0, 5000, 5}),
                         case_name);

TEST(MakeNetwork, GivesTheSameBytesOnAnyMachine) {
    EXPECT_EQ(hash_of({204, 1796, 1}), hash_of({204, 1796, 1}));
    EXPECT_NE(hash_of({204, 1796, 1}), hash_of({204, 1796, 2}));
    // A change here means that everybody's synthetic city changes: say so in the change log.
    EXPECT_EQ(hash_of({204, 1796, 1}), "d52dd90a89c05162b81c1433a31124ca174f066977cb2f32daeaaff2048cc68e");
}

TEST(MakeNetwork, ReadsBackWithoutAProblem) {
    const auto parts = make_network(dezhou(), {204, 1796, 1}).value();
    const auto reading = read_network_folder(write_network_folder(parts), "", &dezhou());
    ASSERT_TRUE(reading.problems.empty()) << reading.problems.front().text;
    EXPECT_EQ(reading.parts, parts);
}

TEST(MakeNetwork, FollowsThePopulation) {
    const auto network = made(6800, 60'000, 1);
    std::map<std::string, std::int64_t> by_county;
    for (grid::ChargerIndex index = 0; index < network.charger_count(); ++index) {
        const auto& station = network.node(network.node_of(index));
        if (station.station_kind == StationKind::residential) ++by_county[station.county];
    }
    for (const auto& county : dezhou().counties) {
        if (!county.part_of.empty() || county.code == "371402") continue;
        const auto exact = 60'000.0 * static_cast<double>(county.population) / 5'574'900.0;
        EXPECT_NEAR(static_cast<double>(by_county[county.code]), exact, 1.0) << county.name_zh;
    }
    // 德城区's population is shared with 德州天衢新区 by townships, 7 to 5.
    EXPECT_NEAR(static_cast<double>(by_county["371402"] + by_county["371471"]), 60'000.0 * 1'012'400 / 5'574'900, 2.0);
    EXPECT_NEAR(static_cast<double>(by_county["371402"]) * 5 / 7, static_cast<double>(by_county["371471"]), 2.0);
}

TEST(MakeNetwork, ScalesEveryLimit) {
    const auto whole = make_network(dezhou(), {204, 1796, 1}).value();
    const auto scaled_down = make_network(dezhou(), {204, 1796, 1, Permille{600}}).value();
    ASSERT_TRUE(grid::Network::build(scaled_down));
    ASSERT_EQ(whole.nodes.size(), scaled_down.nodes.size());
    for (std::size_t at = 0; at < whole.nodes.size(); ++at) {
        EXPECT_EQ(scaled_down.nodes[at].limit, scaled(whole.nodes[at].limit, Permille{600}));
        EXPECT_EQ(scaled_down.nodes[at].base_peak, whole.nodes[at].base_peak);
    }
}

TEST(MakeNetwork, RefusesWhatItCannotMake) {
    for (const auto& options :
         {MakeOptions{-1, 5, 1}, MakeOptions{5, -1, 1}, MakeOptions{0, 0, 1}, MakeOptions{100'001, 0, 1},
          MakeOptions{1, 1, 1, Permille{499}}, MakeOptions{1, 1, 1ULL << 63}}) {
        const auto refused = make_network(dezhou(), options);
        ASSERT_FALSE(refused);
        EXPECT_FALSE(refused.error().field("expected").empty());
    }
}

TEST(NetworkFolder, NamesItsProblems) {
    const auto good = write_network_folder(make_network(dezhou(), {20, 20, 1}).value());
    const auto first_problem = [](const FileTexts& texts) {
        const auto reading = read_network_folder(texts, "net/", &dezhou());
        return reading.problems.empty() ? Error{} : reading.problems.front();
    };
    auto texts = good;
    texts.erase("network.toml");
    EXPECT_EQ(first_problem(texts).field("file"), "net/network.toml");
    texts = good;
    texts["network.toml"].replace(texts["network.toml"].find("\"synthetic\""), 11, "\"guessed\"");
    EXPECT_EQ(first_problem(texts).field("field"), "status");
    EXPECT_EQ(first_problem(texts).field("line"), "2");
    texts = good;
    texts["network.csv"].replace(texts["network.csv"].find(",371402,"), 8, ",371499,");
    EXPECT_EQ(first_problem(texts).field("field"), "county");
    EXPECT_EQ(first_problem(texts).field("value"), "371499");
}

TEST(Allocation, AddsUpAndIsFair) {
    EXPECT_TRUE(rc::check("largest remainder", [] {
        const auto count = *rc::gen::inRange<std::size_t>(1, 30);
        const auto weights =
            *rc::gen::container<std::vector<std::int64_t>>(count, rc::gen::inRange<std::int64_t>(1, 1'000'000));
        const auto total = *rc::gen::inRange<std::int64_t>(0, 100'000);
        const auto minimum = *rc::gen::inRange<std::int64_t>(0, 3);
        const auto parts = allocate(total, weights, minimum);
        RC_ASSERT(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}) == total);
        const auto first = total >= minimum * static_cast<std::int64_t>(count) ? minimum : 0;
        const auto sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
        for (std::size_t at = 0; at < count; ++at) {
            const auto exact = static_cast<double>(total - first * static_cast<std::int64_t>(count)) *
                               static_cast<double>(weights[at]) / static_cast<double>(sum);
            RC_ASSERT(std::abs(static_cast<double>(parts[at] - first) - exact) < 1.0 + 1e-6);
        }
    }));
}

TEST(Random, GivesTheKnownSequence) {
    // The reference values of SplitMix64 for seed 1234567.
    Random random(1234567);
    EXPECT_EQ(random.next(), 6457827717110365317ULL);
    EXPECT_EQ(random.next(), 3203168211198807973ULL);
    EXPECT_EQ(random.next(), 9817491932198370423ULL);
}

}  // namespace
}  // namespace tianqu::city
