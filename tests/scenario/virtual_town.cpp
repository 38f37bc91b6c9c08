#include "tests/scenario/virtual_town.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tianqu::scenario {

namespace {

using namespace charging;

constexpr Milliseconds tick{30'000};
constexpr std::int64_t hour_ms = 3'600'000;
constexpr Milliseconds report_every{300'000};

orderly::Settings orderly_settings(const charging::Settings& settings) {
    orderly::Settings result;
    result.offset = settings.offset;
    return result;
}

}  // namespace

Watts VirtualCharger::power(Watts maximum, Watts minimum, TimePoint now) const {
    if (!car || gained_wh >= static_cast<double>(car->wanted.count)) return Watts{0};
    const auto& schedule = session_schedule ? session_schedule : default_schedule;
    const auto permitted = schedule ? std::min(schedule->limit_at(now), maximum) : maximum;
    if (permitted < minimum) return Watts{0};
    return std::min(permitted, car->car_power);
}

VirtualTown::VirtualTown(grid::Network network, tariff::Tariff tariff, charging::Settings settings, TimePoint start,
                         Milliseconds answer_delay)
    : tariff_(std::move(tariff)),
      settings_(std::move(settings)),
      orderly_(orderly_settings(settings_)),
      planner_(dispatch::make_orderly_planner()),
      now_(start),
      answer_delay_(answer_delay) {
    const Actor actor{PrincipalId{"user:test"}, now_, "scenario"};
    take(import_network(state_, actor, network).value());
    slot_wh_.assign(state_.network.node_count(), 0);
    slot_limit_wh_.assign(state_.network.node_count(), 0);
    for (const auto& site : state_.network.chargers()) {
        auto& charger = chargers_[site.id];
        charger.id = site.id;
        go_online(site.id);
        deliver(charger, Boot{.vendor = "virtual"});
    }
    plan();
}

void VirtualTown::take(const std::vector<Event>& events) {
    for (const auto& event : events) {
        history_.push_back(event);
        apply(state_, event, static_cast<std::int64_t>(history_.size()));
        if (const auto* alarm = std::get_if<AlarmRaised>(&event.body)) alarms_.insert(alarm->alarm.value);
    }
}

Reply VirtualTown::deliver(VirtualCharger& charger, const ChargerMessage& message) {
    const auto outcome = decide(state_, settings_, {.charger = charger.id, .message = message, .received = now_});
    take(outcome.events);
    if (const auto* start = std::get_if<StartReply>(&outcome.reply)) charger.session = start->session;
    return outcome.reply;
}

Reply VirtualTown::say(VirtualCharger& charger, const ChargerMessage& message) {
    if (charger.online) return deliver(charger, message);
    charger.queued.push_back(message);
    return EmptyReply{};
}

void VirtualTown::plug(const ChargerId& id, Car car) {
    auto& charger = chargers_.at(id);
    charger.car = car;
    charger.gained_wh = 0;
    charger.full_at.reset();
    charger.session_schedule.reset();
    charger.session.reset();
    say(charger, StartTransaction{.connector = ConnectorNumber{1},
                                  .token = TokenId{"TAG"},
                                  .meter_start = WattHours{static_cast<std::int64_t>(charger.meter_wh)},
                                  .claimed = now_});
    if (charger.session && car.tells_target)
        say(charger, DriverTarget{*charger.session, car.departure, car.wanted, car.charge_now});
    plan();
}

void VirtualTown::go_offline(const ChargerId& id) {
    chargers_.at(id).online = false;
    take(disconnect(state_, id, "lost", now_));
    std::erase_if(answers_, [&](const Answer& answer) { return charger_of(answer.command.body) == id; });
    plan();
}

void VirtualTown::go_online(const ChargerId& id) {
    auto& charger = chargers_.at(id);
    charger.online = true;
    take(connect(state_, settings_, {id, "127.0.0.1", "ocpp1.6", now_}).value());
    for (auto message : std::exchange(charger.queued, {})) {
        // A stop of a session that was started offline learns its number only now.
        if (auto* stop = std::get_if<StopTransaction>(&message); stop != nullptr && charger.session)
            stop->session = *charger.session;
        deliver(charger, message);
    }
}

void VirtualTown::refuse(const ChargerId& id) {
    auto& charger = chargers_.at(id);
    charger.refuses = true;
    charger.default_schedule.reset();
    charger.session_schedule.reset();
    deliver(charger, Boot{.vendor = "virtual"});
    plan();
}

void VirtualTown::limit(const NodeId& node, Watts watts, TimePoint until) {
    const Actor actor{PrincipalId{"user:dispatcher"}, now_, "maintenance"};
    take(set_temporary_limit(state_, actor, {node, watts, now_, until}).value());
    plan();
}

void VirtualTown::meter(const NodeId& node, Watts watts) {
    const Actor actor{PrincipalId{"key:scada"}, now_, ""};
    take(report_node_meter(state_, actor, {node, watts, now_}).value());
    plan();
}

void VirtualTown::plan() {
    const auto snapshot = orderly_.prepare(state_, tariff_, now_);
    (void)orderly_.adopt(snapshot, planner_->plan(snapshot->problem));
    act();
}

void VirtualTown::act() {
    // Answers bring new room: again until nothing is left to say, as the server does.
    for (int round = 0; round < 50; ++round) {
        auto output = orderly_.act(state_, now_);
        take(output.events);
        for (auto& command : output.commands) answers_.push_back({now_ + answer_delay_, std::move(command)});
        if (output.commands.empty() || answer_delay_.count() > 0) break;
        answer_due();
    }
    watch_permissions();
}

void VirtualTown::answer_due() {
    std::vector<Answer> later;
    for (auto& answer : std::exchange(answers_, {})) {
        if (answer.due > now_) {
            later.push_back(std::move(answer));
        } else {
            obey(answer.command);
        }
    }
    answers_.insert(answers_.end(), later.begin(), later.end());
}

void VirtualTown::obey(const Command& command) {
    const auto& permit = std::get<PermitPower>(command.body);
    auto& charger = chargers_.at(permit.connector.charger);
    CommandAnswer answer{.id = command.id, .outcome = CommandOutcome::accepted};
    if (charger.refuses) {
        answer.outcome = CommandOutcome::rejected;
    } else if (!permit.session) {
        charger.default_schedule = permit.schedule;
    } else if (permit.session == charger.session) {
        const auto before = power(charger.id);
        charger.session_schedule = permit.schedule;
        const auto after = power(charger.id);
        if (before != after) accepted_.push_back(charger.id.value + (after < before ? " lower" : " raise"));
    } else {
        answer.outcome = CommandOutcome::rejected;
    }
    take(permit_answered(state_, permit.connector, answer, now_));
}

Watts VirtualTown::power(const ChargerId& id) const {
    const ConnectorKey key{id, ConnectorNumber{1}};
    return chargers_.at(id).power(maximum_power(state_, key), orderly::minimum_power(state_, key), now_);
}

void VirtualTown::draw() {
    for (auto& [id, charger] : chargers_) {
        const auto gained = static_cast<double>(power(id).count) * static_cast<double>(tick.count()) / hour_ms;
        charger.meter_wh += gained;
        charger.gained_wh += gained;
        charger.delivered_wh += gained;
        if (charger.car && !charger.full_at && charger.gained_wh >= static_cast<double>(charger.car->wanted.count))
            charger.full_at = now_;
    }
}

void VirtualTown::report() {
    for (auto& [id, charger] : chargers_) {
        if (!charger.car || !charger.session) continue;
        const auto meter = static_cast<std::int64_t>(charger.meter_wh);
        say(charger,
            MeterValues{.connector = ConnectorNumber{1},
                        .session = charger.session,
                        .samples = {{.claimed = now_, .energy_register = WattHours{meter}, .power = power(id)}},
                        .content_hash = static_cast<std::uint64_t>(to_milliseconds(now_) ^ meter)});
    }
}

void VirtualTown::leave() {
    for (auto& [id, charger] : chargers_) {
        if (!charger.car || charger.car->departure > now_) continue;
        say(charger, StopTransaction{.session = charger.session.value_or(SessionId{0}),
                                     .token = TokenId{"TAG"},
                                     .meter_stop = WattHours{static_cast<std::int64_t>(charger.meter_wh)},
                                     .claimed = now_,
                                     .reason = "EVDisconnected"});
        charger.car.reset();
        charger.session_schedule.reset();
    }
}

Watts VirtualTown::limit_now(grid::NodeIndex node) const {
    const auto& entry = state_.network.node(node);
    const auto temporary = state_.temporary_limits.find(entry.id);
    return temporary == state_.temporary_limits.end() ? entry.limit : std::min(entry.limit, temporary->second.limit);
}

void VirtualTown::watch_loads() {
    std::vector<double> drawn(state_.network.node_count(), 0);
    for (const auto& [id, charger] : chargers_)
        drawn[*state_.network.node_of(id)] += static_cast<double>(power(id).count);
    state_.network.sum_up(std::span<double>(drawn));
    const double part = static_cast<double>(tick.count()) / hour_ms;
    const bool slot_ends = slot_start(now_ + tick, Milliseconds{900'000}) != slot_start(now_, Milliseconds{900'000});
    for (std::size_t n = 0; n < drawn.size(); ++n) {
        const auto node = static_cast<grid::NodeIndex>(n);
        const auto base = state_.network.base_load_with_descendants(node, now_, settings_.offset);
        slot_wh_[n] += (drawn[n] + static_cast<double>(base.count)) * part;
        slot_limit_wh_[n] += static_cast<double>(limit_now(node).count) * part;
        if (!slot_ends) continue;
        if (slot_wh_[n] > slot_limit_wh_[n] + 0.5) {
            overloads_.emplace(state_.network.node(node).id,
                               fmt::format("{:.1f} Wh of {:.1f} Wh in the quarter-hour that ends after {}", slot_wh_[n],
                                           slot_limit_wh_[n], format_local(now_, settings_.offset)));
        }
        slot_wh_[n] = slot_limit_wh_[n] = 0;
    }
}

/// The promise itself: what running sessions are permitted, answered or on the way, stays inside every limit.
void VirtualTown::watch_permissions() {
    std::vector<Watts> permitted(state_.network.node_count());
    for (const auto& [id, charger] : chargers_) {
        const ConnectorKey key{id, ConnectorNumber{1}};
        const bool counts = charger.session && state_.sessions.contains(*charger.session);
        // A car that came this moment draws its default until the first plan: seconds, inside the margin of a mean.
        if (counts && state_.sessions.at(*charger.session).received_start + std::chrono::minutes{1} < now_)
            permitted[*state_.network.node_of(id)] += permitted_power(state_, key, now_);
    }
    state_.network.sum_up(std::span<Watts>(permitted));
    for (std::size_t n = 0; n < permitted.size(); ++n) {
        const auto node = static_cast<grid::NodeIndex>(n);
        const auto base = state_.network.base_load_with_descendants(node, now_, settings_.offset);
        if (permitted[n].count == 0 || permitted[n] + base <= limit_now(node)) continue;
        const bool all_on_their_way_down = answer_delay_.count() > 0;
        if (all_on_their_way_down) continue;
        overloads_.emplace(state_.network.node(node).id,
                           fmt::format("{} W permitted beside {} W of base load at {}", permitted[n].count, base.count,
                                       format_local(now_, settings_.offset)));
    }
}

void VirtualTown::step() {
    draw();
    watch_loads();
    now_ += tick;
    take(elapse(state_, settings_, now_));
    const auto planned_before = answers_.empty();
    answer_due();
    if (!planned_before) act();
    leave();
    if (now_.time_since_epoch() % report_every == Milliseconds{0}) report();
    if (now_.time_since_epoch() % Milliseconds{60'000} == Milliseconds{0}) plan();
}

orderly::Explanation VirtualTown::explain(const ChargerId& id) const {
    return orderly_.explain(state_, chargers_.at(id).session.value_or(SessionId{0}), now_);
}

bool VirtualTown::journal_is_the_state() const {
    State folded;
    std::int64_t sequence = 0;
    for (auto event : history_) {
        event.body = decode_body(event_type(event.body), encode_body(event.body)).value();
        apply(folded, event, ++sequence);
    }
    return encode_state(folded) == encode_state(state_);
}

}  // namespace tianqu::scenario
