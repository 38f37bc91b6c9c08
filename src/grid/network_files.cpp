#include "grid/network_files.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>

#include "base/csv_row.hpp"

namespace tianqu::grid {

namespace {

constexpr std::string_view node_header =
    "id,parent,kind,name_zh,name_en,limit_kw,base_profile,base_peak_kw,county,township,lon,lat,station_kind,datum,"
    "synthetic\n";
constexpr std::string_view charger_header = "charger,station,name,connector,current,phases,max_kw\n";
constexpr std::string_view profile_header = "profile,slot,permille\n";

struct PartLines {
    std::vector<std::size_t> lines;
    std::set<std::size_t> broken;  ///< positions whose row was refused already

    void add(std::size_t line, bool is_broken) {
        if (is_broken) broken.insert(lines.size());
        lines.push_back(line);
    }
};

std::optional<bool> parse_flag(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

class NetworkReader {
public:
    NetworkReader(const NetworkFileNames& names, NetworkOrigin origin) : names_(names) {
        reading_.parts.origin = std::move(origin);
    }

    NetworkReading read(const NetworkTexts& texts) {
        // Each file is read even when another is broken, so that one run names everything.
        const bool profiles_read = read_profiles(texts.profiles);
        const bool nodes_read = read_nodes(texts.nodes);
        const bool chargers_read = read_chargers(texts.chargers);
        if (profiles_read && nodes_read && chargers_read) {
            for (const auto& problem : find_problems(reading_.parts)) add_problem(problem);
        }
        if (reading_.problems.size() > max_problems) reading_.problems.resize(max_problems);
        return std::move(reading_);
    }

private:
    bool read_nodes(std::string_view text) {
        const auto rows = read_csv(names_.nodes, text,
                                   {"id", "parent", "kind", "name_zh", "name_en", "limit_kw", "base_profile",
                                    "base_peak_kw", "county", "township", "lon", "lat", "station_kind"},
                                   reading_.problems);
        if (!rows) return false;
        for (const auto& row : rows->rows()) {
            CsvRowReader cells(*rows, row, reading_.problems);
            reading_.parts.nodes.push_back(read_node(*rows, cells));
            nodes_.add(row.line, cells.broken());
        }
        return true;
    }

    Node read_node(const CsvTable& rows, CsvRowReader& cells) {
        Node node{.id = NodeId{cells.text("id")}, .parent = NodeId{cells.text("parent")}};
        // A row with an unknown kind stands in as the outermost one: its children's parents then are not refused as
        // well.
        node.kind =
            cells.read("kind", "city, substation, feeder, transformer or station", NodeKind::city, parse_node_kind);
        node.name_zh = cells.text("name_zh");
        node.name_en = cells.text("name_en");
        node.limit = cells.kilowatts("limit_kw");
        node.base_profile = cells.text("base_profile");
        node.base_peak = cells.kilowatts("base_peak_kw", true);
        node.county = cells.text("county");
        node.township = cells.text("township");
        node.lon = cells.degrees("lon");
        node.lat = cells.degrees("lat");
        const auto station_kind = [](const std::string& cell) {
            return cell.empty() ? std::optional{StationKind::none} : parse_station_kind(cell);
        };
        node.station_kind = cells.read("station_kind", "residential, public_site, workplace, depot, highway or empty",
                                       StationKind::none, station_kind);
        node.datum = reading_.parts.origin.datum;
        node.synthetic = reading_.parts.origin.synthetic;
        if (rows.has_column("datum") && !cells.text("datum").empty()) {
            node.datum = cells.read("datum", "unknown, wgs84, gcj02 or placeholder", Datum::unknown, parse_datum);
        }
        if (rows.has_column("synthetic") && !cells.text("synthetic").empty()) {
            node.synthetic = cells.read("synthetic", "true or false", false, parse_flag);
        }
        return node;
    }

    bool read_chargers(std::string_view text) {
        const auto rows =
            read_csv(names_.chargers, text, {"charger", "station", "name", "connector", "current", "phases", "max_kw"},
                     reading_.problems);
        if (!rows) return false;
        std::unordered_map<std::string, std::size_t> by_id;
        for (const auto& row : rows->rows()) {
            CsvRowReader cells(*rows, row, reading_.problems);
            const auto connector = read_connector(cells);
            const auto [found, is_new] = by_id.emplace(cells.text("charger"), reading_.parts.chargers.size());
            if (is_new) {
                reading_.parts.chargers.push_back({.id = ChargerId{cells.text("charger")},
                                                   .station = NodeId{cells.text("station")},
                                                   .name = cells.text("name"),
                                                   .connectors = {}});
                chargers_.add(row.line, cells.broken());
            }
            auto& charger = reading_.parts.chargers[found->second];
            charger.connectors.push_back(connector);
            if (cells.broken()) chargers_.broken.insert(found->second);
            if (charger.station.value != cells.text("station")) {
                reading_.problems.push_back(
                    input_error(rows->file(), row.line, "station", cells.text("station"),
                                "'" + charger.station.value + "', as in this charger's first row"));
            }
        }
        return true;
    }

    static ConnectorSpec read_connector(CsvRowReader& cells) {
        ConnectorSpec connector;
        connector.number = ConnectorNumber{cells.whole("connector", 1, max_connectors_per_charger)};
        connector.current = cells.read("current", "ac or dc", Current::ac, parse_current);
        connector.phases = static_cast<int>(cells.whole("phases", 1, 3));
        connector.max_power = cells.kilowatts("max_kw");
        return connector;
    }

    bool read_profiles(std::string_view text) {
        const auto rows = read_csv(names_.profiles, text, {"profile", "slot", "permille"}, reading_.problems);
        if (!rows) return false;
        std::unordered_map<std::string, std::size_t> by_name;
        std::vector<std::array<bool, slots_per_day>> seen;
        for (const auto& row : rows->rows()) {
            CsvRowReader cells(*rows, row, reading_.problems);
            const auto slot = static_cast<std::size_t>(cells.whole("slot", 0, slots_per_day - 1));
            const Permille value{cells.whole("permille", 0, 1000)};
            const auto [found, is_new] = by_name.emplace(cells.text("profile"), seen.size());
            if (is_new) {
                reading_.parts.profiles.push_back({cells.text("profile"), std::vector<Permille>(slots_per_day)});
                profiles_.add(row.line, false);
                seen.push_back({});
            }
            if (cells.broken()) {
                profiles_.broken.insert(found->second);
                continue;
            }
            if (seen[found->second][slot]) {
                reading_.problems.push_back(
                    input_error(rows->file(), row.line, "slot", cells.text("slot"),
                                "a quarter-hour that profile '" + found->first + "' does not have yet"));
            }
            seen[found->second][slot] = true;
            reading_.parts.profiles[found->second].slots[slot] = value;
        }
        for (std::size_t at = 0; at < seen.size(); ++at) {
            const auto count = std::ranges::count(seen[at], true);
            if (count == slots_per_day || profiles_.broken.contains(at)) continue;
            reading_.problems.push_back(input_error(
                rows->file(), profiles_.lines[at], "slot", std::to_string(count) + " slots",
                "the 96 quarter-hours 0 to 95 of profile '" + reading_.parts.profiles[at].name + "', each once"));
        }
        return true;
    }

    void add_problem(const Problem& problem) {
        const auto [file, part] = place_of(problem.part);
        if (part == nullptr) {
            reading_.problems.push_back(input_error(file, 1, problem.field, problem.value, problem.expected));
            return;
        }
        if (part->broken.contains(problem.position)) return;
        // Within chargers.csv the column of a charger's own id is called 'charger'.
        const auto field = problem.part == PartKind::charger && problem.field == "id" ? "charger" : problem.field;
        reading_.problems.push_back(
            input_error(file, part->lines[problem.position], field, problem.value, problem.expected));
    }

    [[nodiscard]] std::pair<std::string, const PartLines*> place_of(PartKind part) const {
        switch (part) {
            case PartKind::node:
                return {names_.nodes, &nodes_};
            case PartKind::charger:
                return {names_.chargers, &chargers_};
            case PartKind::profile:
                return {names_.profiles, &profiles_};
            case PartKind::network:
                break;
        }
        return {names_.nodes, nullptr};
    }

    const NetworkFileNames& names_;
    NetworkReading reading_;
    PartLines nodes_;
    PartLines chargers_;
    PartLines profiles_;
};

std::string degrees_text(double value) {
    std::array<char, 400> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
    return std::string(buffer.data(), result.ptr);
}

void append_row(std::string& out, std::initializer_list<std::string_view> cells) {
    bool first = true;
    for (const auto cell : cells) {
        if (!first) out += ',';
        first = false;
        out += csv_cell(cell);
    }
    out += '\n';
}

}  // namespace

NetworkReading read_network(const NetworkTexts& texts, const NetworkFileNames& names, NetworkOrigin origin) {
    return NetworkReader(names, std::move(origin)).read(texts);
}

NetworkTexts write_network(const NetworkParts& parts) {
    NetworkTexts texts{std::string(node_header), std::string(charger_header), std::string(profile_header)};
    for (const auto& node : parts.nodes) {
        append_row(texts.nodes,
                   {node.id.value, node.parent.value, enum_name(node.kind), node.name_zh, node.name_en,
                    format_kilowatts(node.limit), node.base_profile, format_kilowatts(node.base_peak), node.county,
                    node.township, degrees_text(node.lon), degrees_text(node.lat),
                    node.station_kind == StationKind::none ? std::string_view{} : enum_name(node.station_kind),
                    enum_name(node.datum), node.synthetic ? "true" : "false"});
    }
    for (const auto& charger : parts.chargers) {
        for (const auto& connector : charger.connectors) {
            append_row(texts.chargers, {charger.id.value, charger.station.value, charger.name,
                                        std::to_string(connector.number.value), enum_name(connector.current),
                                        std::to_string(connector.phases), format_kilowatts(connector.max_power)});
        }
    }
    for (const auto& profile : parts.profiles) {
        for (std::size_t slot = 0; slot < profile.slots.size(); ++slot) {
            append_row(texts.profiles, {profile.name, std::to_string(slot), std::to_string(profile.slots[slot].count)});
        }
    }
    return texts;
}

}  // namespace tianqu::grid
