#include "base/csv.hpp"

#include <algorithm>

namespace tianqu {

namespace {

struct Scanner {
    std::string_view text;
    std::size_t position = 0;
    std::size_t line = 1;

    [[nodiscard]] bool at_end() const { return position >= text.size(); }
    [[nodiscard]] char peek() const { return text[position]; }
    char next() {
        const char c = text[position++];
        if (c == '\n') ++line;
        return c;
    }
};

/// Reads a quoted cell after its opening quote; false when the closing quote is missing or followed by text.
bool read_quoted(Scanner& scan, std::string& cell) {
    while (!scan.at_end()) {
        const char c = scan.next();
        if (c != '"') {
            cell += c;
            continue;
        }
        if (scan.at_end() || scan.peek() == ',' || scan.peek() == '\n' || scan.peek() == '\r') return true;
        if (scan.peek() != '"') return false;
        cell += scan.next();
    }
    return false;
}

/// Reads one row; false on broken quoting.
bool read_row(Scanner& scan, std::vector<std::string>& cells) {
    std::string cell;
    while (true) {
        if (!scan.at_end() && scan.peek() == '"') {
            scan.next();
            if (!read_quoted(scan, cell)) return false;
        }
        while (!scan.at_end() && scan.peek() != ',' && scan.peek() != '\n' && scan.peek() != '\r') cell += scan.next();
        cells.push_back(std::move(cell));
        cell.clear();
        if (scan.at_end()) return true;
        const char end = scan.next();
        if (end == ',') continue;
        if (end == '\r' && !scan.at_end() && scan.peek() == '\n') scan.next();
        return true;
    }
}

}  // namespace

Error input_error(std::string_view file, std::size_t line, std::string_view field, std::string_view value,
                  std::string_view expected) {
    std::string text{file};
    if (line > 0) text.append(":").append(std::to_string(line));
    text.append(": ");
    if (!field.empty()) text.append("field '").append(field).append("' is '").append(value).append("': ");
    text.append("expected ").append(expected);
    return Error{ErrorCode::invalid_input,
                 std::move(text),
                 {{"file", std::string(file)},
                  {"line", std::to_string(line)},
                  {"field", std::string(field)},
                  {"value", std::string(value)},
                  {"expected", std::string(expected)}}};
}

Result<CsvTable> CsvTable::parse(std::string file, std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    CsvTable table;
    table.file_ = std::move(file);
    Scanner scan{text};
    while (!scan.at_end()) {
        Row row{.line = scan.line, .cells = {}};
        if (!read_row(scan, row.cells)) {
            return fail(
                input_error(table.file_, row.line, "", "", "a closing quote before the next comma or line end"));
        }
        if (row.cells.size() == 1 && row.cells.front().empty()) continue;
        if (table.header_.empty()) {
            table.header_ = std::move(row.cells);
            continue;
        }
        if (row.cells.size() != table.header_.size()) {
            return fail(input_error(table.file_, row.line, "(row)", std::to_string(row.cells.size()) + " cells",
                                    std::to_string(table.header_.size()) + " cells, as in the header"));
        }
        table.rows_.push_back(std::move(row));
    }
    if (table.header_.empty()) return fail(input_error(table.file_, 1, "(header)", "", "a header row"));
    return table;
}

Result<std::size_t> CsvTable::column(std::string_view name) const {
    const auto found = std::find(header_.begin(), header_.end(), name);
    if (found != header_.end()) return static_cast<std::size_t>(found - header_.begin());
    std::string present;
    for (const auto& column : header_) present.append(present.empty() ? "" : ",").append(column);
    return fail(input_error(file_, 1, "(header)", present, "a column '" + std::string(name) + "'"));
}

bool CsvTable::has_column(std::string_view name) const {
    return std::find(header_.begin(), header_.end(), name) != header_.end();
}

Error CsvTable::cell_error(const Row& row, std::size_t column, std::string_view expected) const {
    return input_error(file_, row.line, header_.at(column), row.cells.at(column), expected);
}

std::string csv_cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string cell = "\"";
    for (const char c : text) {
        if (c == '"') cell += '"';
        cell += c;
    }
    return cell + '"';
}

}  // namespace tianqu
