#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "dispatch/schedule.hpp"

namespace tianqu::dispatch {

/// The highest limit of a schedule in [from, to); requires from < to.
[[nodiscard]] Watts highest_limit(const Schedule& schedule, TimePoint from, TimePoint to);

struct LedgerOptions {
    Milliseconds slot{900'000};
    int slots = 96;
    Permille dead_band{50};      ///< a change of less than this part of the accepted limit …
    Watts dead_band_power{100};  ///< … or less than this, in every near slot, is not sent when the energy is the same
    int near_slots = 4;
    Permille same_energy{10};  ///< energies over the horizon that differ by less count as the same
};

/// A command that may be sent now; the ledger counts it as in flight from then on.
struct LedgerCommand {
    int connector = 0;
    std::uint64_t sequence = 0;  ///< hand it back with the answer
    Schedule schedule;
    bool raises = false;   ///< somewhere above what was accepted
    bool partial = false;  ///< cut below what was wished, because the rest does not fit yet
};

enum class Answer : std::uint8_t {
    accepted,
    rejected,
    unanswered  ///< timed out or the link broke: it may or may not have been applied, so the higher of both counts
};

/// What every connector was wished to be permitted, slot by slot of the present horizon.
struct Wish {
    int connector = 0;
    std::vector<std::int32_t> watts;  ///< one a slot, from the ledger's present slot on; missing slots wish `fallback`
    Watts fallback;                   ///< the safe level after the horizon
};

/// Keeps what every connector is permitted to draw and says what may be sent now, so that the sum of all permissions,
/// answered and in flight, stays inside every node's limit in every slot: lowerings go at once, raises only into free
/// room.
///
/// A connector counts in a slot with the highest of what it accepted and what is in flight; with its maximum when it
/// never accepted anything; with the default level after a default profile was accepted. An offline one counts the same
/// and gets no commands. Slots are aligned to multiples of the slot length; the present slot is slot 0.
class Ledger {
public:
    /// `parents[i]` < i, −1 for the root, node 0.
    Ledger(LedgerOptions options, std::vector<int> parents, TimePoint now);
    ~Ledger();
    Ledger(Ledger&&) noexcept;
    Ledger& operator=(Ledger&&) noexcept;

    /// A connector at a node; it counts with `maximum` until told otherwise. Returns its index (dense, from 0).
    int add(int node, Watts maximum);
    /// The charger keeps to `level` when it has no other permission (a default profile it accepted). Never above the
    /// maximum.
    void accept_default(int connector, Watts level);
    /// What a charger is known to have accepted (at a restart, or set by other means). Clears what was in flight.
    void restore(int connector, const Schedule& accepted);
    /// The charger forgot its permission (session's profile ended or cleared): the default level, or the maximum,
    /// counts again.
    void forget(int connector);
    /// It is not known which of several permissions the charger keeps to (an answer never came): the next wish is sent
    /// even where it equals what counts. Booking an unanswered command does this by itself.
    void insist(int connector);
    void set_online(int connector, bool online);
    void set_maximum(int connector, Watts maximum);

    /// Moves the horizon so that slot 0 contains `now`. Cheap while in the same slot.
    void advance(TimePoint now);
    /// Watts for chargers at a node in a slot: limit − base load − measured load of others. May be negative.
    /// When the horizon moves on, the new last slot takes the value of the one before it.
    void set_limit(int node, int slot, std::int64_t watts);
    /// The same in every slot, now and later; what `set_limit` said for single slots is dropped.
    void set_limit(int node, std::int64_t watts);

    /// The commands that may go out now, lowerings first. A connector with a command in flight, or offline, gets none.
    [[nodiscard]] std::vector<LedgerCommand> next_commands(TimePoint now, std::span<const Wish> wishes);
    /// Books the answer to a command; an unknown or old sequence is ignored.
    void answer(int connector, std::uint64_t sequence, Answer answer);

    [[nodiscard]] int connectors() const;
    [[nodiscard]] int slots() const;
    [[nodiscard]] TimePoint horizon_start() const;
    [[nodiscard]] bool in_flight(int connector) const;
    /// Watts that count for one connector in a slot.
    [[nodiscard]] Watts counted(int connector, int slot) const;
    /// Watts that count at a node in a slot, connectors below included.
    [[nodiscard]] std::int64_t counted_at(int node, int slot) const;
    [[nodiscard]] std::int64_t limit_at(int node, int slot) const;
    /// Watts for planning: limits less what the connectors outside `planned` count; planned[c] ≠ 0 marks those a plan
    /// controls. result[node × slots + slot]; `unlimited` (2⁶⁰) where a node has no limit.
    [[nodiscard]] std::vector<std::int64_t> head_room(std::span<const std::uint8_t> planned) const;
    /// Nodes where the connectors that take no commands (offline) alone pass the limit in some slot.
    [[nodiscard]] std::vector<int> overloaded() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace tianqu::dispatch
