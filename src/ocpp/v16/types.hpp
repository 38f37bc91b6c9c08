#pragma once

/// The enumerations and nested types that several OCPP 1.6 messages share.
///
/// An enumeration lists its values in the order of `enum_names`; `unrecognised` comes last: a tolerant reader met a
/// value that is none of them.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ocpp/fields.hpp"

namespace tianqu::ocpp::v16 {

template <class E>
concept MessageEnum = requires(E value) { enum_names(value)[0]; };

/// The value as it is spelt on the wire; empty for `unrecognised`.
template <MessageEnum E>
[[nodiscard]] constexpr std::string_view enum_name(E value) {
    constexpr auto names = enum_names(E{});
    const auto index = static_cast<std::size_t>(value);
    return index < names.size() ? names[index] : std::string_view{};
}

template <class... Names>
constexpr auto names(Names... list) {
    return std::array<std::string_view, sizeof...(Names)>{list...};
}

using IdTag = Text<20>;

/// Who may start an exchange.
enum class Sender : std::uint8_t { charge_point, central_system, both };

enum class AuthorizationStatus : std::uint8_t { accepted, blocked, expired, invalid, concurrent_tx, unrecognised };
constexpr auto enum_names(AuthorizationStatus) {
    return names("Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx");
}

/// Answers that say no more than yes or no.
enum class AcceptedRejected : std::uint8_t { accepted, rejected, unrecognised };
constexpr auto enum_names(AcceptedRejected) { return names("Accepted", "Rejected"); }

struct IdTagInfo {
    AuthorizationStatus status = AuthorizationStatus::invalid;
    std::optional<Timestamp> expiry_date;
    std::optional<IdTag> parent_id_tag;

    bool operator==(const IdTagInfo&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
        visit("expiryDate", self.expiry_date);
        visit("parentIdTag", self.parent_id_tag);
    }
};

enum class ReadingContext : std::uint8_t {
    interruption_begin,
    interruption_end,
    sample_clock,
    sample_periodic,
    transaction_begin,
    transaction_end,
    trigger,
    other,
    unrecognised,
};
constexpr auto enum_names(ReadingContext) {
    return names("Interruption.Begin", "Interruption.End", "Sample.Clock", "Sample.Periodic", "Transaction.Begin",
                 "Transaction.End", "Trigger", "Other");
}

enum class ValueFormat : std::uint8_t { raw, signed_data, unrecognised };
constexpr auto enum_names(ValueFormat) { return names("Raw", "SignedData"); }

enum class Measurand : std::uint8_t {
    energy_active_import_register,
    energy_active_export_register,
    energy_reactive_import_register,
    energy_reactive_export_register,
    energy_active_import_interval,
    energy_active_export_interval,
    energy_reactive_import_interval,
    energy_reactive_export_interval,
    power_active_import,
    power_active_export,
    power_offered,
    power_reactive_import,
    power_reactive_export,
    power_factor,
    current_import,
    current_export,
    current_offered,
    voltage,
    frequency,
    temperature,
    state_of_charge,
    fan_speed,
    unrecognised,
};
constexpr auto enum_names(Measurand) {
    return names("Energy.Active.Import.Register", "Energy.Active.Export.Register", "Energy.Reactive.Import.Register",
                 "Energy.Reactive.Export.Register", "Energy.Active.Import.Interval", "Energy.Active.Export.Interval",
                 "Energy.Reactive.Import.Interval", "Energy.Reactive.Export.Interval", "Power.Active.Import",
                 "Power.Active.Export", "Power.Offered", "Power.Reactive.Import", "Power.Reactive.Export",
                 "Power.Factor", "Current.Import", "Current.Export", "Current.Offered", "Voltage", "Frequency",
                 "Temperature", "SoC", "RPM");
}

enum class Phase : std::uint8_t { l1, l2, l3, n, l1_n, l2_n, l3_n, l1_l2, l2_l3, l3_l1, unrecognised };
constexpr auto enum_names(Phase) {
    return names("L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1");
}

enum class Location : std::uint8_t { outlet, cable, ev, inlet, body, unrecognised };
constexpr auto enum_names(Location) { return names("Outlet", "Cable", "EV", "Inlet", "Body"); }

enum class UnitOfMeasure : std::uint8_t {
    wh,
    kwh,
    varh,
    kvarh,
    w,
    kw,
    va,
    kva,
    var,
    kvar,
    a,
    v,
    k,
    celcius,
    celsius,
    fahrenheit,
    percent,
    unrecognised,
};
constexpr auto enum_names(UnitOfMeasure) {
    return names("Wh", "kWh", "varh", "kvarh", "W", "kW", "VA", "kVA", "var", "kvar", "A", "V", "K", "Celcius",
                 "Celsius", "Fahrenheit", "Percent");
}

struct SampledValue {
    AnyText value;
    std::optional<ReadingContext> context;
    std::optional<ValueFormat> format;
    std::optional<Measurand> measurand;
    std::optional<Phase> phase;
    std::optional<Location> location;
    std::optional<UnitOfMeasure> unit;

