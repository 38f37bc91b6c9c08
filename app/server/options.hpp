#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "charging/core.hpp"
#include "ocpp/fields.hpp"

namespace tianqu::server {

struct Endpoint {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
};

/// "127.0.0.1:8080" or "[::1]:8080"; an error names what was expected.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);

/// What `tianqu serve` was asked for.
struct Options {
    std::filesystem::path city = "cities/dezhou";
    std::filesystem::path data = "data/real";
    Endpoint http{"127.0.0.1", 8080};
    Endpoint ocpp{"127.0.0.1", 9000};
    std::optional<std::filesystem::path> network;  ///< network folder to import when the data directory has none
    charging::UnknownChargers unknown_chargers = charging::UnknownChargers::hold;
    ocpp::Validation validation = ocpp::Validation::tolerant;
    /// Chargers of the network that never connected count with their maximum, like any that is offline.
    bool count_never_connected = true;
    Permille limits_scale{1000};  ///< applied to a network at import

    int fleet = 0;     ///< virtual chargers; 0 = the real thing
    double speed = 1;  ///< clock seconds a second, with a fleet
    std::uint64_t seed = 1;
    double faults = 0.0;                          ///< how often virtual chargers fail, 0…1
    std::optional<std::string> start_date;        ///< "2026-11-23": the virtual day; today when absent
    std::optional<std::chrono::seconds> run_for;  ///< wall time
    std::optional<std::filesystem::path> report;

    [[nodiscard]] bool simulated() const { return fleet > 0; }
};

}  // namespace tianqu::server
