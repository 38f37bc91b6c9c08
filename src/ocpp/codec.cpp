#include "ocpp/codec.hpp"

#include <algorithm>
#include <limits>

#include "base/assertion.hpp"
#include "base/units.hpp"
#include "ocpp/formats.hpp"

namespace tianqu::ocpp::codec {

namespace {

constexpr std::size_t excerpt_length = 60;

/// The front of a value's source for a message, cut at a character.
std::string excerpt(std::string_view source) {
    if (source.size() <= excerpt_length) return std::string(source);
    std::size_t end = excerpt_length;
    while (end > 0 && (static_cast<unsigned char>(source[end]) & 0xc0) == 0x80) --end;
    return std::string(source.substr(0, end)) + "…";
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_but_for_case(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool wrong_type(ReadContext& context, const JsonValue& value, std::string_view expected) {
    return context.unusable(Problem::wrong_type, CallErrorCode::type_constraint_violation, value.source, expected);
}

/// The text of a number, whether it came as one or as text; nothing for other types or when a strict reader refused it.
std::optional<std::string_view> number_text(ReadContext& context, const JsonValue& value, std::string_view expected) {
    if (value.kind == JsonKind::number) return value.text;
    if (value.kind != JsonKind::text || !scaled_number(trimmed(value.text), 3)) {
        wrong_type(context, value, expected);
        return std::nullopt;
    }
    if (!context.tolerate(Problem::wrong_type, CallErrorCode::type_constraint_violation, value.source, expected)) {
        return std::nullopt;
    }
    return trimmed(value.text);
}

/// A multiple of 0.1, give or take what binary arithmetic adds to it: senders compute 13.1 and
/// write 13.100000000000001.
bool is_tenth(std::string_view literal) {
    constexpr std::int64_t tenth = 10'000'000;
    constexpr std::int64_t noise = 9;
    if (const auto fine = scaled_number(literal, 8)) {
        const std::int64_t rest = std::abs(*fine % tenth);
        return rest <= noise || rest >= tenth - noise;
    }
    bool exact = false;
    (void)scaled_number(literal, 1, &exact);
    return exact;
}

}  // namespace

std::string ReadContext::path() const {
    std::string text;
    for (const auto& segment : std::span(path_).first(depth_)) {
        if (segment.index >= 0) {
            text += '[' + std::to_string(segment.index) + ']';
        } else {
            if (!text.empty()) text += '.';
            text += segment.name;
        }
    }
    return text;
}

void ReadContext::flag(Problem problem, std::string_view value) {
    if (flags_.size() >= flag_limit) {
        flags_.back() = Flag{{}, Problem::too_many, {}};
        return;
    }
    flags_.push_back(Flag{path(), problem, excerpt(value)});
}

Refusal ReadContext::describe(CallErrorCode code, std::string_view value, std::string_view expected) const {
    return Refusal{code, path(), excerpt(value), std::string(expected)};
}

bool ReadContext::tolerate(Problem problem, CallErrorCode code, std::string_view value, std::string_view expected) {
    if (refused()) return false;
    if (strict_) {
        refusal_ = describe(code, value, expected);
        return false;
    }
    flag(problem, value);
    if (problem == Problem::unknown_value) last_unusable_ = describe(code, value, expected);
    return true;
}

bool ReadContext::unusable(Problem problem, CallErrorCode code, std::string_view value, std::string_view expected) {
    if (refused()) return false;
    if (strict_ || !lenient_) {
        refusal_ = describe(code, value, expected);
    } else {
        flag(problem, value);
        last_unusable_ = describe(code, value, expected);
    }
    return false;
}

void ReadContext::essential_missing() {
    auto reason = describe(CallErrorCode::occurrence_constraint_violation, {}, "a value");
    if (strict_ || !lenient_) {
        if (!refused()) refusal_ = std::move(reason);
    } else {
        flag(Problem::missing, {});
        last_unusable_ = std::move(reason);
    }
}

void ReadContext::essential_lost() {
    if (refused()) return;
    if (!last_unusable_) {
        last_unusable_ = describe(CallErrorCode::property_constraint_violation, {}, "a value of the standard");
    }
    if (!lenient_) refusal_ = last_unusable_;
}

Refusal ReadContext::refusal() const {
    if (refusal_) return *refusal_;
    TIANQU_ASSERT(last_unusable_.has_value());
    return *last_unusable_;
}

bool read_text(ReadContext& context, const JsonValue& value, std::string& out, std::size_t max_length) {
    if (value.kind == JsonKind::text) {
        out = value.text;
    } else {
        const bool plain = value.kind == JsonKind::number || value.kind == JsonKind::boolean;
        // Free text may hold whatever the charger put there; elsewhere only a bill makes us read a number as text.
        const bool readable = max_length == SIZE_MAX || (plain && context.lenient());
        if (!readable) return wrong_type(context, value, "text");
        if (!context.tolerate(Problem::wrong_type, CallErrorCode::type_constraint_violation, value.source, "text")) {
            return false;
        }
        out = value.source;
    }
    if (out.size() <= max_length || code_points(out) <= max_length) return true;
    return context.tolerate(Problem::too_long, CallErrorCode::property_constraint_violation, value.source,
                            "at most " + std::to_string(max_length) + " characters");
}

bool read_uri(ReadContext& context, const JsonValue& value, std::string& out) {
    if (value.kind != JsonKind::text) return wrong_type(context, value, "text");
    out = value.text;
    if (is_uri(out)) return true;
    return context.tolerate(Problem::bad_format, CallErrorCode::property_constraint_violation, value.source,
                            "an address such as ftp://host/folder");
}

bool read_integer(ReadContext& context, const JsonValue& value, std::int64_t& out) {
    constexpr std::string_view expected = "a whole number";
    const auto text = number_text(context, value, expected);
    if (!text) return false;
    if (const auto whole = whole_number(*text)) {
        out = *whole;
        return true;
    }
    const auto rounded = scaled_number(*text, 0);
    if (!rounded) return wrong_type(context, value, expected);
    out = *rounded;
    return context.tolerate(Problem::rounded, CallErrorCode::type_constraint_violation, value.source, expected);
}

bool read_boolean(ReadContext& context, const JsonValue& value, bool& out) {
    constexpr std::string_view expected = "true or false";
    if (value.kind == JsonKind::boolean) {
        out = value.truth;
        return true;
    }
    const bool yes = same_but_for_case(value.text, "true") || value.text == "1";
    const bool no = same_but_for_case(value.text, "false") || value.text == "0";
    if (!yes && !no) return wrong_type(context, value, expected);
    out = yes;
    return context.tolerate(Problem::wrong_type, CallErrorCode::type_constraint_violation, value.source, expected);
}

bool read_decimal(ReadContext& context, const JsonValue& value, Decimal& out) {
    constexpr std::string_view expected = "a number with at most one decimal";
    const auto text = number_text(context, value, expected);
    if (!text) return false;
    const auto thousandths = scaled_number(*text, 3);
    if (!thousandths) return wrong_type(context, value, expected);
    out = Decimal{*thousandths};
    if (is_tenth(*text)) return true;
    return context.tolerate(Problem::rounded, CallErrorCode::property_constraint_violation, value.source, expected);
}

bool read_timestamp(ReadContext& context, const JsonValue& value, Timestamp& out) {
    constexpr std::string_view expected = "a date and time such as 2026-11-23T12:00:00Z";
    if (value.kind != JsonKind::text) return wrong_type(context, value, expected);
    if (is_date_time(value.text)) {
        out = date_time(value.text);
        return true;
    }
    if (const auto time = parse_time(trimmed(value.text))) out = *time;
    return context.tolerate(Problem::bad_format, CallErrorCode::property_constraint_violation, value.source, expected);
}

bool read_enum(ReadContext& context, const JsonValue& value, std::span<const std::string_view> names,
               std::size_t& out) {
    const auto expected = [&] {
        std::string text = "one of ";
        for (const auto name : names) text += (text.size() > 7 ? ", " : "") + std::string(name);
        return text;
    };
    if (value.kind != JsonKind::text) return wrong_type(context, value, expected());
    for (out = 0; out < names.size(); ++out) {
        if (names[out] == value.text) return true;
    }
    for (out = 0; out < names.size(); ++out) {
        if (same_but_for_case(names[out], trimmed(value.text))) {
            return context.tolerate(Problem::value_case, CallErrorCode::property_constraint_violation, value.source,
                                    expected());
        }
    }
    return context.tolerate(Problem::unknown_value, CallErrorCode::property_constraint_violation, value.source,
                            expected());
}

bool expect_object(ReadContext& context, const JsonValue& value) {
    if (value.kind != JsonKind::object) return wrong_type(context, value, "an object");
    if (value.count <= MemberFinder::member_limit) return true;
    return context.unusable(Problem::too_many, CallErrorCode::formation_violation, value.source, "at most 256 members");
}

const JsonValue* MemberFinder::take(std::string_view name) {
    const JsonValue* found = nullptr;
    // Members mostly come in the order of the description, so the search starts behind the last one found.
    for (std::size_t step = 0; step < members_.size(); ++step) {
        const std::size_t at = (cursor_ + step) % members_.size();
        if (members_[at].name != name) continue;
        found = &members_[at].value;
        used_.set(at);
        cursor_ = at + 1;
        break;
    }
    if (found == nullptr) return context_.strict() ? nullptr : take_other_case(name);
    bool repeated = false;
    for (std::size_t at = 0; at < members_.size(); ++at) {
        if (used_[at] || members_[at].name != name) continue;
        used_.set(at);
        repeated = true;
        // The last one counts, as in most JSON libraries.
        if (&members_[at].value > found) found = &members_[at].value;
    }
    if (repeated) {
        context_.enter(name);
        context_.tolerate(Problem::repeated, CallErrorCode::formation_violation, found->source, "the name once");
        context_.leave();
    }
    return found;
}

const JsonValue* MemberFinder::take_other_case(std::string_view name) {
    for (std::size_t at = 0; at < members_.size(); ++at) {
        if (used_[at] || !same_but_for_case(members_[at].name, name)) continue;
        used_.set(at);
        context_.enter(members_[at].name);
        context_.tolerate(Problem::name_case, CallErrorCode::formation_violation, members_[at].value.source, name);
        context_.leave();
        return &members_[at].value;
    }
    return nullptr;
}

void MemberFinder::finish() {
    for (std::size_t at = 0; at < members_.size(); ++at) {
        if (used_[at]) continue;
        context_.enter(members_[at].name);
        context_.tolerate(Problem::unknown_field, CallErrorCode::formation_violation, members_[at].value.source,
                          "only fields of the standard");
        context_.leave();
    }
}

void ObjectWriter::write_decimal(Decimal value) { json_.raw(format_decimal(value.thousandths, 3)); }

}  // namespace tianqu::ocpp::codec
