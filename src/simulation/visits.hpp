#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "grid/network.hpp"
#include "simulation/car.hpp"

namespace tianqu::simulation {

/// A driver comes, plugs in, and leaves at a time that he knows beforehand. Synthetic.
struct Visit {
    ConnectorKey connector;
    TimePoint arrival;
    TimePoint departure;
    CarModel car;
    Energy stored;             ///< in the battery at arrival
    WattHours asked;           ///< what the driver wants, never more than fits into the battery
    bool charge_now = false;   ///< wants full power at once, whatever it costs
    bool tells_target = true;  ///< tells departure and energy; else the operator has to assume them
    std::string token;

    bool operator==(const Visit&) const = default;
};

struct VisitOptions {
    std::uint64_t seed = 1;
    UtcOffset offset;
    std::int64_t untold_permille = 10;  ///< drivers who plug in and say nothing
};

/// The visits to one connector that begin on the local day of `day`, in order, none overlapping another or one of the
/// neighbouring days. The same for the same arguments, on any machine.
[[nodiscard]] std::vector<Visit> visits_of_day(const VisitOptions& options, const ConnectorKey& key,
                                               const grid::ConnectorSpec& connector, grid::StationKind kind,
                                               TimePoint day);

/// What a car takes at full power from arrival to departure, or to `until` if that comes first.
[[nodiscard]] Energy uncontrolled_energy(const Visit& visit, const grid::ConnectorSpec& connector, TimePoint until);

/// The visits to one connector one after the other, from a start time on, without end.
class VisitSource {
public:
    VisitSource(VisitOptions options, ConnectorKey key, grid::ConnectorSpec connector, grid::StationKind kind,
                TimePoint start);

    /// The next visit, or nullptr when nobody ever comes (a connector without power).
    [[nodiscard]] const Visit* next() const { return position_ < today_.size() ? &today_[position_] : nullptr; }
    void advance();

private:
    void fill();

    VisitOptions options_;
    ConnectorKey key_;
    grid::ConnectorSpec connector_;
    grid::StationKind kind_;
    TimePoint start_;
    TimePoint day_;
    std::vector<Visit> today_;
    std::size_t position_ = 0;
};

}  // namespace tianqu::simulation
