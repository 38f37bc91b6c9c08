#include "app/server/api/day.hpp"

#include <algorithm>

#include "orderly/uncontrolled.hpp"
#include "tariff/tariff_data.hpp"

namespace tianqu::server {

namespace {

constexpr std::chrono::seconds fresh_for{5};
constexpr std::size_t most_kept = 64;
constexpr Milliseconds half_a_day = std::chrono::hours{12};
/// No session is looked for that began earlier than this before the day.
constexpr Milliseconds longest_stay = std::chrono::hours{48};

/// Everything the making needs, copied so that the core thread can go on.
struct Task {
    const ports::Views* views = nullptr;
    NodeId node;
    TimePoint day;
    const ports::Clock* clock = nullptr;
    std::vector<std::pair<charging::Session, Watts>> running;
    std::shared_ptr<const std::map<ConnectorKey, Watts>> maxima;
    tariff::Tariff tariff;
};

TimePoint last_noon(TimePoint time, UtcOffset offset) { return local_midnight(time - half_a_day, offset) + half_a_day; }

charging::Session to_session(const ports::SessionView& view) {
    charging::Session session;
    session.id = view.id;
    session.charger = view.charger;
    session.connector = view.connector;
    session.started = view.started;
    session.energy = view.energy;
    session.target = view.target.value_or(view.energy);
    session.departure = view.departure.value_or(view.started);
    session.ended = view.ended;
    session.meter_start = view.meter_start;
    session.meter_stop = view.meter_stop;
    return session;
}

void add(const Task& task, DayCurve& curve, const charging::Session& session, Watts maximum) {
    const auto unsteered = orderly::uncontrolled(session, maximum);
    orderly::add_to_curve(unsteered, curve.start, quarter_hour, curve.uncontrolled);
    if (session.started < curve.start) return;
    ++curve.sessions;
    // Costs are compared for the energy that was delivered, not for what is still to come.
    charging::Session delivered = session;
    delivered.target = session.energy;
    const auto same_energy = orderly::uncontrolled(delivered, maximum);
    if (const auto cost = orderly::uncontrolled_cost(task.tariff, same_energy)) curve.uncontrolled_cost += *cost;
}

Status add_ended(const Task& task, DayCurve& curve) {
    ports::SessionFilter filter;
    filter.node = task.node;
    filter.active = false;
    filter.started_from = task.day - longest_stay;
    filter.started_until = task.day + std::chrono::hours{24};
    filter.limit = ports::max_page_rows;
    while (true) {
        const auto page = task.views->sessions(filter);
        if (!page) return std::unexpected(page.error());
        for (const auto& view : page->rows) {
            const auto found = task.maxima->find(ConnectorKey{view.charger, view.connector});
            add(task, curve, to_session(view),
                found == task.maxima->end() ? charging::unplaced_maximum : found->second);
        }
        if (!page->next) return {};
        filter.after = page->next;
    }
}

Status add_measured(const Task& task, DayCurve& curve) {
    const auto energies = task.views->node_energy(task.node, task.day, task.day + std::chrono::hours{24});
    if (!energies) return std::unexpected(energies.error());
    const TimePoint now =
        task.clock->now();  // after the reading, or a fast clock would make the running slot too short
    for (const auto& quarter : *energies) {
        const auto slot = (quarter.start - task.day) / quarter_hour;
        if (slot < 0 || slot >= slots_of_day) continue;
        const TimePoint end =
            std::min(quarter.start + quarter_hour, std::max(now, quarter.start + std::chrono::minutes{1}));
        curve.measured[static_cast<std::size_t>(slot)] = power_of(quarter.energy, (end - quarter.start).count());
        curve.energy += quarter.energy;
        if (const auto cost = task.tariff.cost_of(quarter.start, quarter.start + quarter_hour, quarter.energy))
            curve.cost += *cost;
    }
    return {};
}

Result<DayCurve> make(const Task& task) {
    DayCurve curve;
    curve.start = task.day;
    curve.measured.assign(slots_of_day, Watts{});
    curve.uncontrolled.assign(slots_of_day, Watts{});
    for (const auto& [session, maximum] : task.running) add(task, curve, session, maximum);
    if (auto added = add_ended(task, curve); !added) return std::unexpected(added.error());
    if (auto added = add_measured(task, curve); !added) return std::unexpected(added.error());
    return curve;
}

}  // namespace

std::shared_ptr<const Days::Maxima> Days::maxima(const grid::Network& network) const {
    const void* identity = network.chargers().data();
    if (maxima_ && maxima_of_ == identity) return maxima_;
    auto made = std::make_shared<Maxima>();
    for (const auto& site : network.chargers()) {
        for (const auto& connector : site.connectors)
            (*made)[ConnectorKey{site.id, connector.number}] = connector.max_power;
    }
    maxima_ = made;
    maxima_of_ = identity;
    return maxima_;
}

void Days::curve(const Runtime& runtime, const NodeId& node, TimePoint day, Done done) const {
    const auto key = std::pair{node.value, to_milliseconds(day)};
    const auto now = std::chrono::steady_clock::now();
    if (const auto found = kept_.find(key); found != kept_.end() && now - found->second.made < fresh_for) {
        done(found->second.curve);
        return;
    }
    if (runtime.views() == nullptr) {
        done(fail(ErrorCode::unavailable, "there is no history here"));
        return;
    }
    const auto& state = runtime.state();
    auto task = std::make_shared<Task>(Task{runtime.views(),
                                            node,
                                            day,
                                            &runtime.clock(),
                                            {},
                                            maxima(state.network),
                                            runtime.tariff_of(grid::StationKind::public_site)});
    const auto top = state.network.find_node(node);
    for (const auto& [id, session] : state.sessions) {
        if (session.started >= day + std::chrono::hours{24} || !top || !is_below(state.network, session.charger, *top))
            continue;
        task->running.emplace_back(session,
                                   charging::maximum_power(state, ConnectorKey{session.charger, session.connector}));
    }
    auto result = std::make_shared<Result<DayCurve>>();
    background_([task, result] { *result = make(*task); },
                [this, key, result, done = std::move(done)] {
                    if (*result) {
                        if (kept_.size() >= most_kept) kept_.clear();
                        kept_[key] = Kept{**result, std::chrono::steady_clock::now()};
                    }
                    done(*result);
                });
}

const DayTotals& Days::totals(const Runtime& runtime) const {
    if (!totals_running_ && std::chrono::steady_clock::now() - totals_made_ >= fresh_for) make_totals(runtime);
    return totals_;
}

void Days::make_totals(const Runtime& runtime) const {
    if (runtime.views() == nullptr) return;
    totals_running_ = true;
    // Cars come in the evening and charge past midnight: what belongs together lies between two noons.
    const TimePoint day = last_noon(runtime.now(), runtime.city().offset);
    curve(runtime, runtime.state().network.node(0).id, day, [this, &runtime](const Result<DayCurve>& made) {
        totals_running_ = false;
        totals_made_ = std::chrono::steady_clock::now();
        if (!made) return;
        totals_ = DayTotals{made->sessions, made->energy, made->cost, made->uncontrolled_cost, {}, {}};
        const auto now_slot = (runtime.now() - made->start) / quarter_hour;
        for (std::size_t slot = 0; slot < slots_of_day && static_cast<std::int64_t>(slot) < now_slot; ++slot) {
            const Watts base = runtime.state().network.base_load_with_descendants(
                0, made->start + quarter_hour * static_cast<std::int64_t>(slot), runtime.city().offset);
            totals_.peak = std::max(totals_.peak, base + made->measured[slot]);
            totals_.uncontrolled_peak = std::max(totals_.uncontrolled_peak, base + made->uncontrolled[slot]);
        }
    });
}

Result<TimePoint> day_of(const Runtime& runtime, std::string_view date) {
    if (date.empty()) return local_midnight(runtime.now(), runtime.city().offset);
    const auto parsed = tariff::parse_date(date);
    if (!parsed) {
        return fail(Error{ErrorCode::invalid_input,
                          "query parameter 'date': expected a day such as 2026-11-23",
                          {{"field", "date"}, {"value", std::string(date)}, {"expected", "a day such as 2026-11-23"}}});
    }
    return tariff::start_of(*parsed, runtime.city().offset);
}

std::string date_text(TimePoint midnight, UtcOffset offset) { return format_local(midnight, offset).substr(0, 10); }

std::vector<Watts> charging_by_node(const charging::State& state) {
    std::vector<Watts> power(state.network.node_count());
    for (const auto& [id, session] : state.sessions) {
        if (const auto node = state.network.node_of(session.charger)) power[*node] += session.last_power;
    }
    state.network.sum_up(std::span{power});
    return power;
}

Watts limit_of(const charging::State& state, grid::NodeIndex node, TimePoint time) {
    const auto& entry = state.network.node(node);
    const auto found = state.temporary_limits.find(entry.id);
    if (found == state.temporary_limits.end() || time < found->second.from || time >= found->second.until)
        return entry.limit;
    return std::min(entry.limit, found->second.limit);
}

bool is_below(const grid::Network& network, const ChargerId& charger, grid::NodeIndex top) {
    auto node = network.node_of(charger).value_or(grid::no_node);
    while (node != grid::no_node && node != top) node = network.parent(node);
    return node == top;
}

}  // namespace tianqu::server
