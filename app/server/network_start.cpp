#include "app/server/network_start.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "city/make_network.hpp"

namespace tianqu::server {

namespace {

/// The plan's proportion of public to residential chargers (6,800 to 60,000).
constexpr std::int64_t plan_public = 6'800;
constexpr std::int64_t plan_total = 66'800;

/// Stands for "no limit known yet": far above any city's load, so that only the chargers' own maxima bind.
constexpr Watts no_known_limit{10'000'000'000};

grid::NetworkParts city_alone(const city::City& city) {
    grid::NetworkParts parts;
    parts.origin.source = "no network imported yet: the city alone";
    grid::Node root;
    root.id = NodeId{city.code};
    root.kind = grid::NodeKind::city;
    root.name_zh = city.name_zh;
    root.name_en = city.name_en;
    root.limit = no_known_limit;
    parts.nodes.push_back(std::move(root));
    return parts;
}

Result<grid::NetworkParts> parts_for(const Options& options, const city::City& city) {
    const auto folder = options.network ? options.network : (options.simulated() ? std::nullopt : city.network_folder);
    if (folder) {
        auto network = city::load_network(*folder, &city);
        if (!network) return std::unexpected(network.error());
        return network->parts();
    }
    if (!options.simulated()) return city_alone(city);
    city::MakeOptions make;
    make.public_chargers = std::max<std::int64_t>(1, multiply_divide(options.fleet, plan_public, plan_total));
    make.residential_chargers = options.fleet - make.public_chargers;
    make.seed = options.seed;
    return city::make_network(city, make);
}

tariff::LocalDate local_date(TimePoint time, UtcOffset offset) {
    const LocalTime local = to_local(time, offset);
    return tariff::LocalDate{local.year, static_cast<int>(local.month), static_cast<int>(local.day)};
}

/// Ends the base prices that a newer one replaces and adds it.
void enter(std::vector<tariff::BasePrice>& prices, const tariff::BasePrice& entered) {
    std::erase_if(prices, [&](const tariff::BasePrice& price) { return price.valid_from >= entered.valid_from; });
    for (auto& price : prices) {
        if (!price.valid_until || *price.valid_until > entered.valid_from) price.valid_until = entered.valid_from;
    }
    prices.push_back(entered);
}

}  // namespace

Result<grid::Network> first_network(const Options& options, const city::City& city) {
    auto parts = parts_for(options, city);
    if (!parts) return std::unexpected(parts.error());
    for (auto& node : parts->nodes) node.limit = scaled(node.limit, options.limits_scale);
    return grid::Network::build(std::move(*parts));
}

std::vector<tariff::Tariff> tariffs_with_base_prices(const city::City& city,
                                                     const std::vector<charging::BasePriceSet>& entered) {
    std::vector<tariff::Tariff> tariffs;
    for (const auto& original : city.tariffs) {
        tariff::TariffData data = original.data();
        for (const auto& price : entered) {
            if (price.scheme != data.id) continue;
            enter(data.base_prices, tariff::BasePrice{.valid_from = local_date(price.valid_from, city.offset),
                                                      .valid_until = {},
                                                      .voltage = {},
                                                      .floating = price.floating,
                                                      .fixed = price.fixed,
                                                      .standing = tariff::Standing::published,
                                                      .source = price.source});
        }
        auto built = tariff::Tariff::build(std::move(data), city.offset);
        if (!built) {
            log_event(LogLevel::error, "base_price_ignored", {{"error", built.error().to_string()}});
            tariffs.push_back(original);
            continue;
        }
        tariffs.push_back(std::move(*built));
    }
    return tariffs;
}

}  // namespace tianqu::server
