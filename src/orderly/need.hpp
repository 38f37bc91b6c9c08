#pragma once

/// What a running session still needs, and how fast it can take it.

#include <map>

#include "charging/state.hpp"
#include "orderly/orderly.hpp"

namespace tianqu::orderly {

enum class Urgency : std::uint8_t {
    top_up,  ///< nobody named a target and the default is reached: what is left over
    normal,
    overdue,  ///< should have left, still lacks energy
    charge_now,
};

struct Need {
    WattHours remaining;  ///< 0 = has what it wants
    Watts usable;         ///< the most the car can be expected to draw
    Watts minimum;        ///< below this it pauses
    TimePoint until;      ///< when it wants to be ready
    Urgency urgency = Urgency::normal;
};

/// Cars that draw clearly less than they are permitted (taper, small on-board charger): what to reserve for them.
class Observations {
public:
    /// Looks at the newest reading of every running session. Only settled ones say anything: the permission must have
    /// held for a while before.
    void observe(const charging::State& state, TimePoint now);
    /// The observed limit with a margin above it, so that a car that can take more again shows it; or nothing.
    [[nodiscard]] std::optional<Watts> limit(SessionId session) const;

private:
    struct Seen {
        Watts limit;
        TimePoint at;
    };
    std::map<SessionId, Seen> seen_;
};

[[nodiscard]] Need need_of(const charging::State& state, const charging::Session& session,
                           const Observations& observations, const Settings& settings, TimePoint now);

}  // namespace tianqu::orderly
