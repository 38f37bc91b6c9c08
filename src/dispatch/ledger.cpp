#include "dispatch/ledger.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/assertion.hpp"
#include "dispatch/problem.hpp"

namespace tianqu::dispatch {

namespace {

constexpr int patience_ticks = 2;  // how often a raise waits for room that lowerings in flight will free

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }

/// What may hold when it is not known which of the two does: the higher one at any time from `from` on.
Schedule higher_of(const Schedule& a, const Schedule& b, TimePoint from) {
    std::vector<TimePoint> changes{from};
    for (const auto* schedule : {&a, &b}) {
        changes.push_back(schedule->start);
        for (const auto& step : schedule->steps) changes.push_back(schedule->start + step.offset);
        changes.push_back(schedule->start + schedule->duration);
    }
    std::sort(changes.begin(), changes.end());
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    std::erase_if(changes, [from](TimePoint time) { return time < from; });
    Schedule result{
        .start = from, .duration = changes.back() - from, .steps = {}, .fallback = std::max(a.fallback, b.fallback)};
    for (const auto time : changes) {
        if (time == changes.back()) break;
        const auto limit = std::max(a.limit_at(time), b.limit_at(time));
        if (result.steps.empty() || result.steps.back().limit != limit) result.steps.push_back({time - from, limit});
    }
    return result;
}

}  // namespace

Watts highest_limit(const Schedule& schedule, TimePoint from, TimePoint to) {
    Watts highest = schedule.limit_at(from);
    const auto end = schedule.start + schedule.duration;
    if (end > from && end < to) highest = std::max(highest, schedule.fallback);
    for (const auto& step : schedule.steps) {
        const auto begin = schedule.start + step.offset;
        if (begin > from && begin < to && begin < end) highest = std::max(highest, step.limit);
    }
    return highest;
}

struct Ledger::State {
    struct InFlight {
        std::uint64_t sequence = 0;
        Schedule schedule;
        bool lowers = false;
    };
    struct Connector {
        int node = 0;
        bool online = true;
        int waited = 0;
        bool insist = false;  // it is not known what it keeps to: the next wish is sent even if nothing changes
        Watts maximum;
        std::optional<Watts> default_level;
        std::optional<Schedule> held;  // what the charger keeps to as far as is known
        std::optional<InFlight> in_flight;
    };

    LedgerOptions options;
    std::vector<int> parents;
    TimePoint now{};
    TimePoint start{};
    std::uint64_t next_sequence = 1;
    std::vector<Connector> connectors;
    std::vector<std::int32_t> counted;              // connector × slot
    std::vector<std::int64_t> sums;                 // node × slot
    std::vector<std::vector<std::int64_t>> limits;  // node → per slot, or empty
    std::vector<int> releasing;                     // node → commands in flight that lower something below
    std::vector<std::uint8_t> contested;            // node → a raise was cut here at the last tick
    std::vector<std::int32_t> row;                  // one connector's wish at a time

    int slots() const { return options.slots; }
    TimePoint begin_of(int slot) const { return start + options.slot * slot; }
    std::int32_t* counted_row(int connector) { return counted.data() + index(connector) * index(slots()); }

    Watts counts_in(const Connector& connector, int slot) const {
        const auto from = std::max(begin_of(slot), now);
        const auto to = begin_of(slot + 1);
        Watts level = connector.default_level.value_or(connector.maximum);
        if (connector.held) level = highest_limit(*connector.held, from, to);
        if (connector.in_flight) level = std::max(level, highest_limit(connector.in_flight->schedule, from, to));
        return std::clamp(level, Watts{0}, connector.maximum);
    }

    void add_to_path(int node, int slot, std::int64_t watts) {
        for (int n = node; n >= 0; n = parents[index(n)]) sums[index(n) * index(slots()) + index(slot)] += watts;
    }

    void recount(int connector) {
        const auto& entry = connectors[index(connector)];
        auto* values = counted_row(connector);
        for (int t = 0; t < slots(); ++t) {
            const auto level = static_cast<std::int32_t>(counts_in(entry, t).count);
            if (level == values[t]) continue;
            add_to_path(entry.node, t, level - values[t]);
            values[t] = level;
        }
    }

