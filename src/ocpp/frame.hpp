#pragma once

/// The frames of OCPP-J: [2,id,action,payload], [3,id,payload], [4,id,code,description,details].

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "ocpp/fields.hpp"
#include "ocpp/json.hpp"

namespace tianqu::ocpp {

struct FrameLimits {
    std::size_t bytes = 256 * 1024;
    std::size_t depth = 24;
    std::size_t message_id_length = 36;  ///< what the standard allows; longer ones are refused in strict mode
    std::size_t tolerated_message_id_length = 128;
};

/// Views live as long as the frame's text and the document it was read into.
struct CallFrame {
    std::string_view message_id;
    std::string_view action;
    const JsonValue* payload = nullptr;
    bool long_message_id = false;  ///< longer than the standard allows
};
struct CallResultFrame {
    std::string_view message_id;
    const JsonValue* payload = nullptr;
};
struct CallErrorFrame {
    std::string_view message_id;
    std::string_view code;
    std::string_view description;
    std::string_view details_json;
};

/// A frame that is none. The rule for the answer: a call whose id can be read is answered with that id; anything else
/// that is not an answer is answered with the id "-1"; a broken answer is never answered, but ends the call it names.
struct BrokenFrame {
    enum class Answer : std::uint8_t { call_error, none };
    Answer answer = Answer::call_error;
    std::string message_id = "-1";
    CallErrorCode code = CallErrorCode::formation_violation;
    std::string text;             ///< what was expected
    bool names_our_call = false;  ///< a broken answer whose id could be read
    bool unknown_type = false;    ///< a message type number the standard does not know: to be ignored
};

using Frame = std::variant<CallFrame, CallResultFrame, CallErrorFrame, BrokenFrame>;

[[nodiscard]] Frame read_frame(std::string_view text, JsonDocument& document, Validation validation,
                               const FrameLimits& limits = {});

[[nodiscard]] std::string write_call(std::string_view message_id, std::string_view action,
                                     std::string_view payload_json);
[[nodiscard]] std::string write_call_result(std::string_view message_id, std::string_view payload_json);
/// The description is cut to the 255 characters the standard allows.
[[nodiscard]] std::string write_call_error(std::string_view message_id, CallErrorCode code,
                                           std::string_view description, std::string_view details_json = "{}");

}  // namespace tianqu::ocpp
