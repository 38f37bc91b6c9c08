#include "orderly/permissions.hpp"

#include <algorithm>
#include <utility>

#include "base/assertion.hpp"

namespace tianqu::orderly {

namespace {

using charging::Charger;
using charging::Connector;
using charging::State;

constexpr int failures_before_pause = 2;

dispatch::LedgerOptions ledger_options(const Settings& settings) {
    return {.slot = settings.slot,
            .slots = settings.slots,
            .dead_band = settings.dead_band,
            .same_energy = settings.same_energy};
}

const charging::PendingPermit* pending_of(const Connector& connector, const CommandId& command) {
    const auto found = std::ranges::find(connector.pending, command, &charging::PendingPermit::command);
    return found == connector.pending.end() ? nullptr : &*found;
}

/// The highest of everything that may hold at a connector, slot by slot.
dispatch::Schedule envelope(const std::vector<const dispatch::Schedule*>& candidates, const Settings& settings,
                            TimePoint now) {
    const auto aligned = slot_start(now, settings.slot);
    dispatch::Schedule result{.start = now, .duration = aligned + settings.slot * settings.slots - now};
    const auto highest = [&](auto level) {
        Watts most{0};
        for (const auto* candidate : candidates) most = std::max(most, level(*candidate));
        return most;
    };
    for (int t = 0; t < settings.slots; ++t) {
        const auto from = std::max(aligned + settings.slot * t, now);
        const auto to = aligned + settings.slot * (t + 1);
        const auto limit = highest([&](const auto& schedule) { return dispatch::highest_limit(schedule, from, to); });
        if (result.steps.empty() || result.steps.back().limit != limit) result.steps.push_back({from - now, limit});
    }
    result.fallback = highest([](const auto& schedule) { return schedule.fallback; });
    return result;
}

/// A connector's default holds for ever: its highest level over the horizon.
std::optional<Watts> accepted_level(const Connector& connector, const Settings& settings, TimePoint now) {
    if (!connector.default_permit) return std::nullopt;
    auto level = dispatch::highest_limit(*connector.default_permit, now, now + settings.slot * settings.slots);
    for (const auto& pending : connector.pending) {
        if (pending.session) continue;
        level = std::max(level, dispatch::highest_limit(pending.schedule, now, now + settings.slot * settings.slots));
    }
    return level;
}

}  // namespace

void merge_steps(std::vector<std::int32_t>& watts, int exact_slots) {
    constexpr std::int32_t little = 200;
    for (std::size_t begin = static_cast<std::size_t>(exact_slots); begin < watts.size();) {
        auto low = watts[begin];
        auto high = low;
        auto end = begin + 1;
        for (; end < watts.size(); ++end) {
            const auto lower = std::min(low, watts[end]);
            const auto higher = std::max(high, watts[end]);
            // A pause stays a pause and a charging slot never becomes one.
            if ((lower == 0) != (higher == 0)) break;
            if (higher - lower > std::max(little, higher / 20)) break;
            low = lower;
            high = higher;
        }
        std::fill(watts.begin() + static_cast<std::ptrdiff_t>(begin), watts.begin() + static_cast<std::ptrdiff_t>(end),
                  low);
        begin = end;
    }
}

Permissions::Permissions(const Settings& settings)
    : settings_(settings), ledger_(ledger_options(settings), {-1}, TimePoint{}) {}

bool Permissions::network_changed(const State& state) const {
    const auto nodes = state.network.nodes();
    const auto parents = state.network.parents();
    bool same = nodes.size() == nodes_.size() && ledger_.horizon_start() != TimePoint{};
    for (std::size_t n = 0; same && n < nodes.size(); ++n) {
        same = nodes[n].id == nodes_[n] && (n == 0 || static_cast<int>(parents[n]) == parents_[n]);
    }
    return !same;
}

void Permissions::rebuild(const State& state, TimePoint now) {
    const auto nodes = state.network.nodes();
    const auto parents = state.network.parents();
    nodes_.clear();
    parents_.clear();
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        nodes_.push_back(nodes[n].id);
        parents_.push_back(n == 0 ? -1 : static_cast<int>(parents[n]));
    }
    ledger_ = dispatch::Ledger(ledger_options(settings_), parents_.empty() ? std::vector<int>{-1} : parents_, now);
    entries_.clear();
    keys_.clear();
}

void Permissions::failed(Entry& entry, TimePoint now) {
    if (++entry.failures < failures_before_pause) return;
    entry.failures = 0;
    entry.pause_until = now + settings_.refusal_pause;
}

void Permissions::sync_flight(Entry& entry, const Connector& connector, TimePoint now) {
    if (!entry.flight) return;
    const auto* pending = pending_of(connector, entry.flight->command);
    if (pending != nullptr && !pending->unanswered) return;
    const auto flight = std::move(*entry.flight);
    entry.flight.reset();
    if (pending != nullptr) {
        ledger_.answer(entry.index, flight.sequence, dispatch::Answer::unanswered);
        entry.view.unanswered.push_back(flight.command);
        ++counters_.unanswered;
        failed(entry, now);
    } else if (connector.session == entry.view.session && connector.session_permit == flight.schedule) {
        ledger_.answer(entry.index, flight.sequence, dispatch::Answer::accepted);
        entry.view.permit = flight.schedule;
        entry.view.unanswered.clear();
        entry.failures = 0;
        entry.pause_until = TimePoint{};
    } else {
        ledger_.answer(entry.index, flight.sequence, dispatch::Answer::rejected);
        if (connector.session != entry.view.session) return;
        ++counters_.refused;
        failed(entry, now);
    }
}

