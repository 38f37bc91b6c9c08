#pragma once

/// OCPP 1.6, firmware management profile.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ocpp/v16/types.hpp"

namespace tianqu::ocpp::v16 {

// DiagnosticsStatusNotification ---------------------------------------------------------------------------------

enum class DiagnosticsStatus : std::uint8_t { idle, uploaded, upload_failed, uploading, unrecognised };
constexpr auto enum_names(DiagnosticsStatus) { return names("Idle", "Uploaded", "UploadFailed", "Uploading"); }

struct DiagnosticsStatusNotificationRequest {
    static constexpr std::string_view action = "DiagnosticsStatusNotification";
    static constexpr Sender sender = Sender::charge_point;

    DiagnosticsStatus status = DiagnosticsStatus::idle;

    bool operator==(const DiagnosticsStatusNotificationRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

struct DiagnosticsStatusNotificationResponse {
    static constexpr std::string_view action = "DiagnosticsStatusNotification";

    bool operator==(const DiagnosticsStatusNotificationResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self&, Visitor&) {}
};

// FirmwareStatusNotification ------------------------------------------------------------------------------------

enum class FirmwareStatus : std::uint8_t {
    downloaded,
    download_failed,
    downloading,
    idle,
    installation_failed,
    installing,
    installed,
    unrecognised,
};
constexpr auto enum_names(FirmwareStatus) {
    return names("Downloaded", "DownloadFailed", "Downloading", "Idle", "InstallationFailed", "Installing",
                 "Installed");
}

struct FirmwareStatusNotificationRequest {
    static constexpr std::string_view action = "FirmwareStatusNotification";
    static constexpr Sender sender = Sender::charge_point;

    FirmwareStatus status = FirmwareStatus::idle;

    bool operator==(const FirmwareStatusNotificationRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

struct FirmwareStatusNotificationResponse {
    static constexpr std::string_view action = "FirmwareStatusNotification";

    bool operator==(const FirmwareStatusNotificationResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self&, Visitor&) {}
};

// GetDiagnostics ------------------------------------------------------------------------------------------------

struct GetDiagnosticsRequest {
    static constexpr std::string_view action = "GetDiagnostics";
    static constexpr Sender sender = Sender::central_system;

    Uri location;
    std::optional<std::int64_t> retries;
    std::optional<std::int64_t> retry_interval;  ///< seconds
    std::optional<Timestamp> start_time;
    std::optional<Timestamp> stop_time;

    bool operator==(const GetDiagnosticsRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("location", self.location, essential);
        visit("retries", self.retries);
        visit("retryInterval", self.retry_interval);
        visit("startTime", self.start_time);
        visit("stopTime", self.stop_time);
    }
};

struct GetDiagnosticsResponse {
    static constexpr std::string_view action = "GetDiagnostics";

    std::optional<Text<255>> file_name;

    bool operator==(const GetDiagnosticsResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("fileName", self.file_name);
    }
};

// UpdateFirmware ------------------------------------------------------------------------------------------------

struct UpdateFirmwareRequest {
    static constexpr std::string_view action = "UpdateFirmware";
    static constexpr Sender sender = Sender::central_system;

    Uri location;
    std::optional<std::int64_t> retries;
    Timestamp retrieve_date;
    std::optional<std::int64_t> retry_interval;  ///< seconds

    bool operator==(const UpdateFirmwareRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("location", self.location, essential);
        visit("retries", self.retries);
        visit("retrieveDate", self.retrieve_date, essential);
        visit("retryInterval", self.retry_interval);
    }
};

struct UpdateFirmwareResponse {
    static constexpr std::string_view action = "UpdateFirmware";

    bool operator==(const UpdateFirmwareResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self&, Visitor&) {}
};

}  // namespace tianqu::ocpp::v16
