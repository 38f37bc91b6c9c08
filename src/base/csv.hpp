#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tianqu {

/// A CSV text with a header row (RFC 4180 quoting, LF or CRLF, a UTF-8 byte-order mark is skipped).
/// Every error names file, line, field, value and what was expected.
class CsvTable {
public:
    struct Row {
        std::size_t line = 0;  ///< 1-based line in the file where the row starts
        std::vector<std::string> cells;
    };

    /// `file` is used in messages only. Rows with more or fewer cells than the header are an error.
    [[nodiscard]] static Result<CsvTable> parse(std::string file, std::string_view text);

    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
    /// Index of a column, or an error that names the file, the missing column and those present.
    [[nodiscard]] Result<std::size_t> column(std::string_view name) const;
    [[nodiscard]] bool has_column(std::string_view name) const;

    /// An error about one cell: "file:line: field 'x' is 'y': expected …" with the same as fields.
    [[nodiscard]] Error cell_error(const Row& row, std::size_t column, std::string_view expected) const;

private:
    std::string file_;
    std::vector<std::string> header_;
    std::vector<Row> rows_;
};

/// One CSV cell, quoted only where it must be.
[[nodiscard]] std::string csv_cell(std::string_view text);

/// The one form of an input error: file, line, field, value, what was expected.
[[nodiscard]] Error input_error(std::string_view file, std::size_t line, std::string_view field, std::string_view value,
                                std::string_view expected);

}  // namespace tianqu