void Permissions::sync_default_flight(Entry& entry, const Connector& connector, TimePoint now) {
    if (!entry.default_flight) return;
    const auto* pending = pending_of(connector, entry.default_flight->command);
    if (pending != nullptr && !pending->unanswered) return;
    const bool accepted = pending == nullptr && connector.default_permit == entry.default_flight->schedule;
    entry.default_flight.reset();
    if (accepted) return;
    ++(pending != nullptr ? counters_.unanswered : counters_.refused);
    entry.default_pause_until = now + settings_.refusal_pause;
    entry.default_refused = pending == nullptr;
}

void Permissions::sync_view(Entry& entry, const State& state, const ConnectorKey& key, const Connector& connector,
                            TimePoint now) {
    View view{.session = connector.session};
    if (connector.session) view.permit = connector.session_permit;
    std::vector<const dispatch::Schedule*> candidates;
    for (const auto& pending : connector.pending) {
        const bool own = entry.flight && entry.flight->command == pending.command;
        if (!pending.session || own) continue;
        view.unanswered.push_back(pending.command);
        candidates.push_back(&pending.schedule);
    }
    if (view == entry.view) return;
    entry.view = view;
    entry.flight.reset();
    if (!view.permit && candidates.empty()) {
        ledger_.forget(entry.index);
        return;
    }
    const auto level = accepted_level(connector, settings_, now).value_or(charging::maximum_power(state, key));
    const dispatch::Schedule otherwise{.start = now, .steps = {}, .fallback = level};
    candidates.push_back(view.permit ? &*view.permit : &otherwise);
    if (view.unanswered.empty()) {
        ledger_.restore(entry.index, *view.permit);
        return;
    }
    ledger_.restore(entry.index, envelope(candidates, settings_, now));
    ledger_.insist(entry.index);
}

void Permissions::sync_connector(const State& state, const Charger& charger, const Connector& connector,
                                 TimePoint now) {
    const ConnectorKey key{charger.id, connector.number};
    const auto place = state.network.node_of(charger.id);
    const bool running = connector.session && state.sessions.contains(*connector.session);
    const bool never_connected = charger.protocol.empty();
    const bool silent = place && !charger.online && (settings_.count_never_connected || !never_connected);
    const auto found = entries_.find(key);
    if (found == entries_.end() && !running && !silent) {
        // An idle connector counts nothing; it is known here so that it gets its default.
        if (!charger.online || connector.number.value < 1) return;
    }
    const auto maximum = running || silent ? charging::maximum_power(state, key) : Watts{0};
    const int node = static_cast<int>(place.value_or(0));
    auto& entry = found == entries_.end() ? entries_[key] : found->second;
    if (found == entries_.end() || entry.node != node) {
        // The ledger has no moving: an entry that stays behind counts nothing.
        if (found != entries_.end()) ledger_.set_maximum(entry.index, Watts{0});
        entry = Entry{.index = ledger_.add(node, maximum), .node = node};
        entry.maximum = maximum;
        keys_.push_back(key);
        TIANQU_ASSERT(keys_.size() == static_cast<std::size_t>(ledger_.connectors()));
    }
    entry.online = charger.online;
    entry.approved = charger.registration == charging::Registration::approved;
    if (entry.maximum != maximum) {
        ledger_.set_maximum(entry.index, maximum);
        entry.maximum = maximum;
        entry.level = Watts{-1};  // the ledger cut it to the maximum
    }
    sync_default_flight(entry, connector, now);
    const auto level = accepted_level(connector, settings_, now).value_or(maximum);
    if (entry.level != level) {
        ledger_.accept_default(entry.index, level);
        entry.level = level;
    }
    sync_flight(entry, connector, now);
    sync_view(entry, state, key, connector, now);
    ledger_.set_online(entry.index, entry.online && entry.approved && entry.pause_until <= now);
}

void Permissions::sync(const State& state, TimePoint now) {
    now_ = now;
    if (network_changed(state)) rebuild(state, now);
    ledger_.advance(now);
    for (const auto& [id, charger] : state.chargers) {
        for (const auto& [number, connector] : charger.connectors) sync_connector(state, charger, connector, now);
    }
    defaults_due_ = true;
}

