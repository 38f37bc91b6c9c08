#pragma once

/// Keeps the permission ledger in step with the state, and turns wishes into commands that may go out now.

#include <optional>
#include <unordered_map>
#include <vector>

#include "charging/state.hpp"
#include "dispatch/ledger.hpp"
#include "orderly/head_room.hpp"
#include "orderly/orderly.hpp"

namespace tianqu::orderly {

class Permissions {
public:
    explicit Permissions(const Settings& settings);

    /// Takes in what was answered, who came, went, or lost its connection since the last call.
    void sync(const charging::State& state, TimePoint now);
    /// Whether nodes came, went or moved since the last `sync`: what is known here fits no more until the next one.
    [[nodiscard]] bool network_changed(const charging::State& state) const;
    /// The same for connectors that count or wait for an answer only: enough between two plans.
    void sync_active(const charging::State& state, TimePoint now);
    void set_limits(const HeadRoom& head_room);

    /// Whether a plan can decide what this connector draws: approved, online, and not one that refuses.
    [[nodiscard]] bool controllable(const ConnectorKey& connector) const;
    [[nodiscard]] bool refuses(const ConnectorKey& connector) const;
    /// What is left for the sessions at these connectors: node × slots + slot.
    [[nodiscard]] std::vector<std::int64_t> head_room(const std::vector<ConnectorKey>& planned) const;
    /// The same with nothing planned but what can be controlled: negative where the rest alone passes the limit.
    [[nodiscard]] std::vector<std::int64_t> left_by_uncontrolled() const;
    [[nodiscard]] std::int64_t counted_at(grid::NodeIndex node, int slot) const;
    [[nodiscard]] std::optional<std::int64_t> limit_at(grid::NodeIndex node, int slot) const;

    struct SessionWish {
        SessionId session;
        ConnectorKey connector;
        std::vector<std::int32_t> watts;  ///< from the ledger's present slot on
        Watts fallback;
    };
    /// Lowerings, then defaults of connectors that lack one, then raises; with the events that they were sent.
    void command(const charging::State& state, const std::vector<SessionWish>& wishes, TimePoint now, Output& output);
    [[nodiscard]] TimePoint horizon_start() const { return ledger_.horizon_start(); }
    [[nodiscard]] const Counters& counters() const { return counters_; }

private:
    struct Flight {
        CommandId command;
        std::uint64_t sequence = 0;
        dispatch::Schedule schedule;
    };
    /// What the ledger was told about a connector.
    struct View {
        std::optional<SessionId> session;
        std::optional<dispatch::Schedule> permit;
        std::vector<CommandId> unanswered;
        bool operator==(const View&) const = default;
    };
    struct Entry {
        int index = 0;
        int node = 0;
        View view;
        std::optional<Flight> flight;
        std::optional<Flight> default_flight;
        Watts maximum{-1}, level{-1};
        bool online = true;
        bool approved = true;
        bool default_refused = false;
        int failures = 0;
        TimePoint pause_until{};
        TimePoint default_pause_until{};
    };

    void rebuild(const charging::State& state, TimePoint now);
    void sync_connector(const charging::State& state, const charging::Charger& charger,
                        const charging::Connector& connector, TimePoint now);
    void sync_flight(Entry& entry, const charging::Connector& connector, TimePoint now);
    void sync_default_flight(Entry& entry, const charging::Connector& connector, TimePoint now);
    void sync_view(Entry& entry, const charging::State& state, const ConnectorKey& key,
                   const charging::Connector& connector, TimePoint now);
    void failed(Entry& entry, TimePoint now);
    void send_defaults(const charging::State& state, TimePoint now, Output& output, std::int64_t& number);
    void send(const charging::State& state, charging::PermitPower permit, TimePoint now, Output& output,
              const CommandId& command);

    Settings settings_;
    dispatch::Ledger ledger_;
    std::vector<NodeId> nodes_;
    std::vector<int> parents_;
    std::unordered_map<ConnectorKey, Entry> entries_;
    std::vector<ConnectorKey> keys_;  ///< by ledger index
    TimePoint now_{};
    bool defaults_due_ = false;
    Counters counters_;
};

/// Neighbouring slots that differ by little become one step at the lower of them: chargers keep few steps.
void merge_steps(std::vector<std::int32_t>& watts, int exact_slots);

}  // namespace tianqu::orderly
