#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tianqu::city {

/// Splits `total` by weight so that the parts add up: whole shares first, then one each by largest remainder (ties: the
/// earlier). `minimum` goes to each part first when `total` suffices for all.
[[nodiscard]] std::vector<std::int64_t> allocate(std::int64_t total, std::span<const std::int64_t> weights,
                                                 std::int64_t minimum = 0);

}  // namespace tianqu::city
