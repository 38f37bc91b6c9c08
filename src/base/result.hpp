#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tianqu {

/// What went wrong, in a form every boundary can translate (one table: `error_traits`).
enum class ErrorCode : std::uint8_t {
    invalid_input,    ///< a value outside what the field allows
    not_found,        ///< the named thing does not exist
    conflict,         ///< the request contradicts the present state
    unauthorized,     ///< who asks is not known
    forbidden,        ///< who asks may not do this
    too_large,        ///< a stated limit would be exceeded
    unsupported,      ///< understood, but not offered
    unavailable,      ///< a charger or a part of the system cannot answer now
    timed_out,        ///< no answer within the stated time
    storage_failure,  ///< the journal or a store could not write or read
    corrupt,          ///< stored bytes are not what was written
    internal,         ///< our own logic failed
};

struct ErrorTraits {
    std::string_view label;  ///< metric label and API code
    int http_status;
};

/// The one table from code to HTTP status and metric label.
[[nodiscard]] ErrorTraits error_traits(ErrorCode code);

/// An error with a sentence for people and named fields for programs, e.g. {"file","network.csv"},{"line","17"}.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string text;
    std::vector<std::pair<std::string, std::string>> fields;

    [[nodiscard]] Error& with(std::string name, std::string value) & {
        fields.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    [[nodiscard]] Error&& with(std::string name, std::string value) && {
        fields.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
    /// The value of a field, or empty.
    [[nodiscard]] std::string_view field(std::string_view name) const;
    /// "text (field=value, …)" for logs and terminals.
    [[nodiscard]] std::string to_string() const;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = std::expected<void, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string text) {
    return std::unexpected(Error{code, std::move(text), {}});
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace tianqu
