#include "city/make_network.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/assertion.hpp"
#include "city/allocation.hpp"
#include "city/random.hpp"
#include "city/synthetic_load.hpp"

namespace tianqu::city {

namespace {

using grid::Node;
using grid::NodeKind;
using grid::StationKind;

constexpr std::int64_t max_public = 100'000;
constexpr std::int64_t max_residential = 380'000;
constexpr std::size_t transformers_per_feeder = 17;
constexpr std::size_t feeders_per_substation = 8;

/// A transformer with the one station it feeds.
struct TransformerPlan {
    Node transformer;
    Node station;
    std::vector<grid::ChargerSite> chargers;
    Demand demand;
};

class NetworkMaker {
public:
    NetworkMaker(const City& city, const MakeOptions& options)
        : city_(city), options_(options), random_(options.seed) {}

    grid::NetworkParts make() {
        parts_.origin = {.source = "synthetic: sizes by county population, not the real network of " + city_.name_en,
                         .synthetic = true,
                         .seed = static_cast<std::int64_t>(options_.seed),
                         .datum = grid::Datum::placeholder,
                         .made_by = "tianqu city make --public " + std::to_string(options_.public_chargers) +
                                    " --residential " + std::to_string(options_.residential_chargers) + " --seed " +
                                    std::to_string(options_.seed) + " --limits-scale " +
                                    format_decimal(options_.limits_scale.count, 3)};
        parts_.profiles = synthetic_profiles();
        root_ = new_node(NodeId{city_.code}, NodeId{}, NodeKind::city, city_.name_zh, city_.name_en);
        parts_.nodes.push_back(root_);
        const auto publics = by_county(options_.public_chargers, options_.public_chargers >= township_count() ? 1 : 0);
        const auto residentials = by_county(options_.residential_chargers, 0);
        Demand total;
        for (std::size_t at = 0; at < city_.counties.size(); ++at) {
            total.add(make_county(city_.counties[at], publics[at], residentials[at]));
        }
        // The city's own limit is tight enough to matter when all cars start at the same cheap hour.
        set_limit(parts_.nodes.front(), total, total.charging, Permille{1000});
        return std::move(parts_);
    }

private:
    [[nodiscard]] std::int64_t township_count() const { return static_cast<std::int64_t>(city_.townships.size()); }

    [[nodiscard]] std::vector<const Township*> townships_of(const County& county) const {
        std::vector<const Township*> found;
        for (const auto& township : city_.townships) {
            if (township.county == county.code) found.push_back(&township);
        }
        return found;
    }

    /// Chargers by county: `minimum` for each of its townships, the rest by population. A county that lies inside
    /// another has no population of its own: the common one is shared by number of townships.
    [[nodiscard]] std::vector<std::int64_t> by_county(std::int64_t total, std::int64_t minimum) const {
        std::vector<std::int64_t> weights;
        std::vector<std::int64_t> townships;
        for (const auto& county : city_.counties) {
            const auto& whole = county.part_of.empty() ? county : *city_.find_county(county.part_of);
            std::int64_t together = 0;
            for (const auto& other : city_.counties) {
                if (other.code != whole.code && other.part_of != whole.code) continue;
                together += static_cast<std::int64_t>(townships_of(other).size());
            }
            townships.push_back(static_cast<std::int64_t>(townships_of(county).size()));
            TIANQU_ASSERT(together > 0);
            weights.push_back(multiply_divide(whole.population, townships.back() * 1000, together));
        }
        auto shares = allocate(total - minimum * township_count(), weights);
        for (std::size_t at = 0; at < shares.size(); ++at) shares[at] += minimum * townships[at];
        return shares;
    }

