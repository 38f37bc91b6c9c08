#pragma once

/// What charging may take at every node in every slot: limits less base load, and what measurements say about both.

#include <map>
#include <vector>

#include "charging/state.hpp"
#include "orderly/orderly.hpp"

namespace tianqu::orderly {

/// Slot 0 contains `now`; all vectors are node × slots + slot.
struct HeadRoom {
    int slots = 0;
    TimePoint start;                  ///< of slot 0, aligned
    std::vector<std::int64_t> base;   ///< forecast near now corrected by telemetry
    std::vector<std::int64_t> plain;  ///< limit − base
    std::vector<std::int64_t> room;   ///< plain less margin, reserve and correction: what may be planned
};

struct MeasuredOverload {
    grid::NodeIndex node = 0;
    Watts load, limit;
    Watts unexplained;  ///< the part that comes from cars drawing more than they are permitted
};

class Measurements {
public:
    /// Takes in the newest readings and computes the head-room from them.
    [[nodiscard]] HeadRoom take(const charging::State& state, const Settings& settings, TimePoint now);
    /// Nodes above their limit by more than 1 % as of the last `take`.
    [[nodiscard]] const std::vector<MeasuredOverload>& overloads() const { return overloads_; }

private:
    struct Correction {
        Watts power;
        TimePoint until;
    };
    [[nodiscard]] std::vector<std::int64_t> base_deviation(const charging::State& state, const Settings& settings,
                                                           const std::vector<Watts>& drawn, TimePoint now);
    void correct(const charging::State& state, const Settings& settings, TimePoint now, HeadRoom& head_room);
    /// Limits hold for a quarter-hour's mean: what cars that came unplanned were permitted so far in this one is made
    /// good in the rest of it. Only ever lowers slot 0.
    void keep_mean(const std::vector<Watts>& permitted, const Settings& settings, TimePoint now, HeadRoom& head_room);

    /// What a reading says of the base load, worked out once, with what cars drew when it came.
    struct Deviation {
        TimePoint at;
        std::int64_t watts = 0;
    };

    std::map<NodeId, Deviation> deviations_;
    std::map<NodeId, Correction> corrections_;
    /// By node, watt-milliseconds of the present slot so far: what was left free, less what was permitted beyond.
    std::vector<std::int64_t> balance_;
    TimePoint balance_slot_;
    TimePoint balance_until_;
    std::vector<MeasuredOverload> overloads_;
};

/// The limit that holds in [from, until): the node's own or a dispatcher's temporary one, whichever is lower.
[[nodiscard]] Watts limit_of(const charging::State& state, grid::NodeIndex node, TimePoint from, TimePoint until);

}  // namespace tianqu::orderly
