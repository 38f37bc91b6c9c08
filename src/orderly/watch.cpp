#include "orderly/watch.hpp"

#include <algorithm>

namespace tianqu::orderly {

namespace {

using charging::AlarmCleared;
using charging::AlarmRaised;
using charging::Event;
using charging::State;

constexpr int alarmed_slots = 4;
constexpr std::string_view uncontrollable = "uncontrollable_overload";
constexpr std::string_view measured_kind = "measured_overload";

Event dispatch_event(charging::EventBody body, TimePoint now) {
    return Event{.principal = PrincipalId{"system:dispatch"}, .received = now, .body = std::move(body)};
}

/// Whole kilowatts or a tenth of one: an alarm is no bill.
std::string kilowatts(std::int64_t watts) { return format_decimal((watts + (watts < 0 ? -50 : 50)) / 100, 1); }

AlarmRaised uncontrollable_alarm(const grid::Node& node, std::int64_t excess) {
    return {.alarm = AlarmId{"overload:" + node.id.value},
            .kind = std::string(uncontrollable),
            .node = node.id,
            .text_zh = node.name_zh + "（" + node.id.value + "）：基础负荷与无法控制的充电已超过限额 " +
                       kilowatts(excess) + " kW，可控充电降为零。",
            .text_en = node.name_en + " (" + node.id.value +
                       "): base load and charging that cannot be controlled pass the limit by " + kilowatts(excess) +
                       " kW; controllable charging is at zero."};
}

AlarmRaised measured_alarm(const grid::Node& node, const MeasuredOverload& overload) {
    const auto load = kilowatts(overload.load.count);
    const auto limit = kilowatts(overload.limit.count);
    return {.alarm = AlarmId{"measured:" + node.id.value},
            .kind = std::string(measured_kind),
            .node = node.id,
            .text_zh = node.name_zh + "（" + node.id.value + "）：实测负荷 " + load + " kW，限额 " + limit +
                       " kW，充电计划已下调。",
            .text_en = node.name_en + " (" + node.id.value + "): measured load " + load + " kW, limit " + limit +
                       " kW; the plan is lowered."};
}

}  // namespace

void Watch::see(AlarmRaised alarm, TimePoint now) {
    const auto found = standing_.find(alarm.alarm);
    if (found != standing_.end()) {
        found->second.last_seen = now;
        found->second.alarm = std::move(alarm);
        return;
    }
    auto id = alarm.alarm;
    standing_.emplace(std::move(id), Standing{std::move(alarm), now, now});
}

void Watch::overloads(const State& state, const Settings& settings, const HeadRoom& head_room,
                      const Permissions& permissions, const std::vector<MeasuredOverload>& measured, TimePoint now,
                      std::vector<Event>& events) {
    const auto left = permissions.left_by_uncontrolled();
    const auto slots = static_cast<std::size_t>(head_room.slots);
    for (std::size_t n = 0; n < state.network.node_count(); ++n) {
        std::int64_t worst = 0;
        for (std::size_t t = 0; t < std::min<std::size_t>(alarmed_slots, slots); ++t) {
            const auto at = n * slots + t;
            const auto counted = head_room.room[at] - left[at];
            worst = std::min(worst, head_room.plain[at] - counted);
        }
        if (worst < 0) see(uncontrollable_alarm(state.network.node(static_cast<grid::NodeIndex>(n)), -worst), now);
    }
    for (const auto& overload : measured) see(measured_alarm(state.network.node(overload.node), overload), now);

    std::erase_if(standing_, [&](const auto& entry) { return entry.second.last_seen != now; });
    for (const auto& [id, standing] : standing_) {
        if (now - standing.since >= settings.alarm_delay && !state.alarms.contains(id))
            events.push_back(dispatch_event(standing.alarm, now));
    }
    for (const auto& [id, alarm] : state.alarms) {
        if (alarm.kind != uncontrollable && alarm.kind != measured_kind) continue;
        if (!standing_.contains(id)) events.push_back(dispatch_event(AlarmCleared{id}, now));
    }
}

WattHours foreseen_shortfall(const charging::Session& session, const Snapshot& snapshot, const dispatch::Plan& plan,
                             std::size_t index) {
    const auto& planned = snapshot.problem.sessions[index];
    const auto missing = dispatch::watt_hours_of(plan.unserved[index], snapshot.problem.slot);
    if (session.energy >= session.target || missing.count <= 0) return WattHours{0};
    const auto end =
        snapshot.problem.begin_of(planned.depart_slot - 1) + snapshot.problem.length(planned.depart_slot - 1);
    const auto after = std::max(session.departure - end, Milliseconds{0});
    return std::max(missing - energy_of(planned.max_power, after.count()), WattHours{0});
}

void shortfalls(const State& state, const Snapshot& snapshot, const dispatch::Plan& plan, TimePoint now,
                std::vector<Event>& events) {
    constexpr WattHours little{1'000};
    for (std::size_t i = 0; i < snapshot.sessions.size(); ++i) {
        const auto found = state.sessions.find(snapshot.sessions[i]);
        if (found == state.sessions.end()) continue;
        const auto& session = found->second;
        auto missing = foreseen_shortfall(session, snapshot, plan, i);
        const auto material = std::max(little, WattHours{session.target.count / 20});
        if (missing * 2 < material) missing = WattHours{0};
        const auto change = missing > session.shortfall ? missing - session.shortfall : session.shortfall - missing;
        const bool gone = missing.count == 0 && session.shortfall.count > 0;
        if (change >= material || gone)
            events.push_back(dispatch_event(charging::ShortfallForeseen{session.id, missing}, now));
    }
}

}  // namespace tianqu::orderly
