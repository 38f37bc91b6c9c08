#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "grid/network.hpp"
#include "ports/clock.hpp"
#include "simulation/report.hpp"
#include "simulation/truth.hpp"

namespace tianqu::simulator {

struct FleetOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8887;
    std::string path = "/ocpp";  ///< the charger's id follows
    std::uint64_t seed = 1;
    UtcOffset offset{std::chrono::minutes{480}};
    Milliseconds meter_interval{60'000};  ///< clock time; the operator may change it by configuration
    double faults = 0;                    ///< chance of a charger to have a trouble in a day, 0…1
    std::chrono::milliseconds tick{20};   ///< machine time between looks at the clock
    /// Called on the fleet's thread when everything due was done; empty: nobody asks.
    std::function<void()> on_tick;
    std::size_t connects_per_tick = 20;  ///< connections opened at a time, so that a start is no stampede
};

struct FleetCounts {
    std::size_t chargers = 0;
    std::size_t connected = 0;
    std::size_t plugged = 0;
    std::size_t charging = 0;
    std::int64_t power_w = 0;
    std::uint64_t frames_sent = 0;
    std::uint64_t frames_received = 0;
    std::uint64_t connections_lost = 0;
    std::uint64_t messages_dropped = 0;  ///< transactional messages given up or pushed out of a full queue
    std::uint64_t messages_waiting = 0;  ///< transactional messages not confirmed yet
};

/// All chargers of a network as real WebSocket clients on one thread of their own, driven by one timer.
class Fleet {
public:
    /// The clock must outlive the fleet. Cars come from the moment of `start` on.
    Fleet(FleetOptions options, grid::Network network, const ports::Clock& clock);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Error: unavailable when the host cannot be resolved. Chargers then connect by themselves, again and again.
    [[nodiscard]] Status start();
    /// Time stops for the chargers (the recording ends here), connections close; waits for all. May be called twice.
    void stop();

    [[nodiscard]] const grid::Network& network() const;
    /// From any thread; waits for the fleet's thread to look.
    [[nodiscard]] FleetCounts counts() const;
    [[nodiscard]] simulation::Truth truth() const;
    /// The report so far, or of the whole run once stopped.
    [[nodiscard]] Result<simulation::Report> report(
        double speed, const std::function<const tariff::Tariff&(grid::StationKind)>& tariff_of) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Writes the report as JSON to `file` and its meters to `file` without extension + "-meters.csv".
/// Error: storage_failure.
[[nodiscard]] Status write_report(const std::filesystem::path& file, const simulation::Report& report,
                                  const grid::Network& network);

}  // namespace tianqu::simulator