    Demand make_county(const County& county, std::int64_t publics, std::int64_t residentials) {
        const auto townships = townships_of(county);
        std::vector<std::int64_t> weights;
        weights.reserve(townships.size());
        for (const auto* township : townships) {
            weights.push_back(township->type == "街道" ? 3 : township->type == "镇" ? 2 : 1);
        }
        const auto every_township = publics >= static_cast<std::int64_t>(townships.size()) ? 1 : 0;
        const auto public_shares = allocate(publics, weights, every_township);
        const auto residential_shares = allocate(residentials, weights);
        std::vector<TransformerPlan> plans;
        for (std::size_t at = 0; at < townships.size(); ++at) {
            std::int64_t number = 0;
            for (const auto size : residential_sizes(residential_shares[at])) {
                plans.push_back(make_transformer(*townships[at], StationKind::residential, ++number, size));
            }
            number = 0;
            for (const auto size : public_sizes(public_shares[at])) {
                plans.push_back(make_transformer(*townships[at], StationKind::public_site, ++number, size));
            }
        }
        if (plans.empty()) return {};
        return make_substations(county, std::move(plans));
    }

    /// 12 to 18 chargers a transformer; what is left over is halved rather than left alone.
    std::vector<std::int64_t> residential_sizes(std::int64_t left) {
        std::vector<std::int64_t> sizes;
        while (left > 0) {
            auto size = left <= 18 ? left : random_.between(12, 18);
            if (left > 18 && left - size < 12) size = left / 2;
            sizes.push_back(size);
            left -= size;
        }
        return sizes;
    }

    /// 2 to 12 chargers a site; a township with a single charger has a site of one.
    std::vector<std::int64_t> public_sizes(std::int64_t left) {
        std::vector<std::int64_t> sizes;
        while (left > 0) {
            auto size = std::min(left, random_.between(2, 12));
            if (left - size == 1) size += size < 12 ? 1 : -1;
            sizes.push_back(size);
            left -= size;
        }
        return sizes;
    }

    TransformerPlan make_transformer(const Township& township, StationKind kind, std::int64_t number,
                                     std::int64_t size) {
        const bool residential = kind == StationKind::residential;
        const auto two_digits = (number < 10 ? "0" : "") + std::to_string(number);
        const auto id = township.code + (residential ? "-R" : "-P") + two_digits;
        const auto numbered = [&](const char* zh, const char* en) {
            return std::pair{township.name_zh + zh + std::to_string(number),
                             township.name_en + en + std::to_string(number)};
        };
        const auto [transformer_zh, transformer_en] = residential ? numbered("居民配变", " residential transformer ")
                                                                  : numbered("公共站配变", " public site transformer ");
        const auto [station_zh, station_en] = residential ? numbered("居民充电点", " residential charging ")
                                                          : numbered("公共充电站", " public charging ");
        TransformerPlan plan;
        plan.transformer = new_node(NodeId{id + "-T"}, NodeId{}, NodeKind::transformer, transformer_zh, transformer_en);
        plan.station = new_node(NodeId{id}, plan.transformer.id, NodeKind::station, station_zh, station_en);
        plan.station.station_kind = kind;
        place(plan, township);
        for (std::int64_t at = 1; at <= size; ++at) {
            const auto charger_number = (at < 10 ? "0" : "") + std::to_string(at);
            plan.chargers.push_back({.id = ChargerId{id + "-" + charger_number},
                                     .station = plan.station.id,
                                     .name = station_zh + "-" + charger_number,
                                     .connectors = residential ? residential_connectors() : public_connectors()});
        }
        size_transformer(plan, residential);
        return plan;
    }

