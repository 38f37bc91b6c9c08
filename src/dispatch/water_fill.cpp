#include "dispatch/water_fill.hpp"

#include <algorithm>
#include <cmath>

#include "base/assertion.hpp"

namespace tianqu::dispatch {

namespace {
// With no quadratic price the level would be undefined among equal prices: this much spreads them without moving
// energy between two prices that differ by a published step.
constexpr double least_weight = 1e-6;
}  // namespace

WaterFill::WaterFill(FlowState& state, std::vector<Permille> reserves, int reserve_from)
    : state_(state), reserves_(std::move(reserves)), reserve_from_(reserve_from) {
    const auto& problem = state.problem();
    const auto slots = static_cast<std::size_t>(state.slots());
    const double weight = std::max(least_weight, static_cast<double>(problem.objective.valley_weight.count) / 1e5);
    const double reference = static_cast<double>(valley_reference(problem));
    slope_.resize(slots);
    for (int t = 0; t < state.slots(); ++t) {
        const double part = static_cast<double>(problem.length(t).count()) / static_cast<double>(problem.slot.count());
        slope_[static_cast<std::size_t>(t)] = weight / (reference * part);
    }
    int groups = 1;
    for (const auto& session : problem.sessions) groups = std::max(groups, session.group + 1);
    prices_.assign(static_cast<std::size_t>(groups), std::vector<double>(slots, 0.0));
    if (problem.objective.count_energy_cost) {
        for (std::size_t g = 0; g < problem.prices.size() && g < prices_.size(); ++g) {
            for (std::size_t t = 0; t < slots; ++t)
                prices_[g][t] = static_cast<double>(problem.prices[g][t].count) / 1e5;
        }
    }
    load_price_.resize(slots);
    for (auto* part : {&room_, &soft_room_, &given_}) part->resize(slots);
    for (auto* part : {&start_, &rate_, &width_}) part->resize(slots);
    refresh();
}

void WaterFill::refresh() {
    const auto& base = state_.problem().root_base;
    for (std::size_t t = 0; t < load_price_.size(); ++t) {
        const auto slot = static_cast<int>(t);
        const double part = static_cast<double>(state_.problem().length(slot).count()) /
                            static_cast<double>(state_.problem().slot.count());
        const double base_amount = base.empty() ? 0.0 : static_cast<double>(base[t]) * part;
        load_price_[t] = slope_[t] * (base_amount + static_cast<double>(state_.root_load()[t]));
    }
}

double WaterFill::marginal(int session, int slot) const {
    const auto group = static_cast<std::size_t>(state_.problem().sessions[static_cast<std::size_t>(session)].group);
    return prices_[group][static_cast<std::size_t>(slot)] + load_price_[static_cast<std::size_t>(slot)];
}

// The inner loops below run some million times a plan: plain pointers, no bounds checks.
void WaterFill::read_room(int session) {
    const int first = state_.arrive(session);
    const int length = state_.window(session);
    const auto* cap = state_.caps(session);
    const auto* amount = state_.amounts(session);
    auto* room = room_.data();
    auto* soft = soft_room_.data();
    for (int k = 0; k < length; ++k) soft[k] = room[k] = cap[k] - amount[k];
    const int hard_part = std::clamp(reserve_from_ - first, 0, length);
    for (const int node : state_.path(state_.node_of(session))) {
        const auto* limit = state_.limit(node) + first;
        const auto* free = state_.residual(node) + first;
        const auto reserve = reserves_[static_cast<std::size_t>(node)].count;
        for (int k = 0; k < length; ++k) room[k] = std::min(room[k], free[k]);
        for (int k = 0; k < hard_part; ++k) soft[k] = std::min(soft[k], free[k]);
        for (int k = hard_part; k < length; ++k) soft[k] = std::min(soft[k], free[k] - limit[k] / 1000 * reserve);
    }
    for (int k = 0; k < length; ++k) {
        TIANQU_ASSERT(room[k] >= 0);
        soft[k] = std::clamp<std::int64_t>(soft[k], 0, room[k]);
    }
}

double WaterFill::filled(int length, double level) const {
    const auto* start = start_.data();
    const auto* rate = rate_.data();
    const auto* room = width_.data();
    double sum = 0;
    for (int k = 0; k < length; ++k) sum += std::min(std::max((level - start[k]) * rate[k], 0.0), room[k]);
    return sum;
}

// The level at which the amounts sum to `wanted`, which must be less than the room. First the interval between two
// neighbouring starts is found; inside it the sum is concave, so Newton's steps from the left never pass the goal.
double WaterFill::water_level(int length, double wanted) const {
    const auto* start = start_.data();
    const auto* rate = rate_.data();
    const auto* room = width_.data();
    const auto [least, most] = std::minmax_element(start, start + length);
    double low = *least;
    double high = *most;
    if (filled(length, high) <= wanted) low = high;
    while (low < high) {
        const double middle = (low + high) / 2;
        double pivot = low;
        double distance = high - low;
        for (int k = 0; k < length; ++k) {
            const double away = std::abs(start[k] - middle);
            if (start[k] > low && start[k] < high && away < distance) {
                pivot = start[k];
                distance = away;
            }
        }
        if (pivot == low) break;
        (filled(length, pivot) <= wanted ? low : high) = pivot;
    }
    for (int step = 0; step <= length; ++step) {
        double sum = 0;
        double growth = 0;
        for (int k = 0; k < length; ++k) {
            const double amount = (low - start[k]) * rate[k];
            sum += std::min(std::max(amount, 0.0), room[k]);
            if (amount >= 0 && amount < room[k]) growth += rate[k];
        }
        if (growth == 0 || wanted - sum < 0.5) break;
        low += (wanted - sum) / growth;
    }
    return low;
}

std::int64_t WaterFill::spread_rest(int length, std::int64_t rest, double level) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(length) && rest > 0; ++k) {
        if (start_[k] <= level && given_[k] < soft_room_[k]) {
            ++given_[k];
            --rest;
        }
    }
    // What rounding of the level left over goes to the cheapest slots that have room.
    while (rest > 0) {
        std::size_t best = static_cast<std::size_t>(length);
        for (std::size_t k = 0; k < static_cast<std::size_t>(length); ++k) {
            if (given_[k] < soft_room_[k] && (best == static_cast<std::size_t>(length) || start_[k] < start_[best]))
                best = k;
        }
        if (best == static_cast<std::size_t>(length)) break;
        const auto more = std::min(rest, soft_room_[best] - given_[best]);
        given_[best] += more;
        rest -= more;
    }
    return rest;
}

