#pragma once

/// A town with obedient connectors on a clock of its own: messages go to `charging`, plans come from `orderly`.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "charging/core.hpp"
#include "orderly/orderly.hpp"

namespace tianqu::scenario {

struct Car {
    WattHours wanted;
    TimePoint departure;
    Watts car_power{1'000'000};
    bool charge_now = false;
    bool tells_target = true;
};

/// A charger as it really is, whatever the server thinks.
struct VirtualCharger {
    ChargerId id;
    bool online = true;
    bool refuses = false;
    std::optional<dispatch::Schedule> default_schedule, session_schedule;
    std::optional<Car> car;
    std::optional<SessionId> session;
    double meter_wh = 100'000;
    double gained_wh = 0;
    std::optional<TimePoint> full_at;
    std::vector<charging::ChargerMessage> queued;  ///< while offline
    double delivered_wh = 0;                       ///< all cars

    [[nodiscard]] Watts power(Watts maximum, Watts minimum, TimePoint now) const;
};

class VirtualTown {
public:
    VirtualTown(grid::Network network, tariff::Tariff tariff, charging::Settings settings, TimePoint start,
                Milliseconds answer_delay);

    void plug(const ChargerId& charger, Car car);
    void go_offline(const ChargerId& charger);
    void go_online(const ChargerId& charger);
    void refuse(const ChargerId& charger);
    void limit(const NodeId& node, Watts watts, TimePoint until);
    void meter(const NodeId& node, Watts watts);

    /// Half a minute: cars draw and leave, chargers answer and report, every minute there is a plan.
    void step();
    [[nodiscard]] TimePoint now() const { return now_; }
    [[nodiscard]] const VirtualCharger& charger(const ChargerId& id) const { return chargers_.at(id); }
    [[nodiscard]] Watts power(const ChargerId& id) const;
    [[nodiscard]] orderly::Explanation explain(const ChargerId& id) const;
    [[nodiscard]] const charging::State& state() const { return state_; }

    /// Names of alarms that were ever raised.
    [[nodiscard]] const std::set<std::string>& alarms() const { return alarms_; }
    /// Nodes where a quarter-hour's mean passed the limit, or where permissions did.
    [[nodiscard]] const std::map<NodeId, std::string>& overloads() const { return overloads_; }
    /// "A lower", "B raise": in the order in which chargers accepted.
    [[nodiscard]] const std::vector<std::string>& accepted() const { return accepted_; }
    /// Every event so far, folded anew, is the state.
    [[nodiscard]] bool journal_is_the_state() const;

private:
    struct Answer {
        TimePoint due;
        charging::Command command;
    };
    void take(const std::vector<charging::Event>& events);
    charging::Reply say(VirtualCharger& charger, const charging::ChargerMessage& message);
    charging::Reply deliver(VirtualCharger& charger, const charging::ChargerMessage& message);
    void plan();
    void act();
    void answer_due();
    void obey(const charging::Command& command);
    void draw();
    void report();
    void leave();
    void watch_loads();
    void watch_permissions();
    [[nodiscard]] Watts limit_now(grid::NodeIndex node) const;

    charging::State state_;
    tariff::Tariff tariff_;
    charging::Settings settings_;
    orderly::Orderly orderly_;
    std::unique_ptr<dispatch::Planner> planner_;
    TimePoint now_;
    Milliseconds answer_delay_;
    std::map<ChargerId, VirtualCharger> chargers_;
    std::vector<Answer> answers_;
    std::vector<charging::Event> history_;
    std::set<std::string> alarms_;
    std::map<NodeId, std::string> overloads_;
    std::vector<std::string> accepted_;
    std::vector<double> slot_wh_;
    std::vector<double> slot_limit_wh_;
};

}  // namespace tianqu::scenario
