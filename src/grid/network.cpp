#include "grid/network.hpp"

#include <algorithm>

#include "base/assertion.hpp"

namespace tianqu::grid {

namespace {

std::string part_name(const NetworkParts& parts, const Problem& problem) {
    switch (problem.part) {
        case PartKind::node:
            return "node '" + parts.nodes[problem.position].id.value + "'";
        case PartKind::charger:
            return "charger '" + parts.chargers[problem.position].id.value + "'";
        case PartKind::profile:
            return "profile '" + parts.profiles[problem.position].name + "'";
        case PartKind::network:
            break;
    }
    return "network";
}

Error problem_error(const NetworkParts& parts, const std::vector<Problem>& problems) {
    const auto& first = problems.front();
    const auto part = part_name(parts, first);
    Error error{ErrorCode::invalid_input,
                part + ": field '" + first.field + "' is '" + first.value + "': expected " + first.expected,
                {}};
    return std::move(error)
        .with("part", part)
        .with("field", first.field)
        .with("value", first.value)
        .with("expected", first.expected)
        .with("count", std::to_string(problems.size()));
}

constexpr std::array kinds_from_root{NodeKind::city, NodeKind::substation, NodeKind::feeder, NodeKind::transformer,
                                     NodeKind::station};

template <class Number>
void add_to_parents(std::span<const NodeIndex> parents, std::span<Number> by_node) {
    TIANQU_ASSERT(by_node.size() == parents.size());
    for (std::size_t at = parents.size(); at-- > 1;) by_node[parents[at]] += by_node[at];
}

}  // namespace

int slot_of_day(TimePoint time, UtcOffset offset) { return to_local(time, offset).minute_of_day / 15; }

Result<Network> Network::build(NetworkParts parts) {
    if (const auto problems = find_problems(parts); !problems.empty()) return fail(problem_error(parts, problems));
    Network network;
    network.origin_ = std::move(parts.origin);
    network.nodes_ = std::move(parts.nodes);
    network.profiles_ = std::move(parts.profiles);
    network.chargers_ = std::move(parts.chargers);
    network.order_nodes();
    network.index_nodes();
    network.index_chargers();
    network.compute_base_days();
    return network;
}

NetworkParts Network::parts() const { return {origin_, nodes_, chargers_, profiles_}; }

const Node& Network::node(NodeIndex index) const {
    TIANQU_ASSERT(index < nodes_.size());
    return nodes_[index];
}

std::optional<NodeIndex> Network::find_node(const NodeId& id) const {
    const auto found = node_by_id_.find(id);
    if (found == node_by_id_.end()) return std::nullopt;
    return found->second;
}

NodeIndex Network::parent(NodeIndex index) const {
    TIANQU_ASSERT(index < parents_.size());
    return parents_[index];
}

std::span<const NodeIndex> Network::children(NodeIndex index) const {
    TIANQU_ASSERT(index < nodes_.size());
    return std::span(child_list_).subspan(child_start_[index], child_start_[index + 1] - child_start_[index]);
}

std::vector<NodeIndex> Network::path_to_root(NodeIndex index) const {
    TIANQU_ASSERT(index < nodes_.size());
    std::vector<NodeIndex> path;
    for (NodeIndex at = index; at != no_node; at = parents_[at]) path.push_back(at);
    return path;
}

const ChargerSite& Network::charger(ChargerIndex index) const {
    TIANQU_ASSERT(index < chargers_.size());
    return chargers_[index];
}

std::optional<ChargerIndex> Network::find_charger(const ChargerId& id) const {
    const auto found = charger_by_id_.find(id);
    if (found == charger_by_id_.end()) return std::nullopt;
    return found->second;
}

NodeIndex Network::node_of(ChargerIndex index) const {
    TIANQU_ASSERT(index < charger_nodes_.size());
    return charger_nodes_[index];
}

std::optional<NodeIndex> Network::node_of(const ChargerId& id) const {
    const auto index = find_charger(id);
    if (!index) return std::nullopt;
    return charger_nodes_[*index];
}

std::span<const ChargerIndex> Network::chargers_at(NodeIndex index) const {
    TIANQU_ASSERT(index < chargers_at_.size());
    return chargers_at_[index];
}

const ConnectorSpec* Network::find_connector(const ConnectorKey& key) const {
    const auto index = find_charger(key.charger);
    if (!index) return nullptr;
    const auto& connectors = chargers_[*index].connectors;
    const auto number = key.connector.value;
    if (number < 1 || number > static_cast<std::int64_t>(connectors.size())) return nullptr;
    return &connectors[static_cast<std::size_t>(number - 1)];
}

Watts Network::base_load(NodeIndex index, TimePoint time, UtcOffset offset) const {
    TIANQU_ASSERT(index < nodes_.size());
    const auto profile = profile_of_[index];
    if (profile < 0) return Watts{0};
    const auto slot = static_cast<std::size_t>(slot_of_day(time, offset));
    return scaled(nodes_[index].base_peak, profiles_[static_cast<std::size_t>(profile)].slots[slot]);
}

Watts Network::base_load_with_descendants(NodeIndex index, TimePoint time, UtcOffset offset) const {
    return base_day(index)[static_cast<std::size_t>(slot_of_day(time, offset))];
}

std::span<const Watts, slots_per_day> Network::base_day(NodeIndex index) const {
    TIANQU_ASSERT(index < base_days_.size());
    return base_days_[index];
}

Watts Network::base_peak_with_descendants(NodeIndex index) const { return std::ranges::max(base_day(index)); }

void Network::sum_up(std::span<Watts> by_node) const { add_to_parents<Watts>(parents_, by_node); }
void Network::sum_up(std::span<double> by_node) const { add_to_parents<double>(parents_, by_node); }

void Network::order_nodes() {
    // A parent's kind is always nearer to the root, so taking kind after kind puts parents before children.
    std::vector<Node> ordered;
    ordered.reserve(nodes_.size());
    for (const auto kind : kinds_from_root) {
        for (auto& node : nodes_) {
            if (node.kind == kind) ordered.push_back(std::move(node));
        }
    }
    TIANQU_ASSERT(ordered.size() == nodes_.size());
    nodes_ = std::move(ordered);
}

void Network::index_nodes() {
    node_by_id_.clear();
    node_by_id_.reserve(nodes_.size());
    for (std::size_t at = 0; at < nodes_.size(); ++at) node_by_id_.emplace(nodes_[at].id, static_cast<NodeIndex>(at));
    parents_.assign(nodes_.size(), no_node);
    child_start_.assign(nodes_.size() + 1, 0);
    for (std::size_t at = 1; at < nodes_.size(); ++at) {
        parents_[at] = node_by_id_.at(nodes_[at].parent);
        TIANQU_ASSERT(parents_[at] < at);
        ++child_start_[parents_[at] + 1];
    }
    for (std::size_t at = 0; at < nodes_.size(); ++at) child_start_[at + 1] += child_start_[at];
    child_list_.assign(nodes_.size() - 1, no_node);
    auto next = child_start_;
    for (std::size_t at = 1; at < nodes_.size(); ++at) child_list_[next[parents_[at]]++] = static_cast<NodeIndex>(at);
}

void Network::index_chargers() {
    charger_by_id_.clear();
    charger_by_id_.reserve(chargers_.size());
    for (std::size_t at = 0; at < chargers_.size(); ++at) {
        charger_by_id_.emplace(chargers_[at].id, static_cast<ChargerIndex>(at));
    }
    index_charger_nodes();
}

void Network::index_charger_nodes() {
    charger_nodes_.assign(chargers_.size(), no_node);
    chargers_at_.assign(nodes_.size(), {});
    for (std::size_t at = 0; at < chargers_.size(); ++at) {
        charger_nodes_[at] = node_by_id_.at(chargers_[at].station);
        chargers_at_[charger_nodes_[at]].push_back(static_cast<ChargerIndex>(at));
    }
}

void Network::compute_base_days() {
    profile_of_.assign(nodes_.size(), -1);
    base_days_.assign(nodes_.size(), {});
    for (std::size_t at = nodes_.size(); at-- > 0;) {
        auto& day = base_days_[at];
        const auto profile = std::ranges::find(profiles_, nodes_[at].base_profile, &DayProfile::name);
        if (!nodes_[at].base_profile.empty() && profile != profiles_.end()) {
            profile_of_[at] = static_cast<std::int32_t>(profile - profiles_.begin());
            for (std::size_t slot = 0; slot < day.size(); ++slot)
                day[slot] += scaled(nodes_[at].base_peak, profile->slots[slot]);
        }
        if (at == 0) break;
        auto& above = base_days_[parents_[at]];
        for (std::size_t slot = 0; slot < day.size(); ++slot) above[slot] += day[slot];
    }
}

Status Network::replace_tree(std::vector<Node> nodes, std::vector<DayProfile> profiles) {
    // The chargers are not looked at again: they are many, and an edit of the tree concerns them only through their
    // station.
    NetworkParts tree{.origin = {}, .nodes = std::move(nodes), .chargers = {}, .profiles = std::move(profiles)};
    if (const auto problems = find_problems(tree); !problems.empty()) return fail(problem_error(tree, problems));
    nodes_ = std::move(tree.nodes);
    profiles_ = std::move(tree.profiles);
    order_nodes();
    index_nodes();
    index_charger_nodes();
    compute_base_days();
    return {};
}

Status Network::set_node(Node node) {
    const auto index = find_node(node.id);
    if (index && node.kind != NodeKind::station && !chargers_at(*index).empty()) {
        return fail(Error{ErrorCode::conflict,
                          "node '" + node.id.value + "' has chargers, so it must stay a station",
                          {{"node", node.id.value}, {"field", "kind"}}});
    }
    auto nodes = nodes_;
    if (index) {
        nodes[*index] = std::move(node);
    } else {
        nodes.push_back(std::move(node));
    }
    return replace_tree(std::move(nodes), profiles_);
}

Status Network::remove_node(const NodeId& id) {
    const auto index = find_node(id);
    if (!index) return fail(Error{ErrorCode::not_found, "there is no node '" + id.value + "'", {{"node", id.value}}});
    if (!children(*index).empty() || !chargers_at(*index).empty() || *index == 0) {
        return fail(Error{
            ErrorCode::conflict,
            *index == 0 ? "the root cannot be removed" : "node '" + id.value + "' still has nodes or chargers below it",
            {{"node", id.value}}});
    }
    auto nodes = nodes_;
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(*index));
    return replace_tree(std::move(nodes), profiles_);
}

