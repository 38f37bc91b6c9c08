#pragma once

/// OCPP 1.6, reservation profile and remote trigger profile.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ocpp/v16/types.hpp"

namespace tianqu::ocpp::v16 {

// CancelReservation ---------------------------------------------------------------------------------------------

struct CancelReservationRequest {
    static constexpr std::string_view action = "CancelReservation";
    static constexpr Sender sender = Sender::central_system;

    std::int64_t reservation_id = 0;

    bool operator==(const CancelReservationRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("reservationId", self.reservation_id, essential);
    }
};

struct CancelReservationResponse {
    static constexpr std::string_view action = "CancelReservation";

    AcceptedRejected status = AcceptedRejected::rejected;

    bool operator==(const CancelReservationResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// ReserveNow ----------------------------------------------------------------------------------------------------

enum class ReservationStatus : std::uint8_t { accepted, faulted, occupied, rejected, unavailable, unrecognised };
constexpr auto enum_names(ReservationStatus) {
    return names("Accepted", "Faulted", "Occupied", "Rejected", "Unavailable");
}

struct ReserveNowRequest {
    static constexpr std::string_view action = "ReserveNow";
    static constexpr Sender sender = Sender::central_system;

    std::int64_t connector_id = 0;
    Timestamp expiry_date;
    IdTag id_tag;
    std::optional<IdTag> parent_id_tag;
    std::int64_t reservation_id = 0;

    bool operator==(const ReserveNowRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id, essential);
        visit("expiryDate", self.expiry_date, essential);
        visit("idTag", self.id_tag, essential);
        visit("parentIdTag", self.parent_id_tag);
        visit("reservationId", self.reservation_id, essential);
    }
};

struct ReserveNowResponse {
    static constexpr std::string_view action = "ReserveNow";

    ReservationStatus status = ReservationStatus::rejected;

    bool operator==(const ReserveNowResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// TriggerMessage ------------------------------------------------------------------------------------------------

enum class MessageTrigger : std::uint8_t {
    boot_notification,
    diagnostics_status_notification,
    firmware_status_notification,
    heartbeat,
    meter_values,
    status_notification,
    unrecognised,
};
constexpr auto enum_names(MessageTrigger) {
    return names("BootNotification", "DiagnosticsStatusNotification", "FirmwareStatusNotification", "Heartbeat",
                 "MeterValues", "StatusNotification");
}

enum class TriggerStatus : std::uint8_t { accepted, rejected, not_implemented, unrecognised };
constexpr auto enum_names(TriggerStatus) { return names("Accepted", "Rejected", "NotImplemented"); }

struct TriggerMessageRequest {
    static constexpr std::string_view action = "TriggerMessage";
    static constexpr Sender sender = Sender::central_system;

    MessageTrigger requested_message = MessageTrigger::heartbeat;
    std::optional<std::int64_t> connector_id;

    bool operator==(const TriggerMessageRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("requestedMessage", self.requested_message, essential);
        visit("connectorId", self.connector_id);
    }
};

struct TriggerMessageResponse {
    static constexpr std::string_view action = "TriggerMessage";

    TriggerStatus status = TriggerStatus::rejected;

    bool operator==(const TriggerMessageResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

}  // namespace tianqu::ocpp::v16
