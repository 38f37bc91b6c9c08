#pragma once

/// What a charger says and what it is told, free of any protocol. Codecs translate to and from these.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "dispatch/schedule.hpp"

namespace tianqu::charging {

enum class ConnectorStatus : std::uint8_t {
    unknown,
    available,
    preparing,
    charging,
    suspended_by_car,
    suspended_by_charger,
    finishing,
    reserved,
    unavailable,
    faulted,
};
[[nodiscard]] std::string_view enum_name(ConnectorStatus status);

/// One reading of a connector's meter; what was not reported is absent. Phases are already summed.
struct MeterSample {
    TimePoint claimed;                         ///< the charger's clock
    std::optional<WattHours> energy_register;  ///< import register, total since manufacture or reset
    std::optional<Watts> power;                ///< drawn by the car
    std::optional<std::int64_t> current_ma;    ///< largest phase
    std::optional<std::int64_t> voltage_mv;
    std::optional<std::int64_t> temperature_mc;  ///< 10⁻³ °C
    std::optional<Permille> state_of_charge;
    std::optional<Watts> offered;  ///< what the charger offers the car
    std::string context;           ///< "Sample.Periodic", "Transaction.Begin", … ; empty = periodic

    bool operator==(const MeterSample&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "claimed", self.claimed);
        visit(2, "energy_register_wh", self.energy_register);
        visit(3, "power_w", self.power);
        visit(4, "current_ma", self.current_ma);
        visit(5, "voltage_mv", self.voltage_mv);
        visit(6, "temperature_mc", self.temperature_mc);
        visit(7, "state_of_charge_permille", self.state_of_charge);
        visit(8, "offered_w", self.offered);
        visit(9, "context", self.context);
    }
};

// ---- from the charger ----------------------------------------------------------------------------------------------

struct Boot {
    std::string vendor, model, serial, firmware, iccid, imsi, meter_type, meter_serial;
};
struct Heartbeat {};
struct StatusReport {
    ConnectorNumber connector;
    ConnectorStatus status = ConnectorStatus::unknown;
    std::string error_code;  ///< the protocol's own word; "NoError" or empty = none
    std::string info, vendor_id, vendor_error;
    std::optional<TimePoint> claimed;
};
struct Authorize {
    TokenId token;
};
struct StartTransaction {
    ConnectorNumber connector;
    TokenId token;
    WattHours meter_start;
    TimePoint claimed;
    std::optional<std::int64_t> reservation;
};
struct StopTransaction {
    SessionId session;
    TokenId token;  ///< may be empty
    WattHours meter_stop;
    TimePoint claimed;
    std::string reason;  ///< the protocol's word; empty = local
    std::vector<MeterSample> samples;
};
struct MeterValues {
    ConnectorNumber connector;
    std::optional<SessionId> session;
    std::vector<MeterSample> samples;
    std::uint64_t content_hash = 0;  ///< of the message as received: tells a repeat from a new reading
};
/// The driver's wish entered at the charger: when the car leaves and how much it needs. Absent = default by station
/// kind.
struct DriverTarget {
    SessionId session;
    std::optional<TimePoint> departure;
    std::optional<WattHours> energy;  ///< since the session's start
    bool charge_now = false;
};
struct VendorData {
    std::string vendor, message, data;
};
struct FirmwareStatus {
    std::string status;
};
struct DiagnosticsStatus {
    std::string status;
};

using ChargerMessage = std::variant<Boot, Heartbeat, StatusReport, Authorize, StartTransaction, StopTransaction,
                                    MeterValues, DriverTarget, VendorData, FirmwareStatus, DiagnosticsStatus>;

// ---- back to the charger -------------------------------------------------------------------------------------------

enum class Verdict : std::uint8_t { accepted, blocked, expired, invalid, concurrent };
[[nodiscard]] std::string_view enum_name(Verdict verdict);

struct TokenVerdict {
    Verdict verdict = Verdict::invalid;
    std::optional<TimePoint> expires;
    TokenId parent;

    bool operator==(const TokenVerdict&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "verdict", self.verdict);
        visit(2, "expires", self.expires);
        visit(3, "parent", self.parent);
    }
};

enum class Registration : std::uint8_t { held, approved, rejected };
[[nodiscard]] std::string_view enum_name(Registration registration);

struct BootReply {
    Registration registration = Registration::held;
    TimePoint now;
    Milliseconds interval{0};
};
struct HeartbeatReply {
    TimePoint now;
};
struct AuthorizeReply {
    TokenVerdict token;
};
struct StartReply {
    SessionId session;
    TokenVerdict token;
};
struct StopReply {
    std::optional<TokenVerdict> token;
};
struct VendorDataReply {
    bool known_vendor = false;
    bool accepted = false;
    std::string data;
};
struct EmptyReply {};

using Reply =
    std::variant<EmptyReply, BootReply, HeartbeatReply, AuthorizeReply, StartReply, StopReply, VendorDataReply>;

// ---- commands to the charger ---------------------------------------------------------------------------------------

/// "At most P over these slots, then fall back to the safe level." Without a session it is the connector's default.
struct PermitPower {
    ConnectorKey connector;
    std::optional<SessionId> session;
    dispatch::Schedule schedule;
};
struct StartCharging {
    ConnectorKey connector;
    TokenId token;
};
struct StopCharging {
    ChargerId charger;
    SessionId session;
};
/// An operator's own message: the protocol's action with its payload as JSON; the answer comes back as it is.
struct ProtocolCommand {
    ChargerId charger;
    std::string action;
    std::string payload;
};

using CommandBody = std::variant<PermitPower, StartCharging, StopCharging, ProtocolCommand>;
struct Command {
    CommandId id;
    CommandBody body;
};

enum class CommandOutcome : std::uint8_t {
    accepted,   ///< the charger said yes (for ProtocolCommand: it answered and did not decline)
    rejected,   ///< the charger said no
    error,      ///< it answered with a protocol error
    timed_out,  ///< no answer in time
    not_sent,   ///< not connected, or the queue was full
};
[[nodiscard]] std::string_view enum_name(CommandOutcome outcome);

struct CommandAnswer {
    CommandId id;
    CommandOutcome outcome = CommandOutcome::not_sent;
    std::string status;   ///< the charger's own word ("Accepted", "NotSupported", an error code), may be empty
    std::string payload;  ///< the answer as JSON; empty when none
};

[[nodiscard]] const ChargerId& charger_of(const CommandBody& body);

}  // namespace tianqu::charging
