#include "adapters/memory/clocks.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace tianqu::memory {
namespace {

constexpr TimePoint noon = from_milliseconds(1'764'000'000'000);

TEST(ManualClock, StandsStillUntilMoved) {
    ManualClock clock(noon);
    EXPECT_EQ(clock.now(), noon);
    clock.advance(std::chrono::minutes{5});
    EXPECT_EQ(clock.now(), noon + std::chrono::minutes{5});
    EXPECT_EQ(clock.steady(), std::chrono::minutes{5});
}

TEST(ManualClock, ACorrectionMovesTheTimeOfDayOnly) {
    ManualClock clock(noon);
    clock.advance(std::chrono::minutes{5});
    clock.correct(noon);
    EXPECT_EQ(clock.now(), noon);
    EXPECT_EQ(clock.steady(), std::chrono::minutes{5});
}

TEST(AcceleratedClock, StartsWhereToldAndNeverStepsBack) {
    const AcceleratedClock clock(noon, 60);
    auto last = clock.now();
    EXPECT_GE(last, noon);
    for (int i = 0; i < 10'000; ++i) {
        const auto now = clock.now();
        EXPECT_GE(now, last);
        last = now;
    }
}

TEST(AcceleratedClock, ATimerWaitsTheIntervalDividedBySpeed) {
    const AcceleratedClock clock(noon, 300);
    EXPECT_EQ(clock.machine_time(std::chrono::minutes{15}), std::chrono::seconds{3});
    EXPECT_EQ(clock.machine_time(std::chrono::minutes{-15}), std::chrono::seconds{0});
    const AcceleratedClock slow(noon, 0.5);
    EXPECT_EQ(slow.machine_time(std::chrono::seconds{1}), std::chrono::seconds{2});
}

TEST(SystemClock, AgreesWithTheMachine) {
    const SystemClock clock;
    const auto before = std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
    const auto now = clock.now();
    EXPECT_GE(now, before);
    EXPECT_EQ(clock.machine_time(Milliseconds{20}), Milliseconds{20});
}

TEST(AcceleratedClock, WaitsForThoseWhoKeepPace) {
    AcceleratedClock clock(noon, 10'000);
    const auto slow = clock.join();
    const auto lead = AcceleratedClock::lead * 10'000;
    std::this_thread::sleep_for(AcceleratedClock::lead * 2);
    EXPECT_LE(clock.steady(), lead + Milliseconds{1'000});
    const auto held = clock.steady();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(clock.steady(), held);
    clock.beat(slow);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_GT(clock.steady(), held);
    clock.leave(slow);
    std::this_thread::sleep_for(AcceleratedClock::lead * 2);
    EXPECT_GT(clock.steady(), held + lead);
}

}  // namespace
}  // namespace tianqu::memory
