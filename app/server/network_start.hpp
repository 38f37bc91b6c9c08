#pragma once

#include <vector>

#include "app/server/options.hpp"
#include "charging/events.hpp"
#include "city/city.hpp"
#include "tariff/tariff.hpp"

namespace tianqu::server {

/// The network a data directory begins with: the folder that was named, else (virtual city) one made for the fleet,
/// else the pack's own, else the city alone as a node, until one is imported.
[[nodiscard]] Result<grid::Network> first_network(const Options& options, const city::City& city);

/// The pack's tariffs with the base prices that people entered since, newest last.
[[nodiscard]] std::vector<tariff::Tariff> tariffs_with_base_prices(const city::City& city,
                                                                   const std::vector<charging::BasePriceSet>& entered);

}  // namespace tianqu::server
