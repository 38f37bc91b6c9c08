#pragma once

/// Random messages from their descriptions: whatever a `describe` allows, with awkward texts, times and numbers.

#include <array>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ocpp/codec.hpp"
#include "ocpp/v16/messages.hpp"

namespace tianqu::ocpp::testing {

class RandomMessage {
public:
    explicit RandomMessage(std::uint64_t seed) : random_(seed) {}

    [[nodiscard]] std::int64_t below(std::int64_t limit) {
        return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random_);
    }
    [[nodiscard]] bool chance(int percent) { return below(100) < percent; }

    template <class T>
    T make() {
        T value{};
        fill(value);
        return value;
    }

    /// One of the alternatives of a variant of messages.
    template <class Variant>
    Variant make_one(std::size_t index) {
        return make_from<Variant>(index, std::make_index_sequence<std::variant_size_v<Variant>>{});
    }

    /// The visitor's side.
    template <class T>
    void operator()(std::string_view, T& member, Need = Need::ordinary) {
        fill(member);
    }

private:
    template <class Variant, std::size_t... I>
    Variant make_from(std::size_t index, std::index_sequence<I...>) {
        Variant result;
        ((I == index ? static_cast<void>(result = make<std::variant_alternative_t<I, Variant>>()) : void()), ...);
        return result;
    }

    std::string text(std::size_t longest) {
        static constexpr auto pieces =
            std::to_array<std::string_view>({"a", "Z", "0", " ", "-", "\"", "\\", "/", "\n", "\t", "\x01", "\x7f", "德",
                                             "州", "é", "𝄞", "{", "]", ","});
        std::string out;
        for (auto left = below(static_cast<std::int64_t>(longest) + 1); left > 0; --left) {
            out += pieces[static_cast<std::size_t>(below(static_cast<std::int64_t>(pieces.size())))];
        }
        return out;
    }

    template <class T>
    void fill(T& value) {
        if constexpr (codec::IsOptional<T>::value) {
            if (chance(50)) fill(value.emplace());
        } else if constexpr (codec::IsVector<T>::value) {
            for (auto left = below(4); left > 0; --left) fill(value.emplace_back());
        } else if constexpr (codec::BoundedText<T>) {
            value = T{text(std::min<std::size_t>(T::max_length, chance(10) ? 600 : 30))};
        } else if constexpr (std::is_same_v<T, Uri>) {
            static constexpr auto uris = std::to_array<std::string_view>(
                {"ftp://user:secret@10.0.0.1:21/log/", "https://example.org/a%20b?c=d#e", "http://[2001:db8::1]:80/",
                 "urn:example:firmware", "file:///tmp/x"});
            value = Uri{std::string(uris[static_cast<std::size_t>(below(uris.size()))])};
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
            value = chance(70) ? below(1000) - 10 : below(std::int64_t{1} << 53) - (std::int64_t{1} << 52);
        } else if constexpr (std::is_same_v<T, bool>) {
            value = chance(50);
        } else if constexpr (std::is_same_v<T, Decimal>) {
            value = Decimal{(below(5'000'000) - 1000) * 100};
        } else if constexpr (std::is_same_v<T, Timestamp>) {
            value = Timestamp{from_milliseconds(below(std::int64_t{4'000'000'000'000}))};
        } else if constexpr (std::is_enum_v<T>) {
            value = static_cast<T>(below(static_cast<std::int64_t>(T::unrecognised)));
        } else {
            T::describe(value, *this);
        }
    }

    std::mt19937_64 random_;
};

}  // namespace tianqu::ocpp::testing
