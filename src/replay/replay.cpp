#include "replay/replay.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dispatch/max_flow.hpp"

namespace tianqu::replay {

namespace {

using dispatch::Problem;

constexpr Milliseconds period{period_minutes * 60'000};
constexpr int periods_a_day = 24 * 60 / period_minutes;
constexpr int periods_a_quarter = 15 / period_minutes;
constexpr std::size_t quarters_a_day = 96;
constexpr double kwh_per_watt_period = period_minutes / 60.0 / 1000.0;

Watts base_at(const SiteNode& node, int at) {
    if (node.base_day.empty()) return Watts{0};
    return node.base_day[static_cast<std::size_t>(at % periods_a_day / periods_a_quarter)];
}

/// The tree of limits from a period on.
void set_tree(Problem& problem, const ReplayOptions& options, int from, int slots) {
    problem.slot = problem.first_slot = period;
    problem.slots = slots;
    problem.start = TimePoint{period * from};
    problem.objective.valley_weight = options.valley_weight;
    for (const auto& node : options.site.nodes) {
        dispatch::Node limited{.parent = node.parent, .head_room = {}};
        for (int t = 0; node.limit && t < slots; ++t) {
            limited.head_room.push_back(node.limit->count - base_at(node, from + t).count);
        }
        problem.nodes.push_back(std::move(limited));
    }
    for (int t = 0; t < slots; ++t) problem.root_base.push_back(base_at(options.site.nodes.front(), from + t).count);
    if (options.prices.empty()) return;
    auto& prices = problem.prices.emplace_back();
    for (int t = 0; t < slots; ++t) {
        const auto at = static_cast<std::size_t>(from) + static_cast<std::size_t>(t);
        prices.push_back(options.prices[std::min(at, options.prices.size() - 1)]);
    }
}

class Run {
public:
    Run(const std::vector<RecordedSession>& sessions, const ReplayOptions& options)
        : sessions_(sessions),
          options_(options),
          planner_(options.policy == dispatch::Policy::orderly ? dispatch::make_orderly_planner(options.orderly)
                                                               : dispatch::make_policy(options.policy)) {
        for (const auto& session : sessions) {
            const auto found = options.site.stations.find(session.station);
            nodes_.push_back(found == options.site.stations.end() ? 0 : found->second);
            remaining_.push_back(dispatch::watt_slots_of(session.requested, period));
            end_ = std::max(end_, session.departure);
        }
    }

    ReplayResult run() {
        result_.sessions = sessions_.size();
        for (const auto need : remaining_) result_.asked += need;
        if (!options_.prices.empty()) result_.cost = Money{0};
        result_.feasible = foresight();
        std::size_t next = 0;
        for (int now = 0; now < end_; ++now) {
            while (next < sessions_.size() && sessions_[next].arrival <= now) present_.push_back(next++);
            std::erase_if(present_, [&](std::size_t i) { return sessions_[i].departure <= now || remaining_[i] == 0; });
            step(now);
        }
        for (const auto left : remaining_) result_.sessions_served += left == 0 ? 1 : 0;
        return result_;
    }

private:
    std::int64_t foresight() const {
        if (sessions_.empty()) return 0;
        Problem problem;
        set_tree(problem, options_, 0, end_);
        for (std::size_t i = 0; i < sessions_.size(); ++i) {
            const auto& session = sessions_[i];
            problem.sessions.push_back({.node = nodes_[i],
                                        .arrive_slot = session.arrival,
                                        .depart_slot = session.departure,
                                        .energy = remaining_[i],
                                        .max_power = session.max_power});
        }
        return dispatch::feasible_energy(problem).total;
    }

    // The problem as the scheduler sees it: a car that overstays its estimate is taken to leave after this period.
    Problem seen_at(int now) const {
        int horizon = 1;
        for (const auto i : present_) horizon = std::max(horizon, sessions_[i].estimated_departure - now);
        Problem problem;
        set_tree(problem, options_, now, horizon);
        for (const auto i : present_) {
            problem.sessions.push_back({.node = nodes_[i],
                                        .arrive_slot = 0,
                                        .depart_slot = std::max(1, sessions_[i].estimated_departure - now),
                                        .energy = remaining_[i],
                                        .max_power = sessions_[i].max_power});
        }
        return problem;
    }

    void step(int now) {
        std::vector<std::int64_t> loads(options_.site.nodes.size(), 0);
        if (!present_.empty()) {
            const auto problem = seen_at(now);
            const auto plan = planner_->plan(problem);
            for (std::size_t p = 0; p < present_.size(); ++p) {
                const auto i = present_[p];
                const auto amount = plan.amount(problem, static_cast<int>(p), 0);
                remaining_[i] -= amount;
                for (int n = nodes_[i]; n >= 0; n = options_.site.nodes[static_cast<std::size_t>(n)].parent) {
                    loads[static_cast<std::size_t>(n)] += amount;
                }
            }
        }
        book(now, loads);
    }

    void book(int now, const std::vector<std::int64_t>& loads) {
        result_.delivered += loads.front();
        result_.peak = std::max(result_.peak, Watts{loads.front()});
        if (result_.cost) {
            // watts × period × price: 10⁻⁵ yuan per kWh × W × h is exact in 10⁻⁸ yuan but for the twelfth of an hour.
            const auto price = options_.prices[static_cast<std::size_t>(now)];
            twelfths_ += price.count * loads.front();
            result_.cost = Money{multiply_divide(twelfths_, period_minutes, 60)};
        }
        for (std::size_t n = 0; n < loads.size(); ++n) {
            const auto& node = options_.site.nodes[n];
            if (!node.limit) continue;
            ++result_.node_periods;
            if (loads[n] + base_at(node, now).count > node.limit->count) ++result_.overloaded_node_periods;
        }
    }

    const std::vector<RecordedSession>& sessions_;
    const ReplayOptions& options_;
    std::unique_ptr<dispatch::Planner> planner_;
    std::vector<int> nodes_;
    std::vector<std::int64_t> remaining_;
    std::vector<std::size_t> present_;
    std::int64_t twelfths_ = 0;
    int end_ = 0;
    ReplayResult result_;
};

Status check_options(const std::vector<RecordedSession>& sessions, const ReplayOptions& options) {
    if (options.site.nodes.empty()) return fail(ErrorCode::invalid_input, "a site needs a root node");
    for (const auto& node : options.site.nodes) {
        if (!node.base_day.empty() && node.base_day.size() != quarters_a_day) {
            return fail(ErrorCode::invalid_input, "a base load must have 96 quarter-hours");
        }
    }
    if (options.prices.empty()) return {};
    for (const auto& session : sessions) {
        if (static_cast<std::size_t>(session.departure) > options.prices.size()) {
            return fail(ErrorCode::invalid_input, fmt::format("prices end before session {} leaves", session.session));
        }
    }
    return {};
}

double percent(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 100.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double ReplayResult::delivered_percent() const { return percent(delivered, asked); }
double ReplayResult::feasible_percent() const { return percent(feasible, asked); }
double ReplayResult::asked_kwh() const { return static_cast<double>(asked) * kwh_per_watt_period; }
double ReplayResult::delivered_kwh() const { return static_cast<double>(delivered) * kwh_per_watt_period; }
double ReplayResult::yuan_per_kwh() const { return cost && delivered > 0 ? to_yuan(*cost) / delivered_kwh() : 0; }

Result<ReplayResult> replay(const std::vector<RecordedSession>& sessions, const ReplayOptions& options) {
    if (auto status = check_options(sessions, options); !status) return fail(status.error());
    return Run(sessions, options).run();
}

}  // namespace tianqu::replay