    void sum_all() {
        std::fill(sums.begin(), sums.end(), 0);
        const auto width = index(slots());
        for (std::size_t c = 0; c < connectors.size(); ++c) {
            auto* sum = sums.data() + index(connectors[c].node) * width;
            for (std::size_t t = 0; t < width; ++t) sum[t] += counted[c * width + t];
        }
        add_up_the_tree(sums);
    }

    void add_up_the_tree(std::vector<std::int64_t>& values) const {
        const auto width = index(slots());
        for (std::size_t n = parents.size(); n-- > 1;) {
            const auto parent = index(parents[n]);
            for (std::size_t t = 0; t < width; ++t) values[parent * width + t] += values[n * width + t];
        }
    }

    void advance(TimePoint time) {
        if (time <= now) return;  // a clock that steps back changes nothing
        now = time;
        const auto aligned = slot_start(time, options.slot);
        if (aligned == start) return;
        const auto moved = static_cast<int>(std::min<std::int64_t>((aligned - start) / options.slot, slots()));
        start = aligned;
        for (int c = 0; c < static_cast<int>(connectors.size()); ++c) {
            auto* values = counted_row(c);
            std::copy(values + moved, values + slots(), values);
            for (int t = slots() - moved; t < slots(); ++t) {
                values[t] = static_cast<std::int32_t>(counts_in(connectors[index(c)], t).count);
            }
        }
        for (auto& limit : limits) {
            if (limit.empty()) continue;
            std::copy(limit.begin() + moved, limit.end(), limit.begin());
            std::fill(limit.end() - moved, limit.end(),
                      moved < slots() ? limit[index(slots() - moved - 1)] : limit.back());
        }
        sum_all();
    }

    std::int64_t room_at(int node, int slot) const {
        const auto& limit = limits[index(node)];
        if (limit.empty()) return Problem::unlimited;
        return limit[index(slot)] - sums[index(node) * index(slots()) + index(slot)];
    }

    void read_wish(const Wish& wish) {
        const auto& entry = connectors[index(wish.connector)];
        row.assign(index(slots()), static_cast<std::int32_t>(wish.fallback.count));
        std::copy_n(wish.watts.begin(), std::min(wish.watts.size(), row.size()), row.begin());
        for (auto& watts : row) watts = std::clamp(watts, 0, static_cast<std::int32_t>(entry.maximum.count));
    }

    bool wishes_raise(int connector) {
        const auto* values = counted_row(connector);
        return std::mismatch(row.begin(), row.end(), values, [](int wish, int have) { return wish <= have; }).first !=
               row.end();
    }

    struct Fit {
        bool partial = false;
        bool will_grow = false;  // lowerings in flight below the node that is in the way
    };

    // Cuts the wish in `row` down to what fits beside everything that counts now.
    Fit cut_to_room(int connector) {
        Fit fit;
        const auto& entry = connectors[index(connector)];
        const auto* values = counted_row(connector);
        for (int t = 0; t < slots(); ++t) {
            auto& wish = row[index(t)];
            if (wish <= values[t]) continue;
            for (int n = entry.node; n >= 0; n = parents[index(n)]) {
                const auto most = values[t] + std::max<std::int64_t>(0, room_at(n, t));
                if (wish <= most) continue;
                wish = static_cast<std::int32_t>(most);
                fit.partial = true;
                fit.will_grow = fit.will_grow || releasing[index(n)] > 0;
                contested[index(n)] = 1;
            }
        }
        return fit;
    }

    bool relieves(const Connector& entry, const std::int32_t* values, const std::vector<std::uint8_t>& wanted) const {
        for (int t = 0; t < slots(); ++t) {
            if (row[index(t)] >= values[t]) continue;
            for (int n = entry.node; n >= 0; n = parents[index(n)]) {
                if (room_at(n, t) < 0) return true;
                if (wanted[index(n)] != 0 && values[t] - row[index(t)] > options.dead_band_power.count) return true;
            }
        }
        return false;
    }

    // Whether the row differs from what counts by enough to bother a charger.
    bool worth_sending(int connector, const std::vector<std::uint8_t>& wanted) {
        const auto& entry = connectors[index(connector)];
        const auto* values = counted_row(connector);
        if (entry.insist) return true;
        if (std::equal(row.begin(), row.end(), values)) return !entry.held && !entry.default_level;
        if (!entry.held) return true;
        std::int64_t wished = 0;
        std::int64_t have = 0;
        for (int t = 0; t < slots(); ++t) {
            const std::int64_t change = std::abs(row[index(t)] - values[t]);
            const auto band = std::max(options.dead_band_power.count, values[t] * options.dead_band.count / 1000);
            if (t < options.near_slots && change >= band) return true;
            wished += row[index(t)];
            have += values[t];
        }
        if (std::abs(wished - have) * 1000 > std::max(wished, have) * options.same_energy.count) return true;
        return relieves(entry, values, wanted);
    }

