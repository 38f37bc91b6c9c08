#include "adapters/memory/clocks.hpp"

#include <algorithm>
#include <cmath>

#include "base/assertion.hpp"

namespace tianqu::memory {

TimePoint SystemClock::now() const {
    return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
}

Milliseconds SystemClock::steady() const {
    return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

std::chrono::nanoseconds SystemClock::machine_time(Milliseconds interval) const {
    return std::max(interval, Milliseconds{0});
}

AcceleratedClock::AcceleratedClock(TimePoint start, double speed)
    : start_(start), speed_(speed), origin_(std::chrono::steady_clock::now()) {
    TIANQU_ASSERT(std::isfinite(speed) && speed > 0);
}

Milliseconds AcceleratedClock::steady() const {
    const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - origin_;
    return Milliseconds{static_cast<std::int64_t>(passed.count() * speed_)};
}

std::chrono::nanoseconds AcceleratedClock::machine_time(Milliseconds interval) const {
    const double nanoseconds = static_cast<double>(std::max<std::int64_t>(interval.count(), 0)) * 1e6 / speed_;
    return std::chrono::nanoseconds{static_cast<std::int64_t>(std::ceil(nanoseconds))};
}

std::chrono::nanoseconds ManualClock::machine_time(Milliseconds interval) const {
    return std::max(interval, Milliseconds{0});
}

void ManualClock::advance(Milliseconds interval) {
    TIANQU_ASSERT(interval.count() >= 0);
    now_ms_ += interval.count();
    steady_ms_ += interval.count();
}

}  // namespace tianqu::memory
