#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "grid/node.hpp"

namespace tianqu::grid {

/// Position of a node in its network: 0 is the root, parents come before children. Valid until nodes change.
using NodeIndex = std::uint32_t;
/// Position of a charger in its network. Valid until a charger is removed.
using ChargerIndex = std::uint32_t;
inline constexpr NodeIndex no_node = 0xffff'ffff;

/// Limits of what a network may hold.
inline constexpr std::size_t max_nodes = 200'000;
inline constexpr std::size_t max_chargers = 500'000;
inline constexpr std::size_t max_profiles = 1'000;
inline constexpr std::size_t max_connectors_per_charger = 32;

enum class PartKind : std::uint8_t { network, node, charger, profile };

/// One thing wrong with loose parts: which part, its position in `NetworkParts`, field, value, and what was expected.
struct Problem {
    PartKind part = PartKind::network;
    std::size_t position = 0;
    std::string field;
    std::string value;
    std::string expected;
};

/// Everything wrong with the parts, in order of parts; empty when `Network::build` would succeed.
[[nodiscard]] std::vector<Problem> find_problems(const NetworkParts& parts);

/// A valid limit tree with its chargers. Every public call leaves it valid; a refused edit changes nothing.
class Network {
public:
    /// No node at all: what there is before the first import.
    Network() = default;
    /// The parts in any order; `invalid_input` names the first problem (field "count" of the error says how many there
    /// are).
    [[nodiscard]] static Result<Network> build(NetworkParts parts);

    [[nodiscard]] const NetworkOrigin& origin() const { return origin_; }
    [[nodiscard]] NetworkParts parts() const;

    [[nodiscard]] std::size_t node_count() const { return nodes_.size(); }
    [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }
    [[nodiscard]] const Node& node(NodeIndex index) const;
    [[nodiscard]] std::optional<NodeIndex> find_node(const NodeId& id) const;
    /// `no_node` at the root.
    [[nodiscard]] NodeIndex parent(NodeIndex index) const;
    /// All parents by node index: what a linear pass over the tree needs.
    [[nodiscard]] std::span<const NodeIndex> parents() const { return parents_; }
    [[nodiscard]] std::span<const NodeIndex> children(NodeIndex index) const;
    /// The node itself first, the root last.
    [[nodiscard]] std::vector<NodeIndex> path_to_root(NodeIndex index) const;

    [[nodiscard]] std::size_t charger_count() const { return chargers_.size(); }
    [[nodiscard]] std::span<const ChargerSite> chargers() const { return chargers_; }
    [[nodiscard]] const ChargerSite& charger(ChargerIndex index) const;
    [[nodiscard]] std::optional<ChargerIndex> find_charger(const ChargerId& id) const;
    /// The station a charger stands at.
    [[nodiscard]] NodeIndex node_of(ChargerIndex index) const;
    [[nodiscard]] std::optional<NodeIndex> node_of(const ChargerId& id) const;
    [[nodiscard]] std::span<const ChargerIndex> chargers_at(NodeIndex index) const;
    /// The connector's data, or nullptr.
    [[nodiscard]] const ConnectorSpec* find_connector(const ConnectorKey& key) const;

    [[nodiscard]] std::span<const DayProfile> profiles() const { return profiles_; }
    /// Load connected at the node itself in the quarter-hour of the local day that contains `time`.
    [[nodiscard]] Watts base_load(NodeIndex index, TimePoint time, UtcOffset offset) const;
    /// The same for the node and everything below it: what counts against its limit before any charging.
    [[nodiscard]] Watts base_load_with_descendants(NodeIndex index, TimePoint time, UtcOffset offset) const;
    /// The 96 quarter-hours of `base_load_with_descendants`, local midnight first.
    [[nodiscard]] std::span<const Watts, slots_per_day> base_day(NodeIndex index) const;
    /// Its greatest quarter-hour.
    [[nodiscard]] Watts base_peak_with_descendants(NodeIndex index) const;

    /// Adds to each node's value those of all nodes below it, in one linear pass. `by_node` has node_count() values.
    void sum_up(std::span<Watts> by_node) const;
    void sum_up(std::span<double> by_node) const;

    /// Adds the node or replaces the one with its id. Node indices change.
    [[nodiscard]] Status set_node(Node node);
    /// Only a node with nothing below it: no child, no charger.
    [[nodiscard]] Status remove_node(const NodeId& id);
    /// Adds the charger, or replaces or moves the one with its id.
    [[nodiscard]] Status place_charger(ChargerSite charger);
    /// The last charger takes its index.
    [[nodiscard]] Status remove_charger(const ChargerId& id);
    /// Adds or replaces a day profile.
    [[nodiscard]] Status set_profile(DayProfile profile);

private:
    void order_nodes();
    void index_nodes();
    void index_chargers();
    void index_charger_nodes();
    void compute_base_days();
    [[nodiscard]] Status replace_tree(std::vector<Node> nodes, std::vector<DayProfile> profiles);

    NetworkOrigin origin_;
    std::vector<Node> nodes_;
    std::vector<NodeIndex> parents_;
    std::vector<NodeIndex> child_list_;
    std::vector<std::uint32_t> child_start_;
    std::unordered_map<NodeId, NodeIndex> node_by_id_;
    std::vector<DayProfile> profiles_;
    std::vector<std::int32_t> profile_of_;
    std::vector<std::array<Watts, slots_per_day>> base_days_;
    std::vector<ChargerSite> chargers_;
    std::vector<NodeIndex> charger_nodes_;
    std::vector<std::vector<ChargerIndex>> chargers_at_;
    std::unordered_map<ChargerId, ChargerIndex> charger_by_id_;
};

/// The quarter-hour of the local day, 0…95.
[[nodiscard]] int slot_of_day(TimePoint time, UtcOffset offset);

}  // namespace tianqu::grid
