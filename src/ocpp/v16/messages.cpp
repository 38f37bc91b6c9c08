#include "ocpp/v16/messages.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assertion.hpp"
#include "ocpp/codec.hpp"

namespace tianqu::ocpp::v16 {

namespace {

struct ActionTraits {
    std::string_view name;
    Sender sender = Sender::both;
    bool carries_bill = false;
};

template <class Message>
constexpr bool carries_bill_v = requires { Message::carries_bill; };

template <std::size_t... I>
constexpr auto make_traits(std::index_sequence<I...>) {
    static_assert(std::variant_size_v<Request> == std::variant_size_v<Response>);
    static_assert(
        ((std::variant_alternative_t<I, Request>::action == std::variant_alternative_t<I, Response>::action) && ...));
    return std::array<ActionTraits, sizeof...(I)>{
        ActionTraits{std::variant_alternative_t<I, Request>::action, std::variant_alternative_t<I, Request>::sender,
                     carries_bill_v<std::variant_alternative_t<I, Request>>}...};
}

constexpr auto all_traits = make_traits(std::make_index_sequence<action_count>{});

const ActionTraits& traits(Action action) {
    TIANQU_ASSERT(static_cast<std::size_t>(action) < all_traits.size());
    return all_traits[static_cast<std::size_t>(action)];
}

/// The security extension of OCPP 1.6, and what only later versions have.
constexpr auto elsewhere = std::to_array<std::string_view>(
    {"CertificateSigned", "DeleteCertificate", "ExtendedTriggerMessage", "GetInstalledCertificateIds", "GetLog",
     "InstallCertificate", "LogStatusNotification", "SecurityEventNotification", "SignCertificate",
     "SignedFirmwareStatusNotification", "SignedUpdateFirmware"});

template <class Variant>
using Read = std::expected<Reading<Variant>, Refusal>;

template <class Variant, class Message>
Read<Variant> read_as(const JsonValue& payload, Validation validation, bool lenient) {
    codec::ReadContext context(validation, lenient);
    Message message{};
    // "If there is no payload", the standard lets a sender write null for {}.
    static constexpr JsonValue empty_object{.kind = JsonKind::object};
    const bool absent = validation == Validation::tolerant && payload.kind == JsonKind::null;
    if (!codec::read_value(context, absent ? empty_object : payload, message))
        return std::unexpected(context.refusal());
    return Reading<Variant>{Variant{std::move(message)}, context.take_flags()};
}

template <class Variant>
using Reader = Read<Variant> (*)(const JsonValue&, Validation, bool);

template <class Variant, std::size_t... I>
constexpr auto make_readers(std::index_sequence<I...>) {
    return std::array<Reader<Variant>, sizeof...(I)>{&read_as<Variant, std::variant_alternative_t<I, Variant>>...};
}

constexpr auto request_readers = make_readers<Request>(std::make_index_sequence<action_count>{});
constexpr auto response_readers = make_readers<Response>(std::make_index_sequence<action_count>{});

template <class Variant>
std::string write_variant(const Variant& variant) {
    return std::visit([](const auto& message) { return codec::write_message(message); }, variant);
}

/// The schema's verdict on what we would send. Reading it back is the one definition of that verdict.
template <class Variant>
std::optional<Refusal> check_variant(const Variant& variant, Reader<Variant> reader) {
    const std::string text = write_variant(variant);
    JsonDocument document;
    const auto payload = document.parse(text);
    TIANQU_ASSERT(payload.has_value());
    auto read = reader(**payload, Validation::strict, false);
    if (read) return std::nullopt;
    return std::move(read.error());
}

}  // namespace

std::string_view action_name(Action action) { return traits(action).name; }

std::optional<Action> find_action(std::string_view name) {
    for (std::size_t i = 0; i < all_traits.size(); ++i) {
        if (all_traits[i].name == name) return static_cast<Action>(i);
    }
    return std::nullopt;
}

bool may_send(Role role, Action action) {
    const Sender sender = traits(action).sender;
    return sender == Sender::both || (sender == Sender::charge_point) == (role == Role::charge_point);
}

bool known_elsewhere(std::string_view name) { return std::ranges::find(elsewhere, name) != elsewhere.end(); }

std::expected<Reading<Request>, Refusal> read_request(Action action, const JsonValue& payload, Validation validation) {
    return request_readers[static_cast<std::size_t>(action)](payload, validation, traits(action).carries_bill);
}

std::expected<Reading<Response>, Refusal> read_response(Action action, const JsonValue& payload,
                                                        Validation validation) {
    return response_readers[static_cast<std::size_t>(action)](payload, validation, true);
}

std::string write_payload(const Request& request) { return write_variant(request); }
std::string write_payload(const Response& response) { return write_variant(response); }

std::optional<Refusal> check(const Request& request) {
    return check_variant(request, request_readers[request.index()]);
}
std::optional<Refusal> check(const Response& response) {
    return check_variant(response, response_readers[response.index()]);
}

Result<Request> read_request(std::string_view action, std::string_view payload_json) {
    const auto known = find_action(action);
    if (!known) {
        return fail(Error{ErrorCode::unsupported, "OCPP 1.6 has no such action", {{"action", std::string(action)}}});
    }
    JsonDocument document;
    const auto payload = document.parse(payload_json.empty() ? "{}" : payload_json);
    if (!payload) return fail(payload.error());
    auto reading = read_request(*known, **payload, Validation::strict);
    if (!reading) return fail(reading.error().to_error());
    return std::move(reading->message);
}

}  // namespace tianqu::ocpp::v16