void Permissions::sync_active(const State& state, TimePoint now) {
    now_ = now;
    ledger_.advance(now);
    // Collected first: a charger that was moved gets a new entry meanwhile.
    std::vector<ConnectorKey> active;
    for (const auto& [key, entry] : entries_) {
        if (entry.maximum.count > 0 || entry.flight || entry.default_flight) active.push_back(key);
    }
    for (const auto& [id, session] : state.sessions) {
        ConnectorKey key{session.charger, session.connector};
        const auto found = entries_.find(key);
        if (found == entries_.end() || found->second.maximum.count == 0) active.push_back(std::move(key));
    }
    for (const auto& key : active) {
        const auto charger = state.chargers.find(key.charger);
        if (charger == state.chargers.end()) continue;
        const auto connector = charger->second.connectors.find(key.connector.value);
        if (connector != charger->second.connectors.end())
            sync_connector(state, charger->second, connector->second, now);
    }
}

void Permissions::set_limits(const HeadRoom& head_room) {
    const auto slots = static_cast<std::size_t>(head_room.slots);
    for (std::size_t at = 0; at < head_room.room.size(); ++at)
        ledger_.set_limit(static_cast<int>(at / slots), static_cast<int>(at % slots), head_room.room[at]);
}

bool Permissions::controllable(const ConnectorKey& connector) const {
    const auto found = entries_.find(connector);
    return found != entries_.end() && found->second.online && found->second.approved && !refuses(connector);
}

bool Permissions::refuses(const ConnectorKey& connector) const {
    const auto found = entries_.find(connector);
    return found != entries_.end() && found->second.pause_until > now_;
}

std::vector<std::int64_t> Permissions::head_room(const std::vector<ConnectorKey>& planned) const {
    std::vector<std::uint8_t> marks(keys_.size(), 0);
    for (const auto& key : planned) {
        if (const auto found = entries_.find(key); found != entries_.end())
            marks[static_cast<std::size_t>(found->second.index)] = 1;
    }
    return ledger_.head_room(marks);
}

std::vector<std::int64_t> Permissions::left_by_uncontrolled() const {
    std::vector<ConnectorKey> controlled;
    for (const auto& [key, entry] : entries_) {
        if (controllable(key)) controlled.push_back(key);
    }
    return head_room(controlled);
}

std::int64_t Permissions::counted_at(grid::NodeIndex node, int slot) const {
    return ledger_.counted_at(static_cast<int>(node), slot);
}

std::optional<std::int64_t> Permissions::limit_at(grid::NodeIndex node, int slot) const {
    const auto limit = ledger_.limit_at(static_cast<int>(node), slot);
    if (limit == dispatch::Problem::unlimited) return std::nullopt;
    return limit;
}

void Permissions::send(const State& state, charging::PermitPower permit, TimePoint now, Output& output,
                       const CommandId& command) {
    for (auto& event : charging::permit_sent(state, command, permit, now)) output.events.push_back(std::move(event));
    output.commands.push_back({command, std::move(permit)});
}

void Permissions::send_defaults(const State& state, TimePoint now, Output& output, std::int64_t& number) {
    for (const auto& [id, charger] : state.chargers) {
        if (!charger.online || charger.registration != charging::Registration::approved) continue;
        for (const auto& [connector_number, connector] : charger.connectors) {
            const ConnectorKey key{id, connector.number};
            const auto found = entries_.find(key);
            if (connector_number < 1 || found == entries_.end()) continue;
            auto& entry = found->second;
            const auto level = default_level(state, key);
            const auto& held = connector.default_permit;
            const bool booted_since = held && charger.booted && *charger.booted > held->start;
            if (std::exchange(entry.default_refused, false) && booted_since) {
                // It refuses anew what it kept before its restart: nobody knows what it keeps to now.
                output.events.push_back({.principal = PrincipalId{"system:dispatch"},
                                         .received = now,
                                         .body = charging::PermitsForgotten{id, "default refused after boot"}});
            }
            if (entry.default_flight || entry.default_pause_until > now) continue;
            if (held && !booted_since && held->limit_at(now) == level) continue;
            const CommandId command{std::to_string(number++)};
            entry.default_flight =
                Flight{command, 0, {.start = now, .steps = {{Milliseconds{0}, level}}, .fallback = level}};
            send(state, {key, std::nullopt, entry.default_flight->schedule}, now, output, command);
            ++counters_.defaults_sent;
        }
    }
}

void Permissions::command(const State& state, const std::vector<SessionWish>& wishes, TimePoint now, Output& output) {
    std::vector<dispatch::Wish> asked;
    for (const auto& wish : wishes) {
        const auto found = entries_.find(wish.connector);
        if (found == entries_.end() || found->second.view.session != wish.session || !controllable(wish.connector))
            continue;
        asked.push_back({found->second.index, wish.watts, wish.fallback});
    }
    const auto commands = ledger_.next_commands(now, asked);
    auto number = state.next_command;
    const auto send_ledger = [&](bool raises) {
        for (const auto& command : commands) {
            if (command.raises != raises) continue;
            const auto& key = keys_[static_cast<std::size_t>(command.connector)];
            auto& entry = entries_.at(key);
            const CommandId id{std::to_string(number++)};
            entry.flight = Flight{id, command.sequence, command.schedule};
            send(state, {key, entry.view.session, command.schedule}, now, output, id);
            ++counters_.permits_sent;
        }
    };
    send_ledger(false);
    if (std::exchange(defaults_due_, false)) send_defaults(state, now, output, number);
    send_ledger(true);
}

}  // namespace tianqu::orderly
