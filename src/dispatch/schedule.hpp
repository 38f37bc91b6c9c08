#pragma once

#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"

namespace tianqu::dispatch {

/// From `offset` after the schedule's start on, at most `limit`, until the next step.
struct ScheduleStep {
    Milliseconds offset{0};
    Watts limit;

    auto operator<=>(const ScheduleStep&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "offset_ms", self.offset);
        visit(2, "limit_w", self.limit);
    }
};

/// What a connector may draw: "at most P over these slots, then fall back to the safe level". Protocol-free.
/// Steps are in rising offset, the first at 0. Before `start` and from start + duration on, `fallback` holds.
struct Schedule {
    TimePoint start;
    Milliseconds duration{0};
    std::vector<ScheduleStep> steps;
    Watts fallback;

    bool operator==(const Schedule&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "start", self.start);
        visit(2, "duration_ms", self.duration);
        visit(3, "steps", self.steps);
        visit(4, "fallback_w", self.fallback);
    }

    [[nodiscard]] Watts limit_at(TimePoint time) const {
        if (time < start || time >= start + duration) return fallback;
        Watts limit = fallback;
        for (const auto& step : steps) {
            if (start + step.offset > time) break;
            limit = step.limit;
        }
        return limit;
    }
};

}  // namespace tianqu::dispatch