    Schedule schedule_of_row(Watts fallback) const {
        Schedule schedule{.start = now, .duration = begin_of(slots()) - now, .steps = {}, .fallback = fallback};
        for (int t = 0; t < slots(); ++t) {
            const Watts limit{row[index(t)]};
            if (!schedule.steps.empty() && schedule.steps.back().limit == limit) continue;
            schedule.steps.push_back({t == 0 ? Milliseconds{0} : begin_of(t) - now, limit});
        }
        return schedule;
    }

    LedgerCommand send(const Wish& wish, bool partial) {
        auto& entry = connectors[index(wish.connector)];
        const auto* values = counted_row(wish.connector);
        LedgerCommand command{
            .connector = wish.connector, .sequence = next_sequence++, .schedule = {}, .partial = partial};
        bool lowers = false;
        for (int t = 0; t < slots(); ++t) {
            lowers = lowers || row[index(t)] < values[t];
            command.raises = command.raises || row[index(t)] > values[t];
        }
        command.schedule = schedule_of_row(std::clamp(wish.fallback, Watts{0}, entry.maximum));
        entry.in_flight = InFlight{command.sequence, command.schedule, lowers};
        entry.waited = 0;
        entry.insist = false;
        if (lowers) count_release(entry.node, 1);
        recount(wish.connector);
        return command;
    }

    void count_release(int node, int change) {
        for (int n = node; n >= 0; n = parents[index(n)]) releasing[index(n)] += change;
    }

    void end_flight(Connector& entry) {
        if (entry.in_flight && entry.in_flight->lowers) count_release(entry.node, -1);
        entry.in_flight.reset();
    }
};

Ledger::Ledger(LedgerOptions options, std::vector<int> parents, TimePoint now) : state_(std::make_unique<State>()) {
    TIANQU_ASSERT(options.slots > 0 && options.slot.count() > 0 && !parents.empty());
    state_->options = options;
    state_->parents = std::move(parents);
    state_->now = now;
    state_->start = slot_start(now, options.slot);
    const auto nodes = state_->parents.size();
    state_->sums.assign(nodes * index(options.slots), 0);
    state_->limits.resize(nodes);
    state_->releasing.assign(nodes, 0);
    state_->contested.assign(nodes, 0);
}

Ledger::~Ledger() = default;
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;

int Ledger::add(int node, Watts maximum) {
    TIANQU_ASSERT(node >= 0 && index(node) < state_->parents.size() && maximum.count >= 0);
    State::Connector entry;
    entry.node = node;
    entry.maximum = maximum;
    state_->connectors.push_back(std::move(entry));
    state_->counted.resize(state_->counted.size() + index(slots()), 0);
    const int connector = connectors() - 1;
    state_->recount(connector);
    return connector;
}

void Ledger::accept_default(int connector, Watts level) {
    auto& entry = state_->connectors[index(connector)];
    entry.default_level = std::clamp(level, Watts{0}, entry.maximum);
    state_->recount(connector);
}

void Ledger::restore(int connector, const Schedule& accepted) {
    auto& entry = state_->connectors[index(connector)];
    state_->end_flight(entry);
    entry.held = accepted;
    state_->recount(connector);
}

void Ledger::forget(int connector) {
    auto& entry = state_->connectors[index(connector)];
    state_->end_flight(entry);
    entry.held.reset();
    state_->recount(connector);
}

void Ledger::insist(int connector) { state_->connectors[index(connector)].insist = true; }

void Ledger::set_online(int connector, bool online) { state_->connectors[index(connector)].online = online; }

void Ledger::set_maximum(int connector, Watts maximum) {
    TIANQU_ASSERT(maximum.count >= 0);
    state_->connectors[index(connector)].maximum = maximum;
    state_->recount(connector);
}

void Ledger::advance(TimePoint now) { state_->advance(now); }

void Ledger::set_limit(int node, int slot, std::int64_t watts) {
    auto& limit = state_->limits[index(node)];
    if (limit.empty()) limit.assign(index(slots()), Problem::unlimited);
    limit[index(slot)] = watts;
}