Status Network::place_charger(ChargerSite charger) {
    // Only this charger can be wrong: it is checked against its own station, not the whole network again.
    NetworkParts probe;
    probe.chargers = {charger};
    Node root{.id = NodeId{"(root)"}, .kind = NodeKind::city, .limit = Watts{1}};
    if (root.id == charger.station) root.id = NodeId{"(other root)"};
    const auto station = find_node(charger.station);
    if (station) {
        auto copy = nodes_[*station];
        copy.base_profile.clear();
        copy.base_peak = Watts{0};
        copy.parent = copy.kind == NodeKind::city ? NodeId{} : root.id;
        if (copy.kind == NodeKind::city)
            root = copy;
        else
            probe.nodes.push_back(std::move(copy));
    }
    probe.nodes.push_back(std::move(root));
    if (const auto problems = find_problems(probe); !problems.empty()) return fail(problem_error(probe, problems));
    TIANQU_ASSERT(station.has_value());

    if (const auto index = find_charger(charger.id)) {
        std::erase(chargers_at_[charger_nodes_[*index]], *index);
        charger_nodes_[*index] = *station;
        chargers_at_[*station].push_back(*index);
        chargers_[*index] = std::move(charger);
        return {};
    }
    if (chargers_.size() >= max_chargers) {
        return fail(ErrorCode::too_large, "the network already holds " + std::to_string(max_chargers) + " chargers");
    }
    const auto index = static_cast<ChargerIndex>(chargers_.size());
    charger_by_id_.emplace(charger.id, index);
    charger_nodes_.push_back(*station);
    chargers_at_[*station].push_back(index);
    chargers_.push_back(std::move(charger));
    return {};
}

Status Network::remove_charger(const ChargerId& id) {
    const auto index = find_charger(id);
    if (!index)
        return fail(Error{ErrorCode::not_found, "there is no charger '" + id.value + "'", {{"charger", id.value}}});
    // The last charger takes the free place, so that no other index changes.
    const auto last = static_cast<ChargerIndex>(chargers_.size() - 1);
    std::erase(chargers_at_[charger_nodes_[*index]], *index);
    charger_by_id_.erase(id);
    if (*index != last) {
        std::ranges::replace(chargers_at_[charger_nodes_[last]], last, *index);
        charger_by_id_[chargers_[last].id] = *index;
        charger_nodes_[*index] = charger_nodes_[last];
        chargers_[*index] = std::move(chargers_[last]);
    }
    chargers_.pop_back();
    charger_nodes_.pop_back();
    return {};
}

Status Network::set_profile(DayProfile profile) {
    auto profiles = profiles_;
    const auto found = std::ranges::find(profiles, profile.name, &DayProfile::name);
    if (found == profiles.end()) {
        profiles.push_back(std::move(profile));
    } else {
        *found = std::move(profile);
    }
    return replace_tree(nodes_, std::move(profiles));
}

}  // namespace tianqu::grid
