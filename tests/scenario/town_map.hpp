#pragma once

#include <string_view>

#include "base/result.hpp"
#include "grid/network.hpp"

namespace tianqu::scenario {

/// Reads a town drawn as a tree of lines.
[[nodiscard]] Result<grid::Network> read_town(std::string_view map);

}  // namespace tianqu::scenario