    bool operator==(const SampledValue&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("value", self.value, essential);
        visit("context", self.context);
        visit("format", self.format);
        visit("measurand", self.measurand);
        visit("phase", self.phase);
        visit("location", self.location);
        visit("unit", self.unit);
    }
};

struct MeterValue {
    Timestamp timestamp;
    std::vector<SampledValue> sampled_value;

    bool operator==(const MeterValue&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("timestamp", self.timestamp);
        visit("sampledValue", self.sampled_value);
    }
};

enum class RateUnit : std::uint8_t { amperes, watts, unrecognised };
constexpr auto enum_names(RateUnit) { return names("A", "W"); }

enum class ProfilePurpose : std::uint8_t { charge_point_max_profile, tx_default_profile, tx_profile, unrecognised };
constexpr auto enum_names(ProfilePurpose) { return names("ChargePointMaxProfile", "TxDefaultProfile", "TxProfile"); }

enum class ProfileKind : std::uint8_t { absolute, recurring, relative, unrecognised };
constexpr auto enum_names(ProfileKind) { return names("Absolute", "Recurring", "Relative"); }

enum class RecurrencyKind : std::uint8_t { daily, weekly, unrecognised };
constexpr auto enum_names(RecurrencyKind) { return names("Daily", "Weekly"); }

struct ChargingSchedulePeriod {
    std::int64_t start_period = 0;  ///< seconds from the start of the schedule
    Decimal limit;                  ///< in the schedule's unit
    std::optional<std::int64_t> number_phases;

    bool operator==(const ChargingSchedulePeriod&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("startPeriod", self.start_period, essential);
        visit("limit", self.limit, essential);
        visit("numberPhases", self.number_phases);
    }
};

struct ChargingSchedule {
    std::optional<std::int64_t> duration;  ///< seconds
    std::optional<Timestamp> start_schedule;
    RateUnit charging_rate_unit = RateUnit::watts;
    std::vector<ChargingSchedulePeriod> charging_schedule_period;
    std::optional<Decimal> min_charging_rate;

    bool operator==(const ChargingSchedule&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("duration", self.duration);
        visit("startSchedule", self.start_schedule);
        visit("chargingRateUnit", self.charging_rate_unit, essential);
        visit("chargingSchedulePeriod", self.charging_schedule_period, essential);
        visit("minChargingRate", self.min_charging_rate);
    }
};

struct ChargingProfile {
    std::int64_t charging_profile_id = 0;
    std::optional<std::int64_t> transaction_id;
    std::int64_t stack_level = 0;
    ProfilePurpose charging_profile_purpose = ProfilePurpose::tx_profile;
    ProfileKind charging_profile_kind = ProfileKind::absolute;
    std::optional<RecurrencyKind> recurrency_kind;
    std::optional<Timestamp> valid_from;
    std::optional<Timestamp> valid_to;
    ChargingSchedule charging_schedule;

    bool operator==(const ChargingProfile&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("chargingProfileId", self.charging_profile_id, essential);
        visit("transactionId", self.transaction_id);
        visit("stackLevel", self.stack_level, essential);
        visit("chargingProfilePurpose", self.charging_profile_purpose, essential);
        visit("chargingProfileKind", self.charging_profile_kind, essential);
        visit("recurrencyKind", self.recurrency_kind);
        visit("validFrom", self.valid_from);
        visit("validTo", self.valid_to);
        visit("chargingSchedule", self.charging_schedule, essential);
    }
};

}  // namespace tianqu::ocpp::v16
