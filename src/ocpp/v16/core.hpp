#pragma once

/// OCPP 1.6, core profile: what a charger says, and data transfer both ways.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ocpp/v16/types.hpp"

namespace tianqu::ocpp::v16 {

// Authorize -----------------------------------------------------------------------------------------------------

struct AuthorizeRequest {
    static constexpr std::string_view action = "Authorize";
    static constexpr Sender sender = Sender::charge_point;

    IdTag id_tag;

    bool operator==(const AuthorizeRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("idTag", self.id_tag, essential);
    }
};

struct AuthorizeResponse {
    static constexpr std::string_view action = "Authorize";

    IdTagInfo id_tag_info;

    bool operator==(const AuthorizeResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("idTagInfo", self.id_tag_info, essential);
    }
};

// BootNotification ----------------------------------------------------------------------------------------------

enum class RegistrationStatus : std::uint8_t { accepted, pending, rejected, unrecognised };
constexpr auto enum_names(RegistrationStatus) { return names("Accepted", "Pending", "Rejected"); }

struct BootNotificationRequest {
    static constexpr std::string_view action = "BootNotification";
    static constexpr Sender sender = Sender::charge_point;

    Text<20> charge_point_vendor;
    Text<20> charge_point_model;
    std::optional<Text<25>> charge_point_serial_number;
    std::optional<Text<25>> charge_box_serial_number;
    std::optional<Text<50>> firmware_version;
    std::optional<Text<20>> iccid;
    std::optional<Text<20>> imsi;
    std::optional<Text<25>> meter_type;
    std::optional<Text<25>> meter_serial_number;

    bool operator==(const BootNotificationRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("chargePointVendor", self.charge_point_vendor, essential);
        visit("chargePointModel", self.charge_point_model, essential);
        visit("chargePointSerialNumber", self.charge_point_serial_number);
        visit("chargeBoxSerialNumber", self.charge_box_serial_number);
        visit("firmwareVersion", self.firmware_version);
        visit("iccid", self.iccid);
        visit("imsi", self.imsi);
        visit("meterType", self.meter_type);
        visit("meterSerialNumber", self.meter_serial_number);
    }
};

struct BootNotificationResponse {
    static constexpr std::string_view action = "BootNotification";

    RegistrationStatus status = RegistrationStatus::rejected;
    Timestamp current_time;
    std::int64_t interval = 0;  ///< seconds between heartbeats, or until the next BootNotification

    bool operator==(const BootNotificationResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
        visit("currentTime", self.current_time);
        visit("interval", self.interval);
    }
};

// DataTransfer --------------------------------------------------------------------------------------------------

enum class DataTransferStatus : std::uint8_t {
    accepted,
    rejected,
    unknown_message_id,
    unknown_vendor_id,
    unrecognised
};
constexpr auto enum_names(DataTransferStatus) {
    return names("Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId");
}

struct DataTransferRequest {
    static constexpr std::string_view action = "DataTransfer";
    static constexpr Sender sender = Sender::both;

    Text<255> vendor_id;
    std::optional<Text<50>> message_id;
    std::optional<AnyText> data;

    bool operator==(const DataTransferRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("vendorId", self.vendor_id, essential);
        visit("messageId", self.message_id);
        visit("data", self.data);
    }
};

struct DataTransferResponse {
    static constexpr std::string_view action = "DataTransfer";

    DataTransferStatus status = DataTransferStatus::rejected;
    std::optional<AnyText> data;

    bool operator==(const DataTransferResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
        visit("data", self.data);
    }
};

// Heartbeat -----------------------------------------------------------------------------------------------------

struct HeartbeatRequest {
    static constexpr std::string_view action = "Heartbeat";
    static constexpr Sender sender = Sender::charge_point;

    bool operator==(const HeartbeatRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self&, Visitor&) {}
};

struct HeartbeatResponse {
    static constexpr std::string_view action = "Heartbeat";

    Timestamp current_time;

    bool operator==(const HeartbeatResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("currentTime", self.current_time);
    }
};

// MeterValues ---------------------------------------------------------------------------------------------------

struct MeterValuesRequest {
    static constexpr std::string_view action = "MeterValues";
    static constexpr Sender sender = Sender::charge_point;
    static constexpr bool carries_bill = true;

    std::int64_t connector_id = 0;
    std::optional<std::int64_t> transaction_id;
    std::vector<MeterValue> meter_value;

    bool operator==(const MeterValuesRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id, essential);
        visit("transactionId", self.transaction_id);
        visit("meterValue", self.meter_value, essential);
    }
};

struct MeterValuesResponse {
    static constexpr std::string_view action = "MeterValues";

    bool operator==(const MeterValuesResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self&, Visitor&) {}
};

// StartTransaction ----------------------------------------------------------------------------------------------

