#include "simulation/visits.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>
#include "base/assertion.hpp"
#include "simulation/random.hpp"

namespace tianqu::simulation {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t minute_ms = 60'000;

constexpr std::array<CarModel, 4> private_cars{{
    {WattHours{30'000}, Watts{3'500}, Watts{3'500}, Watts{40'000}},
    {WattHours{50'000}, Watts{7'000}, Watts{7'000}, Watts{70'000}},
    {WattHours{65'000}, Watts{7'000}, Watts{11'000}, Watts{100'000}},
    {WattHours{85'000}, Watts{7'000}, Watts{11'000}, Watts{140'000}},
}};
constexpr std::array<int, 4> private_car_weights{15, 35, 35, 15};
constexpr CarModel fleet_vehicle{WattHours{200'000}, Watts{7'000}, Watts{22'000}, Watts{120'000}};

/// Likelihood of half-hours from 17:00 and from 6:30.
constexpr std::array<int, 10> evening_arrivals{9, 15, 20, 18, 13, 9, 6, 5, 3, 2};
constexpr std::array<int, 4> morning_departures{15, 35, 35, 15};
/// How often in a thousand hours somebody comes to a free public connector, by hour of the local day.
constexpr std::array<int, 24> direct_arrivals{0,   0,   0,   0,   0,   0,   60,  110, 140, 160, 190, 230,
                                              240, 210, 180, 180, 200, 230, 240, 200, 150, 110, 60,  0};
constexpr std::array<int, 24> alternating_arrivals{0,   0,   0,   0,   0,   0,   0,   40,  90, 120, 120, 130,
                                                   120, 110, 120, 110, 100, 120, 130, 110, 70, 0,   0,   0};
constexpr std::array<int, 24> highway_arrivals{60,  40,  30,  30,  30,  60,  110, 160, 210, 250, 270, 280,
                                               280, 270, 270, 270, 270, 260, 240, 200, 160, 130, 100, 0};

struct Draft {
    std::int64_t arrival_ms = 0;  ///< after local midnight
    std::int64_t departure_ms = 0;
    CarModel car;
    WattHours asked;
    std::int64_t hurry_permille = 0;
    bool resident = false;
};

struct Context {
    const grid::ConnectorSpec& connector;
    Random& random;
    std::vector<Draft>& drafts;
};

CarModel private_car(Random& random) { return private_cars[random.pick(private_car_weights)]; }

std::int64_t in_half_hour(Random& random, std::int64_t start_ms, std::span<const int> weights) {
    const auto half_hour = static_cast<std::int64_t>(random.pick(weights));
    return start_ms + half_hour * 30 * minute_ms + random.between(0, 30 * minute_ms - 1);
}

/// What the driver asks is bounded by the battery (85 %) and by what such a stay can give with some time to spare.
WattHours bounded(WattHours need, const CarModel& car, const grid::ConnectorSpec& connector, std::int64_t stay_ms,
                  std::int64_t share_permille) {
    const WattHours battery{car.capacity.count * 85 / 100};
    const Energy possible = energy_of(full_power(car, connector), Milliseconds{stay_ms});
    return std::min({need, battery, to_watt_hours(Energy{possible.count / 1000 * share_permille})});
}

void add_residential(const Context& context) {
    Random& random = context.random;
    if (random.chance(100)) {
        const std::int64_t arrival = random.between(12 * hour_ms, 14 * hour_ms);
        const std::int64_t stay = random.between(90 * minute_ms, 150 * minute_ms);
        const CarModel car = private_car(random);
        const WattHours need{random.middling(3'000, 12'000)};
        context.drafts.push_back(
            {arrival, arrival + stay, car, bounded(need, car, context.connector, stay, 850), 20, true});
    }
    if (!random.chance(750)) return;
    const std::int64_t arrival = in_half_hour(random, 17 * hour_ms, evening_arrivals);
    const std::int64_t departure = in_half_hour(random, 24 * hour_ms + 390 * minute_ms, morning_departures);
    const CarModel car = private_car(random);
    const WattHours need{random.middling(8'000, 30'000)};
    context.drafts.push_back(
        {arrival, departure, car, bounded(need, car, context.connector, departure - arrival, 850), 30, true});
}

void add_workplace(const Context& context) {
    Random& random = context.random;
    if (!random.chance(600)) return;
    const std::int64_t arrival = 450 * minute_ms + random.middling(0, 120 * minute_ms);
    const std::int64_t departure = 17 * hour_ms + random.middling(0, 120 * minute_ms);
    const CarModel car = private_car(random);
    const WattHours need{random.middling(5'000, 25'000)};
    context.drafts.push_back(
        {arrival, departure, car, bounded(need, car, context.connector, departure - arrival, 850), 20, false});
}

void add_depot(const Context& context) {
    Random& random = context.random;
    if (!random.chance(900)) return;
    const std::int64_t arrival = 19 * hour_ms + random.middling(0, 3 * hour_ms);
    const std::int64_t departure = 29 * hour_ms + random.middling(0, 90 * minute_ms);
    const WattHours need{random.middling(50'000, 150'000)};
    context.drafts.push_back({arrival, departure, fleet_vehicle,
                              bounded(need, fleet_vehicle, context.connector, departure - arrival, 850), 0, false});
}

/// Passers-by: in each hour somebody may come, and finds the connector free or drives on.
void add_passing(const Context& context, std::span<const int> arrivals) {
    Random& random = context.random;
    const bool direct = context.connector.current == grid::Current::dc;
    std::int64_t free_from = 0;
    for (std::size_t hour = 0; hour < arrivals.size(); ++hour) {
        if (!random.chance(arrivals[hour])) continue;
        const std::int64_t arrival = static_cast<std::int64_t>(hour) * hour_ms + random.between(0, hour_ms - 1);
        const std::int64_t stay =
            direct ? random.middling(20 * minute_ms, 60 * minute_ms) : random.middling(60 * minute_ms, 240 * minute_ms);
        const CarModel car = private_car(random);
        const WattHours need{direct ? random.middling(10'000, 45'000) : random.middling(4'000, 20'000)};
        const std::int64_t share = random.between(550, 800);
        const std::int64_t hurry = direct ? 150 : 30;
        if (arrival < free_from || arrival + stay >= 24 * hour_ms) continue;
        const WattHours asked = bounded(need, car, context.connector, stay, share);
        context.drafts.push_back({arrival, arrival + stay, car, asked, hurry, false});
        free_from = arrival + stay + 5 * minute_ms;
    }
}

void add_visits(const Context& context, grid::StationKind kind) {
    const bool direct = context.connector.current == grid::Current::dc;
    switch (kind) {
        case grid::StationKind::residential:
            return add_residential(context);
        case grid::StationKind::workplace:
            return add_workplace(context);
        case grid::StationKind::depot:
            return add_depot(context);
        case grid::StationKind::highway:
            return add_passing(context, highway_arrivals);
        case grid::StationKind::public_site:
        case grid::StationKind::none:
            break;
    }
    add_passing(context, direct ? std::span<const int>(direct_arrivals) : std::span<const int>(alternating_arrivals));
}

}  // namespace