    /// Near the township's point, on a grid of 10⁻⁵ degrees: a placeholder like the point itself.
    void place(TransformerPlan& plan, const Township& township) {
        const auto near = [&](double degrees) {
            const auto grid_steps =
                static_cast<std::int64_t>(std::floor(degrees * 100'000 + 0.5)) + random_.between(-1500, 1500);
            return static_cast<double>(grid_steps) / 100'000;
        };
        for (auto* node : {&plan.transformer, &plan.station}) {
            node->county = township.county;
            node->township = township.code;
        }
        plan.transformer.lon = plan.station.lon = near(township.lon);
        plan.transformer.lat = plan.station.lat = near(township.lat);
    }

    /// Of 100 home chargers 88 have 7 kW, 6 have 3.5 kW, 6 have 11 kW on three phases.
    std::vector<grid::ConnectorSpec> residential_connectors() {
        const auto draw = random_.between(0, 99);
        if (draw < 88) return {{ConnectorNumber{1}, Watts{7'000}, grid::Current::ac, 1}};
        if (draw < 94) return {{ConnectorNumber{1}, Watts{3'500}, grid::Current::ac, 1}};
        return {{ConnectorNumber{1}, Watts{11'000}, grid::Current::ac, 3}};
    }

    /// Of 100 public chargers 30 are 7 kW AC, 30 are 60 kW DC, 20 are 120 kW DC, 20 are 120 kW DC with two connectors
    /// of 60 kW.
    std::vector<grid::ConnectorSpec> public_connectors() {
        const auto draw = random_.between(0, 99);
        if (draw < 30) return {{ConnectorNumber{1}, Watts{7'000}, grid::Current::ac, 1}};
        if (draw < 60) return {{ConnectorNumber{1}, Watts{60'000}, grid::Current::dc, 3}};
        if (draw < 80) return {{ConnectorNumber{1}, Watts{120'000}, grid::Current::dc, 3}};
        return {{ConnectorNumber{1}, Watts{60'000}, grid::Current::dc, 3},
                {ConnectorNumber{2}, Watts{60'000}, grid::Current::dc, 3}};
    }

    void size_transformer(TransformerPlan& plan, bool residential) {
        auto& demand = plan.demand;
        for (const auto& charger : plan.chargers) {
            for (const auto& connector : charger.connectors) {
                demand.connected += connector.max_power;
                demand.low += city_.safe_power(connector);
                demand.largest = std::max(demand.largest, connector.max_power);
            }
        }
        plan.station.limit = scaled(rounded_up(demand.connected), options_.limits_scale);
        demand.charging = scaled(demand.connected, residential ? residential_simultaneity : public_simultaneity);
        const auto own = residential ? random_.between(100, 160) : random_.between(30, 80);
        set_base(plan.transformer, residential ? "residential" : "commercial", scaled(demand.connected, Permille{own}),
                 demand);
        // A single site can be full; a whole feeder of sites cannot.
        const auto expected = residential ? demand.charging : scaled(demand.connected, public_site_simultaneity);
        const auto tightness = residential ? random_.between(700, 1100) : random_.between(950, 1300);
        set_limit(plan.transformer, demand, expected, Permille{tightness});
    }

    Demand make_substations(const County& county, std::vector<TransformerPlan> plans) {
        const auto feeder_count = group_count(plans.size(), transformers_per_feeder);
        const auto substation_count = group_count(feeder_count, feeders_per_substation);
        Demand total;
        std::size_t next_plan = 0;
        std::size_t feeder = 0;
        for (std::size_t at = 0; at < substation_count; ++at) {
            const auto number = std::to_string(at + 1);
            const NodeId id{county.code + (at < 9 ? "-S0" : "-S") + number};
            const auto position = parts_.nodes.size();
            parts_.nodes.push_back(new_node(id, root_.id, NodeKind::substation, county.name_zh + number + "号变电站",
                                            county.name_en + " substation " + number));
            put_at_seat(parts_.nodes.back(), county);
            Demand demand;
            const auto last_feeder = (at + 1) * feeder_count / substation_count;
            for (std::size_t local = 1; feeder < last_feeder; ++feeder, ++local) {
                const auto last_plan = (feeder + 1) * plans.size() / feeder_count;
                const std::span<TransformerPlan> group{plans.data() + next_plan, last_plan - next_plan};
                demand.add(make_feeder(county, parts_.nodes[position], local, group));
                next_plan = last_plan;
            }
            auto& substation = parts_.nodes[position];
            set_base(substation, "industrial", scaled(demand.charging, Permille{random_.between(30, 60)}), demand);
            set_limit(substation, demand, demand.charging, Permille{random_.between(900, 1100)});
            total.add(demand);
        }
        TIANQU_ASSERT(next_plan == plans.size());
        return total;
    }

    Demand make_feeder(const County& county, const Node& substation, std::size_t number,
                       std::span<TransformerPlan> plans) {
        const auto text = std::to_string(number);
        const NodeId id{substation.id.value + (number < 10 ? "-F0" : "-F") + text};
        Node feeder = new_node(id, substation.id, NodeKind::feeder, substation.name_zh + text + "号馈线",
                               substation.name_en + " feeder " + text);
        put_at_seat(feeder, county);
        Demand demand;
        for (const auto& plan : plans) demand.add(plan.demand);
        set_base(feeder, "commercial", scaled(demand.charging, Permille{random_.between(30, 60)}), demand);
        set_limit(feeder, demand, demand.charging, Permille{random_.between(800, 1050)});
        parts_.nodes.push_back(std::move(feeder));
        for (auto& plan : plans) {
            plan.transformer.parent = id;
            parts_.nodes.push_back(std::move(plan.transformer));
            parts_.nodes.push_back(std::move(plan.station));
            std::ranges::move(plan.chargers, std::back_inserter(parts_.chargers));
        }
        return demand;
    }

    static std::size_t group_count(std::size_t members, std::size_t per_group) {
        return std::max<std::size_t>(1, (members + per_group / 2) / per_group);
    }

    static Node new_node(NodeId id, NodeId parent, NodeKind kind, std::string name_zh, std::string name_en) {
        return {.id = std::move(id),
                .parent = std::move(parent),
                .kind = kind,
                .name_zh = std::move(name_zh),
                .name_en = std::move(name_en),
                .datum = grid::Datum::placeholder,
                .synthetic = true};
    }

    static void put_at_seat(Node& node, const County& county) {
        node.county = county.code;
        node.lon = county.lon;
        node.lat = county.lat;
        node.datum = county.datum;
    }

    void set_base(Node& node, const std::string& profile, Watts peak, Demand& demand) const {
        node.base_profile = profile;
        node.base_peak = peak;
        const auto& profiles = parts_.profiles;
        const auto found = std::ranges::find(profiles, profile, &grid::DayProfile::name);
        TIANQU_ASSERT(found != profiles.end());
        demand.add_base(peak, *found);
    }

    void set_limit(Node& node, const Demand& demand, Watts expected, Permille tightness) const {
        node.limit = scaled(limit_for(demand, expected, tightness), options_.limits_scale);
    }

    const City& city_;
    const MakeOptions& options_;
    Random random_;
    grid::NetworkParts parts_;
    Node root_;
};

}  // namespace

Result<grid::NetworkParts> make_network(const City& city, const MakeOptions& options) {
    const auto refuse = [](std::string_view option, const std::string& value, const std::string& expected) {
        return fail(Error{ErrorCode::invalid_input,
                          std::string(option) + " is '" + value + "': expected " + expected,
                          {{"field", std::string(option)}, {"value", value}, {"expected", expected}}});
    };
    if (options.public_chargers < 0 || options.public_chargers > max_public) {
        return refuse("--public", std::to_string(options.public_chargers), "0 to " + std::to_string(max_public));
    }
    if (options.residential_chargers < 0 || options.residential_chargers > max_residential) {
        return refuse("--residential", std::to_string(options.residential_chargers),
                      "0 to " + std::to_string(max_residential));
    }
    if (options.public_chargers + options.residential_chargers == 0)
        return refuse("--public", "0", "at least one charger");
    if (options.limits_scale < Permille{500} || options.limits_scale > Permille{10'000}) {
        return refuse("--limits-scale", format_decimal(options.limits_scale.count, 3), "0.5 to 10");
    }
    if (options.seed > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return refuse("--seed", std::to_string(options.seed), "at most 9223372036854775807");
    }
    return NetworkMaker(city, options).make();
}

}  // namespace tianqu::city
