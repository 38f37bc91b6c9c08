#pragma once

#include <atomic>
#include <chrono>

#include "ports/clock.hpp"

namespace tianqu::memory {

/// The machine's clock.
class SystemClock final : public ports::Clock {
public:
    [[nodiscard]] TimePoint now() const override;
    [[nodiscard]] Milliseconds steady() const override;
    [[nodiscard]] std::chrono::nanoseconds machine_time(Milliseconds interval) const override;
};

/// Starts at a chosen instant and runs `speed` times as fast as the machine's steady clock.
class AcceleratedClock final : public ports::Clock {
public:
    /// Requires speed > 0.
    AcceleratedClock(TimePoint start, double speed);

    [[nodiscard]] TimePoint now() const override { return start_ + steady(); }
    [[nodiscard]] Milliseconds steady() const override;
    [[nodiscard]] std::chrono::nanoseconds machine_time(Milliseconds interval) const override;
    [[nodiscard]] double speed() const { return speed_; }

private:
    TimePoint start_;
    double speed_;
    std::chrono::steady_clock::time_point origin_;
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
