#pragma once

/// All messages of OCPP 1.6 as one type, and their reading and writing. Adding a message: describe it in its profile's
/// header and name it in the three lists here.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ocpp/fields.hpp"
#include "ocpp/json.hpp"
#include "ocpp/v16/core.hpp"
#include "ocpp/v16/core_commands.hpp"
#include "ocpp/v16/firmware.hpp"
#include "ocpp/v16/local_list.hpp"
#include "ocpp/v16/reservation.hpp"
#include "ocpp/v16/smart_charging.hpp"

namespace tianqu::ocpp::v16 {

/// In the order of `Request` and `Response`.
enum class Action : std::uint8_t {
    authorize,
    boot_notification,
    change_availability,
    change_configuration,
    clear_cache,
    data_transfer,
    get_configuration,
    heartbeat,
    meter_values,
    remote_start_transaction,
    remote_stop_transaction,
    reset,
    start_transaction,
    status_notification,
    stop_transaction,
    unlock_connector,
    diagnostics_status_notification,
    firmware_status_notification,
    get_diagnostics,
    update_firmware,
    get_local_list_version,
    send_local_list,
    cancel_reservation,
    reserve_now,
    trigger_message,
    clear_charging_profile,
    get_composite_schedule,
    set_charging_profile,
};

using Request =
    std::variant<AuthorizeRequest, BootNotificationRequest, ChangeAvailabilityRequest, ChangeConfigurationRequest,
                 ClearCacheRequest, DataTransferRequest, GetConfigurationRequest, HeartbeatRequest, MeterValuesRequest,
                 RemoteStartTransactionRequest, RemoteStopTransactionRequest, ResetRequest, StartTransactionRequest,
                 StatusNotificationRequest, StopTransactionRequest, UnlockConnectorRequest,
                 DiagnosticsStatusNotificationRequest, FirmwareStatusNotificationRequest, GetDiagnosticsRequest,
                 UpdateFirmwareRequest, GetLocalListVersionRequest, SendLocalListRequest, CancelReservationRequest,
                 ReserveNowRequest, TriggerMessageRequest, ClearChargingProfileRequest, GetCompositeScheduleRequest,
                 SetChargingProfileRequest>;

using Response =
    std::variant<AuthorizeResponse, BootNotificationResponse, ChangeAvailabilityResponse, ChangeConfigurationResponse,
                 ClearCacheResponse, DataTransferResponse, GetConfigurationResponse, HeartbeatResponse,
                 MeterValuesResponse, RemoteStartTransactionResponse, RemoteStopTransactionResponse, ResetResponse,
                 StartTransactionResponse, StatusNotificationResponse, StopTransactionResponse, UnlockConnectorResponse,
                 DiagnosticsStatusNotificationResponse, FirmwareStatusNotificationResponse, GetDiagnosticsResponse,
                 UpdateFirmwareResponse, GetLocalListVersionResponse, SendLocalListResponse, CancelReservationResponse,
                 ReserveNowResponse, TriggerMessageResponse, ClearChargingProfileResponse, GetCompositeScheduleResponse,
                 SetChargingProfileResponse>;

inline constexpr std::size_t action_count = std::variant_size_v<Request>;

[[nodiscard]] inline Action action_of(const Request& request) { return static_cast<Action>(request.index()); }
[[nodiscard]] inline Action action_of(const Response& response) { return static_cast<Action>(response.index()); }
/// "BootNotification"
[[nodiscard]] std::string_view action_name(Action action);
[[nodiscard]] std::optional<Action> find_action(std::string_view name);
/// Whether this side may send the request.
[[nodiscard]] bool may_send(Role role, Action action);
/// An action of the standard's extensions that this codec has no message for: answered with NotSupported.
[[nodiscard]] bool known_elsewhere(std::string_view name);

/// Typed reading of a payload. Refused: in strict mode any disagreement with the official schema, in tolerant mode what
/// leaves the message without meaning.
[[nodiscard]] std::expected<Reading<Request>, Refusal> read_request(Action action, const JsonValue& payload,
                                                                    Validation validation);
[[nodiscard]] std::expected<Reading<Response>, Refusal> read_response(Action action, const JsonValue& payload,
                                                                      Validation validation);

/// The payload as JSON.
[[nodiscard]] std::string write_payload(const Request& request);
[[nodiscard]] std::string write_payload(const Response& response);

/// What in a message of our own the official schema would not allow (an over-long text, an `unrecognised` value).
[[nodiscard]] std::optional<Refusal> check(const Request& request);
[[nodiscard]] std::optional<Refusal> check(const Response& response);

/// A payload that a person or program typed, for sending: strict, and the error names field, value and what was
/// expected.
[[nodiscard]] Result<Request> read_request(std::string_view action, std::string_view payload_json);

/// The version as one type, for `Peer`.
struct Protocol {
    static constexpr std::string_view subprotocol = "ocpp1.6";
    using Action = v16::Action;
    using Request = v16::Request;
    using Response = v16::Response;
    static std::optional<Action> find_action(std::string_view name) { return v16::find_action(name); }
    static bool known_elsewhere(std::string_view name) { return v16::known_elsewhere(name); }
};

}  // namespace tianqu::ocpp::v16
