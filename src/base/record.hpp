#pragma once

/// A record type lists its fields once, with a number that never changes and a name:
///
///     template <class Self, class Visitor>
///     static void describe(Self& self, Visitor& visit) {
///         visit(1, "charger", self.charger);
///         visit(2, "power_w", self.power);
///     }
///
/// From this follow the compact binary form kept in the journal (`encode_record`, `decode_record`: numbered fields,
/// unknown numbers are skipped, missing ones keep their default, so old bytes stay readable) and the JSON form people
/// see (`to_json`). Supported members: integers, bool, enums (as numbers in both forms unless `enum_name` is found by
/// lookup), double, quantities, ids, TimePoint, Milliseconds, std::string, std::optional, std::vector, std::map, and
/// other records.

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/id.hpp"
#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace tianqu {

namespace detail {

struct NullVisitor {
    template <class T>
    void operator()(int, const char*, T&) {}
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class K, class V>
struct IsMap<std::map<K, V>> : std::true_type {};
template <class T>
struct IsQuantity : std::false_type {};
template <class U>
struct IsQuantity<Quantity<U>> : std::true_type {};
template <class T>
struct IsTextId : std::false_type {};
template <class Tag>
struct IsTextId<Id<Tag>> : std::true_type {};
template <class T>
struct IsNumberId : std::false_type {};
template <class Tag>
struct IsNumberId<NumberId<Tag>> : std::true_type {};

}  // namespace detail

template <class T>
concept Record = requires(T& value, detail::NullVisitor& visitor) { T::describe(value, visitor); };

/// An enum that has names: `std::string_view enum_name(E)` found by argument-dependent lookup.
template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
    { enum_name(value) } -> std::convertible_to<std::string_view>;
};

class RecordWriter {
public:
    template <class T>
    void operator()(int number, const char*, const T& value) {
        if constexpr (detail::IsOptional<T>::value) {
            if (value) (*this)(number, nullptr, *value);
        } else if constexpr (is_varint<T>()) {
            put_varint(static_cast<std::uint64_t>(number) << 2);
            put_value(value);
        } else if constexpr (std::is_same_v<T, double>) {
            put_varint(static_cast<std::uint64_t>(number) << 2 | 1);
            put_value(value);
        } else {
            put_varint(static_cast<std::uint64_t>(number) << 2 | 2);
            put_sized(value);
        }
    }
    template <Record T>
    void fields(const T& value) {
        T::describe(value, *this);
    }

    std::string bytes;

private:
    template <class T>
    static constexpr bool is_varint() {
        return std::is_integral_v<T> || std::is_enum_v<T> || detail::IsQuantity<T>::value ||
               detail::IsNumberId<T>::value || std::is_same_v<T, TimePoint> || std::is_same_v<T, Milliseconds>;
    }
    void put_varint(std::uint64_t value) {
        while (value >= 0x80) {
            bytes += static_cast<char>(value | 0x80);
            value >>= 7;
        }
        bytes += static_cast<char>(value);
    }
    void put_signed(std::int64_t value) {
        put_varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    }
    template <class T>
    void put_value(const T& value) {
        if constexpr (std::is_integral_v<T>)
            put_signed(static_cast<std::int64_t>(value));
        else if constexpr (std::is_enum_v<T>)
            put_signed(static_cast<std::int64_t>(value));
        else if constexpr (detail::IsQuantity<T>::value)
            put_signed(value.count);
        else if constexpr (detail::IsNumberId<T>::value)
            put_signed(value.value);
        else if constexpr (std::is_same_v<T, TimePoint>)
            put_signed(to_milliseconds(value));
        else if constexpr (std::is_same_v<T, Milliseconds>)
            put_signed(value.count());
        else if constexpr (std::is_same_v<T, double>) {
            const auto bits = std::bit_cast<std::uint64_t>(value);
            for (int i = 0; i < 8; ++i) bytes += static_cast<char>(bits >> (8 * i));
        } else
            put_sized(value);
    }
    template <class T>
    void put_sized(const T& value) {
        if constexpr (std::is_same_v<T, std::string>) {
            put_varint(value.size());
            bytes += value;
        } else if constexpr (detail::IsTextId<T>::value) {
            put_sized(value.value);
        } else {
            RecordWriter inner;
            inner.put_content(value);
            put_varint(inner.bytes.size());
            bytes += inner.bytes;
        }
    }
    template <class T>
    void put_content(const T& value) {
        if constexpr (detail::IsVector<T>::value) {
            put_varint(value.size());
            for (const auto& element : value) put_value(element);
        } else if constexpr (detail::IsMap<T>::value) {
            put_varint(value.size());
            for (const auto& [key, element] : value) {
                put_value(key);
                put_value(element);
            }
        } else {
            fields(value);
        }
    }
};

class RecordReader {
public:
    explicit RecordReader(std::string_view bytes) : rest_(bytes) {}

    /// Reads all fields of `value`; false when the bytes are not a record of this kind.
    template <Record T>
    bool fields(T& value) {
        while (ok_ && !rest_.empty()) {
            const auto key = take_varint();
            number_ = static_cast<int>(key >> 2);
            const int kind = static_cast<int>(key & 3);
            taken_ = false;
            if (kind > 2 || number_ == 0) return false;
            T::describe(value, *this);
            if (!taken_) skip(kind);
        }
        return ok_;
    }

