#include "ocpp/fields.hpp"

#include <array>
#include <utility>

namespace tianqu::ocpp {

namespace {

constexpr std::array<std::pair<CallErrorCode, std::string_view>, 10> error_code_names{{
    {CallErrorCode::not_implemented, "NotImplemented"},
    {CallErrorCode::not_supported, "NotSupported"},
    {CallErrorCode::internal_error, "InternalError"},
    {CallErrorCode::protocol_error, "ProtocolError"},
    {CallErrorCode::security_error, "SecurityError"},
    {CallErrorCode::formation_violation, "FormationViolation"},
    {CallErrorCode::property_constraint_violation, "PropertyConstraintViolation"},
    // The standard's own spelling in 1.6.
    {CallErrorCode::occurrence_constraint_violation, "OccurenceConstraintViolation"},
    {CallErrorCode::type_constraint_violation, "TypeConstraintViolation"},
    {CallErrorCode::generic_error, "GenericError"},
}};

}  // namespace

std::string_view enum_name(CallErrorCode code) { return error_code_names[static_cast<std::size_t>(code)].second; }

CallErrorCode parse_call_error_code(std::string_view text) {
    if (text == "FormatViolation") return CallErrorCode::formation_violation;
    if (text == "OccurrenceConstraintViolation") return CallErrorCode::occurrence_constraint_violation;
    for (const auto& [code, name] : error_code_names) {
        if (name == text) return code;
    }
    return CallErrorCode::generic_error;
}

std::string_view enum_name(Problem problem) {
    switch (problem) {
        case Problem::unknown_field:
            return "unknown_field";
        case Problem::missing:
            return "missing";
        case Problem::repeated:
            return "repeated";
        case Problem::name_case:
            return "name_case";
        case Problem::too_long:
            return "too_long";
        case Problem::wrong_type:
            return "wrong_type";
        case Problem::value_case:
            return "value_case";
        case Problem::unknown_value:
            return "unknown_value";
        case Problem::bad_format:
            return "bad_format";
        case Problem::rounded:
            return "rounded";
        case Problem::too_many:
            return "too_many";
    }
    return "unknown_field";
}

std::string Refusal::text() const {
    std::string text = field.empty() ? std::string("the payload") : field;
    text += value.empty() ? std::string(" is missing") : " is " + value;
    text += ": expected ";
    text += expected;
    return text;
}

Error Refusal::to_error() const {
    return Error{ErrorCode::invalid_input,
                 text(),
                 {{"field", field}, {"value", value}, {"expected", expected}, {"code", std::string(enum_name(code))}}};
}

}  // namespace tianqu::ocpp
