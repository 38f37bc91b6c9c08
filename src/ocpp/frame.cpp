#include "ocpp/frame.hpp"

#include <algorithm>

#include "base/json_writer.hpp"

namespace tianqu::ocpp {

namespace {

constexpr int call_type = 2;
constexpr int call_result_type = 3;
constexpr int call_error_type = 4;
constexpr std::size_t description_length = 255;

std::string_view skip_space(std::string_view text) {
    const auto at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? std::string_view{} : text.substr(at);
}

/// What the front of a broken frame still tells.
struct FrameStart {
    int type = 0;  ///< 0: not readable
    std::optional<std::string> message_id;
};

FrameStart read_start(std::string_view text) {
    FrameStart start;
    text = skip_space(text);
    if (!text.starts_with('[')) return start;
    text = skip_space(text.substr(1));
    if (text.empty() || text.front() < '2' || text.front() > '4') return start;
    const int type = text.front() - '0';
    text = skip_space(text.substr(1));
    if (!text.starts_with(',') && !text.starts_with(']')) return start;
    start.type = type;
    if (text.starts_with(',')) start.message_id = leading_json_string(skip_space(text.substr(1)));
    return start;
}

bool usable_id(std::string_view id, Validation validation, const FrameLimits& limits) {
    const auto limit = validation == Validation::strict ? limits.message_id_length : limits.tolerated_message_id_length;
    return !id.empty() && code_points(id) <= limit;
}

/// The answer to something that is no frame: see BrokenFrame.
BrokenFrame broken(int type, std::optional<std::string> message_id, std::string text, const FrameLimits& limits) {
    BrokenFrame frame;
    frame.text = std::move(text);
    const bool readable = message_id && usable_id(*message_id, Validation::tolerant, limits);
    if (readable) frame.message_id = *message_id;
    if (type == call_result_type || type == call_error_type) {
        frame.answer = BrokenFrame::Answer::none;
        frame.names_our_call = readable;
    }
    return frame;
}

BrokenFrame broken(std::string_view text, std::string reason, const FrameLimits& limits) {
    auto start = read_start(text);
    return broken(start.type, std::move(start.message_id), std::move(reason), limits);
}

std::optional<std::string> text_of(const JsonValue& value) {
    if (value.kind != JsonKind::text) return std::nullopt;
    return std::string(value.text);
}

Frame read_call(std::span<const JsonMember> parts, Validation validation, const FrameLimits& limits) {
    const auto& id = parts[1].value;
    if (parts.size() != 4) {
        return broken(call_type, text_of(id), "[2, message id, action, payload]", limits);
    }
    const auto& action = parts[2].value;
    const auto& payload = parts[3].value;
    if (!usable_id(id.text, validation, limits)) {
        return broken(call_type, text_of(id), "a message id of 1 to 36 characters", limits);
    }
    if (action.kind != JsonKind::text) return broken(call_type, text_of(id), "the action as text", limits);
    if (payload.kind != JsonKind::object && payload.kind != JsonKind::null) {
        return broken(call_type, text_of(id), "the payload as an object", limits);
    }
    return CallFrame{.message_id = id.text,
                     .action = action.text,
                     .payload = &payload,
                     .long_message_id = code_points(id.text) > limits.message_id_length};
}

Frame read_call_result(std::span<const JsonMember> parts, const FrameLimits& limits) {
    const auto& id = parts[1].value;
    if (parts.size() != 3) return broken(call_result_type, text_of(id), "[3, message id, payload]", limits);
    return CallResultFrame{.message_id = id.text, .payload = &parts[2].value};
}

Frame read_call_error(std::span<const JsonMember> parts, Validation validation, const FrameLimits& limits) {
    const auto& id = parts[1].value;
    // Some chargers leave out the description or the details; the code is what matters.
    const std::size_t fewest = validation == Validation::strict ? 5 : 3;
    if (parts.size() < fewest || parts.size() > 5 || parts[2].value.kind != JsonKind::text) {
        return broken(call_error_type, text_of(id), "[4, message id, code, description, details]", limits);
    }
    CallErrorFrame frame{.message_id = id.text, .code = parts[2].value.text};
    if (parts.size() > 3) frame.description = parts[3].value.text;
    if (parts.size() > 4) frame.details_json = parts[4].value.source;
    return frame;
}

}  // namespace

Frame read_frame(std::string_view text, JsonDocument& document, Validation validation, const FrameLimits& limits) {
    if (text.size() > limits.bytes) {
        return broken(text, "at most " + std::to_string(limits.bytes) + " bytes", limits);
    }
    const auto root = document.parse(text, {.depth = limits.depth});
    if (!root) return broken(text, "JSON (" + root.error().text + ")", limits);
    const auto parts = (*root)->members();
    if ((*root)->kind != JsonKind::array) return broken(text, "an array", limits);
    if (parts.empty()) return broken(text, "a message type", limits);

    const auto type = parts[0].value.kind == JsonKind::number ? whole_number(parts[0].value.text) : std::nullopt;
    if (!type) return broken(text, "a message type number", limits);
    if (*type < call_type || *type > call_error_type) {
        BrokenFrame frame;
        frame.answer = BrokenFrame::Answer::none;
        frame.text = "message type " + std::to_string(*type) + " is unknown";
        frame.unknown_type = true;
        return frame;
    }
    const int known = static_cast<int>(*type);
    if (parts.size() < 2) return broken(known, std::nullopt, "a message id", limits);
    if (parts[1].value.kind != JsonKind::text) {
        return broken(known, std::nullopt, "the message id as text", limits);
    }
    if (known == call_type) return read_call(parts, validation, limits);
    if (known == call_result_type) return read_call_result(parts, limits);
    return read_call_error(parts, validation, limits);
}

std::string write_call(std::string_view message_id, std::string_view action, std::string_view payload_json) {
    JsonWriter json;
    json.begin_array().number(call_type).text(message_id).text(action).raw(payload_json).end_array();
    return json.take();
}

std::string write_call_result(std::string_view message_id, std::string_view payload_json) {
    JsonWriter json;
    json.begin_array().number(call_result_type).text(message_id).raw(payload_json).end_array();
    return json.take();
}

std::string write_call_error(std::string_view message_id, CallErrorCode code, std::string_view description,
                             std::string_view details_json) {
    std::size_t end = std::min(description.size(), description_length);
    while (end > 0 && end < description.size() && (static_cast<unsigned char>(description[end]) & 0xc0) == 0x80) --end;
    JsonWriter json;
    json.begin_array().number(call_error_type).text(message_id).text(enum_name(code)).text(description.substr(0, end));
    json.raw(details_json).end_array();
    return json.take();
}

}  // namespace tianqu::ocpp
