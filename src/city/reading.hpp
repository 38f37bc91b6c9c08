#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "city/city.hpp"

namespace tianqu::city {

/// What the readers of a pack's files share: the texts, the pack so far, and every problem found.
struct Reading {
    const FileTexts& files;
    const std::string& prefix;
    City city;
    std::vector<Error> problems;

    /// The text of a file, or nothing with a note that the file is missing.
    [[nodiscard]] const std::string* file(const std::string& name);
    [[nodiscard]] std::string shown(const std::string& name) const { return prefix + name; }
};

void read_settings(Reading& reading);
void read_divisions(Reading& reading);
void read_outlines(Reading& reading);
void read_tariffs(Reading& reading);
/// What only shows when everything is read: tariffs named by station kinds, for one.
void check_references(Reading& reading);

[[nodiscard]] bool is_code(std::string_view text, std::size_t digits);

}  // namespace tianqu::city
