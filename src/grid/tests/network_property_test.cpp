#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "grid/network_files.hpp"

namespace tianqu::grid {
namespace {

std::int64_t any(std::int64_t low, std::int64_t below) { return *rc::gen::inRange<std::int64_t>(low, below); }

/// A tree of random shape whose limits are wide enough for every base load.
NetworkParts random_parts() {
    NetworkParts parts{.origin = {.source = "random", .synthetic = true, .made_by = "test"},
                       .nodes = {},
                       .chargers = {},
                       .profiles = {}};
    DayProfile profile{"profile", {}};
    for (int slot = 0; slot < slots_per_day; ++slot) profile.slots.emplace_back(any(0, 1001));
    parts.profiles.push_back(std::move(profile));
    const auto count = any(1, 40);
    for (std::int64_t at = 0; at < count; ++at) {
        Node node{.id = NodeId{"n" + std::to_string(at)}, .kind = NodeKind::city, .limit = Watts{1'000'000'000}};
        if (at > 0) {
            std::vector<std::size_t> possible;
            for (std::size_t other = 0; other < parts.nodes.size(); ++other) {
                if (parts.nodes[other].kind < NodeKind::station) possible.push_back(other);
            }
            const auto& parent =
                parts.nodes[possible[static_cast<std::size_t>(any(0, static_cast<std::int64_t>(possible.size())))]];
            node.parent = parent.id;
            node.kind = static_cast<NodeKind>(any(static_cast<int>(parent.kind) + 1, 5));
            node.base_profile = "profile";
            node.base_peak = Watts{any(0, 1'000'000)};
        }
        if (node.kind == NodeKind::station) {
            node.station_kind = StationKind::residential;
            for (auto left = any(0, 3); left > 0; --left) {
                parts.chargers.push_back({ChargerId{node.id.value + "-" + std::to_string(left)},
                                          node.id,
                                          "",
                                          {{ConnectorNumber{1}, Watts{7'000}, Current::ac, 1}}});
            }
        }
        parts.nodes.push_back(std::move(node));
    }
    // The order of the rows must not matter.
    for (auto at = parts.nodes.size(); at > 1; --at) {
        std::swap(parts.nodes[at - 1], parts.nodes[static_cast<std::size_t>(any(0, static_cast<std::int64_t>(at)))]);
    }
    return parts;
}

void check_invariants(const Network& network) {
    for (NodeIndex index = 0; index < network.node_count(); ++index) {
        RC_ASSERT((index == 0) == (network.parent(index) == no_node));
        RC_ASSERT(index == 0 || network.parent(index) < index);
        RC_ASSERT(network.find_node(network.node(index).id) == index);
        for (const auto child : network.children(index)) RC_ASSERT(network.parent(child) == index);
        for (const auto charger : network.chargers_at(index)) RC_ASSERT(network.node_of(charger) == index);
    }
    for (ChargerIndex index = 0; index < network.charger_count(); ++index) {
        const auto& at_node = network.chargers_at(network.node_of(index));
        RC_ASSERT(std::ranges::count(at_node, index) == 1);
        RC_ASSERT(network.node(network.node_of(index)).id == network.charger(index).station);
        RC_ASSERT(network.find_charger(network.charger(index).id) == index);
    }
    RC_ASSERT(find_problems(network.parts()).empty());
}

TEST(NetworkProperty, SumsEqualTheSlowModel) {
    EXPECT_TRUE(rc::check("sums along paths", [] {
        const auto network = Network::build(random_parts()).value();
        check_invariants(network);
        std::vector<Watts> own(network.node_count());
        for (auto& load : own) load = Watts{any(0, 1000)};
        auto fast = own;
        network.sum_up(fast);
        std::vector<Watts> slow(network.node_count());
        std::vector<Watts> base(network.node_count());
        const auto time = parse_time("2026-05-01T00:00:00Z").value() + std::chrono::minutes{any(0, 1440)};
        const UtcOffset offset{std::chrono::minutes{480}};
        for (NodeIndex index = 0; index < network.node_count(); ++index) {
            for (const auto above : network.path_to_root(index)) {
                slow[above] += own[index];
                base[above] += network.base_load(index, time, offset);
            }
        }
        RC_ASSERT(fast == slow);
        for (NodeIndex index = 0; index < network.node_count(); ++index) {
            RC_ASSERT(network.base_load_with_descendants(index, time, offset) == base[index]);
        }
    }));
}

TEST(NetworkProperty, FilesKeepEveryNetwork) {
    EXPECT_TRUE(rc::check("write then read", [] {
        const auto parts = random_parts();
        const auto reading = read_network(write_network(parts), {}, parts.origin);
        RC_ASSERT(reading.problems.empty());
        RC_ASSERT(reading.parts == parts);
    }));
}

TEST(NetworkProperty, EditsKeepItValidAndEqualToOneBuiltAnew) {
    EXPECT_TRUE(rc::check("edits", [] {
        auto network = Network::build(random_parts()).value();
        for (int edit = 0; edit < 20; ++edit) {
            const auto before = network.parts();
            const auto node =
                network.node(static_cast<NodeIndex>(any(0, static_cast<std::int64_t>(network.node_count()))));
            Status done;
            switch (any(0, 4)) {
                case 0: {
                    auto changed = node;
                    changed.limit = Watts{any(-1, 2'000'000)};
                    done = network.set_node(changed);
                    break;
                }
                case 1:
                    done = network.remove_node(node.id);
                    break;
                case 2:
                    done = network.place_charger({ChargerId{"c" + std::to_string(any(0, 5))},
                                                  node.id,
                                                  "",
                                                  {{ConnectorNumber{any(0, 3)}, Watts{7'000}, Current::ac, 1}}});
                    break;
                default:
                    done = network.remove_charger(ChargerId{"c" + std::to_string(any(0, 5))});
            }
            if (!done) RC_ASSERT(network.parts() == before);
            check_invariants(network);
        }
        const auto anew = Network::build(network.parts()).value();
        RC_ASSERT(anew.parts() == network.parts());
        for (NodeIndex index = 0; index < network.node_count(); ++index) {
            RC_ASSERT(std::ranges::equal(anew.base_day(index), network.base_day(index)));
        }
    }));
}

}  // namespace
}  // namespace tianqu::grid
