#pragma once

/// What a message is made of, whichever version of OCPP it belongs to, and what can be wrong with it.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace tianqu::ocpp {

/// Which side of the connection.
enum class Role : std::uint8_t { central_system, charge_point };
[[nodiscard]] constexpr Role other_side(Role role) {
    return role == Role::central_system ? Role::charge_point : Role::central_system;
}

/// strict: any disagreement with the official schema is refused. tolerant: what still has a meaning is read and
/// flagged.
enum class Validation : std::uint8_t { tolerant, strict };

/// Text of at most `limit` characters. A tolerant reader keeps longer text and flags it; a writer never sends it.
template <std::size_t limit>
struct Text : std::string {
    static constexpr std::size_t max_length = limit;
    using std::string::string;
    Text() = default;
    Text(std::string text) : std::string(std::move(text)) {}  // NOLINT(google-explicit-constructor)
    explicit Text(std::string_view text) : std::string(text) {}
};
/// Text the schema sets no limit to.
using AnyText = Text<SIZE_MAX>;

/// An absolute URI (RFC 3986).
struct Uri : std::string {
    using std::string::string;
    Uri() = default;
    Uri(std::string text) : std::string(std::move(text)) {}  // NOLINT(google-explicit-constructor)
};

/// A date and time. `usable` is false where it was absent or unreadable in a message that was accepted nevertheless:
/// then the time of receipt has to stand in.
struct Timestamp {
    TimePoint time{};
    bool usable = false;

    Timestamp() = default;
    Timestamp(TimePoint value) : time(value), usable(true) {}  // NOLINT(google-explicit-constructor)
    bool operator==(const Timestamp&) const = default;
    [[nodiscard]] TimePoint or_else(TimePoint received) const { return usable ? time : received; }
};

/// A decimal number exact to 10⁻³. Official messages carry multiples of 0.1 (watts or amperes).
struct Decimal {
    std::int64_t thousandths = 0;
    auto operator<=>(const Decimal&) const = default;
    [[nodiscard]] static constexpr Decimal whole(std::int64_t value) { return Decimal{value * 1000}; }
};

/// How much depends on a field: `bill` decides what may be dropped from a message that carries energy or money.
enum class Need : std::uint8_t {
    ordinary,   ///< a tolerant reader does without it
    essential,  ///< without it the message means nothing
};
inline constexpr Need essential = Need::essential;

enum class Problem : std::uint8_t {
    unknown_field,  ///< not in the schema; kept only in the source text
    missing,        ///< required by the schema, absent
    repeated,       ///< the name occurs more than once; the last one counts
    name_case,      ///< the name is right but for upper and lower case
    too_long,       ///< longer than the schema allows; kept whole
    wrong_type,     ///< another JSON type; read where the meaning is plain, else dropped
    value_case,     ///< an enumeration's value but for upper and lower case
    unknown_value,  ///< not one of the enumeration's values
    bad_format,     ///< a time or address that is not well formed
    rounded,        ///< more digits than the field holds
    too_many,       ///< more entries than are read
};
[[nodiscard]] std::string_view enum_name(Problem problem);

/// One thing a tolerant reader let pass.
struct Flag {
    std::string field;  ///< "meterValue[0].timestamp"
    Problem problem = Problem::unknown_field;
    std::string value;  ///< what was there, shortened
    bool operator==(const Flag&) const = default;

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "field", self.field);
        visit(2, "problem", self.problem);
        visit(3, "value", self.value);
    }
};

/// The standard's error codes, spelt on the wire as OCPP 1.6 spells them.
enum class CallErrorCode : std::uint8_t {
    not_implemented,
    not_supported,
    internal_error,
    protocol_error,
    security_error,
    formation_violation,
    property_constraint_violation,
    occurrence_constraint_violation,
    type_constraint_violation,
    generic_error,
};
[[nodiscard]] std::string_view enum_name(CallErrorCode code);
/// Both spellings of every version are understood ("FormatViolation", "OccurrenceConstraintViolation"); unknown text is
/// GenericError.
[[nodiscard]] CallErrorCode parse_call_error_code(std::string_view text);

/// Why a payload is refused.
struct Refusal {
    CallErrorCode code = CallErrorCode::generic_error;
    std::string field;     ///< path, empty for the whole payload
    std::string value;     ///< what was there, shortened; empty when absent
    std::string expected;  ///< in words
    /// "connectorId is \"x\": expected a whole number"
    [[nodiscard]] std::string text() const;
    [[nodiscard]] Error to_error() const;
};

/// A payload that was read, with everything that was let pass.
template <class Message>
struct Reading {
    Message message;
    std::vector<Flag> flags;
};

/// At most this many flags are kept of one message; the last then has the problem `too_many`.
inline constexpr std::size_t flag_limit = 32;

}  // namespace tianqu::ocpp
