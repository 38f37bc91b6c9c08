#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "grid/network.hpp"

namespace tianqu::grid {

namespace {

/// Powers above this (1 TW) are mistakes of unit, and sums of them could leave 64 bits.
constexpr Watts max_power{1'000'000'000'000};
constexpr std::size_t max_text_bytes = 256;

bool is_identifier(const std::string& text) {
    return !text.empty() && text.size() <= 64 &&
           std::ranges::none_of(text, [](unsigned char c) { return c <= 0x20 || c == 0x7f || c == '/' || c == '"'; });
}

class Checker {
public:
    explicit Checker(const NetworkParts& parts) : parts_(parts) {}

    std::vector<Problem> run() {
        check_sizes();
        if (!problems_.empty()) return std::move(problems_);
        check_profiles();
        check_nodes();
        check_tree();
        check_chargers();
        // What adds up along the tree means nothing while the tree or a number in it is wrong.
        if (problems_.empty()) check_base_loads();
        return std::move(problems_);
    }

private:
    void report(PartKind part, std::size_t position, std::string field, std::string value, std::string expected) {
        problems_.push_back({part, position, std::move(field), std::move(value), std::move(expected)});
    }

    void check_sizes() {
        if (parts_.nodes.empty()) report(PartKind::network, 0, "nodes", "0", "at least one node, the root");
        if (parts_.nodes.size() > max_nodes) {
            report(PartKind::network, 0, "nodes", std::to_string(parts_.nodes.size()),
                   "at most " + std::to_string(max_nodes));
        }
        if (parts_.profiles.size() > max_profiles) {
            report(PartKind::network, 0, "profiles", std::to_string(parts_.profiles.size()),
                   "at most " + std::to_string(max_profiles));
        }
        if (parts_.chargers.size() > max_chargers) {
            report(PartKind::network, 0, "chargers", std::to_string(parts_.chargers.size()),
                   "at most " + std::to_string(max_chargers));
        }
    }

    void check_profiles() {
        for (std::size_t at = 0; at < parts_.profiles.size(); ++at) {
            const auto& profile = parts_.profiles[at];
            if (!is_identifier(profile.name)) {
                report(PartKind::profile, at, "profile", profile.name, "a name of 1 to 64 characters without spaces");
            } else if (!profile_by_name_.emplace(profile.name, at).second) {
                report(PartKind::profile, at, "profile", profile.name, "a name that no other profile has");
            }
            if (profile.slots.size() != slots_per_day) {
                report(PartKind::profile, at, "slot", std::to_string(profile.slots.size()) + " slots",
                       "the 96 quarter-hours 0 to 95, each once");
            }
            for (const auto slot : profile.slots) {
                if (slot.count < 0 || slot.count > 1000) {
                    report(PartKind::profile, at, "permille", std::to_string(slot.count), "0 to 1000");
                }
            }
        }
    }

    void check_nodes() {
        for (std::size_t at = 0; at < parts_.nodes.size(); ++at) {
            const auto& node = parts_.nodes[at];
            if (!is_identifier(node.id.value)) {
                report(PartKind::node, at, "id", node.id.value, "1 to 64 characters without spaces, quotes or '/'");
            } else if (!node_by_id_.emplace(node.id.value, at).second) {
                report(PartKind::node, at, "id", node.id.value, "an id that no other node has");
            }
            if (node.name_zh.size() > max_text_bytes)
                report(PartKind::node, at, "name_zh", "(long)", "at most 256 bytes");
            if (node.name_en.size() > max_text_bytes)
                report(PartKind::node, at, "name_en", "(long)", "at most 256 bytes");
            check_node_values(at, node);
        }
    }

    void check_node_values(std::size_t at, const Node& node) {
        if (node.limit.count <= 0 || node.limit > max_power) {
            report(PartKind::node, at, "limit_kw", format_kilowatts(node.limit),
                   "a power above 0 and at most 1000000000");
        }
        if (node.base_peak.count < 0 || node.base_peak > max_power) {
            report(PartKind::node, at, "base_peak_kw", format_kilowatts(node.base_peak), "a power of 0 to 1000000000");
        }
        if (node.base_profile.empty() && node.base_peak.count != 0) {
            report(PartKind::node, at, "base_profile", "", "the profile of the base load, as base_peak_kw is not 0");
        }
        if (!node.base_profile.empty() && !profile_by_name_.contains(node.base_profile)) {
            report(PartKind::node, at, "base_profile", node.base_profile, "the name of a profile");
        }
        if (!std::isfinite(node.lon) || node.lon < -180 || node.lon > 180) {
            report(PartKind::node, at, "lon", std::to_string(node.lon), "degrees from -180 to 180");
        }
        if (!std::isfinite(node.lat) || node.lat < -90 || node.lat > 90) {
            report(PartKind::node, at, "lat", std::to_string(node.lat), "degrees from -90 to 90");
        }
        if (node.kind > NodeKind::station) report(PartKind::node, at, "kind", "(unknown)", "a kind of node");
        if (node.station_kind > StationKind::highway)
            report(PartKind::node, at, "station_kind", "(unknown)", "a kind of station");
        const bool is_station = node.kind == NodeKind::station;
        if (is_station == (node.station_kind == StationKind::none)) {
            report(PartKind::node, at, "station_kind", std::string(enum_name(node.station_kind)),
                   is_station ? "what the station is for" : "none, as the node is not a station");
        }
    }

