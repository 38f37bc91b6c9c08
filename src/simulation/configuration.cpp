#include "simulation/configuration.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/assertion.hpp"

namespace tianqu::simulation {

namespace v16 = ocpp::v16;

namespace {

std::optional<std::int64_t> read_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

Configuration::Configuration(std::size_t connectors, Milliseconds meter_interval) {
    const auto number_key = [&](const char* key, std::int64_t value, bool read_only = false) {
        entries_[key] = {std::to_string(value), Kind::number, read_only};
    };
    const auto truth_key = [&](const char* key, bool value, bool read_only = false) {
        entries_[key] = {value ? "true" : "false", Kind::truth, read_only};
    };
    const auto text_key = [&](const char* key, const char* value, bool read_only = false) {
        entries_[key] = {value, Kind::text, read_only};
    };
    truth_key("AllowOfflineTxForUnknownId", true);
    truth_key("AuthorizationCacheEnabled", false, true);
    truth_key("AuthorizeRemoteTxRequests", false);
    number_key("ClockAlignedDataInterval", 0);
    number_key("ConnectionTimeOut", 60);
    text_key("ConnectorPhaseRotation", "NotApplicable");
    number_key("GetConfigurationMaxKeys", 100, true);
    number_key("HeartbeatInterval", 300);
    truth_key("LocalAuthorizeOffline", true);
    truth_key("LocalPreAuthorize", false);
    text_key("MeterValuesAlignedData", "Energy.Active.Import.Register");
    text_key("MeterValuesSampledData",
             "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC,Temperature");
    number_key("MeterValueSampleInterval", meter_interval.count() / 1000);
    number_key("NumberOfConnectors", static_cast<std::int64_t>(connectors), true);
    number_key("ResetRetries", 3);
    truth_key("StopTransactionOnEVSideDisconnect", true, true);
    truth_key("StopTransactionOnInvalidId", true);
    text_key("StopTxnAlignedData", "", true);
    text_key("StopTxnSampledData", "", true);
    text_key("SupportedFeatureProfiles",
             "Core,SmartCharging,RemoteTrigger,Reservation,LocalAuthListManagement,FirmwareManagement", true);
    number_key("TransactionMessageAttempts", 5);
    number_key("TransactionMessageRetryInterval", 60);
    truth_key("UnlockConnectorOnEVSideDisconnect", true);
    number_key("WebSocketPingInterval", 0, true);
    truth_key("LocalAuthListEnabled", true);
    number_key("LocalAuthListMaxLength", max_local_list, true);
    number_key("SendLocalListMaxLength", 1'000, true);
    truth_key("ReserveConnectorZeroSupported", false, true);
    number_key("ChargeProfileMaxStackLevel", max_profile_stack_level, true);
    text_key("ChargingScheduleAllowedChargingRateUnit", "Current,Power", true);
    number_key("ChargingScheduleMaxPeriods", max_profile_periods, true);
    number_key("MaxChargingProfilesInstalled", max_profiles, true);
    truth_key("ConnectorSwitch3to1PhaseSupported", false, true);
}

v16::GetConfigurationResponse Configuration::get(const v16::GetConfigurationRequest& request) const {
    v16::GetConfigurationResponse response;
    auto& known = response.configuration_key.emplace();
    const auto add = [&](const std::string& key, const Entry& entry) {
        v16::KeyValue row;
        row.key = key;
        row.readonly = entry.read_only;
        row.value = entry.value;
        known.push_back(std::move(row));
    };
    if (!request.key || request.key->empty()) {
        for (const auto& [key, entry] : entries_) add(key, entry);
        return response;
    }
    for (const auto& key : *request.key) {
        const auto found = entries_.find(std::string_view(key));
        if (found != entries_.end()) {
            add(found->first, found->second);
        } else {
            if (!response.unknown_key) response.unknown_key.emplace();
            response.unknown_key->push_back(key);
        }
    }
    return response;
}

v16::ConfigurationStatus Configuration::change(const std::string& key, const std::string& value) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return v16::ConfigurationStatus::not_supported;
    Entry& entry = found->second;
    if (entry.read_only) return v16::ConfigurationStatus::rejected;
    if (entry.kind == Kind::number) {
        const auto number = read_number(value);
        if (!number || *number < 0 || *number > 10'000'000) return v16::ConfigurationStatus::rejected;
    }
    std::string kept = value;
    if (entry.kind == Kind::truth) {
        std::ranges::transform(kept, kept.begin(), [](unsigned char letter) { return std::tolower(letter); });
        if (kept != "true" && kept != "false") return v16::ConfigurationStatus::rejected;
    }
    entry.value = std::move(kept);
    return v16::ConfigurationStatus::accepted;
}

const Configuration::Entry& Configuration::entry(std::string_view key) const {
    const auto found = entries_.find(key);
    TIANQU_ASSERT(found != entries_.end());
    return found->second;
}

std::int64_t Configuration::number(std::string_view key) const { return read_number(entry(key).value).value_or(0); }
bool Configuration::truth(std::string_view key) const { return entry(key).value == "true"; }

bool Configuration::lists(std::string_view key, std::string_view wanted) const {
    std::string_view rest = entry(key).value;
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        if (rest.substr(0, comma) == wanted) return true;
        if (comma == std::string_view::npos) return false;
        rest.remove_prefix(comma + 1);
    }
    return false;
}

void Configuration::set_heartbeat(std::int64_t seconds) {
    entries_["HeartbeatInterval"].value = std::to_string(seconds);
}

}  // namespace tianqu::simulation