void WaterFill::level(int session, std::int64_t wanted) {
    const int length = state_.window(session);
    const auto first = static_cast<std::size_t>(state_.arrive(session));
    const auto group = static_cast<std::size_t>(state_.problem().sessions[static_cast<std::size_t>(session)].group);
    for (std::size_t k = 0; k < static_cast<std::size_t>(length); ++k) {
        start_[k] = prices_[group][first + k] + load_price_[first + k];
        rate_[k] = 1.0 / slope_[first + k];
        width_[k] = static_cast<double>(soft_room_[k]);
    }
    const double height = water_level(length, static_cast<double>(wanted));
    std::int64_t rest = wanted;
    for (std::size_t k = 0; k < static_cast<std::size_t>(length); ++k) {
        const auto amount = static_cast<std::int64_t>(
            std::clamp((height - start_[k]) * rate_[k], 0.0, static_cast<double>(soft_room_[k])));
        given_[k] = std::min(amount, rest);
        rest -= given_[k];
    }
    rest = spread_rest(length, rest, height);
    TIANQU_ASSERT(rest == 0);
}

void WaterFill::book(int session) {
    state_.add(session, given_.data());
    const auto first = static_cast<std::size_t>(state_.arrive(session));
    for (std::size_t k = 0; k < static_cast<std::size_t>(state_.window(session)); ++k) {
        load_price_[first + k] += slope_[first + k] * static_cast<double>(given_[k]);
    }
}

std::int64_t WaterFill::fill(int session, std::int64_t wanted) {
    if (wanted <= 0) return 0;
    read_room(session);
    const auto length = static_cast<std::size_t>(state_.window(session));
    std::int64_t soft = 0;
    for (std::size_t k = 0; k < length; ++k) soft += soft_room_[k];
    if (soft > wanted) {
        level(session, wanted);
        book(session);
        return wanted;
    }
    std::int64_t rest = wanted - soft;
    for (std::size_t k = 0; k < length; ++k) {
        given_[k] = soft_room_[k] + std::min(rest, room_[k] - soft_room_[k]);
        rest -= given_[k] - soft_room_[k];
    }
    book(session);
    return wanted - rest;
}

void WaterFill::refill(int session) {
    const auto energy = state_.served(session);
    if (energy == 0) return;
    const auto first = static_cast<std::size_t>(state_.arrive(session));
    const auto* amount = state_.amounts(session);
    for (std::size_t k = 0; k < static_cast<std::size_t>(state_.window(session)); ++k) {
        load_price_[first + k] -= slope_[first + k] * static_cast<double>(amount[k]);
    }
    state_.clear(session);
    const auto added = fill(session, energy);
    TIANQU_ASSERT(added == energy);
}

}  // namespace tianqu::dispatch
