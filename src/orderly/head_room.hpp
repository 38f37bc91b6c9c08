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
    void correct(const charging::State& state, const Settings& settings, TimePoint now, HeadRoom& head_room);

    std::map<NodeId, Correction> corrections_;
    std::vector<MeasuredOverload> overloads_;
};

/// The limit that holds in [from, until): the node's own or a dispatcher's temporary one, whichever is lower.
[[nodiscard]] Watts limit_of(const charging::State& state, grid::NodeIndex node, TimePoint from, TimePoint until);

}  // namespace tianqu::orderly
