#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tianqu {

/// Appends JSON text front to back; commas come by themselves. Text is expected to be UTF-8; broken bytes become
/// U+FFFD.
class JsonWriter {
public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);
    JsonWriter& text(std::string_view value);
    JsonWriter& number(std::int64_t value);
    /// Shortest text that reads back to the same double; not-a-number and infinities become null.
    JsonWriter& real(double value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    /// Already valid JSON, copied as it is.
    JsonWriter& raw(std::string_view json);

    /// key + value in one call.
    JsonWriter& field(std::string_view name, std::string_view value) { return key(name).text(value); }
    JsonWriter& field(std::string_view name, const char* value) { return key(name).text(value); }
    JsonWriter& field(std::string_view name, const std::string& value) { return key(name).text(value); }
    JsonWriter& field(std::string_view name, std::int64_t value) { return key(name).number(value); }
    JsonWriter& field(std::string_view name, int value) { return key(name).number(value); }
    JsonWriter& field(std::string_view name, std::size_t value) {
        return key(name).number(static_cast<std::int64_t>(value));
    }
    JsonWriter& field(std::string_view name, double value) { return key(name).real(value); }
    JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }

    [[nodiscard]] const std::string& str() const { return out_; }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void separate();

    std::string out_;
    bool first_ = true;
};

/// A JSON string literal with its quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace tianqu
