#pragma once

#include <memory>
#include <optional>

#include "base/time.hpp"
#include "charging/events.hpp"
#include "orderly/orderly.hpp"

namespace tianqu::server {

class Runtime;

struct PlanSummary {
    std::optional<TimePoint> made;
    std::size_t sessions = 0;
    WattHours shortfall;
    double milliseconds = 0;  ///< machine time of the last plan
    std::int64_t plans = 0;
};

/// Runs dispatch: each minute of the clock, and soon after cars come, go or change their wishes. The planner works on a
/// snapshot on a thread of its own; everything else is on the core thread.
class Planning {
public:
    explicit Planning(Runtime& runtime);
    ~Planning();
    Planning(const Planning&) = delete;
    Planning& operator=(const Planning&) = delete;

    void start();
    /// Waits for a plan under way; it is not sent any more.
    void stop();

    /// About once a second of the clock.
    void on_time();
    void on_event(const charging::Event& event);
    /// A held charger was approved: it may boot again to learn of it.
    void approved(const ChargerId& charger);

    /// A plan has been under way for more than two minutes of the clock.
    [[nodiscard]] bool late() const;
    [[nodiscard]] const orderly::Orderly& orderly() const;
    [[nodiscard]] PlanSummary summary() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tianqu::server
