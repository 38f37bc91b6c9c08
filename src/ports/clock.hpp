#pragma once

#include <chrono>

#include "base/time.hpp"

namespace tianqu::ports {

/// The only source of "now". A virtual city runs on an accelerated one, tests on a manual one. Every function may be
/// called from any thread.
class Clock {
public:
    virtual ~Clock() = default;

    /// The present instant in this clock's time. It follows the machine's clock and so may step back when that is
    /// corrected.
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// Time passed since some fixed moment, in this clock's time: never steps back. For ages, timeouts and intervals.
    [[nodiscard]] virtual Milliseconds steady() const = 0;
    /// How long a timer of the machine must wait until `interval` of this clock's time has passed; never negative.
    [[nodiscard]] virtual std::chrono::nanoseconds machine_time(Milliseconds interval) const = 0;
};

}  // namespace tianqu::ports