struct StartTransactionRequest {
    static constexpr std::string_view action = "StartTransaction";
    static constexpr Sender sender = Sender::charge_point;
    static constexpr bool carries_bill = true;

    std::int64_t connector_id = 0;
    IdTag id_tag;
    std::int64_t meter_start = 0;  ///< Wh
    std::optional<std::int64_t> reservation_id;
    Timestamp timestamp;

    bool operator==(const StartTransactionRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id, essential);
        visit("idTag", self.id_tag);
        visit("meterStart", self.meter_start, essential);
        visit("reservationId", self.reservation_id);
        visit("timestamp", self.timestamp);
    }
};

struct StartTransactionResponse {
    static constexpr std::string_view action = "StartTransaction";

    IdTagInfo id_tag_info;
    std::int64_t transaction_id = 0;

    bool operator==(const StartTransactionResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("idTagInfo", self.id_tag_info);
        visit("transactionId", self.transaction_id, essential);
    }
};

// StatusNotification --------------------------------------------------------------------------------------------

enum class ChargePointErrorCode : std::uint8_t {
    connector_lock_failure,
    ev_communication_error,
    ground_failure,
    high_temperature,
    internal_error,
    local_list_conflict,
    no_error,
    other_error,
    over_current_failure,
    power_meter_failure,
    power_switch_failure,
    reader_failure,
    reset_failure,
    under_voltage,
    over_voltage,
    weak_signal,
    unrecognised,
};
constexpr auto enum_names(ChargePointErrorCode) {
    return names("ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature", "InternalError",
                 "LocalListConflict", "NoError", "OtherError", "OverCurrentFailure", "PowerMeterFailure",
                 "PowerSwitchFailure", "ReaderFailure", "ResetFailure", "UnderVoltage", "OverVoltage", "WeakSignal");
}

enum class ChargePointStatus : std::uint8_t {
    available,
    preparing,
    charging,
    suspended_evse,
    suspended_ev,
    finishing,
    reserved,
    unavailable,
    faulted,
    unrecognised,
};
constexpr auto enum_names(ChargePointStatus) {
    return names("Available", "Preparing", "Charging", "SuspendedEVSE", "SuspendedEV", "Finishing", "Reserved",
                 "Unavailable", "Faulted");
}

struct StatusNotificationRequest {
    static constexpr std::string_view action = "StatusNotification";
    static constexpr Sender sender = Sender::charge_point;

    std::int64_t connector_id = 0;
    ChargePointErrorCode error_code = ChargePointErrorCode::no_error;
    std::optional<Text<50>> info;
    ChargePointStatus status = ChargePointStatus::unavailable;
    std::optional<Timestamp> timestamp;
    std::optional<Text<255>> vendor_id;
    std::optional<Text<50>> vendor_error_code;

    bool operator==(const StatusNotificationRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id, essential);
        visit("errorCode", self.error_code);
        visit("info", self.info);
        visit("status", self.status, essential);
        visit("timestamp", self.timestamp);
        visit("vendorId", self.vendor_id);
        visit("vendorErrorCode", self.vendor_error_code);
    }
};

struct StatusNotificationResponse {
    static constexpr std::string_view action = "StatusNotification";

    bool operator==(const StatusNotificationResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self&, Visitor&) {}
};

// StopTransaction -----------------------------------------------------------------------------------------------

enum class StopReason : std::uint8_t {
    emergency_stop,
    ev_disconnected,
    hard_reset,
    local,
    other,
    power_loss,
    reboot,
    remote,
    soft_reset,
    unlock_command,
    de_authorized,
    unrecognised,
};
constexpr auto enum_names(StopReason) {
    return names("EmergencyStop", "EVDisconnected", "HardReset", "Local", "Other", "PowerLoss", "Reboot", "Remote",
                 "SoftReset", "UnlockCommand", "DeAuthorized");
}

struct StopTransactionRequest {
    static constexpr std::string_view action = "StopTransaction";
    static constexpr Sender sender = Sender::charge_point;
    static constexpr bool carries_bill = true;

    std::optional<IdTag> id_tag;
    std::int64_t meter_stop = 0;  ///< Wh
    Timestamp timestamp;
    std::int64_t transaction_id = 0;
    std::optional<StopReason> reason;
    std::optional<std::vector<MeterValue>> transaction_data;

    bool operator==(const StopTransactionRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("idTag", self.id_tag);
        visit("meterStop", self.meter_stop, essential);
        visit("timestamp", self.timestamp);
        visit("transactionId", self.transaction_id, essential);
        visit("reason", self.reason);
        visit("transactionData", self.transaction_data);
    }
};

struct StopTransactionResponse {
    static constexpr std::string_view action = "StopTransaction";

    std::optional<IdTagInfo> id_tag_info;

    bool operator==(const StopTransactionResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("idTagInfo", self.id_tag_info);
    }
};

}  // namespace tianqu::ocpp::v16
