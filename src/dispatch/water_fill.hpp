#pragma once

#include <cstdint>
#include <vector>

#include "dispatch/flow_state.hpp"

namespace tianqu::dispatch {

/// Puts energy of one session where it costs least at the margin: price of its group plus the quadratic price of the
/// root's load, inside its own caps and what its ancestors leave free.
class WaterFill {
public:
    /// From slot `reserve_from` on, `reserves[node]` of the node's head-room is used only by what fits nowhere else.
    WaterFill(FlowState& state, std::vector<Permille> reserves, int reserve_from);

    /// Adds up to `wanted` watt-slots to what the session has; returns how much was added.
    std::int64_t fill(int session, std::int64_t wanted);
    /// Takes the session out and puts the same energy back at the least marginal cost.
    void refill(int session);
    /// Reads the root's load again, after others changed it.
    void refresh();

    /// Marginal cost of the next kWh of a session in a slot, yuan.
    [[nodiscard]] double marginal(int session, int slot) const;

private:
    void read_room(int session);
    void level(int session, std::int64_t wanted);
    [[nodiscard]] double water_level(int length, double wanted) const;
    [[nodiscard]] double filled(int length, double level) const;
    std::int64_t spread_rest(int length, std::int64_t rest, double level);
    void book(int session);

    FlowState& state_;
    std::vector<Permille> reserves_;
    int reserve_from_;
    std::vector<double> load_price_;           // quadratic part by slot
    std::vector<double> slope_;                // its growth per watt-slot
    std::vector<std::vector<double>> prices_;  // by group and slot
    // One session's window at a time:
    std::vector<std::int64_t> room_, soft_room_, given_;
    std::vector<double> start_;  // marginal cost with nothing added
    std::vector<double> rate_;   // watt-slots per yuan/kWh of level
    std::vector<double> width_;  // soft room
};

}  // namespace tianqu::dispatch
