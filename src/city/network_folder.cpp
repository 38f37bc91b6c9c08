#include <algorithm>

#include "base/csv.hpp"
#include "city/city.hpp"
#include "city/toml_fields.hpp"

namespace tianqu::city {

namespace {

std::string toml_quoted(std::string_view text) { return json_quoted(text); }

std::string read_text(const FileTexts& files, const std::string& name, const std::string& prefix,
                      std::vector<Error>& problems) {
    const auto found = files.find(name);
    if (found != files.end()) return found->second;
    problems.push_back(input_error(prefix + name, 0, "(file)", "", "this file, which a network folder must have"));
    return {};
}

grid::NetworkOrigin read_origin(const std::string& file, const std::string& text, std::vector<Error>& problems) {
    grid::NetworkOrigin origin;
    TomlFields fields(file, text, problems);
    fields.only_keys("", {"source", "status", "seed", "datum", "made_by"});
    origin.source = fields.text("source");
    const auto status = fields.text("status");
    if (!status.empty() && status != "synthetic" && status != "real")
        fields.refuse("status", status, "synthetic or real");
    origin.synthetic = status != "real";
    if (fields.has("seed")) origin.seed = fields.whole("seed", 0, std::numeric_limits<std::int64_t>::max());
    const auto datum = fields.text("datum");
    const auto parsed = grid::parse_datum(datum);
    if (!parsed && !datum.empty()) fields.refuse("datum", datum, "unknown, wgs84, gcj02 or placeholder");
    origin.datum = parsed.value_or(grid::Datum::unknown);
    origin.made_by = fields.text("made_by");
    return origin;
}

/// Codes of divisions that the city does not have; found again by line, as the parts no longer know theirs.
void check_divisions(const City& city, const std::string& file, const std::string& text, std::vector<Error>& problems) {
    const auto table = CsvTable::parse(file, text);
    if (!table) return;
    const auto county_column = table->column("county");
    const auto township_column = table->column("township");
    if (!county_column || !township_column) return;
    for (const auto& row : table->rows()) {
        const auto& county = row.cells[*county_column];
        const auto& township = row.cells[*township_column];
        if (!county.empty() && city.find_county(county) == nullptr) {
            problems.push_back(
                table->cell_error(row, *county_column, "the code of a county of " + city.name_zh + ", or nothing"));
        }
        if (!township.empty() && city.find_township(township) == nullptr) {
            problems.push_back(
                table->cell_error(row, *township_column, "the code of a township of " + city.name_zh + ", or nothing"));
        }
        if (problems.size() >= grid::max_problems) return;
    }
}

}  // namespace

grid::NetworkReading read_network_folder(const FileTexts& files, const std::string& prefix, const City* city) {
    std::vector<Error> problems;
    const auto origin_text = read_text(files, "network.toml", prefix, problems);
    const grid::NetworkTexts texts{read_text(files, "network.csv", prefix, problems),
                                   read_text(files, "chargers.csv", prefix, problems),
                                   read_text(files, "profiles.csv", prefix, problems)};
    if (!problems.empty()) return {{}, std::move(problems)};
    const auto origin = read_origin(prefix + "network.toml", origin_text, problems);
    const grid::NetworkFileNames names{prefix + "network.csv", prefix + "chargers.csv", prefix + "profiles.csv"};
    auto reading = grid::read_network(texts, names, origin);
    reading.problems.insert(reading.problems.begin(), std::make_move_iterator(problems.begin()),
                            std::make_move_iterator(problems.end()));
    if (city != nullptr) check_divisions(*city, names.nodes, texts.nodes, reading.problems);
    return reading;
}

FileTexts write_network_folder(const grid::NetworkParts& parts) {
    auto texts = grid::write_network(parts);
    std::string origin;
    origin.append("source = ").append(toml_quoted(parts.origin.source)).append("\n");
    origin.append("status = ").append(parts.origin.synthetic ? "\"synthetic\"" : "\"real\"").append("\n");
    origin.append("seed = ").append(std::to_string(parts.origin.seed)).append("\n");
    origin.append("datum = ").append(toml_quoted(grid::enum_name(parts.origin.datum))).append("\n");
    origin.append("made_by = ").append(toml_quoted(parts.origin.made_by)).append("\n");
    return {{"network.toml", std::move(origin)},
            {"network.csv", std::move(texts.nodes)},
            {"chargers.csv", std::move(texts.chargers)},
            {"profiles.csv", std::move(texts.profiles)}};
}

}  // namespace tianqu::city
