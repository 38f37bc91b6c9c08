#include "charging/events.hpp"

#include <array>
#include <utility>

namespace tianqu::charging {

namespace {

template <std::size_t... at>
constexpr bool numbers_differ(std::index_sequence<at...>) {
    const std::array numbers{std::variant_alternative_t<at, EventBody>::type...};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        for (std::size_t j = i + 1; j < numbers.size(); ++j) {
            if (numbers[i] == numbers[j]) return false;
        }
    }
    return true;
}
using Alternatives = std::make_index_sequence<std::variant_size_v<EventBody>>;
static_assert(numbers_differ(Alternatives{}), "two events have one number");

template <std::size_t at = 0>
std::string_view name_of(std::int32_t type) {
    if constexpr (at < std::variant_size_v<EventBody>) {
        using Body = std::variant_alternative_t<at, EventBody>;
        return type == Body::type ? std::string_view(Body::name) : name_of<at + 1>(type);
    } else {
        return {};
    }
}

template <std::size_t at = 0>
Result<EventBody> decode_as(std::int32_t type, std::string_view payload) {
    if constexpr (at < std::variant_size_v<EventBody>) {
        using Body = std::variant_alternative_t<at, EventBody>;
        if (type != Body::type) return decode_as<at + 1>(type, payload);
        auto body = decode_record<Body>(payload);
        if (!body) return std::unexpected(std::move(body.error()).with("event", Body::name));
        return EventBody(std::move(*body));
    } else {
        return fail(Error{ErrorCode::unsupported,
                          "this release does not know events of this type",
                          {{"type", std::to_string(type)}}});
    }
}

}  // namespace

std::int32_t event_type(const EventBody& body) {
    return std::visit([](const auto& event) { return event.type; }, body);
}

std::string_view event_name(std::int32_t type) { return name_of<>(type); }

std::string encode_body(const EventBody& body) {
    return std::visit([](const auto& event) { return encode_record(event); }, body);
}

Result<EventBody> decode_body(std::int32_t type, std::string_view payload) { return decode_as<>(type, payload); }

std::string body_to_json(const EventBody& body) {
    return std::visit([](const auto& event) { return to_json(event); }, body);
}

}  // namespace tianqu::charging
