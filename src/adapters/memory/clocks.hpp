#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <vector>

#include "ports/clock.hpp"

namespace tianqu::memory {

/// The machine's clock.
class SystemClock final : public ports::Clock {
public:
    [[nodiscard]] TimePoint now() const override;
    [[nodiscard]] Milliseconds steady() const override;
    [[nodiscard]] std::chrono::nanoseconds machine_time(Milliseconds interval) const override;
};

/// Starts at a chosen instant and runs `speed` times as fast as the machine's steady clock, but never further than
/// `lead` (machine time) ahead of the slowest of those who keep pace with it: on a busy machine a virtual city then
/// goes slower instead of living through minutes in which its server could do nothing.
class AcceleratedClock final : public ports::Clock {
public:
    using Participant = std::size_t;

    /// Requires speed > 0.
    AcceleratedClock(TimePoint start, double speed);

    [[nodiscard]] TimePoint now() const override { return start_ + steady(); }
    [[nodiscard]] Milliseconds steady() const override;
    [[nodiscard]] std::chrono::nanoseconds machine_time(Milliseconds interval) const override;
    [[nodiscard]] double speed() const { return speed_; }

    /// From now on the clock waits for this one to `beat`.
    [[nodiscard]] Participant join();
    /// The participant has done everything that was due so far.
    void beat(Participant participant);
    /// It is not waited for any more.
    void leave(Participant participant);

    static constexpr std::chrono::milliseconds lead{100};

private:
    using MachineTime = std::chrono::steady_clock::time_point;
    struct Place {
        double beat_ms = 0;
        bool joined = false;
    };
    [[nodiscard]] double advance() const;  // requires mutex_

    TimePoint start_;
    double speed_;
    mutable std::mutex mutex_;
    mutable MachineTime origin_;   ///< the clock showed `shown_ms_` then …
    mutable double shown_ms_ = 0;  ///< … and runs on from there
    std::vector<Place> places_;
};

/// Stands still until it is moved.
class ManualClock final : public ports::Clock {
public:
    explicit ManualClock(TimePoint start) : now_ms_(to_milliseconds(start)) {}

    [[nodiscard]] TimePoint now() const override { return from_milliseconds(now_ms_.load()); }
    [[nodiscard]] Milliseconds steady() const override { return Milliseconds{steady_ms_.load()}; }
    [[nodiscard]] std::chrono::nanoseconds machine_time(Milliseconds interval) const override;

    /// Time passes. Requires interval >= 0.
    void advance(Milliseconds interval);
    /// The clock is corrected, as by a time server; no time passes.
    void correct(TimePoint now) { now_ms_ = to_milliseconds(now); }

private:
    std::atomic<std::int64_t> now_ms_;
    std::atomic<std::int64_t> steady_ms_{0};
};

}  // namespace tianqu::memory
