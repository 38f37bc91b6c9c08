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

double AcceleratedClock::advance() const {
    const auto machine_now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> passed = machine_now - origin_;
    double shown = shown_ms_ + passed.count() * speed_;
    const double lead_ms = static_cast<double>(lead.count()) * speed_;
    for (const auto& place : places_) {
        if (place.joined) shown = std::min(shown, place.beat_ms + lead_ms);
    }
    shown_ms_ = std::max(shown, shown_ms_);
    origin_ = machine_now;
    return shown_ms_;
}

Milliseconds AcceleratedClock::steady() const {
    const std::lock_guard lock(mutex_);
    return Milliseconds{static_cast<std::int64_t>(advance())};
}

AcceleratedClock::Participant AcceleratedClock::join() {
    const std::lock_guard lock(mutex_);
    places_.push_back(Place{advance(), true});
    return places_.size() - 1;
}

void AcceleratedClock::beat(Participant participant) {
    const std::lock_guard lock(mutex_);
    TIANQU_ASSERT(participant < places_.size());
    places_[participant].beat_ms = advance();
}

void AcceleratedClock::leave(Participant participant) {
    const std::lock_guard lock(mutex_);
    TIANQU_ASSERT(participant < places_.size());
    places_[participant].joined = false;
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
