#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace tianqu::dispatch {

/// The numbers of a dispatch problem are whole watts and whole watt-slots (1 W during one full slot).
///
/// Slots are full, except that slot 0 may be the remainder of the running one (`Problem::first_slot`). Powers and
/// head-rooms are true watts in every slot; an amount of energy is in watt-slots, so in slot 0 a power p gives p ×
/// first_slot / slot. Solvers work on amounts: `Problem::amount` turns a power limit into the whole watt-slots that
/// surely fit below it.

/// One node of the tree of limits. Node 0 is the root; a parent stands before its children.
struct Node {
    int parent = -1;  ///< −1 for the root alone
    /// Watts for charging per slot: limit − base load − load nobody can control. Negative counts as zero
    /// and is listed in `Plan::overloaded`. Empty: no limit here.
    std::vector<std::int64_t> head_room;
};

/// One car that wants energy between two slots.
struct Session {
    int node = 0;
    int arrive_slot = 0;      ///< first slot it may charge in
    int depart_slot = 0;      ///< first slot it may not
    std::int64_t energy = 0;  ///< wanted, watt-slots
    Watts max_power;
    /// Below this the charger pauses (6 A of its phases); 0 = any power. A plan then gives 0 or at least this in each
    /// slot, and may pass `energy` by less than this power in one slot, because the car stops by itself when it is
    /// full.
    Watts min_power;
    /// What it is permitted at this moment; those that charge already go on first while slot 0 is a remainder, so that
    /// a shortage below `min_power` does not switch cars on and off every minute.
    Watts present;
    int priority = 0;  ///< a higher one is served before a lower one gets anything
    int group = 0;     ///< index into `Problem::prices`
    /// Index into `Problem::power_caps` of depart − arrive entries (a taper), or −1.
    std::int64_t caps_offset = -1;
};

/// What a planner minimises after the unserved energy of each priority:
/// Σ over slots of price × energy of each group + valley_weight × length / (2 × reference) × ((B + L)² − B²),
/// where B is the root's base load and L its charging load. valley_weight is thus the extra price of a kWh at load =
/// reference.
struct Objective {
    PricePerKwh valley_weight{10'000};
    Watts reference;  ///< 0: the highest base load of the root; when that is 0 too, the sum of all maximum powers
    bool count_energy_cost = true;
};

struct Problem {
    TimePoint start{};                 ///< when slot 0 begins (now, when slot 0 is a remainder)
    Milliseconds slot{900'000};        ///< length of a full slot
    Milliseconds first_slot{900'000};  ///< length of slot 0: 1 ms … slot
    int slots = 0;
    std::vector<Node> nodes;
    std::vector<std::int64_t> root_base;           ///< watts per slot for the quadratic term; empty: none
    std::vector<std::vector<PricePerKwh>> prices;  ///< per user group, per slot; empty: free
    Objective objective;
    std::vector<Session> sessions;
    std::vector<std::int32_t> power_caps;  ///< watts, see `Session::caps_offset`

    /// Length of a slot.
    [[nodiscard]] Milliseconds length(int index) const { return index == 0 ? first_slot : slot; }
    /// When a slot begins.
    [[nodiscard]] TimePoint begin_of(int index) const {
        return index == 0 ? start : start + first_slot + slot * (index - 1);
    }
    /// The whole watt-slots that a power gives in a slot, rounded down; negative powers give 0.
    [[nodiscard]] std::int64_t amount(int index, std::int64_t watts) const {
        if (watts <= 0) return 0;
        return index == 0 && first_slot != slot ? multiply_down(watts, first_slot.count(), slot.count()) : watts;
    }
    /// The power that gives an amount in a slot, rounded down to the watt.
    [[nodiscard]] std::int64_t power(int index, std::int64_t watt_slots) const {
        return index == 0 && first_slot != slot ? multiply_down(watt_slots, slot.count(), first_slot.count())
                                                : watt_slots;
    }
    /// The most a session may take in a slot of its window, in watt-slots.
    [[nodiscard]] std::int64_t session_amount(const Session& session, int index) const {
        std::int64_t watts = session.max_power.count;
        if (session.caps_offset >= 0) {
            const auto at = static_cast<std::size_t>(session.caps_offset + index - session.arrive_slot);
            watts = std::min<std::int64_t>(watts, power_caps[at]);
        }
        return amount(index, watts);
    }
    /// A node's head-room in watt-slots, never negative; a very large number where there is no limit.
    [[nodiscard]] std::int64_t node_amount(int node, int index) const {
        const auto& head_room = nodes[static_cast<std::size_t>(node)].head_room;
        if (head_room.empty()) return unlimited;
        return std::min(unlimited, amount(index, head_room[static_cast<std::size_t>(index)]));
    }

    static constexpr std::int64_t unlimited = std::int64_t{1} << 60;

private:
    [[nodiscard]] static std::int64_t multiply_down(std::int64_t value, std::int64_t factor, std::int64_t divisor) {
        __extension__ using Wide = __int128;
        return static_cast<std::int64_t>(static_cast<Wide>(value) * factor / divisor);
    }
};

/// Watt-hours ↔ watt-slots. Needs are rounded up, so that a full plan is a full car.
[[nodiscard]] std::int64_t watt_slots_of(WattHours energy, Milliseconds slot);
[[nodiscard]] WattHours watt_hours_of(std::int64_t watt_slots, Milliseconds slot);

/// Checks shapes and ranges (parents before children, windows inside the horizon, sizes of the vectors); planners
/// require it.
[[nodiscard]] Status validate(const Problem& problem);

/// An amount for every session and every slot of its window, and what it costs.
struct Plan {
    std::vector<std::int64_t> offsets;  ///< session i owns amounts[offsets[i] … offsets[i+1]), one a slot of its window
    std::vector<std::int32_t> amounts;  ///< watt-slots
    std::vector<std::int64_t> unserved;  ///< watt-slots by session
    std::vector<int> overloaded;         ///< nodes whose head-room is negative in some slot
    double energy_cost_yuan = 0;
    double valley_cost_yuan = 0;      ///< the quadratic term without the base load's own part
    std::int64_t planned = 0;         ///< all sessions, watt-slots
    std::int64_t total_unserved = 0;  ///< all sessions, watt-slots

    /// An all-zero plan of the right shape.
    [[nodiscard]] static Plan empty_for(const Problem& problem);

    /// Watt-slots of a session in a slot; 0 outside its window.
    [[nodiscard]] std::int64_t amount(const Problem& problem, int session, int slot) const;
    /// Watts to permit to a session in a slot; 0 outside its window.
    [[nodiscard]] Watts power(const Problem& problem, int session, int slot) const;
};

/// Charging load of every node in watt-slots: result[node × slots + slot], sessions below included.
[[nodiscard]] std::vector<std::int64_t> node_loads(const Problem& problem, const Plan& plan);

/// Fills unserved, overloaded, costs and totals of a plan from its amounts.
void account(const Problem& problem, Plan& plan);

/// The reference load that the quadratic term really uses, in watts (> 0).
[[nodiscard]] std::int64_t valley_reference(const Problem& problem);

/// An independent look at a plan: the first broken node limit, window, power limit or energy; success when there is
/// none.
[[nodiscard]] Status check(const Problem& problem, const Plan& plan);

}  // namespace tianqu::dispatch
