#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/record.hpp"
#include "base/units.hpp"

namespace tianqu::grid {

/// From the root outwards; a node's parent is always of a kind nearer to the root.
enum class NodeKind : std::uint8_t { city, substation, feeder, transformer, station };
/// What a station is for; `none` at nodes that are not stations.
enum class StationKind : std::uint8_t { none, residential, public_site, workplace, depot, highway };
enum class Current : std::uint8_t { ac, dc };
/// What a pair of coordinates means. Chinese web maps use GCJ-02, 400–600 m off WGS-84; a placeholder is no geography
/// at all.
enum class Datum : std::uint8_t { unknown, wgs84, gcj02, placeholder };

[[nodiscard]] std::string_view enum_name(NodeKind kind);
[[nodiscard]] std::string_view enum_name(StationKind kind);
[[nodiscard]] std::string_view enum_name(Current current);
[[nodiscard]] std::string_view enum_name(Datum datum);
[[nodiscard]] std::optional<NodeKind> parse_node_kind(std::string_view text);
[[nodiscard]] std::optional<StationKind> parse_station_kind(std::string_view text);
[[nodiscard]] std::optional<Current> parse_current(std::string_view text);
[[nodiscard]] std::optional<Datum> parse_datum(std::string_view text);

/// One limit of the tree. The load of a node is that of everything below it plus its own base load, and never above
/// `limit`.
struct Node {
    NodeId id;
    NodeId parent;  ///< empty at the root
    NodeKind kind = NodeKind::station;
    std::string name_zh;
    std::string name_en;
    Watts limit;
    std::string base_profile;  ///< name of a day profile; empty: no load of its own
    Watts base_peak;           ///< load connected at this node itself when its profile is at 1000 ‰
    std::string county;        ///< six-digit division code, may be empty
    std::string township;      ///< nine-digit division code, may be empty
    double lon = 0;            ///< degrees east in `datum`
    double lat = 0;            ///< degrees north in `datum`
    Datum datum = Datum::unknown;
    StationKind station_kind = StationKind::none;
    bool synthetic = false;

    bool operator==(const Node&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "id", self.id);
        visit(2, "parent", self.parent);
        visit(3, "kind", self.kind);
        visit(4, "name_zh", self.name_zh);
        visit(5, "name_en", self.name_en);
        visit(6, "limit_w", self.limit);
        visit(7, "base_profile", self.base_profile);
        visit(8, "base_peak_w", self.base_peak);
        visit(9, "county", self.county);
        visit(10, "township", self.township);
        visit(11, "lon", self.lon);
        visit(12, "lat", self.lat);
        visit(13, "datum", self.datum);
        visit(14, "station_kind", self.station_kind);
        visit(15, "synthetic", self.synthetic);
    }
};

struct ConnectorSpec {
    ConnectorNumber number;  ///< 1, 2, … at its charger
    Watts max_power;
    Current current = Current::ac;
    int phases = 1;  ///< 1 or 3 for AC; 3 for DC (what the charger draws from the grid)

    bool operator==(const ConnectorSpec&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "number", self.number);
        visit(2, "max_power_w", self.max_power);
        visit(3, "current", self.current);
        visit(4, "phases", self.phases);
    }
};

/// A charger (台) as the network knows it; it may have several connectors (枪).
struct ChargerSite {
    ChargerId id;
    NodeId station;
    std::string name;
    std::vector<ConnectorSpec> connectors;

    bool operator==(const ChargerSite&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "id", self.id);
        visit(2, "station", self.station);
        visit(3, "name", self.name);
        visit(4, "connectors", self.connectors);
    }
};

inline constexpr int slots_per_day = 96;

/// The shape of a base load over the local day: 96 quarter-hours in permille of the peak (0…1000). A value holds for
/// its whole quarter-hour, without interpolation: it is the quarter-hour's mean, the quantity that limits are judged
/// by.
struct DayProfile {
    std::string name;
    std::vector<Permille> slots;

    bool operator==(const DayProfile&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "name", self.name);
        visit(2, "slots_permille", self.slots);
    }
};

/// Where a network comes from; shown wherever its numbers are.
struct NetworkOrigin {
    std::string source;
    bool synthetic = false;
    std::int64_t seed = 0;  ///< of a synthetic network
    Datum datum = Datum::unknown;
    std::string made_by;

    bool operator==(const NetworkOrigin&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "source", self.source);
        visit(2, "synthetic", self.synthetic);
        visit(3, "seed", self.seed);
        visit(4, "datum", self.datum);
        visit(5, "made_by", self.made_by);
    }
};

/// A network as loose parts, not yet checked: what files and events carry.
struct NetworkParts {
    NetworkOrigin origin;
    std::vector<Node> nodes;
    std::vector<ChargerSite> chargers;
    std::vector<DayProfile> profiles;

    bool operator==(const NetworkParts&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "origin", self.origin);
        visit(2, "nodes", self.nodes);
        visit(3, "chargers", self.chargers);
        visit(4, "profiles", self.profiles);
    }
};

}  // namespace tianqu::grid
