#pragma once

/// OCPP 1.6, core profile: what the central system asks.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ocpp/v16/types.hpp"

namespace tianqu::ocpp::v16 {

// ChangeAvailability --------------------------------------------------------------------------------------------

enum class AvailabilityType : std::uint8_t { inoperative, operative, unrecognised };
constexpr auto enum_names(AvailabilityType) { return names("Inoperative", "Operative"); }

enum class AvailabilityStatus : std::uint8_t { accepted, rejected, scheduled, unrecognised };
constexpr auto enum_names(AvailabilityStatus) { return names("Accepted", "Rejected", "Scheduled"); }

struct ChangeAvailabilityRequest {
    static constexpr std::string_view action = "ChangeAvailability";
    static constexpr Sender sender = Sender::central_system;

    std::int64_t connector_id = 0;
    AvailabilityType type = AvailabilityType::operative;

    bool operator==(const ChangeAvailabilityRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id, essential);
        visit("type", self.type, essential);
    }
};

struct ChangeAvailabilityResponse {
    static constexpr std::string_view action = "ChangeAvailability";

    AvailabilityStatus status = AvailabilityStatus::rejected;

    bool operator==(const ChangeAvailabilityResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// ChangeConfiguration -------------------------------------------------------------------------------------------

enum class ConfigurationStatus : std::uint8_t { accepted, rejected, reboot_required, not_supported, unrecognised };
constexpr auto enum_names(ConfigurationStatus) {
    return names("Accepted", "Rejected", "RebootRequired", "NotSupported");
}

struct ChangeConfigurationRequest {
    static constexpr std::string_view action = "ChangeConfiguration";
    static constexpr Sender sender = Sender::central_system;

    Text<50> key;
    Text<500> value;

    bool operator==(const ChangeConfigurationRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("key", self.key, essential);
        visit("value", self.value, essential);
    }
};

struct ChangeConfigurationResponse {
    static constexpr std::string_view action = "ChangeConfiguration";

    ConfigurationStatus status = ConfigurationStatus::rejected;

    bool operator==(const ChangeConfigurationResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// ClearCache ----------------------------------------------------------------------------------------------------

struct ClearCacheRequest {
    static constexpr std::string_view action = "ClearCache";
    static constexpr Sender sender = Sender::central_system;

    bool operator==(const ClearCacheRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self&, Visitor&) {}
};

struct ClearCacheResponse {
    static constexpr std::string_view action = "ClearCache";

    AcceptedRejected status = AcceptedRejected::rejected;

    bool operator==(const ClearCacheResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// GetConfiguration ----------------------------------------------------------------------------------------------

struct KeyValue {
    Text<50> key;
    bool readonly = false;
    std::optional<Text<500>> value;

    bool operator==(const KeyValue&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("key", self.key, essential);
        visit("readonly", self.readonly);
        visit("value", self.value);
    }
};

struct GetConfigurationRequest {
    static constexpr std::string_view action = "GetConfiguration";
    static constexpr Sender sender = Sender::central_system;

    std::optional<std::vector<Text<50>>> key;

    bool operator==(const GetConfigurationRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("key", self.key);
    }
};

struct GetConfigurationResponse {
    static constexpr std::string_view action = "GetConfiguration";

    std::optional<std::vector<KeyValue>> configuration_key;
    std::optional<std::vector<Text<50>>> unknown_key;

    bool operator==(const GetConfigurationResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("configurationKey", self.configuration_key);
        visit("unknownKey", self.unknown_key);
    }
};

// RemoteStartTransaction ----------------------------------------------------------------------------------------

struct RemoteStartTransactionRequest {
    static constexpr std::string_view action = "RemoteStartTransaction";
    static constexpr Sender sender = Sender::central_system;

    std::optional<std::int64_t> connector_id;
    IdTag id_tag;
    std::optional<ChargingProfile> charging_profile;

    bool operator==(const RemoteStartTransactionRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id);
        visit("idTag", self.id_tag, essential);
        visit("chargingProfile", self.charging_profile);
    }
};

struct RemoteStartTransactionResponse {
    static constexpr std::string_view action = "RemoteStartTransaction";

    AcceptedRejected status = AcceptedRejected::rejected;

    bool operator==(const RemoteStartTransactionResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// RemoteStopTransaction -----------------------------------------------------------------------------------------

struct RemoteStopTransactionRequest {
    static constexpr std::string_view action = "RemoteStopTransaction";
    static constexpr Sender sender = Sender::central_system;

    std::int64_t transaction_id = 0;

    bool operator==(const RemoteStopTransactionRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("transactionId", self.transaction_id, essential);
    }
};

struct RemoteStopTransactionResponse {
    static constexpr std::string_view action = "RemoteStopTransaction";

    AcceptedRejected status = AcceptedRejected::rejected;

    bool operator==(const RemoteStopTransactionResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// Reset ---------------------------------------------------------------------------------------------------------

enum class ResetType : std::uint8_t { hard, soft, unrecognised };
constexpr auto enum_names(ResetType) { return names("Hard", "Soft"); }

struct ResetRequest {
    static constexpr std::string_view action = "Reset";
    static constexpr Sender sender = Sender::central_system;

    ResetType type = ResetType::soft;

    bool operator==(const ResetRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("type", self.type, essential);
    }
};

struct ResetResponse {
    static constexpr std::string_view action = "Reset";

    AcceptedRejected status = AcceptedRejected::rejected;

    bool operator==(const ResetResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// UnlockConnector -----------------------------------------------------------------------------------------------

enum class UnlockStatus : std::uint8_t { unlocked, unlock_failed, not_supported, unrecognised };
constexpr auto enum_names(UnlockStatus) { return names("Unlocked", "UnlockFailed", "NotSupported"); }

struct UnlockConnectorRequest {
    static constexpr std::string_view action = "UnlockConnector";
    static constexpr Sender sender = Sender::central_system;

    std::int64_t connector_id = 0;

    bool operator==(const UnlockConnectorRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id, essential);
    }
};

struct UnlockConnectorResponse {
    static constexpr std::string_view action = "UnlockConnector";

    UnlockStatus status = UnlockStatus::not_supported;

    bool operator==(const UnlockConnectorResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

}  // namespace tianqu::ocpp::v16
