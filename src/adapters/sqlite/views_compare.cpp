#include <algorithm>
#include <array>

#include "adapters/sqlite/views_file.hpp"

namespace tianqu::sqlite {

namespace {

struct Table {
    std::string_view name;
    std::string_view key;  ///< orders its rows in one way
};

constexpr std::array<Table, 11> tables{{{"progress", "one"},
                                        {"node", "node"},
                                        {"site", "charger"},
                                        {"session", "id"},
                                        {"meter_sample", "session, at"},
                                        {"session_energy", "session, start"},
                                        {"node_energy", "node, start"},
                                        {"node_telemetry", "node, at"},
                                        {"audit", "sequence"},
                                        {"alarm", "sequence"},
                                        {"flagged", "sequence"}}};

std::string cell(const Statement& row, int column) { return row.is_null(column) ? "null" : row.text(column); }

/// "id=7, charger=DZ-1": enough to find the row.
std::string name_row(const Statement& row) {
    std::string text;
    for (int column = 0; column < std::min(row.columns(), 2); ++column) {
        if (column > 0) text += ", ";
        text += row.column_name(column) + "=" + cell(row, column);
    }
    return text;
}

/// "energy_wh is 5 instead of 0" for each cell that differs; empty when none does.
std::string differing_cells(const Statement& left, const Statement& right) {
    std::string text;
    for (int column = 0; column < left.columns(); ++column) {
        if (left.is_null(column) == right.is_null(column) && left.bytes(column) == right.bytes(column)) continue;
        if (!text.empty()) text += ", ";
        text += left.column_name(column) + " is " + cell(left, column) + " instead of " + cell(right, column);
    }
    return text;
}

Result<std::optional<std::string>> compare_table(Database& left, Database& right, const Table& table) {
    const auto sql = "SELECT * FROM " + std::string(table.name) + " ORDER BY " + std::string(table.key);
    auto left_rows = left.prepare(sql);
    if (!left_rows) return fail(left_rows.error());
    auto right_rows = right.prepare(sql);
    if (!right_rows) return fail(right_rows.error());
    const auto name = "table " + std::string(table.name) + ": ";
    for (;;) {
        const auto left_row = left_rows->step();
        if (!left_row) return fail(left_row.error());
        const auto right_row = right_rows->step();
        if (!right_row) return fail(right_row.error());
        if (!*left_row && !*right_row) return std::nullopt;
        if (!*right_row) return name + "a row too many (" + name_row(*left_rows) + ")";
        if (!*left_row) return name + "a row is missing (" + name_row(*right_rows) + ")";
        const auto cells = differing_cells(*left_rows, *right_rows);
        if (!cells.empty()) return name + "in the row " + name_row(*left_rows) + " " + cells;
    }
}

}  // namespace

Result<std::optional<std::string>> compare_views(const std::filesystem::path& left,
                                                 const std::filesystem::path& right) {
    auto left_database = Database::open({.path = left, .create = false});
    if (!left_database) return fail(left_database.error());
    auto right_database = Database::open({.path = right, .create = false});
    if (!right_database) return fail(right_database.error());
    for (const auto& table : tables) {
        auto difference = compare_table(*left_database, *right_database, table);
        if (!difference || *difference) return difference;
    }
    return std::nullopt;
}

}  // namespace tianqu::sqlite
