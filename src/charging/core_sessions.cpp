#include <algorithm>

#include "charging/decide.hpp"

namespace tianqu::charging::detail {

namespace {

constexpr std::int64_t largest_register_wh = 1'000'000'000'000'000;
constexpr std::int64_t largest_power_w = 1'000'000'000;
/// The largest connector there is, for chargers whose place and size are not known.
constexpr Watts largest_connector{1'000'000};
constexpr WattHours meter_slack{10'000};

template <class Unit>
Quantity<Unit> clamped(Quantity<Unit> value, std::int64_t limit) {
    return Quantity<Unit>{std::clamp(value.count, -limit, limit)};
}

bool is_same_start(const Session& session, const StartTransaction& start, ConnectorNumber connector) {
    return session.connector == connector && session.claimed_start == start.claimed && session.token == start.token &&
           session.meter_start == bounded(start.meter_start);
}

const Session* earlier_start(const Context& context, const StartTransaction& start, ConnectorNumber connector) {
    const auto& charger = context.charger;
    if (const auto at = charger.connectors.find(connector.value);
        at != charger.connectors.end() && at->second.session) {
        const auto running = context.state.sessions.find(*at->second.session);
        if (running != context.state.sessions.end() && is_same_start(running->second, start, connector))
            return &running->second;
    }
    const auto same = [&](const Session& session) { return is_same_start(session, start, connector); };
    const auto ended = std::ranges::find_if(charger.recent, same);
    return ended == charger.recent.end() ? nullptr : &*ended;
}

const Session* running_at(const Context& context, ConnectorNumber connector) {
    const auto at = context.charger.connectors.find(connector.value);
    if (at == context.charger.connectors.end() || !at->second.session) return nullptr;
    const auto running = context.state.sessions.find(*at->second.session);
    return running == context.state.sessions.end() ? nullptr : &running->second;
}

void use_reservation(const Context& context, const StartTransaction& start, ConnectorNumber connector,
                     SessionStarted& started, std::vector<Event>& events) {
    const auto fits = [&](const ReservationMade& made) {
        return made.connector.charger == context.charger.id &&
               (made.connector.connector == connector || made.connector.connector.value == 0);
    };
    if (start.reservation) {
        const auto named = context.state.reservations.find(*start.reservation);
        if (named != context.state.reservations.end() && named->second.connector.charger == context.charger.id) {
            events.push_back(context.event(ReservationEnded{*start.reservation, "used"}));
            return;
        }
        started.flags.emplace_back("reservation_unknown");
    }
    for (const auto& [id, made] : context.state.reservations) {
        if (!fits(made) || made.token != start.token) continue;
        events.push_back(context.event(ReservationEnded{id, "used"}));
        return;
    }
}

SessionStarted make_started(const Context& context, const StartTransaction& start, const CorrectedTime& corrected) {
    SessionStarted started{.session = context.state.next_session,
                           .charger = context.charger.id,
                           .token = start.token,
                           .meter_start = bounded(start.meter_start),
                           .corrected = corrected.time};
    started.connector = sane_connector(start.connector, started.flags);
    auto verdict = judge_token(context.state, context.settings, start.token, context.charger.id, context.now());
    if (const auto flag = context.not_approved(); !flag.empty()) {
        verdict.verdict = Verdict::blocked;
        started.flags.emplace_back(flag);
    }
    if (!corrected.credible) started.flags.emplace_back("claimed_time_not_credible");
    started.verdict = verdict.verdict;
    started.token_expires = verdict.expires;
    started.token_parent = verdict.parent;
    return started;
}

/// Energy that the connector can at most have given by then, generously.
WattHours plausible_energy(const Context& context, const Session& session, TimePoint at) {
    const ConnectorKey key{session.charger, session.connector};
    const auto* spec = context.state.network.find_connector(key);
    const auto power = (spec == nullptr ? largest_connector : spec->max_power) * 2;
    const auto elapsed = std::max({at - session.started, context.now() - session.received_start, Milliseconds{0}});
    return energy_of(power, elapsed.count()) + meter_slack;
}

std::vector<std::string> flags_of_registers(const Context& context, const Session& session,
                                            const std::vector<MeterSample>& samples) {
    bool went_back = false;
    bool implausible = false;
    bool not_credible = false;
    auto newest = session.last_metered;
    auto highest = session.last_register;
    const bool check_rise = !has_flag(session.flags, "claimed_time_not_credible");
    for (const auto& sample : samples) {
        const auto at = corrected_time(sample.claimed, context.now());
        not_credible = not_credible || !at.credible;
        if (!sample.energy_register) continue;
        const auto reading = *sample.energy_register;
        if (check_rise && reading - session.meter_start > plausible_energy(context, session, at.time))
            implausible = true;
        const bool in_order = !newest || at.time >= *newest;
        went_back = went_back || reading < session.meter_start || (in_order && reading < highest);
        if (in_order) {
            newest = at.time;
            highest = reading;
        }
    }
    std::vector<std::string> flags;
    if (went_back) flags.emplace_back("register_went_back");
    if (implausible) flags.emplace_back(flag_implausible);
    if (not_credible) flags.emplace_back("claimed_time_not_credible_in_reading");
    return flags;
}

Outcome meter_session(const Context& context, const MeterValues& values, const Session& session, bool named) {
    Outcome outcome{.confirm_when_durable = true};
    const bool repeated = values.content_hash != 0 &&
                          std::ranges::find(session.meter_hashes, values.content_hash) != session.meter_hashes.end();
    if (repeated || values.samples.empty()) return outcome;
    SessionMetered metered{
        session.id, context.charger.id, session.connector, bounded(values.samples), values.content_hash, {}};
    metered.flags = flags_of_registers(context, session, metered.samples);
    if (!named) metered.flags.emplace_back("transaction_missing");
    if (named && values.connector != session.connector) metered.flags.emplace_back("connector_differs");
    if (session.ended) metered.flags.emplace_back("after_end");
    const auto claimed = metered.samples.back().claimed;
    outcome.events.push_back(context.event(std::move(metered), claimed));
    return outcome;
}

std::vector<std::string> flags_of_stop(const Context& context, const Session& session, WattHours meter_stop,
                                       const CorrectedTime& corrected) {
    std::vector<std::string> flags;
    if (!corrected.credible) flags.emplace_back("claimed_time_not_credible_at_stop");
    if (corrected.time < session.started) flags.emplace_back("stop_before_start");
    if (meter_stop < session.meter_start) {
        flags.emplace_back("stop_below_start");
    } else if (meter_stop - session.meter_start < session.energy) {
        flags.emplace_back("stop_below_last_reading");
    } else if (meter_stop - session.meter_start > plausible_energy(context, session, corrected.time)) {
        flags.emplace_back("stop_implausible");
    }
    if (ended_by_rule(session)) flags.emplace_back("stop_after_own_end");
    return flags;
}

}  // namespace

WattHours bounded(WattHours energy) { return clamped(energy, largest_register_wh); }

std::vector<MeterSample> bounded(std::vector<MeterSample> samples) {
    for (auto& sample : samples) {
        if (sample.energy_register) sample.energy_register = bounded(*sample.energy_register);
        if (sample.power) sample.power = clamped(*sample.power, largest_power_w);
        if (sample.offered) sample.offered = clamped(*sample.offered, largest_power_w);
    }
    return samples;
}

TimePoint next_local_time(TimePoint after, int minute_of_day, UtcOffset offset) {
    const auto today = local_midnight(after, offset) + std::chrono::minutes{minute_of_day};
    return today > after ? today : today + std::chrono::hours{24};
}

SessionTargetSet default_target(const State& state, const Settings& settings, SessionId session,
                                const ChargerId& charger, TimePoint started) {
    auto kind = grid::StationKind::none;
    if (const auto node = state.network.node_of(charger)) kind = state.network.node(*node).station_kind;
    StationDefault chosen;
    if (const auto found = settings.defaults.find(kind); found != settings.defaults.end()) chosen = found->second;
    const auto departure = chosen.departure_minute_of_day < 0
                               ? started + chosen.stay
                               : next_local_time(started, chosen.departure_minute_of_day, settings.offset);
    return {session, departure, chosen.energy, false, true};
}

SessionEnded end_by_rule(const Session& session, TimePoint at, std::vector<std::string> flags) {
    SessionEnded ended{.session = session.id,
                       .charger = session.charger,
                       .meter_stop = session.meter_start + session.energy,
                       .corrected = std::max(at, session.started),
                       .reason = std::string(no_stop_received)};
    ended.flags = std::move(flags);
    ended.flags.emplace_back(no_stop_received);
    return ended;
}

Outcome decide_start(const Context& context, const StartTransaction& start) {
    Outcome outcome{.confirm_when_durable = true};
    const auto corrected = corrected_time(start.claimed, context.now());
    auto started = make_started(context, start, corrected);
    if (const auto* earlier = earlier_start(context, start, started.connector)) {
        outcome.reply =
            StartReply{earlier->id, TokenVerdict{earlier->verdict, earlier->token_expires, earlier->token_parent}};
        return outcome;
    }
    const auto* occupant = running_at(context, started.connector);
    // A start from an offline queue may be older than what runs now: it is kept, and the running session goes on.
    started.superseded = occupant != nullptr && corrected.credible && corrected.time < occupant->started;
    if (started.superseded) started.flags.emplace_back("older_than_running_session");
    if (occupant != nullptr && !started.superseded) {
        started.flags.emplace_back("connector_was_occupied");
        outcome.events.push_back(context.event(end_by_rule(*occupant, corrected.time, {"next_session_started"})));
    }
    if (!started.superseded) use_reservation(context, start, started.connector, started, outcome.events);
    outcome.reply =
        StartReply{started.session, TokenVerdict{started.verdict, started.token_expires, started.token_parent}};
    const auto session = started.session;
    Session ending{.id = session, .charger = started.charger, .meter_start = started.meter_start};
    ending.started = started.corrected;
    const bool superseded = started.superseded;
    outcome.events.push_back(context.event(std::move(started), start.claimed));
    if (superseded) {
        outcome.events.push_back(context.event(end_by_rule(ending, corrected.time, {})));
    } else {
        outcome.events.push_back(context.event(
            default_target(context.state, context.settings, session, context.charger.id, corrected.time)));
    }
    return outcome;
}

Outcome decide_stop(const Context& context, const StopTransaction& stop) {
    Outcome outcome{.confirm_when_durable = true};
    const auto meter_stop = bounded(stop.meter_stop);
    const auto* session = find_session(context.state, context.charger.id, stop.session);
    std::optional<TokenVerdict> answer;
    if (!stop.token.empty())
        answer = judge_token(context.state, context.settings, stop.token, context.charger.id, context.now());
    if (session == nullptr) {
        outcome.events.push_back(
            context.event(UnknownStop{context.charger.id, stop.session, meter_stop, stop.reason}, stop.claimed));
        outcome.reply = StopReply{answer};
        return outcome;
    }
    if (session->ended && !ended_by_rule(*session)) {
        outcome.reply = StopReply{session->stop_answer};
        return outcome;
    }
    const auto corrected = corrected_time(stop.claimed, context.now());
    SessionEnded ended{.session = stop.session, .charger = context.charger.id, .meter_stop = meter_stop};
    ended.corrected = std::max(corrected.time, session->started);
    ended.reason = stop.reason.empty() ? "Local" : stop.reason;
    // The word of our own rule must stay ours, or a repeat of this stop would count as new.
    if (ended.reason == no_stop_received) ended.reason = "Other";
    ended.token = stop.token;
    ended.samples = bounded(stop.samples);
    ended.flags = flags_of_stop(context, *session, meter_stop, corrected);
    ended.answer = answer;
    outcome.reply = StopReply{answer};
    outcome.events.push_back(context.event(std::move(ended), stop.claimed));
    return outcome;
}

Outcome decide_meter(const Context& context, const MeterValues& values) {
    if (values.session) {
        if (const auto* session = find_session(context.state, context.charger.id, *values.session))
            return meter_session(context, values, *session, true);
    } else if (const auto* running = running_at(context, values.connector)) {
        return meter_session(context, values, *running, false);
    }
    Outcome outcome{.confirm_when_durable = values.session.has_value()};
    if (values.samples.empty()) return outcome;
    const auto claimed = values.samples.back().claimed;
    outcome.events.push_back(
        context.event(ConnectorMetered{context.charger.id, values.connector, bounded(values.samples),
                                       values.content_hash, values.session},
                      claimed));
    return outcome;
}

Outcome decide_target(const Context& context, const DriverTarget& target) {
    Outcome outcome{.reply = VendorDataReply{.known_vendor = true}};
    const auto running = context.state.sessions.find(target.session);
    if (running == context.state.sessions.end() || running->second.charger != context.charger.id) return outcome;
    const auto& session = running->second;
    const SessionTargetSet set{session.id, target.departure.value_or(session.departure),
                               target.energy.value_or(session.target), target.charge_now, false};
    const bool departure_fits = set.departure > session.started && set.departure <= context.now() + max_stay;
    if (!departure_fits || set.energy.count <= 0 || set.energy > max_target) return outcome;
    const bool same = set.departure == session.departure && set.energy == session.target &&
                      set.charge_now == session.charge_now && !session.target_by_default;
    if (!same) outcome.events.push_back(context.event(set));
    // A wish is confirmed like a transaction: only when it is kept.
    outcome.confirm_when_durable = true;
    outcome.reply = VendorDataReply{.known_vendor = true, .accepted = true};
    return outcome;
}

}  // namespace tianqu::charging::detail
