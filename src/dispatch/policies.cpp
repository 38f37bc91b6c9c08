#include "dispatch/policies.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/assertion.hpp"
#include "dispatch/flow_state.hpp"

namespace tianqu::dispatch {

namespace {

constexpr std::array policy_names = {
    std::pair{Policy::uncontrolled, std::string_view{"uncontrolled"}},
    std::pair{Policy::first_come, std::string_view{"fcfs"}},
    std::pair{Policy::earliest_deadline, std::string_view{"edf"}},
    std::pair{Policy::least_laxity, std::string_view{"llf"}},
    std::pair{Policy::round_robin, std::string_view{"rr"}},
    std::pair{Policy::orderly, std::string_view{"orderly"}},
};

constexpr std::int64_t turns_a_slot = 64;  // round robin: increments of 1/64 of a session's maximum

/// Charges everyone from arrival at its maximum until it is full.
class UncontrolledPlanner final : public Planner {
public:
    std::string_view name() const override { return enum_name(Policy::uncontrolled); }

    Plan plan(const Problem& problem) override {
        Plan plan = Plan::empty_for(problem);
        for (std::size_t i = 0; i < problem.sessions.size(); ++i) {
            const auto& session = problem.sessions[i];
            std::int64_t rest = session.energy;
            auto at = static_cast<std::size_t>(plan.offsets[i]);
            for (int t = session.arrive_slot; t < session.depart_slot; ++t, ++at) {
                const auto amount = std::min(rest, problem.session_amount(session, t));
                plan.amounts[at] = static_cast<std::int32_t>(amount);
                rest -= amount;
            }
        }
        account(problem, plan);
        return plan;
    }
};

/// Steps through the slots with one of the rules.
class SteppedPlanner final : public Planner {
public:
    explicit SteppedPlanner(Policy policy) : policy_(policy) {}
    std::string_view name() const override { return enum_name(policy_); }

    Plan plan(const Problem& problem) override {
        FlowState state(problem);
        std::vector<int> by_arrival(problem.sessions.size());
        for (std::size_t i = 0; i < by_arrival.size(); ++i) by_arrival[i] = static_cast<int>(i);
        std::sort(by_arrival.begin(), by_arrival.end(),
                  [&](int a, int b) { return std::pair{state.arrive(a), a} < std::pair{state.arrive(b), b}; });
        std::vector<int> present;
        std::size_t next = 0;
        for (int slot = 0; slot < problem.slots; ++slot) {
            while (next < by_arrival.size() && state.arrive(by_arrival[next]) <= slot)
                present.push_back(by_arrival[next++]);
            std::erase_if(present, [&](int i) {
                return slot >= state.arrive(i) + state.window(i) || state.served(i) >= state.wanted(i);
            });
            step(state, present, slot);
        }
        return state.take_plan();
    }

private:
    void step(FlowState& state, const std::vector<int>& present, int slot) const {
        if (policy_ == Policy::round_robin) return take_turns(state, present, slot);
        std::vector<std::pair<double, int>> order;  // ties: by arrival
        for (std::size_t i = 0; i < present.size(); ++i) {
            const bool ranked = policy_ != Policy::first_come;
            order.emplace_back(ranked ? urgency(state, present[i], slot) : 0.0, static_cast<int>(i));
        }
        std::sort(order.begin(), order.end());
        for (const auto& [rank, position] : order) {
            const int session = present[static_cast<std::size_t>(position)];
            if (const auto amount = room(state, session, slot); amount >= least(state, session, slot)) {
                state.add_one(session, slot, amount);
            }
        }
    }

    // Slots until departure, or until the last moment to begin: less is more urgent.
    double urgency(FlowState& state, int session, int slot) const {
        const double slots_left = state.arrive(session) + state.window(session) - slot;
        if (policy_ == Policy::earliest_deadline) return slots_left;
        const auto power = state.problem().sessions[static_cast<std::size_t>(session)].max_power.count;
        if (power <= 0) return slots_left;
        return slots_left -
               static_cast<double>(state.wanted(session) - state.served(session)) / static_cast<double>(power);
    }

    static std::int64_t room(FlowState& state, int session, int slot) {
        const int k = slot - state.arrive(session);
        std::int64_t room = std::min<std::int64_t>(state.caps(session)[k] - state.amounts(session)[k],
                                                   state.wanted(session) - state.served(session));
        for (const int node : state.path(state.node_of(session))) room = std::min(room, state.residual(node)[slot]);
        return room;
    }

    // A rule gives a car its minimum or nothing; a car that needs less than the minimum may take that little.
    static std::int64_t least(FlowState& state, int session, int slot) {
        const auto& problem = state.problem();
        const auto minimum = problem.amount(slot, problem.sessions[static_cast<std::size_t>(session)].min_power.count);
        return std::max<std::int64_t>(1, std::min(minimum, state.wanted(session) - state.served(session)));
    }

    static void take_turns(FlowState& state, const std::vector<int>& present, int slot) {
        auto waiting = present;
        while (!waiting.empty()) {
            std::erase_if(waiting, [&](int session) {
                const auto& problem = state.problem();
                const auto& car = problem.sessions[static_cast<std::size_t>(session)];
                auto increment = std::max<std::int64_t>(1, problem.amount(slot, car.max_power.count) / turns_a_slot);
                const bool first = state.amounts(session)[slot - state.arrive(session)] == 0;
                if (first) increment = std::max(increment, least(state, session, slot));
                const auto free = room(state, session, slot);
                if (free <= 0 || (first && free < increment && free < least(state, session, slot))) return true;
                state.add_one(session, slot, std::min(increment, free));
                return false;
            });
        }
    }

    Policy policy_;
};

}  // namespace

std::string_view enum_name(Policy policy) {
    for (const auto& [value, name] : policy_names) {
        if (value == policy) return name;
    }
    return "unknown";
}

Result<Policy> parse_policy(std::string_view name) {
    for (const auto& [value, known] : policy_names) {
        if (known == name) return value;
    }
    return fail(ErrorCode::invalid_input,
                fmt::format("policy '{}': expected uncontrolled, fcfs, edf, llf, rr or orderly", name));
}

std::unique_ptr<Planner> make_policy(Policy policy) {
    switch (policy) {
        case Policy::uncontrolled:
            return std::make_unique<UncontrolledPlanner>();
        case Policy::orderly:
            return make_orderly_planner();
        default:
            return std::make_unique<SteppedPlanner>(policy);
    }
}

}  // namespace tianqu::dispatch
