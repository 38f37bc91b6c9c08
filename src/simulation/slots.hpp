#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "grid/network.hpp"
#include "simulation/energy.hpp"
#include "simulation/truth.hpp"

namespace tianqu::simulation {

/// The quarter-hours of a run; the first and the last may have been cut short by its start and end.
class Slots {
public:
    Slots(TimePoint start, TimePoint end) : start_(start), end_(end), first_(slot_start(start, slot_length)) {
        if (end > start)
            count_ = static_cast<std::size_t>((end - first_ + slot_length - Milliseconds{1}) / slot_length);
    }
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] TimePoint begin(std::size_t slot) const { return std::max(start_, nominal(slot)); }
    [[nodiscard]] TimePoint finish(std::size_t slot) const { return std::min(end_, nominal(slot + 1)); }
    /// How much of the slot lies within the run; positive.
    [[nodiscard]] Milliseconds length(std::size_t slot) const { return finish(slot) - begin(slot); }
    [[nodiscard]] std::size_t index_of(TimePoint time) const {
        return static_cast<std::size_t>((time - first_) / slot_length);
    }
    [[nodiscard]] TimePoint nominal(std::size_t slot) const {
        return first_ + slot_length * static_cast<std::int64_t>(slot);
    }

private:
    TimePoint start_;
    TimePoint end_;
    TimePoint first_;
    std::size_t count_ = 0;
};

/// An energy for every node and slot.
class NodeSlots {
public:
    NodeSlots(std::size_t nodes, std::size_t slots) : slots_(slots), energies_(nodes * slots) {}
    [[nodiscard]] Energy& at(std::size_t node, std::size_t slot) { return energies_[node * slots_ + slot]; }
    [[nodiscard]] Energy at(std::size_t node, std::size_t slot) const { return energies_[node * slots_ + slot]; }
    /// Adds to every node what is below it; parents stand before their children.
    void sum_up(std::span<const grid::NodeIndex> parents) {
        for (std::size_t node = parents.size(); node-- > 1;) {
            for (std::size_t slot = 0; slot < slots_; ++slot) at(parents[node], slot) += at(node, slot);
        }
    }

private:
    std::size_t slots_;
    std::vector<Energy> energies_;
};

}  // namespace tianqu::simulation
