#include "dispatch/minimum_power.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/assertion.hpp"

namespace tianqu::dispatch {

namespace {

class Rounding {
public:
    explicit Rounding(FlowState& state)
        : state_(state), debt_(static_cast<std::size_t>(state.sessions()), 0), left_(debt_) {
        for (int i = 0; i < state.sessions(); ++i) {
            if (!breaks_minimum(i)) continue;
            left_[static_cast<std::size_t>(i)] = state.served(i);
            wished_.emplace_back(state.amounts(i), state.amounts(i) + state.window(i));
            members_.push_back(i);
            state.clear(i);
        }
    }

    void run() {
        for (int slot = 0; slot < state_.slots() && !members_.empty(); ++slot) {
            auto present = collect(slot);
            std::vector<int> denied;
            for (const int session : present) {
                if (!pay(session, slot)) denied.push_back(session);
            }
            if (denied.empty()) continue;
            // What those could not use is used by neighbours that charge in this slot; they need less of a later one.
            std::vector<std::uint8_t> wanting(static_cast<std::size_t>(state_.nodes()), 0);
            for (const int session : denied) wanting[static_cast<std::size_t>(state_.node_of(session))] = 1;
            for (const int session : present) {
                if (wanting[static_cast<std::size_t>(state_.node_of(session))] != 0) run_ahead(session, slot);
            }
        }
    }

private:
    std::int64_t least(int session, int slot) const {
        const auto& problem = state_.problem();
        const auto watts = problem.sessions[static_cast<std::size_t>(session)].min_power.count;
        auto amount = problem.amount(slot, watts);
        while (problem.power(slot, amount) < watts) ++amount;
        return amount;
    }

    bool breaks_minimum(int session) const {
        if (state_.problem().sessions[static_cast<std::size_t>(session)].min_power.count <= 0) return false;
        const auto* amount = state_.amounts(session);
        for (int k = 0; k < state_.window(session); ++k) {
            if (amount[k] > 0 && amount[k] < least(session, state_.arrive(session) + k)) return true;
        }
        return false;
    }

    std::int64_t room(int session, int slot) const {
        const int k = slot - state_.arrive(session);
        std::int64_t room = state_.caps(session)[k] - state_.amounts(session)[k];
        for (const int node : state_.path(state_.node_of(session))) room = std::min(room, state_.residual(node)[slot]);
        return room;
    }

    void give(int session, int slot, std::int64_t amount) {
        state_.add_one(session, slot, amount);
        debt_[static_cast<std::size_t>(session)] -= amount;
        left_[static_cast<std::size_t>(session)] -= amount;
    }

    // Those with something left to get in this slot, the largest debt first; in a begun slot those that charge already.
    std::vector<int> collect(int slot) {
        const auto& problem = state_.problem();
        const bool keep_running = slot == 0 && problem.first_slot < problem.slot;
        std::vector<int> present;
        for (std::size_t m = 0; m < members_.size(); ++m) {
            const int session = members_[m];
            const int k = slot - state_.arrive(session);
            if (k < 0 || k >= state_.window(session)) continue;
            debt_[static_cast<std::size_t>(session)] += wished_[m][static_cast<std::size_t>(k)];
            if (left_[static_cast<std::size_t>(session)] > 0) present.push_back(session);
        }
        const auto runs = [&](int session) {
            return keep_running && problem.sessions[static_cast<std::size_t>(session)].present.count > 0;
        };
        std::sort(present.begin(), present.end(), [&](int a, int b) {
            if (runs(a) != runs(b)) return runs(a);
            const auto debt_a = debt_[static_cast<std::size_t>(a)];
            const auto debt_b = debt_[static_cast<std::size_t>(b)];
            return debt_a != debt_b ? debt_a > debt_b : a < b;
        });
        return present;
    }

    // False when the session is owed a minimum and there is no room for it.
    bool pay(int session, int slot) {
        const auto debt = debt_[static_cast<std::size_t>(session)];
        const auto minimum = least(session, slot);
        const bool last = slot + 1 == state_.arrive(session) + state_.window(session);
        if (debt <= 0 || (!last && 2 * debt < minimum)) return true;
        const auto free = room(session, slot);
        if (free < minimum) return false;
        give(session, slot, std::clamp(debt, minimum, free));
        return true;
    }

    void run_ahead(int session, int slot) {
        const int k = slot - state_.arrive(session);
        const auto left = left_[static_cast<std::size_t>(session)];
        if (state_.amounts(session)[k] == 0 || left <= 0) return;
        if (const auto more = std::min(left, room(session, slot)); more > 0) give(session, slot, more);
    }

    FlowState& state_;
    std::vector<std::int64_t> debt_;  // planned so far less given so far, watt-slots
    std::vector<std::int64_t> left_;  // planned in all less given so far
    std::vector<int> members_;
    std::vector<std::vector<std::int64_t>> wished_;
};

}  // namespace

void keep_minimum_power(FlowState& state) { Rounding(state).run(); }

}  // namespace tianqu::dispatch
