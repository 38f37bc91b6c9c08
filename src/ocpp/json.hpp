#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tianqu {
class JsonWriter;
}

namespace tianqu::ocpp {

enum class JsonKind : std::uint8_t { null, boolean, number, text, array, object };

struct JsonMember;

/// A value inside a parsed JSON text. It looks into that text and its document; both must outlive it.
struct JsonValue {
    JsonKind kind = JsonKind::null;
    bool truth = false;       ///< of a boolean
    std::uint32_t count = 0;  ///< children of an array or object
    const JsonMember* children = nullptr;
    std::string_view text;    ///< of a text, with escapes resolved; of a number, its literal
    std::string_view source;  ///< the value exactly as it stood in the input

    /// Children in their order; those of an array have empty names.
    [[nodiscard]] std::span<const JsonMember> members() const;
    /// The last member of this name, or null when there is none or this is no object.
    [[nodiscard]] const JsonValue* find(std::string_view name) const;
};

struct JsonMember {
    std::string_view name;
    JsonValue value;
};

inline std::span<const JsonMember> JsonValue::members() const { return {children, count}; }

struct JsonLimits {
    std::size_t depth = 24;       ///< arrays and objects inside each other
    std::size_t values = 50'000;  ///< in the whole text
};

/// Strict RFC 8259 (UTF-8 checked). Unlike a general JSON library it keeps number literals and the source text of every
/// value, and all members of a repeated name: meter values stay exact, odd messages can be journalled as they came.
class JsonDocument {
public:
    JsonDocument() = default;
    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;

    /// The document keeps views into `text`. Call once. Error: invalid_input with field "offset".
    [[nodiscard]] Result<const JsonValue*> parse(std::string_view text, JsonLimits limits = {});

private:
    std::array<std::byte, 4096> first_block_;
    std::pmr::monotonic_buffer_resource memory_{first_block_.data(), first_block_.size()};
    JsonValue root_;
};

/// A whole JSON string literal at the front of `text`; its content, or nothing. Resolves escapes.
[[nodiscard]] std::optional<std::string> leading_json_string(std::string_view text);
/// Unicode code points in valid UTF-8: how JSON schema counts a length.
[[nodiscard]] std::size_t code_points(std::string_view text);

/// The number literal as a whole number; "12.0" and "1.2e1" are 12. Nothing when it has a fraction or does not fit.
[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view literal);
/// literal × 10^digits rounded half away from zero; nothing when it is no number or does not fit.
/// `exact`, when given, tells whether nothing was rounded away.
[[nodiscard]] std::optional<std::int64_t> scaled_number(std::string_view literal, int digits, bool* exact = nullptr);

}  // namespace tianqu::ocpp
