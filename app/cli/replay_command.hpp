#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace tianqu::cli {

struct ReplayCommandOptions {
    std::filesystem::path sessions;
    std::optional<std::filesystem::path>
        network;                          ///< folder; a session charges below the charger or node its station_id names
    std::optional<std::string> limit_kw;  ///< one limit above all sessions
    std::optional<std::filesystem::path> city;  ///< for prices (and the clock of a network's base load)
    std::string first_day = "2026-03-01";       ///< local day on which period 0 of the file is priced
    std::string policy = "orderly";
    bool json = false;
};

/// Replays the sessions and prints the result on `out`, or the reason on `error`. The exit code.
[[nodiscard]] int run_replay(const ReplayCommandOptions& options, std::ostream& out, std::ostream& error);

/// Adds `replay SESSIONS.csv`. A failing command ends parsing with CLI::RuntimeError.
void add_replay_command(CLI::App& app);

}  // namespace tianqu::cli
