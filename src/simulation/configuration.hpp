#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "ocpp/v16/core_commands.hpp"

namespace tianqu::simulation {

/// The configuration keys of a virtual charger, as OCPP 1.6 names them.
class Configuration {
public:
    Configuration(std::size_t connectors, Milliseconds meter_interval);

    [[nodiscard]] ocpp::v16::GetConfigurationResponse get(const ocpp::v16::GetConfigurationRequest& request) const;
    /// Rejected for a read-only key or a value of the wrong kind, not supported for an unknown key.
    [[nodiscard]] ocpp::v16::ConfigurationStatus change(const std::string& key, const std::string& value);

    /// Requires a known key; a number that is none counts as 0.
    [[nodiscard]] std::int64_t number(std::string_view key) const;
    [[nodiscard]] bool truth(std::string_view key) const;
    /// A comma-separated list has this entry.
    [[nodiscard]] bool lists(std::string_view key, std::string_view entry) const;
    /// Zero: never.
    [[nodiscard]] Milliseconds seconds(std::string_view key) const { return Milliseconds{number(key) * 1000}; }
    void set_heartbeat(std::int64_t seconds);

private:
    enum class Kind : std::uint8_t { number, truth, text };
    struct Entry {
        std::string value;
        Kind kind = Kind::number;
        bool read_only = false;
    };
    [[nodiscard]] const Entry& entry(std::string_view key) const;

    std::map<std::string, Entry, std::less<>> entries_;
};

/// Limits that the configuration states and the charger keeps.
inline constexpr int max_profile_periods = 96;
inline constexpr int max_profile_stack_level = 8;
inline constexpr int max_profiles = 32;
inline constexpr std::size_t max_local_list = 10'000;

}  // namespace tianqu::simulation
