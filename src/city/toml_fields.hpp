#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace tianqu::city {

/// A TOML text read field by field; every refusal is noted with file, line, field, value and what was expected.
class TomlFields {
public:
    /// Notes the place of a syntax error; then every field is missing without a further note.
    TomlFields(std::string file, std::string_view text, std::vector<Error>& problems);
    ~TomlFields();
    TomlFields(const TomlFields&) = delete;
    TomlFields& operator=(const TomlFields&) = delete;

    /// `path` is "table.key". A missing field is a problem in the readers that return a plain value.
    std::string text(std::string_view path);
    std::vector<std::string> texts(std::string_view path);
    bool boolean(std::string_view path);
    std::int64_t whole(std::string_view path, std::int64_t low, std::int64_t high);
    /// A decimal number of kilo-units (kW, kWh) as an exact count of units, above 0.
    std::int64_t thousandths(std::string_view path);
    [[nodiscard]] bool has(std::string_view path) const;
    /// The names of the tables or keys inside a table ("" is the whole text).
    [[nodiscard]] std::vector<std::string> keys(std::string_view path) const;

    void refuse(std::string_view path, std::string_view value, std::string_view expected);
    /// Notes every key of a table that is not among those known: a misspelt key must not pass silently.
    void only_keys(std::string_view table, std::initializer_list<std::string_view> known);

private:
    struct Document;
    std::unique_ptr<Document> document_;
    std::string file_;
    std::vector<Error>& problems_;
};

}  // namespace tianqu::city