void Ledger::set_limit(int node, std::int64_t watts) { state_->limits[index(node)].assign(index(slots()), watts); }

std::vector<LedgerCommand> Ledger::next_commands(TimePoint now, std::span<const Wish> wishes) {
    state_->advance(now);
    std::vector<LedgerCommand> commands;
    const auto wanted = state_->contested;  // where room was missing at the last tick
    std::fill(state_->contested.begin(), state_->contested.end(), std::uint8_t{0});
    for (const bool raises : {false, true}) {
        for (const auto& wish : wishes) {
            auto& entry = state_->connectors[index(wish.connector)];
            if (!entry.online || entry.in_flight) continue;
            state_->read_wish(wish);
            if (state_->wishes_raise(wish.connector) != raises) continue;
            const auto fit = raises ? state_->cut_to_room(wish.connector) : State::Fit{};
            if (!state_->worth_sending(wish.connector, wanted)) continue;
            if (fit.will_grow && entry.waited < patience_ticks &&
                !state_->relieves(entry, state_->counted_row(wish.connector), wanted)) {
                ++entry.waited;
                continue;
            }
            commands.push_back(state_->send(wish, fit.partial));
        }
    }
    return commands;
}

void Ledger::answer(int connector, std::uint64_t sequence, Answer answer) {
    auto& entry = state_->connectors[index(connector)];
    if (!entry.in_flight || entry.in_flight->sequence != sequence) return;
    const auto schedule = std::move(entry.in_flight->schedule);
    state_->end_flight(entry);
    if (answer == Answer::accepted) {
        entry.held = schedule;
    } else if (answer == Answer::unanswered) {
        const auto level = entry.default_level.value_or(entry.maximum);
        const Schedule before = entry.held.value_or(Schedule{.start = state_->now, .steps = {}, .fallback = level});
        entry.held = higher_of(before, schedule, state_->now);
        entry.insist = true;
    }
    state_->recount(connector);
}

int Ledger::connectors() const { return static_cast<int>(state_->connectors.size()); }
int Ledger::slots() const { return state_->slots(); }
TimePoint Ledger::horizon_start() const { return state_->start; }
bool Ledger::in_flight(int connector) const { return state_->connectors[index(connector)].in_flight.has_value(); }

Watts Ledger::counted(int connector, int slot) const {
    return Watts{state_->counted[index(connector) * index(slots()) + index(slot)]};
}

std::int64_t Ledger::counted_at(int node, int slot) const {
    return state_->sums[index(node) * index(slots()) + index(slot)];
}

std::int64_t Ledger::limit_at(int node, int slot) const {
    const auto& limit = state_->limits[index(node)];
    return limit.empty() ? Problem::unlimited : limit[index(slot)];
}

std::vector<std::int64_t> Ledger::head_room(std::span<const std::uint8_t> planned) const {
    const auto width = index(slots());
    std::vector<std::int64_t> others(state_->sums.size(), 0);
    for (std::size_t c = 0; c < state_->connectors.size(); ++c) {
        if (c < planned.size() && planned[c] != 0) continue;
        auto* sum = others.data() + index(state_->connectors[c].node) * width;
        for (std::size_t t = 0; t < width; ++t) sum[t] += state_->counted[c * width + t];
    }
    state_->add_up_the_tree(others);
    for (std::size_t n = 0; n < state_->parents.size(); ++n) {
        const auto& limit = state_->limits[n];
        for (std::size_t t = 0; t < width; ++t) {
            const auto most = limit.empty() ? Problem::unlimited : limit[t];
            others[n * width + t] = most == Problem::unlimited ? most : most - others[n * width + t];
        }
    }
    return others;
}

std::vector<int> Ledger::overloaded() const {
    std::vector<std::uint8_t> commanded(state_->connectors.size(), 0);
    for (std::size_t c = 0; c < commanded.size(); ++c) commanded[c] = state_->connectors[c].online ? 1 : 0;
    const auto room = head_room(commanded);
    std::vector<int> result;
    for (std::size_t n = 0; n < state_->parents.size(); ++n) {
        const auto* first = room.data() + n * index(slots());
        if (std::any_of(first, first + slots(), [](std::int64_t watts) { return watts < 0; }))
            result.push_back(static_cast<int>(n));
    }
    return result;
}

}  // namespace tianqu::dispatch
