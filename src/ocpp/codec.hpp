#pragma once

/// Reads, writes and checks any message that has a `describe`. For the .cpp file of a version's messages only.

#include <array>
#include <bitset>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/json_writer.hpp"
#include "ocpp/fields.hpp"
#include "ocpp/json.hpp"

namespace tianqu::ocpp::codec {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
concept BoundedText = requires { T::max_length; };

/// What the reading of one message knows: how strict, where in the message, what was let pass, why it is refused.
class ReadContext {
public:
    /// `lenient`: a wrong type of an unimportant field does not refuse the message (it carries a bill, or is an
    /// answer).
    ReadContext(Validation validation, bool lenient) : strict_(validation == Validation::strict), lenient_(lenient) {}

    void enter(std::string_view name) { path_[depth_++] = {name, -1}; }
    void enter(std::int64_t index) { path_[depth_++] = {{}, index}; }
    void leave() { --depth_; }

    [[nodiscard]] bool strict() const { return strict_; }
    [[nodiscard]] bool lenient() const { return lenient_; }
    [[nodiscard]] bool refused() const { return refusal_.has_value(); }

    /// A disagreement with the schema that a tolerant reader understands. False when the message is refused for it.
    bool tolerate(Problem problem, CallErrorCode code, std::string_view value, std::string_view expected);
    /// A field that cannot be read. Always false.
    bool unusable(Problem problem, CallErrorCode code, std::string_view value, std::string_view expected);
    /// A field without which the object around it means nothing.
    void essential_lost();
    void essential_missing();

    std::vector<Flag> take_flags() { return std::move(flags_); }
    /// Why the message is refused: the reason found, or that of the essential field that was lost.
    [[nodiscard]] Refusal refusal() const;

private:
    struct Segment {
        std::string_view name;
        std::int64_t index = -1;
    };
    [[nodiscard]] std::string path() const;
    void flag(Problem problem, std::string_view value);
    Refusal describe(CallErrorCode code, std::string_view value, std::string_view expected) const;

    bool strict_;
    bool lenient_;
    std::size_t depth_ = 0;
    std::array<Segment, 16> path_;
    std::vector<Flag> flags_;
    std::optional<Refusal> refusal_;
    std::optional<Refusal> last_unusable_;
};

// The kinds of values; true when `out` holds what was meant.
bool read_text(ReadContext& context, const JsonValue& value, std::string& out, std::size_t max_length);
bool read_uri(ReadContext& context, const JsonValue& value, std::string& out);
bool read_integer(ReadContext& context, const JsonValue& value, std::int64_t& out);
bool read_boolean(ReadContext& context, const JsonValue& value, bool& out);
bool read_decimal(ReadContext& context, const JsonValue& value, Decimal& out);
bool read_timestamp(ReadContext& context, const JsonValue& value, Timestamp& out);
/// `out` is an index into `names`, or their number for a value that is none of them.
bool read_enum(ReadContext& context, const JsonValue& value, std::span<const std::string_view> names, std::size_t& out);
/// Whether the value is an object (or, for a tolerant reader of no fields at all, null).
bool expect_object(ReadContext& context, const JsonValue& value);

/// Finds the members of one object by name, remembers which were asked for.
class MemberFinder {
public:
    static constexpr std::size_t member_limit = 256;

    MemberFinder(ReadContext& context, const JsonValue& object) : context_(context), members_(object.members()) {}
    [[nodiscard]] const JsonValue* take(std::string_view name);
    /// Every member nobody asked for is unknown.
    void finish();

private:
    [[nodiscard]] const JsonValue* take_other_case(std::string_view name);

    ReadContext& context_;
    std::span<const JsonMember> members_;
    std::size_t cursor_ = 0;
    std::bitset<member_limit> used_;
};

template <class T>
bool read_value(ReadContext& context, const JsonValue& value, T& out);

template <class T>
bool is_unrecognised(const T& value) {
    if constexpr (std::is_enum_v<T>) return value == T::unrecognised;
    return false;
}

/// The visitor that fills a struct from an object.
class ObjectReader {
public:
    ObjectReader(ReadContext& context, const JsonValue& object) : context_(context), members_(context, object) {}

    template <class T>
    void operator()(std::string_view name, T& member, Need need = Need::ordinary) {
        if (context_.refused() || !usable_) return;
        const JsonValue* value = members_.take(name);
        context_.enter(name);
        if constexpr (IsOptional<T>::value) {
            read_optional(value, member);
        } else {
            read_required(value, member, need);
        }
        context_.leave();
    }

    /// Whether the object means something.
    [[nodiscard]] bool finish() {
        if (usable_ && !context_.refused()) members_.finish();
        return usable_ && !context_.refused();
    }

private:
    template <class T>
    void read_optional(const JsonValue* value, std::optional<T>& member) {
        if (value == nullptr) return;
        if (value->kind == JsonKind::null) {
            context_.tolerate(Problem::wrong_type, CallErrorCode::type_constraint_violation, value->source, "no null");
            return;
        }
        T content{};
        if (read_value(context_, *value, content)) member = std::move(content);
    }

