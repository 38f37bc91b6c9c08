#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "base/units.hpp"

namespace tianqu {

/// Cells of one row by column name. Every refusal is noted with file, line, field, value and what was expected; a
/// fallback then stands in, so that one run over a file finds everything.
class CsvRowReader {
public:
    CsvRowReader(const CsvTable& table, const CsvTable::Row& row, std::vector<Error>& problems)
        : table_(table), row_(row), problems_(problems) {}

    /// The cell, or empty text when there is no such column.
    [[nodiscard]] const std::string& text(std::string_view column) const;
    /// The cell, refused when empty.
    std::string required(std::string_view column);

    /// What `parse` makes of the cell (std::optional or Result), or `fallback` with a note of what was expected.
    template <class Value, class Parse>
    Value read(std::string_view column, std::string_view expected, Value fallback, Parse parse) {
        const auto value = parse(text(column));
        if (value) return static_cast<Value>(*value);
        refuse(column, expected);
        return fallback;
    }
    Watts kilowatts(std::string_view column, bool empty_is_zero = false);
    std::int64_t whole(std::string_view column, std::int64_t low, std::int64_t high);
    /// Decimal degrees; empty is 0.
    double degrees(std::string_view column);

    void refuse(std::string_view column, std::string_view expected);
    [[nodiscard]] bool broken() const { return broken_; }
    [[nodiscard]] std::size_t line() const { return row_.line; }

private:
    const CsvTable& table_;
    const CsvTable::Row& row_;
    std::vector<Error>& problems_;
    bool broken_ = false;
};

/// The table with all these columns, or nothing, with every reason noted.
[[nodiscard]] std::optional<CsvTable> read_csv(const std::string& file, std::string_view text,
                                               std::initializer_list<std::string_view> columns,
                                               std::vector<Error>& problems);

}  // namespace tianqu
