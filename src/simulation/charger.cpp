#include "simulation/charger.hpp"

#include <algorithm>

#include "base/assertion.hpp"
#include "simulation/charger_impl.hpp"

namespace tianqu::simulation {

namespace v16 = ocpp::v16;

namespace {

constexpr std::uint64_t jitter_stream = 0x6a69'7474;
constexpr std::uint64_t meter_stream = 0x6d65'7465;

v16::CompositeSchedule::Options profile_options(const ChargerOptions& options) {
    v16::CompositeSchedule::Options result;
    result.connectors = static_cast<int>(options.site.connectors.size());
    result.phases = options.site.connectors.empty() ? 1 : options.site.connectors.front().phases;
    result.voltage = static_cast<int>(phase_voltage);
    result.max_stack_level = max_profile_stack_level;
    result.max_periods = max_profile_periods;
    result.max_profiles = max_profiles;
    result.offset = options.visits.offset;
    return result;
}

}  // namespace

VirtualCharger::Impl::Impl(ChargerOptions with)
    : options(std::move(with)),
      name_hash(hash_text(options.site.id.value)),
      jitter(options.visits.seed, {name_hash, jitter_stream}),
      configuration(options.site.connectors.size(), options.meter_interval),
      profiles(profile_options(options)),
      time(options.start),
      reconnect_at(options.start),
      boot_at(options.start),
      trouble(next_trouble(options.visits.seed, name_hash, options.site.connectors.size(), options.trouble_permille,
                           options.start)) {
    for (const auto& spec : options.site.connectors) {
        Connector& connector = connectors.emplace_back();
        connector.spec = spec;
        connector.number = spec.number.value;
        const ConnectorKey key{options.site.id, spec.number};
        connector.source.emplace(options.visits, key, spec, options.kind, options.start);
        // A meter that has run for years: its reading does not start at zero.
        Random past(options.visits.seed, {name_hash, meter_stream, static_cast<std::uint64_t>(spec.number.value)});
        connector.meter = to_energy(WattHours{past.between(100'000, 9'000'000)});
    }
}

Watts VirtualCharger::Impl::limit_of(const Connector& connector, TimePoint at) const {
    const Watts own =
        std::min(connector.spec.max_power, profiles.limit_at(connector.number, at).value_or(connector.spec.max_power));
    const auto whole = profiles.charger_limit_at(at);
    if (!whole) return own;
    // The charger's own limit is used up by its connectors in their order.
    Watts rest = *whole;
    for (const Connector& other : connectors) {
        if (&other == &connector) break;
        if (!other.transaction || !other.car || other.faulty()) continue;
        const Watts limit =
            std::min({other.spec.max_power, rest, profiles.limit_at(other.number, at).value_or(other.spec.max_power)});
        rest -= other.car->power(limit);
    }
    return std::min(own, rest);
}

Watts VirtualCharger::Impl::power_of(const Connector& connector, TimePoint at) const {
    if (!connector.transaction || !connector.car || connector.faulty() || !powered) return Watts{0};
    return connector.car->power(limit_of(connector, at));
}

void VirtualCharger::Impl::record_energy(TimePoint at, Energy energy) {
    if (energy.count == 0 || at >= options.start + most_recorded) return;
    const auto index = static_cast<std::size_t>((at - slot_start(options.start, slot_length)) / slot_length);
    if (slots.size() <= index) slots.resize(index + 1);
    slots[index] += energy;
}

void VirtualCharger::Impl::integrate(TimePoint until) {
    const bool active = std::ranges::any_of(connectors, [](const Connector& c) { return c.transaction && c.car; });
    std::vector<Watts> limits;
    limits.reserve(connectors.size());
    while (active && time < until) {
        TimePoint end = std::min(until, slot_start(time, slot_length) + slot_length);
        for (const Connector& connector : connectors) {
            if (!connector.transaction) continue;
            if (const auto change = profiles.next_change(connector.number, time)) end = std::min(end, *change);
        }
        TIANQU_ASSERT(end > time);
        limits.clear();
        for (const Connector& connector : connectors) limits.push_back(limit_of(connector, time));
        for (std::size_t i = 0; i < connectors.size(); ++i) {
            Connector& connector = connectors[i];
            if (power_of(connector, time).count <= 0) continue;
            const Energy energy = connector.car->step(limits[i], end - time);
            connector.meter += energy;
            record_energy(time, energy);
        }
        time = end;
    }
    time = std::max(time, until);
}

TimePoint VirtualCharger::Impl::connector_due(const Connector& connector) const {
    TimePoint due = never;
    if (connector.car) {
        due = std::min(due, connector.visit.departure);
    } else if (const Visit* visit = connector.source->next()) {
        due = std::min(due, visit->arrival);
    }
    if (connector.transaction) {
        due = std::min(due, connector.transaction->next_sample);
        if (const auto change = profiles.next_change(connector.number, time)) due = std::min(due, *change);
    }
    if (connector.reservation) due = std::min(due, connector.reservation->expiry);
    if (connector.remote) due = std::min(due, connector.remote->expiry);
    return due;
}

TimePoint VirtualCharger::Impl::next_due() const {
    TimePoint due = std::min({aligned_at, restart_at, in_trouble ? trouble.end : trouble.begin});
    for (const Connector& connector : connectors) due = std::min(due, connector_due(connector));
    if (link == Link::down && powered && reachable) due = std::min(due, reconnect_at);
    if (link == Link::up) {
        if (const auto deadline = peer->next_deadline()) due = std::min(due, *deadline);
        if (peer->calls_pending() == 0) {
            if (!accepted) due = std::min(due, boot_at);
            if (accepted) due = std::min({due, heartbeat_at, outbox.next_due().value_or(never)});
        }
    }
    return std::max(due, time);
}

void VirtualCharger::Impl::handle_connector_due(Connector& connector, TimePoint now) {
    if (connector.reservation && connector.reservation->expiry <= now) connector.reservation.reset();
    if (connector.remote && connector.remote->expiry <= now) connector.remote.reset();
    if (connector.car && connector.visit.departure <= now) depart(connector, now);
    if (!connector.car) {
        const Visit* visit = connector.source->next();
        if (visit != nullptr && visit->arrival <= now) arrive(connector, now);
    }
    if (connector.transaction && connector.transaction->next_sample <= now) {
        // On a live connection a reading is not worth more than its turn: while earlier messages still wait, the
        // operator cannot keep up, and old readings would only delay the stop that follows them.
        const bool behind = may_send() && outbox.transactional_waiting() > connectors.size() + 1;
        if (!behind) sample(connector, v16::ReadingContext::sample_periodic, now);
        tell_target(connector);
        const Milliseconds interval = configuration.seconds("MeterValueSampleInterval");
        connector.transaction->next_sample = interval.count() > 0 ? now + interval : never;
    }
    if (connector.car && connector.stage == Stage::waiting) try_start(connector, now);
    refresh_status(connector, now);
}

void VirtualCharger::Impl::handle_due(TimePoint now) {
    if (in_trouble && trouble.end <= now) end_trouble(now);
    if (!in_trouble && trouble.begin <= now) begin_trouble(now);
    if (restart_at <= now) restart(now);
    for (Connector& connector : connectors) {
        if (connector_due(connector) <= now) handle_connector_due(connector, now);
    }
    if (aligned_at <= now) {
        const Milliseconds interval = configuration.seconds("ClockAlignedDataInterval");
        aligned_at = interval.count() > 0 ? slot_start(now, interval) + interval : never;
        for (Connector& connector : connectors) sample(connector, v16::ReadingContext::sample_clock, now);
    }
    if (link == Link::down && powered && reachable && reconnect_at <= now) {
        link = Link::opening;
        wish = LinkWish::open;
    }
    if (link == Link::up) {
        handle(peer->on_time(now), now);
        if (link == Link::up && accepted && heartbeat_at <= now) {
            outbox.add(v16::HeartbeatRequest{});
            heartbeat_at = never;  // set again by whatever is sent next
        }
    }
    pump(now);
}

void VirtualCharger::Impl::advance(TimePoint now) {
    int at_one_moment = 0;
    for (TimePoint due = next_due(); due <= now; due = next_due()) {
        at_one_moment = due == time ? at_one_moment + 1 : 0;
        TIANQU_ASSERT(at_one_moment < 1'000);
        integrate(due);
        handle_due(due);
    }
}

VirtualCharger::VirtualCharger(ChargerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
VirtualCharger::~VirtualCharger() = default;
VirtualCharger::VirtualCharger(VirtualCharger&&) noexcept = default;
VirtualCharger& VirtualCharger::operator=(VirtualCharger&&) noexcept = default;

void VirtualCharger::advance(TimePoint now) {
    impl_->advance(now);
    impl_->integrate(now);
}
TimePoint VirtualCharger::next_due() const { return impl_->next_due(); }
LinkWish VirtualCharger::take_link_wish() { return std::exchange(impl_->wish, LinkWish::none); }
std::vector<std::string> VirtualCharger::take_frames() { return std::exchange(impl_->frames, {}); }
const grid::ChargerSite& VirtualCharger::site() const { return impl_->options.site; }
const std::vector<Energy>& VirtualCharger::slots() const { return impl_->slots; }

std::vector<VisitRecord> VirtualCharger::visits() const {
    std::vector<VisitRecord> result = impl_->records;
    for (const Connector& connector : impl_->connectors) {
        if (connector.car && connector.record) result[*connector.record].delivered = connector.car->taken();
    }
    return result;
}

ChargerCounts VirtualCharger::counts(TimePoint now) const {
    ChargerCounts counts;
    for (const Connector& connector : impl_->connectors) {
        const Watts power = impl_->power_of(connector, now);
        counts.plugged += connector.car.has_value();
        counts.charging += power.count > 0;
        counts.power += power;
    }
    counts.dropped = impl_->outbox.dropped();
    counts.waiting = impl_->outbox.transactional_waiting();
    return counts;
}

}  // namespace tianqu::simulation
