#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace tianqu::cli {

struct SimulateOptions {
    std::string url;            ///< ws://host:port/path; the charger's id follows
    std::int64_t chargers = 0;  ///< 0: all of the network
    std::string prefix = "SIM-";
    std::optional<std::filesystem::path> network;
    std::uint64_t seed = 1;
    double speed = 1;
    std::optional<std::chrono::milliseconds> run_for;  ///< machine time; none: until stopped by a signal
    double faults = 0;
    bool json = false;
};

/// Where virtual chargers connect to.
struct ChargerUrl {
    std::string host;
    std::uint16_t port = 80;
    std::string path;  ///< without a slash at its end
};
/// Reads ws://host[:port][/path]. Error: invalid_input.
[[nodiscard]] Result<ChargerUrl> parse_charger_url(const std::string& url);

/// Runs virtual chargers against a server until the time is over or SIGINT or SIGTERM comes. 0, or 1 with the reason on
/// `out`.
[[nodiscard]] int run_simulate(const SimulateOptions& options, std::ostream& out);

void add_simulate_command(CLI::App& app);

}  // namespace tianqu::cli