    void check_tree() {
        std::size_t root = parts_.nodes.size();
        for (std::size_t at = 0; at < parts_.nodes.size(); ++at) {
            const auto& node = parts_.nodes[at];
            if (!node.parent.empty()) {
                check_parent(at, node);
                continue;
            }
            if (root < parts_.nodes.size()) {
                report(PartKind::node, at, "parent", "",
                       "a parent, as '" + parts_.nodes[root].id.value + "' is the root already");
            } else {
                root = at;
            }
        }
        if (root == parts_.nodes.size())
            report(PartKind::network, 0, "parent", "", "one node without a parent, the root");
    }

    /// A parent's kind is nearer to the root than its child's, so a tree that passes here cannot have a cycle.
    void check_parent(std::size_t at, const Node& node) {
        const auto found = node_by_id_.find(node.parent.value);
        if (found == node_by_id_.end()) {
            report(PartKind::node, at, "parent", node.parent.value, "the id of a node");
            return;
        }
        const auto& parent = parts_.nodes[found->second];
        if (parent.kind < node.kind) return;
        if (is_on_cycle(found->second, at)) {
            report(PartKind::node, at, "parent", node.parent.value, "a parent that is not below this node (a cycle)");
        } else {
            report(PartKind::node, at, "parent", node.parent.value,
                   "a parent of a kind nearer to the root than " + std::string(enum_name(node.kind)) + ", not " +
                       std::string(enum_name(parent.kind)));
        }
    }

    [[nodiscard]] bool is_on_cycle(std::size_t from, std::size_t target) const {
        std::size_t at = from;
        for (int steps = 0; steps < 64; ++steps) {
            if (at == target) return true;
            const auto found = node_by_id_.find(parts_.nodes[at].parent.value);
            if (found == node_by_id_.end()) return false;
            at = found->second;
        }
        return false;
    }

    void check_chargers() {
        std::unordered_set<std::string_view> ids;
        for (std::size_t at = 0; at < parts_.chargers.size(); ++at) {
            const auto& charger = parts_.chargers[at];
            if (!is_identifier(charger.id.value)) {
                report(PartKind::charger, at, "id", charger.id.value,
                       "1 to 64 characters without spaces, quotes or '/'");
            } else if (!ids.insert(charger.id.value).second) {
                report(PartKind::charger, at, "id", charger.id.value, "an id that no other charger has");
            }
            if (charger.name.size() > max_text_bytes)
                report(PartKind::charger, at, "name", "(long)", "at most 256 bytes");
            const auto station = node_by_id_.find(charger.station.value);
            if (station == node_by_id_.end()) {
                report(PartKind::charger, at, "station", charger.station.value, "the id of a station");
            } else if (parts_.nodes[station->second].kind != NodeKind::station) {
                report(PartKind::charger, at, "station", charger.station.value,
                       "a station, not a " + std::string(enum_name(parts_.nodes[station->second].kind)));
            }
            check_connectors(at, charger);
        }
    }

    void check_connectors(std::size_t at, const ChargerSite& charger) {
        if (charger.connectors.empty() || charger.connectors.size() > max_connectors_per_charger) {
            report(PartKind::charger, at, "connector", std::to_string(charger.connectors.size()) + " connectors",
                   "1 to " + std::to_string(max_connectors_per_charger));
        }
        std::int64_t expected = 1;
        for (const auto& connector : charger.connectors) {
            if (connector.number.value != expected) {
                report(PartKind::charger, at, "connector", std::to_string(connector.number.value),
                       "number " + std::to_string(expected) + " (1, 2, … without a gap)");
                return;
            }
            ++expected;
            if (connector.max_power.count <= 0 || connector.max_power > Watts{10'000'000}) {
                report(PartKind::charger, at, "max_kw", format_kilowatts(connector.max_power),
                       "a power above 0 and at most 10000");
            }
            const bool phases_fit =
                connector.phases == 3 || (connector.phases == 1 && connector.current == Current::ac);
            if (!phases_fit) {
                report(PartKind::charger, at, "phases", std::to_string(connector.phases), "1 or 3 for ac, 3 for dc");
            }
        }
    }

    /// No quarter-hour's base load may exceed a limit: no plan could then be kept.
    void check_base_loads() {
        std::vector<std::array<std::int64_t, slots_per_day>> loads(parts_.nodes.size());
        std::vector<std::size_t> outermost_last;
        for (const auto kind :
             {NodeKind::station, NodeKind::transformer, NodeKind::feeder, NodeKind::substation, NodeKind::city}) {
            for (std::size_t at = 0; at < parts_.nodes.size(); ++at) {
                if (parts_.nodes[at].kind == kind) outermost_last.push_back(at);
            }
        }
        for (const auto at : outermost_last) {
            const auto& node = parts_.nodes[at];
            auto& own = loads[at];
            if (!node.base_profile.empty()) {
                const auto& slots = parts_.profiles[profile_by_name_.at(node.base_profile)].slots;
                for (std::size_t slot = 0; slot < own.size(); ++slot)
                    own[slot] += scaled(node.base_peak, slots[slot]).count;
            }
            const auto peak = std::ranges::max(own);
            if (peak > node.limit.count) {
                report(PartKind::node, at, "base_peak_kw", format_kilowatts(Watts{peak}),
                       "base load with all below of at most the limit, " + format_kilowatts(node.limit) + " kW");
            }
            if (node.parent.empty()) continue;
            auto& above = loads[node_by_id_.at(node.parent.value)];
            for (std::size_t slot = 0; slot < own.size(); ++slot) above[slot] += own[slot];
        }
    }

    const NetworkParts& parts_;
    std::vector<Problem> problems_;
    std::unordered_map<std::string_view, std::size_t> node_by_id_;
    std::unordered_map<std::string_view, std::size_t> profile_by_name_;
};

}  // namespace

std::vector<Problem> find_problems(const NetworkParts& parts) { return Checker(parts).run(); }

}  // namespace tianqu::grid
