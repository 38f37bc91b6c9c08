#pragma once

/// OCPP 1.6, smart charging profile.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ocpp/v16/types.hpp"

namespace tianqu::ocpp::v16 {

// ClearChargingProfile ------------------------------------------------------------------------------------------

enum class ClearChargingProfileStatus : std::uint8_t { accepted, unknown, unrecognised };
constexpr auto enum_names(ClearChargingProfileStatus) { return names("Accepted", "Unknown"); }

struct ClearChargingProfileRequest {
    static constexpr std::string_view action = "ClearChargingProfile";
    static constexpr Sender sender = Sender::central_system;

    std::optional<std::int64_t> id;
    std::optional<std::int64_t> connector_id;
    std::optional<ProfilePurpose> charging_profile_purpose;
    std::optional<std::int64_t> stack_level;

    bool operator==(const ClearChargingProfileRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("id", self.id);
        visit("connectorId", self.connector_id);
        visit("chargingProfilePurpose", self.charging_profile_purpose);
        visit("stackLevel", self.stack_level);
    }
};

struct ClearChargingProfileResponse {
    static constexpr std::string_view action = "ClearChargingProfile";

    ClearChargingProfileStatus status = ClearChargingProfileStatus::unknown;

    bool operator==(const ClearChargingProfileResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

// GetCompositeSchedule ------------------------------------------------------------------------------------------

struct GetCompositeScheduleRequest {
    static constexpr std::string_view action = "GetCompositeSchedule";
    static constexpr Sender sender = Sender::central_system;

    std::int64_t connector_id = 0;
    std::int64_t duration = 0;  ///< seconds
    std::optional<RateUnit> charging_rate_unit;

    bool operator==(const GetCompositeScheduleRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id, essential);
        visit("duration", self.duration, essential);
        visit("chargingRateUnit", self.charging_rate_unit);
    }
};

struct GetCompositeScheduleResponse {
    static constexpr std::string_view action = "GetCompositeSchedule";

    AcceptedRejected status = AcceptedRejected::rejected;
    std::optional<std::int64_t> connector_id;
    std::optional<Timestamp> schedule_start;
    std::optional<ChargingSchedule> charging_schedule;

    bool operator==(const GetCompositeScheduleResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
        visit("connectorId", self.connector_id);
        visit("scheduleStart", self.schedule_start);
        visit("chargingSchedule", self.charging_schedule);
    }
};

// SetChargingProfile --------------------------------------------------------------------------------------------

enum class ChargingProfileStatus : std::uint8_t { accepted, rejected, not_supported, unrecognised };
constexpr auto enum_names(ChargingProfileStatus) { return names("Accepted", "Rejected", "NotSupported"); }

struct SetChargingProfileRequest {
    static constexpr std::string_view action = "SetChargingProfile";
    static constexpr Sender sender = Sender::central_system;

    std::int64_t connector_id = 0;
    ChargingProfile cs_charging_profiles;

    bool operator==(const SetChargingProfileRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("connectorId", self.connector_id, essential);
        visit("csChargingProfiles", self.cs_charging_profiles, essential);
    }
};

struct SetChargingProfileResponse {
    static constexpr std::string_view action = "SetChargingProfile";

    ChargingProfileStatus status = ChargingProfileStatus::rejected;

    bool operator==(const SetChargingProfileResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

}  // namespace tianqu::ocpp::v16
