#include "orderly/orderly.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/assertion.hpp"
#include "orderly/explain.hpp"
#include "orderly/head_room.hpp"
#include "orderly/need.hpp"
#include "orderly/permissions.hpp"
#include "orderly/problem_builder.hpp"
#include "orderly/watch.hpp"

namespace tianqu::orderly {

using charging::State;

struct Orderly::Impl {
    Settings settings;
    Observations observations;
    Measurements measurements;
    Permissions permissions;
    Watch watch;
    HeadRoom head_room;
    std::vector<NodeId> nodes;
    std::shared_ptr<const Snapshot> snapshot;
    dispatch::Plan plan;
    std::unique_ptr<dispatch::Explainer> explainer;
    std::vector<std::int64_t> node_loads;
    std::unordered_map<SessionId, std::size_t> index_of;
    std::vector<Permissions::SessionWish> present_wishes;
    std::pair<std::int64_t, TimePoint> wishes_for{-1, {}};
    bool tell_shortfalls = false;
    bool tell_overloads = false;
    Counters counters;

    explicit Impl(Settings given) : settings(std::move(given)), permissions(settings) {}

    /// Problem slot that contains `now`, or nothing when the plan is too old.
    [[nodiscard]] std::optional<int> slot_of(TimePoint now) const {
        if (!snapshot) return std::nullopt;
        const auto& problem = snapshot->problem;
        const auto passed = slot_start(now, problem.slot) - slot_start(problem.start, problem.slot);
        const auto slot = std::max<std::int64_t>(0, passed / problem.slot);
        if (slot >= problem.slots) return std::nullopt;
        return static_cast<int>(slot);
    }

    [[nodiscard]] std::int64_t wished(std::size_t session, int slot) const {
        const auto& problem = snapshot->problem;
        const auto& planned = problem.sessions[session];
        auto watts = plan.power(problem, static_cast<int>(session), slot).count;
        const auto there = snapshot->last_slot[session];
        // The energy of a begun last slot is taken in the part of it that the car is there.
        if (slot == planned.depart_slot - 1 && there < problem.length(slot))
            watts =
                std::min(multiply_divide(watts, problem.length(slot).count(), there.count()), planned.max_power.count);
        return watts;
    }

