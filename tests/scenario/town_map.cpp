#include "tests/scenario/town_map.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

namespace tianqu::scenario {

namespace {

struct Line {
    std::size_t depth = 0;
    std::vector<std::string> words;
};

/// The drawing in front of a name: spaces, bars and branches, three columns a level.
std::optional<Line> read_line(std::string_view text) {
    std::size_t columns = 0;
    std::size_t at = 0;
    const auto is_drawing = [&] {
        for (const std::string_view mark : {" ", "│", "├", "└", "─"}) {
            if (!text.substr(at).starts_with(mark)) continue;
            at += mark.size();
            return true;
        }
        return false;
    };
    while (at < text.size() && is_drawing()) ++columns;
    if (at >= text.size() || text[at] == '#') return std::nullopt;
    Line line{.depth = columns / 3};
    std::istringstream words{std::string(text.substr(at))};
    for (std::string word; words >> word;) line.words.push_back(word);
    return line;
}

std::vector<Permille> evening_shape() {
    std::vector<Permille> shape(grid::slots_per_day, Permille{400});
    for (std::size_t slot = 18 * 4; slot < 22 * 4; ++slot) shape[slot] = Permille{1000};
    return shape;
}

grid::ConnectorSpec connector_of(const Line& line) {
    grid::ConnectorSpec spec{.number = ConnectorNumber{1}, .max_power = parse_kilowatts(line.words.at(2)).value()};
    for (const auto& word : line.words) {
        if (word == "three-phase") spec.phases = 3;
        if (word == "dc") {
            spec.current = grid::Current::dc;
            spec.phases = 3;
        }
    }
    return spec;
}

grid::Node node_of(const Line& line, const NodeId& parent) {
    grid::Node node{.id = NodeId{line.words.at(0)}, .parent = parent};
    node.kind = grid::parse_node_kind(line.words.at(1)).value();
    node.name_zh = node.name_en = line.words.at(0);
    node.limit = parse_kilowatts(line.words.at(2)).value();
    for (std::size_t i = 3; i < line.words.size(); ++i) {
        if (const auto kind = grid::parse_station_kind(line.words[i])) node.station_kind = *kind;
        if (line.words[i] != "base") continue;
        node.base_peak = parse_kilowatts(line.words.at(i + 1)).value();
        node.base_profile = i + 2 < line.words.size() && line.words[i + 2] == "evening" ? "evening" : "flat";
    }
    return node;
}

}  // namespace

Result<grid::Network> read_town(std::string_view map) {
    grid::NetworkParts parts;
    parts.origin = {.source = "scenario", .synthetic = true};
    parts.profiles = {{"flat", std::vector<Permille>(grid::slots_per_day, Permille{1000})},
                      {"evening", evening_shape()}};
    std::vector<NodeId> path;
    std::istringstream lines{std::string(map)};
    for (std::string text; std::getline(lines, text);) {
        const auto line = read_line(text);
        if (!line) continue;
        path.resize(std::min(path.size(), line->depth));
        const auto parent = path.empty() ? NodeId{} : path.back();
        const auto& name = line->words.at(0);
        if (line->words.at(1) == "charger") {
            parts.chargers.push_back(
                {.id = ChargerId{name}, .station = parent, .name = name, .connectors = {connector_of(*line)}});
            continue;
        }
        parts.nodes.push_back(node_of(*line, parent));
        path.push_back(NodeId{name});
    }
    return grid::Network::build(std::move(parts));
}

}  // namespace tianqu::scenario
