#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "grid/network.hpp"

namespace tianqu::grid {

/// The texts of a network folder: network.csv, chargers.csv, profiles.csv (the origin is in network.toml, read by
/// `city`).
struct NetworkTexts {
    std::string nodes;
    std::string chargers;
    std::string profiles;
};

/// Names of the files for messages, e.g. with the folder in front.
struct NetworkFileNames {
    std::string nodes = "network.csv";
    std::string chargers = "chargers.csv";
    std::string profiles = "profiles.csv";
};

struct NetworkReading {
    NetworkParts parts;
    /// Every problem of form and of meaning, each with file, line, field, value and expected.
    std::vector<Error> problems;
};

/// Reads and checks the three texts. `parts` is usable only when `problems` is empty. At most `max_problems` are
/// listed.
[[nodiscard]] NetworkReading read_network(const NetworkTexts& texts, const NetworkFileNames& names,
                                          NetworkOrigin origin);
inline constexpr std::size_t max_problems = 200;

/// The texts of the parts; `read_network` gives the same parts back.
[[nodiscard]] NetworkTexts write_network(const NetworkParts& parts);

}  // namespace tianqu::grid
