#pragma once

/// What has to be told: overloads as alarms, shortfalls foreseen.

#include <map>

#include "orderly/head_room.hpp"
#include "orderly/permissions.hpp"

namespace tianqu::orderly {

class Watch {
public:
    /// Alarms raised or cleared since the state's; each must have lasted `Settings::alarm_delay` first.
    void overloads(const charging::State& state, const Settings& settings, const HeadRoom& head_room,
                   const Permissions& permissions, const std::vector<MeasuredOverload>& measured, TimePoint now,
                   std::vector<charging::Event>& events);

private:
    struct Standing {
        charging::AlarmRaised alarm;
        TimePoint since;
        TimePoint last_seen;
    };
    void see(charging::AlarmRaised alarm, TimePoint now);

    std::map<AlarmId, Standing> standing_;
};

/// Shortfalls that changed by more than a twentieth of the target (at least 1 kWh), or came or went.
void shortfalls(const charging::State& state, const Snapshot& snapshot, const dispatch::Plan& plan, TimePoint now,
                std::vector<charging::Event>& events);

/// What a session will lack when it leaves, as planned: a car that charges at once may go on after its window.
[[nodiscard]] WattHours foreseen_shortfall(const charging::Session& session, const Snapshot& snapshot,
                                           const dispatch::Plan& plan, std::size_t index);

}  // namespace tianqu::orderly
