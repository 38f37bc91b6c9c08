#include "base/csv_row.hpp"

#include <charconv>

namespace tianqu {

const std::string& CsvRowReader::text(std::string_view column) const {
    static const std::string empty;
    if (!table_.has_column(column)) return empty;
    return row_.cells[*table_.column(column)];
}

std::string CsvRowReader::required(std::string_view column) {
    if (text(column).empty()) refuse(column, "a text that is not empty");
    return text(column);
}

Watts CsvRowReader::kilowatts(std::string_view column, bool empty_is_zero) {
    if (empty_is_zero && text(column).empty()) return Watts{0};
    return read(column, "a number of kilowatts with at most three decimals", Watts{0}, parse_kilowatts);
}

std::int64_t CsvRowReader::whole(std::string_view column, std::int64_t low, std::int64_t high) {
    const auto parse = [&](const std::string& cell) -> std::optional<std::int64_t> {
        const auto number = parse_decimal(cell, 0);
        if (!number || *number < low || *number > high) return std::nullopt;
        return *number;
    };
    return read(column, "a whole number from " + std::to_string(low) + " to " + std::to_string(high), low, parse);
}

double CsvRowReader::degrees(std::string_view column) {
    const auto parse = [](const std::string& cell) -> std::optional<double> {
        if (cell.empty()) return 0.0;
        double value = 0;
        const auto* const end = cell.data() + cell.size();
        const auto result = std::from_chars(cell.data(), end, value, std::chars_format::fixed);
        if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
        return value;
    };
    return read(column, "degrees as a decimal number", 0.0, parse);
}

void CsvRowReader::refuse(std::string_view column, std::string_view expected) {
    problems_.push_back(input_error(table_.file(), row_.line, column, text(column), expected));
    broken_ = true;
}

std::optional<CsvTable> read_csv(const std::string& file, std::string_view text,
                                 std::initializer_list<std::string_view> columns, std::vector<Error>& problems) {
    auto table = CsvTable::parse(file, text);
    if (!table) {
        problems.push_back(table.error());
        return std::nullopt;
    }
    bool complete = true;
    for (const auto name : columns) {
        if (const auto column = table->column(name); !column) {
            problems.push_back(column.error());
            complete = false;
        }
    }
    if (!complete) return std::nullopt;
    return std::move(*table);
}

}  // namespace tianqu