    [[nodiscard]] std::vector<Permissions::SessionWish> wishes(const State& state, TimePoint now) const {
        std::vector<Permissions::SessionWish> result;
        const auto first = slot_of(now);
        if (!first) return result;
        for (std::size_t i = 0; i < snapshot->sessions.size(); ++i) {
            const auto session = state.sessions.find(snapshot->sessions[i]);
            if (session == state.sessions.end()) continue;
            const ConnectorKey key{session->second.charger, session->second.connector};
            Permissions::SessionWish wish{
                .session = session->first, .connector = key, .fallback = default_level(state, key)};
            for (int t = *first; t < snapshot->problem.slots; ++t)
                wish.watts.push_back(static_cast<std::int32_t>(wished(i, t)));
            merge_steps(wish.watts, 2);
            result.push_back(std::move(wish));
        }
        return result;
    }
};

Orderly::Orderly(Settings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Orderly::~Orderly() = default;
Orderly::Orderly(Orderly&&) noexcept = default;
Orderly& Orderly::operator=(Orderly&&) noexcept = default;

const Settings& Orderly::settings() const { return impl_->settings; }

std::shared_ptr<const Snapshot> Orderly::prepare(const State& state, const tariff::Tariff& tariff, TimePoint now) {
    auto& self = *impl_;
    self.observations.observe(state, now);
    self.permissions.sync(state, now);
    self.head_room = self.measurements.take(state, self.settings, now);
    self.permissions.set_limits(self.head_room);
    self.tell_overloads = true;
    auto snapshot =
        build_problem(state, tariff, self.settings, self.observations, self.head_room, self.permissions, now);
    self.nodes = snapshot->nodes;
    return snapshot;
}

bool Orderly::adopt(std::shared_ptr<const Snapshot> snapshot, dispatch::Plan plan) {
    auto& self = *impl_;
    TIANQU_ASSERT(snapshot != nullptr && plan.offsets.size() == snapshot->sessions.size() + 1);
    if (snapshot->nodes != self.nodes) return false;
    self.explainer.reset();
    self.snapshot = std::move(snapshot);
    self.plan = std::move(plan);
    self.explainer = std::make_unique<dispatch::Explainer>(self.snapshot->problem, self.plan);
    self.node_loads = dispatch::node_loads(self.snapshot->problem, self.plan);
    self.index_of.clear();
    for (std::size_t i = 0; i < self.snapshot->sessions.size(); ++i) self.index_of[self.snapshot->sessions[i]] = i;
    self.tell_shortfalls = true;
    ++self.counters.plans;
    return true;
}

Output Orderly::act(const State& state, TimePoint now) {
    auto& self = *impl_;
    Output output;
    // Without limits for new nodes nothing may go out: first `prepare` must see them.
    if (self.permissions.network_changed(state)) return output;
    self.permissions.sync_active(state, now);
    // What is wished changes with the plan and the quarter-hour only.
    const std::pair key{self.counters.plans, slot_start(now, self.settings.slot)};
    if (self.wishes_for != key) {
        self.present_wishes = self.wishes(state, now);
        self.wishes_for = key;
    }
    self.permissions.command(state, self.present_wishes, now, output);
    // Only against fresh limits: they belong to the state that `prepare` saw.
    if (self.tell_overloads &&
        self.head_room.plain.size() == state.network.node_count() * static_cast<std::size_t>(self.settings.slots)) {
        self.watch.overloads(state, self.settings, self.head_room, self.permissions, self.measurements.overloads(), now,
                             output.events);
        self.tell_overloads = false;
    }
    if (self.tell_shortfalls && self.snapshot) {
        shortfalls(state, *self.snapshot, self.plan, now, output.events);
        self.tell_shortfalls = false;
    }
    const auto plans = self.counters.plans;
    self.counters = self.permissions.counters();
    self.counters.plans = plans;
    return output;
}

Explanation Orderly::explain(const State& state, SessionId id, TimePoint now) const {
    const auto& self = *impl_;
    const auto session = state.sessions.find(id);
    if (session == state.sessions.end()) return explain_outside("ended", Watts{0});
    const ConnectorKey key{session->second.charger, session->second.connector};
    const auto permitted = charging::permitted_power(state, key, now);
    const auto charger = state.chargers.find(key.charger);
    if (charger == state.chargers.end() || charger->second.registration != charging::Registration::approved)
        return explain_outside("held", permitted);
    if (!charger->second.online) return explain_outside("offline", permitted);
    if (self.permissions.refuses(key)) return explain_outside("refuses", permitted);
    const auto index = self.index_of.find(id);
    if (!self.explainer || index == self.index_of.end()) return explain_outside("not_planned_yet", permitted);
    const Planned planned{*self.snapshot, self.plan, index->second,
                          self.explainer->explain(static_cast<int>(index->second))};
    return explain_planned(state, session->second, planned, self.settings, now);
}

const Snapshot* Orderly::snapshot() const { return impl_->snapshot.get(); }
const dispatch::Plan* Orderly::plan() const { return impl_->snapshot ? &impl_->plan : nullptr; }

std::vector<SlotPower> Orderly::planned(SessionId session, TimePoint now) const {
    const auto& self = *impl_;
    const auto index = self.index_of.find(session);
    const auto first = self.slot_of(now);
    std::vector<SlotPower> result;
    if (index == self.index_of.end() || !first) return result;
    const auto& problem = self.snapshot->problem;
    for (int t = *first; t < problem.sessions[index->second].depart_slot; ++t)
        result.push_back({slot_start(problem.begin_of(t), problem.slot), Watts{self.wished(index->second, t)}});
    return result;
}

std::vector<SlotPower> Orderly::planned_at(const NodeId& node, TimePoint now) const {
    const auto& self = *impl_;
    std::vector<SlotPower> result;
    const auto first = self.slot_of(now);
    if (!first) return result;
    const auto at = std::ranges::find(self.snapshot->nodes, node);
    if (at == self.snapshot->nodes.end()) return result;
    const auto row = static_cast<std::size_t>(at - self.snapshot->nodes.begin());
    const auto& problem = self.snapshot->problem;
    const auto slots = static_cast<std::size_t>(problem.slots);
    for (int t = *first; t < problem.slots; ++t) {
        const auto cell = row * slots + static_cast<std::size_t>(t);
        // What the plan does not control is the part of the head-room that was missing from the start.
        std::int64_t others = 0;
        if (cell < self.head_room.room.size())
            others = std::max<std::int64_t>(
                0, self.head_room.room[cell] - problem.nodes[row].head_room[static_cast<std::size_t>(t)]);
        result.push_back(
            {slot_start(problem.begin_of(t), problem.slot), Watts{problem.power(t, self.node_loads[cell]) + others}});
    }
    return result;
}

Watts Orderly::permitted_at(const NodeId& node) const {
    const auto& self = *impl_;
    const auto at = std::ranges::find(self.nodes, node);
    if (at == self.nodes.end()) return Watts{0};
    return Watts{self.permissions.counted_at(static_cast<grid::NodeIndex>(at - self.nodes.begin()), 0)};
}

std::optional<Watts> Orderly::head_room_at(const NodeId& node) const {
    const auto& self = *impl_;
    const auto at = std::ranges::find(self.nodes, node);
    if (at == self.nodes.end()) return std::nullopt;
    const auto limit = self.permissions.limit_at(static_cast<grid::NodeIndex>(at - self.nodes.begin()), 0);
    if (!limit) return std::nullopt;
    return Watts{*limit};
}

const Counters& Orderly::counters() const { return impl_->counters; }

}  // namespace tianqu::orderly