    template <class T>
    void read_required(const JsonValue* value, T& member, Need need) {
        const bool absent = value == nullptr || (!context_.strict() && value->kind == JsonKind::null);
        if (absent && need == essential) {
            context_.essential_missing();
            usable_ = false;
        } else if (absent) {
            context_.tolerate(Problem::missing, CallErrorCode::occurrence_constraint_violation, {}, "a value");
        } else if (!read_value(context_, *value, member) || (need == essential && is_unrecognised(member))) {
            if (need != essential) return;
            context_.essential_lost();
            usable_ = false;
        }
    }

    ReadContext& context_;
    MemberFinder members_;
    bool usable_ = true;
};

template <class T>
bool read_array(ReadContext& context, const JsonValue& value, std::vector<T>& out) {
    const bool single = value.kind != JsonKind::array;
    if (single) {
        if (context.strict() || value.kind != JsonKind::object) {
            return context.unusable(Problem::wrong_type, CallErrorCode::type_constraint_violation, value.source,
                                    "an array");
        }
        // One object where a list of them belongs: some chargers leave the brackets out.
        if (!context.tolerate(Problem::wrong_type, CallErrorCode::type_constraint_violation, value.source,
                              "an array")) {
            return false;
        }
        T element{};
        if (read_value(context, value, element)) out.push_back(std::move(element));
        return !context.refused();
    }
    out.reserve(value.count);
    std::int64_t index = 0;
    for (const auto& member : value.members()) {
        context.enter(index++);
        T element{};
        if (read_value(context, member.value, element)) out.push_back(std::move(element));
        context.leave();
        if (context.refused()) return false;
    }
    return true;
}

template <class T>
bool read_value(ReadContext& context, const JsonValue& value, T& out) {
    if constexpr (BoundedText<T>) {
        return read_text(context, value, out, T::max_length);
    } else if constexpr (std::is_same_v<T, Uri>) {
        return read_uri(context, value, out);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        return read_integer(context, value, out);
    } else if constexpr (std::is_same_v<T, bool>) {
        return read_boolean(context, value, out);
    } else if constexpr (std::is_same_v<T, Decimal>) {
        return read_decimal(context, value, out);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return read_timestamp(context, value, out);
    } else if constexpr (std::is_enum_v<T>) {
        static constexpr auto names = enum_names(T{});
        static_assert(static_cast<std::size_t>(T::unrecognised) == names.size());
        std::size_t index = 0;
        if (!read_enum(context, value, names, index)) return false;
        out = static_cast<T>(index);
        return true;
    } else if constexpr (IsVector<T>::value) {
        return read_array(context, value, out);
    } else {
        if (!expect_object(context, value)) return false;
        ObjectReader reader(context, value);
        T::describe(out, reader);
        return reader.finish();
    }
}

/// The visitor that writes a struct's members.
class ObjectWriter {
public:
    explicit ObjectWriter(JsonWriter& json) : json_(json) {}

    template <class T>
    void operator()(std::string_view name, const T& member, Need = Need::ordinary) {
        if constexpr (IsOptional<T>::value) {
            if (!member || is_unrecognised(*member) || is_unusable(*member)) return;
            json_.key(name);
            write(*member);
        } else {
            json_.key(name);
            write(member);
        }
    }

private:
    template <class T>
    static bool is_unusable(const T& value) {
        if constexpr (std::is_same_v<T, Timestamp>) return !value.usable;
        return false;
    }

    template <class T>
    void write(const T& value) {
        if constexpr (std::is_base_of_v<std::string, T>) {
            json_.text(value);
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
            json_.number(value);
        } else if constexpr (std::is_same_v<T, bool>) {
            json_.boolean(value);
        } else if constexpr (std::is_same_v<T, Decimal>) {
            write_decimal(value);
        } else if constexpr (std::is_same_v<T, Timestamp>) {
            json_.text(value.usable ? format_time(value.time) : std::string{});
        } else if constexpr (std::is_enum_v<T>) {
            json_.text(enum_name(value));
        } else if constexpr (IsVector<T>::value) {
            json_.begin_array();
            for (const auto& element : value) write(element);
            json_.end_array();
        } else {
            json_.begin_object();
            T::describe(value, *this);
            json_.end_object();
        }
    }
    void write_decimal(Decimal value);

    JsonWriter& json_;
};

template <class Message>
std::string write_message(const Message& message) {
    JsonWriter json;
    json.begin_object();
    ObjectWriter writer(json);
    Message::describe(message, writer);
    json.end_object();
    return json.take();
}

}  // namespace tianqu::ocpp::codec
