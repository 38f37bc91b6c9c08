#pragma once

#include "base/result.hpp"
#include "city/city.hpp"
#include "grid/network.hpp"

namespace tianqu::city {

struct MakeOptions {
    std::int64_t public_chargers = 204;        ///< chargers (台) at public sites, 0…100,000
    std::int64_t residential_chargers = 1796;  ///< chargers (台) in residential areas, 0…400,000
    std::uint64_t seed = 1;
    Permille limits_scale{1000};  ///< all limits are multiplied by this
};

/// A synthetic network by county population: the same parts for the same city and options, on any machine. With at
/// least as many public chargers as townships every township has one. Base peaks stay at or below 45 % of every
/// unscaled limit.
[[nodiscard]] Result<grid::NetworkParts> make_network(const City& city, const MakeOptions& options);

}  // namespace tianqu::city