std::vector<Visit> visits_of_day(const VisitOptions& options, const ConnectorKey& key,
                                 const grid::ConnectorSpec& connector, grid::StationKind kind, TimePoint day) {
    const TimePoint midnight = local_midnight(day, options.offset);
    const std::uint64_t place = hash_text(key.charger.value);
    const auto number = static_cast<std::uint64_t>(key.connector.value);
    Random random(options.seed, {place, number, static_cast<std::uint64_t>(to_milliseconds(midnight))});
    std::vector<Draft> drafts;
    add_visits({connector, random, drafts}, kind);

    std::vector<Visit> visits;
    for (const Draft& draft : drafts) {
        Visit visit;
        visit.connector = key;
        visit.arrival = midnight + Milliseconds{draft.arrival_ms};
        visit.departure = midnight + Milliseconds{draft.departure_ms};
        visit.car = draft.car;
        visit.asked = draft.asked;
        // Most people stop short of a full battery; what is in it at arrival follows from what they ask.
        const WattHours least = draft.asked + WattHours{draft.car.capacity.count * 8 / 100};
        const WattHours wished{draft.car.capacity.count / 1000 * random.middling(600, 980)};
        visit.stored = to_energy(std::max(least, wished) - draft.asked);
        visit.charge_now = random.chance(draft.hurry_permille);
        visit.tells_target = !random.chance(options.untold_permille);
        const std::uint64_t person = draft.resident ? Random(options.seed, {place, number}).next() : random.next();
        visit.token = fmt::format("SIM{:016X}", person);
        if (visit.asked.count > 0) visits.push_back(std::move(visit));
    }
    return visits;
}

Energy uncontrolled_energy(const Visit& visit, const grid::ConnectorSpec& connector, TimePoint until) {
    const TimePoint end = std::min(visit.departure, until);
    if (end <= visit.arrival) return Energy{0};
    Car car(visit.car, connector, visit.stored, to_energy(visit.asked));
    return car.step(connector.max_power, end - visit.arrival);
}

VisitSource::VisitSource(VisitOptions options, ConnectorKey key, grid::ConnectorSpec connector, grid::StationKind kind,
                         TimePoint start)
    : options_(options),
      key_(std::move(key)),
      connector_(connector),
      kind_(kind),
      start_(start),
      day_(local_midnight(start, options.offset)) {
    fill();
}

void VisitSource::advance() {
    TIANQU_ASSERT(position_ < today_.size());
    ++position_;
    fill();
}

void VisitSource::fill() {
    // A connector of no power has no visitors: the search for the next one ends.
    for (int days = 0; days < 366; ++days) {
        while (position_ < today_.size() && today_[position_].arrival < start_) ++position_;
        if (position_ < today_.size()) return;
        today_ = visits_of_day(options_, key_, connector_, kind_, day_);
        position_ = 0;
        day_ += hours{24};
    }
}

}  // namespace tianqu::simulation
