#include "ocpp/v16_domain.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assertion.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"

namespace tianqu::ocpp::v16 {

namespace {

using charging::ChargerMessage;
using ToDomain = std::expected<ChargerMessage, Refusal>;

/// Drivers' wishes come from our own virtual chargers and from chargers whose makers adopt this message.
constexpr std::string_view own_vendor = "tianqu";
constexpr std::string_view target_message = "DriverTarget";

template <class T>
std::string text_or_empty(const std::optional<T>& text) {
    return text ? std::string(*text) : std::string{};
}

std::uint64_t content_hash(std::string_view payload) {
    const auto hash = sha256(payload);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | hash[i];
    return value;
}

std::unexpected<Refusal> invalid(std::string field, std::string value, std::string expected) {
    return std::unexpected(
        Refusal{CallErrorCode::property_constraint_violation, std::move(field), std::move(value), std::move(expected)});
}

ToDomain to_domain_message(const BootNotificationRequest& boot) {
    const auto& serial = boot.charge_point_serial_number;
    return charging::Boot{.vendor = boot.charge_point_vendor,
                          .model = boot.charge_point_model,
                          .serial = serial ? std::string(*serial) : text_or_empty(boot.charge_box_serial_number),
                          .firmware = text_or_empty(boot.firmware_version),
                          .iccid = text_or_empty(boot.iccid),
                          .imsi = text_or_empty(boot.imsi),
                          .meter_type = text_or_empty(boot.meter_type),
                          .meter_serial = text_or_empty(boot.meter_serial_number)};
}

charging::ConnectorStatus to_status(ChargePointStatus status) {
    using charging::ConnectorStatus;
    switch (status) {
        case ChargePointStatus::available:
            return ConnectorStatus::available;
        case ChargePointStatus::preparing:
            return ConnectorStatus::preparing;
        case ChargePointStatus::charging:
            return ConnectorStatus::charging;
        case ChargePointStatus::suspended_evse:
            return ConnectorStatus::suspended_by_charger;
        case ChargePointStatus::suspended_ev:
            return ConnectorStatus::suspended_by_car;
        case ChargePointStatus::finishing:
            return ConnectorStatus::finishing;
        case ChargePointStatus::reserved:
            return ConnectorStatus::reserved;
        case ChargePointStatus::unavailable:
            return ConnectorStatus::unavailable;
        case ChargePointStatus::faulted:
            return ConnectorStatus::faulted;
        case ChargePointStatus::unrecognised:
            return ConnectorStatus::unknown;
    }
    return ConnectorStatus::unknown;
}

ToDomain to_domain_message(const StatusNotificationRequest& status) {
    if (status.connector_id < 0) {
        return invalid("connectorId", std::to_string(status.connector_id), "a connector's number, or 0");
    }
    const bool known_error = status.error_code != ChargePointErrorCode::unrecognised;
    charging::StatusReport report{.connector = ConnectorNumber{status.connector_id},
                                  .status = to_status(status.status),
                                  .error_code = std::string(known_error ? enum_name(status.error_code) : "OtherError"),
                                  .info = text_or_empty(status.info),
                                  .vendor_id = text_or_empty(status.vendor_id),
                                  .vendor_error = text_or_empty(status.vendor_error_code)};
    if (status.timestamp && status.timestamp->usable) report.claimed = status.timestamp->time;
    return report;
}

ToDomain to_domain_message(const StartTransactionRequest& start, TimePoint received) {
    if (start.connector_id <= 0) {
        return invalid("connectorId", std::to_string(start.connector_id), "a connector's number, from 1");
    }
    return charging::StartTransaction{.connector = ConnectorNumber{start.connector_id},
                                      .token = TokenId{std::string(start.id_tag)},
                                      .meter_start = WattHours{start.meter_start},
                                      .claimed = start.timestamp.or_else(received),
                                      .reservation = start.reservation_id};
}

ToDomain to_domain_message(const StopTransactionRequest& stop, TimePoint received) {
    charging::StopTransaction message{.session = SessionId{stop.transaction_id},
                                      .token = TokenId{text_or_empty(stop.id_tag)},
                                      .meter_stop = WattHours{stop.meter_stop},
                                      .claimed = stop.timestamp.or_else(received)};
    if (stop.reason) message.reason = *stop.reason == StopReason::unrecognised ? "Other" : enum_name(*stop.reason);
    if (stop.transaction_data) message.samples = to_samples(*stop.transaction_data, received);
    return message;
}

ToDomain to_domain_message(const MeterValuesRequest& values, std::string_view payload_json, TimePoint received) {
    if (values.connector_id < 0) {
        return invalid("connectorId", std::to_string(values.connector_id), "a connector's number, or 0");
    }
    charging::MeterValues message{.connector = ConnectorNumber{values.connector_id},
                                  .samples = to_samples(values.meter_value, received),
                                  .content_hash = content_hash(payload_json)};
    if (values.transaction_id) message.session = SessionId{*values.transaction_id};
    return message;
}

/// data: {"transactionId":…,"departure":"…","energyWh":…,"chargeNow":false}
ToDomain to_driver_target(std::string_view data) {
    JsonDocument document;
    const auto root = document.parse(data);
    if (!root || (*root)->kind != JsonKind::object) return invalid("data", std::string(data), "a JSON object");
    const auto number = [&](std::string_view name) -> std::optional<std::int64_t> {
        const auto* value = (*root)->find(name);
        if (value == nullptr || value->kind != JsonKind::number) return std::nullopt;
        return whole_number(value->text);
    };
    const auto transaction = number("transactionId");
    if (!transaction) return invalid("data.transactionId", std::string(data), "a whole number");
    charging::DriverTarget target{.session = SessionId{*transaction}};
    if (const auto* departure = (*root)->find("departure"); departure && departure->kind == JsonKind::text) {
        const auto time = parse_time(departure->text);
        if (!time) return invalid("data.departure", std::string(departure->text), "a date and time");
        target.departure = *time;
    }
    if (const auto energy = number("energyWh")) target.energy = WattHours{*energy};
    if (const auto* now = (*root)->find("chargeNow")) target.charge_now = now->truth;
    return target;
}

ToDomain to_domain_message(const DataTransferRequest& transfer) {
    if (transfer.vendor_id == own_vendor && transfer.message_id && *transfer.message_id == target_message) {
        return to_driver_target(text_or_empty(transfer.data));
    }
    return charging::VendorData{.vendor = transfer.vendor_id,
                                .message = text_or_empty(transfer.message_id),
                                .data = text_or_empty(transfer.data)};
}

IdTagInfo to_id_tag_info(const charging::TokenVerdict& token) {
    IdTagInfo info;
    switch (token.verdict) {
        case charging::Verdict::accepted:
            info.status = AuthorizationStatus::accepted;
            break;
        case charging::Verdict::blocked:
            info.status = AuthorizationStatus::blocked;
            break;
        case charging::Verdict::expired:
            info.status = AuthorizationStatus::expired;
            break;
        case charging::Verdict::invalid:
            info.status = AuthorizationStatus::invalid;
            break;
        case charging::Verdict::concurrent:
            info.status = AuthorizationStatus::concurrent_tx;
            break;
    }
    if (token.expires) info.expiry_date = Timestamp{*token.expires};
    // A group name the standard has no room for is left out: the verdict matters more.
    const auto& parent = token.parent.value;
    if (!parent.empty() && code_points(parent) <= IdTag::max_length) info.parent_id_tag = IdTag{parent};
    return info;
}

/// The reply of the kind this action needs: anything else is a fault of our own.
template <class Kind>
const Kind& expect_reply(const charging::Reply& reply) {
    const auto* kind = std::get_if<Kind>(&reply);
    TIANQU_ASSERT(kind != nullptr);
    return *kind;
}

Response to_boot_response(const charging::BootReply& reply) {
    BootNotificationResponse response{.current_time = Timestamp{reply.now},
                                      .interval = std::max<std::int64_t>(reply.interval.count() / 1000, 0)};
    switch (reply.registration) {
        case charging::Registration::held:
            response.status = RegistrationStatus::pending;
            break;
        case charging::Registration::approved:
            response.status = RegistrationStatus::accepted;
            break;
        case charging::Registration::rejected:
            response.status = RegistrationStatus::rejected;
            break;
    }
    return response;
}

Response to_data_transfer_response(const charging::Reply& reply) {
    const auto* vendor = std::get_if<charging::VendorDataReply>(&reply);
    // A driver's wish that the domain took has nothing more to say.
    if (vendor == nullptr) return DataTransferResponse{.status = DataTransferStatus::accepted};
    DataTransferResponse response;
    if (!vendor->known_vendor) {
        response.status = DataTransferStatus::unknown_vendor_id;
    } else {
        response.status = vendor->accepted ? DataTransferStatus::accepted : DataTransferStatus::rejected;
    }
    if (!vendor->data.empty()) response.data = AnyText{vendor->data};
    return response;
}

std::string error_json(const CompletedCall& completed) {
    JsonWriter json;
    json.begin_object();
    json.field("errorCode", completed.error_code).field("errorDescription", completed.error_text);
    if (!completed.payload_json.empty()) json.key("errorDetails").raw(completed.payload_json);
    json.end_object();
    return json.take();
}

/// The charger's own word for how it went; empty where the answer has none.
std::string status_of(const Response& response) {
    return std::visit(
        [](const auto& message) -> std::string {
            if constexpr (requires { enum_name(message.status); }) return std::string(enum_name(message.status));
            return {};
        },
        response);
}

}  // namespace

std::expected<ChargerMessage, Refusal> to_domain(const Request& request, std::string_view payload_json,
                                                 TimePoint received) {
    switch (action_of(request)) {
        case Action::authorize:
            return charging::Authorize{TokenId{std::string(std::get<AuthorizeRequest>(request).id_tag)}};
        case Action::boot_notification:
            return to_domain_message(std::get<BootNotificationRequest>(request));
        case Action::data_transfer:
            return to_domain_message(std::get<DataTransferRequest>(request));
        case Action::heartbeat:
            return charging::Heartbeat{};
        case Action::meter_values:
            return to_domain_message(std::get<MeterValuesRequest>(request), payload_json, received);
        case Action::start_transaction:
            return to_domain_message(std::get<StartTransactionRequest>(request), received);
        case Action::stop_transaction:
            return to_domain_message(std::get<StopTransactionRequest>(request), received);
        case Action::status_notification:
            return to_domain_message(std::get<StatusNotificationRequest>(request));
        case Action::firmware_status_notification:
            return charging::FirmwareStatus{
                std::string(enum_name(std::get<FirmwareStatusNotificationRequest>(request).status))};
        case Action::diagnostics_status_notification:
            return charging::DiagnosticsStatus{
                std::string(enum_name(std::get<DiagnosticsStatusNotificationRequest>(request).status))};
        default:
            return std::unexpected(Refusal{CallErrorCode::not_supported, "action",
                                           std::string(action_name(action_of(request))), "an action a charger sends"});
    }
}

Response to_response(Action action, const charging::Reply& reply) {
    switch (action) {
        case Action::authorize:
            return AuthorizeResponse{to_id_tag_info(expect_reply<charging::AuthorizeReply>(reply).token)};
        case Action::boot_notification:
            return to_boot_response(expect_reply<charging::BootReply>(reply));
        case Action::heartbeat:
            return HeartbeatResponse{Timestamp{expect_reply<charging::HeartbeatReply>(reply).now}};
        case Action::start_transaction: {
            const auto& start = expect_reply<charging::StartReply>(reply);
            return StartTransactionResponse{to_id_tag_info(start.token), start.session.value};
        }
        case Action::stop_transaction: {
            const auto& stop = expect_reply<charging::StopReply>(reply);
            StopTransactionResponse response;
            if (stop.token) response.id_tag_info = to_id_tag_info(*stop.token);
            return response;
        }
        case Action::data_transfer:
            return to_data_transfer_response(reply);
        case Action::meter_values:
            return MeterValuesResponse{};
        case Action::status_notification:
            return StatusNotificationResponse{};
        case Action::firmware_status_notification:
            return FirmwareStatusNotificationResponse{};
        case Action::diagnostics_status_notification:
            return DiagnosticsStatusNotificationResponse{};
        default:
            TIANQU_ASSERT(!"only what a charger sends is answered");
            return HeartbeatResponse{};
    }
}

Result<Request> to_request(const charging::CommandBody& command, const ProfileDialect& dialect, TimePoint now) {
    if (const auto* permit = std::get_if<charging::PermitPower>(&command)) {
        return SetChargingProfileRequest{
            permit->connector.connector.value,
            to_profile(permit->schedule, permit->connector.connector, permit->session, dialect, now)};
    }
    if (const auto* start = std::get_if<charging::StartCharging>(&command)) {
        return RemoteStartTransactionRequest{.connector_id = start->connector.connector.value,
                                             .id_tag = IdTag{start->token.value}};
    }
    if (const auto* stop = std::get_if<charging::StopCharging>(&command)) {
        return RemoteStopTransactionRequest{stop->session.value};
    }
    const auto& own = std::get<charging::ProtocolCommand>(command);
    return read_request(own.action, own.payload);
}

namespace {

/// The words with which a charger declines what an operator asked. Others ("Scheduled", "RebootRequired", none at all
/// where it sent data) are a yes.
bool says_no(std::string_view status) {
    constexpr std::array<std::string_view, 12> words{
        "Rejected",       "Failed",          "Faulted",      "Occupied", "Unavailable",     "NotSupported",
        "NotImplemented", "VersionMismatch", "UnlockFailed", "Unknown",  "UnknownVendorId", "UnknownMessageId"};
    return std::ranges::find(words, status) != words.end();
}

}  // namespace

charging::CommandAnswer to_answer(const CommandId& id, const charging::CommandBody& command,
                                  const CompletedCall& completed) {
    using charging::CommandOutcome;
    charging::CommandAnswer answer{.id = id};
    switch (completed.outcome) {
        case CallOutcome::answered: {
            TIANQU_ASSERT(completed.response.has_value());
            answer.status = status_of(*completed.response);
            answer.payload = completed.payload_json;
            const bool yes = std::holds_alternative<charging::ProtocolCommand>(command) ? !says_no(answer.status)
                                                                                        : answer.status == "Accepted";
            answer.outcome = yes ? CommandOutcome::accepted : CommandOutcome::rejected;
            break;
        }
        case CallOutcome::refused:
        case CallOutcome::unreadable:
            answer.outcome = CommandOutcome::error;
            answer.status = completed.error_code;
            answer.payload = error_json(completed);
            break;
        case CallOutcome::timed_out:
            answer.outcome = CommandOutcome::timed_out;
            break;
        case CallOutcome::disconnected:
            // A charger that went away may have obeyed what it was sent.
            answer.outcome = completed.sent ? CommandOutcome::timed_out : CommandOutcome::not_sent;
            break;
    }
    return answer;
}

}  // namespace tianqu::ocpp::v16