    template <class T>
    void operator()(int number, const char*, T& value) {
        if (number != number_ || taken_) return;
        taken_ = true;
        if constexpr (detail::IsOptional<T>::value) {
            take_value(value.emplace());
        } else {
            take_value(value);
        }
    }

private:
    std::uint64_t take_varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        ok_ = false;
        return 0;
    }
    std::int64_t take_signed() {
        const std::uint64_t value = take_varint();
        return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
    }
    std::string_view take_bytes() {
        const std::uint64_t size = take_varint();
        if (size > rest_.size()) {
            ok_ = false;
            return {};
        }
        const auto part = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return part;
    }
    void skip(int kind) {
        if (kind == 0) {
            take_varint();
        } else if (kind == 1) {
            if (rest_.size() < 8)
                ok_ = false;
            else
                rest_.remove_prefix(8);
        } else {
            take_bytes();
        }
    }
    template <class T>
    void take_value(T& value) {
        if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
            value = static_cast<T>(take_signed());
        else if constexpr (detail::IsQuantity<T>::value)
            value.count = take_signed();
        else if constexpr (detail::IsNumberId<T>::value)
            value.value = take_signed();
        else if constexpr (std::is_same_v<T, TimePoint>)
            value = from_milliseconds(take_signed());
        else if constexpr (std::is_same_v<T, Milliseconds>)
            value = Milliseconds{take_signed()};
        else if constexpr (std::is_same_v<T, double>)
            value = take_double();
        else if constexpr (std::is_same_v<T, std::string>)
            value.assign(take_bytes());
        else if constexpr (detail::IsTextId<T>::value)
            value.value.assign(take_bytes());
        else {
            RecordReader inner(take_bytes());
            if (ok_) ok_ = inner.take_content(value);
        }
    }
    double take_double() {
        if (rest_.size() < 8) {
            ok_ = false;
            return 0;
        }
        std::uint64_t bits = 0;
        for (int i = 0; i < 8; ++i) {
            bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)]))
                    << (8 * i);
        }
        rest_.remove_prefix(8);
        return std::bit_cast<double>(bits);
    }
    template <class T>
    bool take_content(T& value) {
        if constexpr (detail::IsVector<T>::value) {
            value.clear();
            for (std::uint64_t left = take_varint(); left > 0 && ok_; --left) {
                if (rest_.empty()) return false;
                typename T::value_type element{};
                take_value(element);
                value.push_back(std::move(element));
            }
            return ok_;
        } else if constexpr (detail::IsMap<T>::value) {
            value.clear();
            for (std::uint64_t left = take_varint(); left > 0 && ok_; --left) {
                if (rest_.empty()) return false;
                typename T::key_type key{};
                take_value(key);
                take_value(value[std::move(key)]);
            }
            return ok_;
        } else {
            return fields(value);
        }
    }

    std::string_view rest_;
    int number_ = 0;
    bool taken_ = false;
    bool ok_ = true;
};

template <Record T>
[[nodiscard]] std::string encode_record(const T& value) {
    RecordWriter writer;
    writer.fields(value);
    return std::move(writer.bytes);
}

template <Record T>
[[nodiscard]] Result<T> decode_record(std::string_view bytes) {
    T value{};
    if (!RecordReader(bytes).fields(value)) {
        return fail(ErrorCode::corrupt, "the stored bytes are not a record of the expected kind");
    }
    return value;
}

/// Writes a member into JSON: quantities and number ids as whole numbers, times as RFC 3339 text, durations in
/// milliseconds.
template <class T>
void write_json(JsonWriter& json, const T& value);

class RecordJson {
public:
    explicit RecordJson(JsonWriter& json) : json_(json) {}
    template <class T>
    void operator()(int, const char* name, const T& value) {
        json_.key(name);
        write_json(json_, value);
    }

private:
    JsonWriter& json_;
};

template <class T>
void write_json(JsonWriter& json, const T& value) {
    if constexpr (std::is_same_v<T, bool>)
        json.boolean(value);
    else if constexpr (NamedEnum<T>)
        json.text(enum_name(value));
    else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>)
        json.number(static_cast<std::int64_t>(value));
    else if constexpr (std::is_same_v<T, double>)
        json.real(value);
    else if constexpr (detail::IsQuantity<T>::value)
        json.number(value.count);
    else if constexpr (detail::IsNumberId<T>::value)
        json.number(value.value);
    else if constexpr (detail::IsTextId<T>::value)
        json.text(value.value);
    else if constexpr (std::is_same_v<T, std::string>)
        json.text(value);
    else if constexpr (std::is_same_v<T, TimePoint>)
        json.text(format_time(value));
    else if constexpr (std::is_same_v<T, Milliseconds>)
        json.number(value.count());
    else if constexpr (detail::IsOptional<T>::value) {
        if (value)
            write_json(json, *value);
        else
            json.null();
    } else if constexpr (detail::IsVector<T>::value) {
        json.begin_array();
        for (const auto& element : value) write_json(json, element);
        json.end_array();
    } else if constexpr (detail::IsMap<T>::value) {
        json.begin_array();
        for (const auto& [key, element] : value) {
            json.begin_object();
            json.key("key");
            write_json(json, key);
            json.key("value");
            write_json(json, element);
            json.end_object();
        }
        json.end_array();
    } else {
        json.begin_object();
        RecordJson fields(json);
        T::describe(value, fields);
        json.end_object();
    }
}

template <Record T>
[[nodiscard]] std::string to_json(const T& value) {
    JsonWriter json;
    write_json(json, value);
    return json.take();
}

}  // namespace tianqu
