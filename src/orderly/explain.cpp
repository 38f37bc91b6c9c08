#include "orderly/explain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "orderly/watch.hpp"

namespace tianqu::orderly {

namespace {

using charging::Session;
using charging::State;
using dispatch::ReasonKind;

std::string clock(TimePoint time, const Settings& settings) {
    const auto local = to_local(time, settings.offset);
    return fmt::format("{:02}:{:02}", local.minute_of_day / 60, local.minute_of_day % 60);
}

std::string kilowatts(Watts power) { return fmt::format("{:.1f}", to_kilowatts(power)); }
std::string kilowatt_hours(WattHours energy) { return fmt::format("{:.1f}", to_kilowatt_hours(energy)); }
/// Prices as people read them: a hundredth of a fen is nothing to them.
std::string yuan(PricePerKwh price) { return fmt::format("{:.2f}", static_cast<double>(price.count) / 1e5); }

const tariff::PriceSpan* span_at(const Snapshot& snapshot, TimePoint time) {
    for (const auto& span : snapshot.prices) {
        if (span.from <= time && time < span.until) return &span;
    }
    return nullptr;
}

std::optional<TimePoint> ready_at(const Planned& planned) {
    const auto& problem = planned.snapshot.problem;
    const auto& session = problem.sessions[planned.index];
    for (int t = session.depart_slot - 1; t >= session.arrive_slot; --t) {
        if (planned.plan.amount(problem, static_cast<int>(planned.index), t) > 0)
            return problem.begin_of(t) + problem.length(t);
    }
    return std::nullopt;
}

struct NodeName {
    std::string zh, en;
};

NodeName name_of(const State& state, const NodeId& id) {
    const auto index = state.network.find_node(id);
    if (!index) return {"上级线路", "the line above"};
    const auto& node = state.network.node(*index);
    return {node.name_zh.empty() ? id.value : node.name_zh, node.name_en.empty() ? id.value : node.name_en};
}

void add_ready(Explanation& result, const Settings& settings) {
    if (!result.ready) return;
    const auto at = clock(*result.ready, settings);
    result.text_zh += "预计 " + at + " 达到目标。";
    result.text_en += " The target is expected at " + at + ".";
}

void say_charging(Explanation& result, const Session& session, Watts power, const Settings& settings) {
    const bool at_once = session.charge_now;
    result.reason = at_once ? "charge_now" : "charging";
    result.text_zh = std::string(at_once ? "按要求立即充电" : "正在充电") + "，允许 " + kilowatts(power) + " kW。";
    result.text_en =
        std::string(at_once ? "Charging at once as asked" : "Charging") + " with up to " + kilowatts(power) + " kW.";
    add_ready(result, settings);
}

void say_cheaper(Explanation& result, const Snapshot& snapshot, const Settings& settings) {
    result.reason = "cheaper_later";
    const auto* later = result.until ? span_at(snapshot, *result.until) : nullptr;
    if (later == nullptr) {
        result.text_zh = "现在有余量，稍后全市负荷更低时充电。";
        result.text_en = "Waiting for lower load in the city.";
    } else {
        const auto at = clock(*result.until, settings);
        const auto* now = span_at(snapshot, snapshot.made);
        const bool cheaper = now != nullptr && later->price < now->price;
        const auto band = std::string(tariff::band_name_zh(later->band));
        result.text_zh = cheaper ? at + " 起电价更低（" + band + " " + yuan(later->price) + " 元/度），届时开始充电。"
                                 : at + " 起全市负荷更低，届时开始充电。";
        result.text_en = cheaper ? fmt::format("Waiting for the cheaper {} band from {} ({} yuan/kWh).",
                                               enum_name(later->band), at, yuan(later->price))
                                 : "Waiting until " + at + ", when the city's load is lower.";
    }
    add_ready(result, settings);
}

void say_limited(Explanation& result, const State& state, Watts power, const Settings& settings) {
    const auto name = name_of(state, result.node);
    result.reason = "limited_by_node";
    if (power.count > 0) {
        result.text_zh = name.zh + "容量有限，暂以 " + kilowatts(power) + " kW 充电。";
        result.text_en = fmt::format("Charging with {} kW only: {} is at its limit.", kilowatts(power), name.en);
    } else if (result.until) {
        const auto at = clock(*result.until, settings);
        result.text_zh = name.zh + "已达限额，" + at + " 起继续充电。";
        result.text_en = fmt::format("{} is at its limit; charging goes on from {}.", name.en, at);
    } else {
        result.text_zh = name.zh + "已达限额，暂停充电。";
        result.text_en = name.en + " is at its limit; charging is paused.";
    }
    add_ready(result, settings);
}

void say_short(Explanation& result, const State& state, bool by_node, const Settings&) {
    const auto missing = kilowatt_hours(result.shortfall);
    if (by_node) {
        const auto name = name_of(state, result.node);
        result.reason = "short_of_power";
        result.text_zh = name.zh + "容量不足，离开时预计还差 " + missing + " 度。";
        result.text_en = fmt::format("{} cannot supply all: {} kWh will be missing at departure.", name.en, missing);
    } else {
        result.reason = "window_too_short";
        result.text_zh = "停车时间不足以充满目标，离开时预计还差 " + missing + " 度。";
        result.text_en = "The stay is too short for the target: " + missing + " kWh will be missing at departure.";
    }
}

}  // namespace

Explanation explain_outside(std::string reason, Watts permitted) {
    Explanation result{.reason = std::move(reason)};
    if (result.reason == "held") {
        result.text_zh = "充电桩尚未批准，无法控制，按最大功率计入负荷。";
        result.text_en = "The charger is not approved; it cannot be controlled and counts with its maximum.";
    } else if (result.reason == "offline") {
        result.text_zh = "充电桩离线，按最后接受的计划充电（现允许 " + kilowatts(permitted) + " kW）。";
        result.text_en =
            "The charger is offline and keeps to the last plan it accepted (" + kilowatts(permitted) + " kW now).";
    } else if (result.reason == "refuses") {
        result.text_zh = "充电桩拒绝或未答复功率指令，稍后重试。";
        result.text_en = "The charger refused or did not answer power commands; it is asked again later.";
    } else if (result.reason == "ended") {
        result.text_zh = "充电已结束。";
        result.text_en = "The session has ended.";
    } else {
        result.text_zh = "刚刚接入，计划生成中（现允许 " + kilowatts(permitted) + " kW）。";
        result.text_en = "Just plugged in; its plan is being made (" + kilowatts(permitted) + " kW now).";
    }
    return result;
}

Explanation explain_planned(const State& state, const Session& session, const Planned& planned,
                            const Settings& settings, TimePoint now) {
    const auto& problem = planned.snapshot.problem;
    const auto& reason = planned.reason;
    Explanation result;
    const auto node = static_cast<std::size_t>(std::max(reason.node, 0));
    if (reason.node >= 0 && node < planned.snapshot.nodes.size()) result.node = planned.snapshot.nodes[node];
    if (reason.slot > 0) result.until = problem.begin_of(reason.slot);
    result.ready = ready_at(planned);
    result.shortfall = foreseen_shortfall(session, planned.snapshot, planned.plan, planned.index);
    const auto power = planned.plan.power(problem, static_cast<int>(planned.index), 0);
    const bool topping_up = session.energy >= session.target;
    if (reason.kind == ReasonKind::finished) {
        result.reason = "done";
        result.text_zh = "已达到目标 " + kilowatt_hours(session.target) + " 度，停止充电。";
        result.text_en = "The target of " + kilowatt_hours(session.target) + " kWh is reached.";
    } else if (topping_up) {
        result.ready.reset();
        result.reason = "done";
        result.text_zh = "已达到默认目标，有余量时以最低优先级继续补电。";
        result.text_en = "The default target is reached; it goes on with what is left over.";
    } else if (result.shortfall.count > 0 &&
               (reason.kind == ReasonKind::short_of_power || reason.kind == ReasonKind::window_too_short)) {
        say_short(result, state, reason.kind == ReasonKind::short_of_power, settings);
    } else if (reason.kind == ReasonKind::limited_by_node ||
               (reason.kind == ReasonKind::short_of_power && !result.node.empty())) {
        say_limited(result, state, power, settings);
    } else if (reason.kind == ReasonKind::cheaper_later) {
        say_cheaper(result, planned.snapshot, settings);
    } else {
        const auto permitted = charging::permitted_power(state, {session.charger, session.connector}, now);
        say_charging(result, session, std::max(power, permitted), settings);
    }
    return result;
}

}  // namespace tianqu::orderly
