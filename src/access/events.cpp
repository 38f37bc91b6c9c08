#include "access/events.hpp"

namespace tianqu::access {

namespace {

template <class Body>
bool decode_as(std::int32_t type, std::string_view payload, std::optional<Result<EventBody>>& out) {
    if (type != Body::type) return false;
    auto decoded = decode_record<Body>(payload);
    out = decoded ? Result<EventBody>{EventBody{std::move(*decoded)}}
                  : Result<EventBody>{std::unexpected(decoded.error())};
    return true;
}

template <class... Bodies>
std::optional<Result<EventBody>> decode_any(std::int32_t type, std::string_view payload, std::variant<Bodies...>*) {
    std::optional<Result<EventBody>> out;
    (void)(decode_as<Bodies>(type, payload, out) || ...);
    return out;
}

template <class... Bodies>
std::string_view name_of(std::int32_t type, std::variant<Bodies...>*) {
    std::string_view name;
    (void)((Bodies::type == type && (name = Bodies::name, true)) || ...);
    return name;
}

}  // namespace

std::string_view enum_name(Role role) {
    switch (role) {
        case Role::viewer:
            return "viewer";
        case Role::operator_role:
            return "operator";
        case Role::administrator:
            return "administrator";
    }
    return "viewer";
}

Result<Role> parse_role(std::string_view text) {
    for (const Role role : {Role::viewer, Role::operator_role, Role::administrator}) {
        if (text == enum_name(role)) return role;
    }
    return fail(Error{ErrorCode::invalid_input,
                      "expected viewer, operator or administrator",
                      {{"field", "role"}, {"value", std::string(text)}}});
}

std::int32_t event_type(const EventBody& body) {
    return std::visit([]<class Body>(const Body&) { return Body::type; }, body);
}

std::string_view event_name(std::int32_t type) { return name_of(type, static_cast<EventBody*>(nullptr)); }

std::string encode_body(const EventBody& body) {
    return std::visit([](const auto& event) { return encode_record(event); }, body);
}

Result<EventBody> decode_body(std::int32_t type, std::string_view payload) {
    auto decoded = decode_any(type, payload, static_cast<EventBody*>(nullptr));
    if (decoded) return std::move(*decoded);
    return fail(Error{ErrorCode::unsupported, "not an access event", {{"type", std::to_string(type)}}});
}

std::string body_to_json(const EventBody& body) {
    return std::visit(
        [](const auto& event) {
            JsonWriter json;
            json.begin_object();
            if constexpr (requires { event.user; }) json.field("user", event.user.value);
            if constexpr (requires { event.role; }) json.field("role", enum_name(event.role));
            if constexpr (requires { event.hint; }) json.field("key", event.hint + "…");
            if constexpr (requires { event.expires; }) json.field("expires", format_time(event.expires));
            if constexpr (requires { event.address; }) json.field("address", event.address);
            json.end_object();
            return json.take();
        },
        body);
}

}  // namespace tianqu::access
