#include "app/server/api/body.hpp"

#include <boost/json.hpp>
#include <set>

namespace tianqu::server {

namespace json = boost::json;

struct Body::Impl {
    json::object object;
    std::set<std::string, std::less<>> asked;
    std::optional<Error> problem;

    const json::value* find(std::string_view field) {
        asked.emplace(field);
        const auto* value = object.if_contains(field);
        return value == nullptr || value->is_null() ? nullptr : value;
    }
    void reject(std::string_view field, std::string value, std::string_view expected) {
        if (problem) return;
        problem =
            Error{ErrorCode::invalid_input,
                  "field '" + std::string(field) + "' is " + value + ": expected " + std::string(expected),
                  {{"field", std::string(field)}, {"value", std::move(value)}, {"expected", std::string(expected)}}};
    }
    static std::string shown(const json::value& value) {
        std::string text = json::serialize(value);
        if (text.size() > 100) text = text.substr(0, 100) + "…";
        return text;
    }
};

Body::Body(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Body::~Body() = default;
Body::Body(Body&&) noexcept = default;
Body& Body::operator=(Body&&) noexcept = default;

Result<Body> Body::parse(std::string_view text) {
    auto impl = std::make_unique<Impl>();
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Body(std::move(impl));
    json::error_code error;
    json::parse_options options;
    options.max_depth = 16;
    json::value value = json::parse({text.data(), text.size()}, error, {}, options);
    if (error) {
        return fail(Error{
            ErrorCode::invalid_input, "the request's body is not JSON: " + error.message(), {{"field", "(body)"}}});
    }
    if (!value.is_object()) {
        return fail(Error{ErrorCode::invalid_input, "the request's body must be a JSON object", {{"field", "(body)"}}});
    }
    impl->object = std::move(value.get_object());
    return Body(std::move(impl));
}

std::optional<std::string> Body::text(std::string_view field) {
    const auto* value = impl_->find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
        impl_->reject(field, Impl::shown(*value), "a text");
        return std::nullopt;
    }
    return std::string(value->get_string().data(), value->get_string().size());
}

std::optional<std::int64_t> Body::whole(std::string_view field) {
    const auto* value = impl_->find(field);
    if (value == nullptr) return std::nullopt;
    json::error_code error;
    const auto number = value->is_number() ? value->to_number<std::int64_t>(error) : 0;
    if (!value->is_number() || error) {
        impl_->reject(field, Impl::shown(*value), "a whole number");
        return std::nullopt;
    }
    return number;
}

std::optional<bool> Body::boolean(std::string_view field) {
    const auto* value = impl_->find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) {
        impl_->reject(field, Impl::shown(*value), "true or false");
        return std::nullopt;
    }
    return value->get_bool();
}

std::optional<double> Body::real(std::string_view field) {
    const auto* value = impl_->find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) {
        impl_->reject(field, Impl::shown(*value), "a number");
        return std::nullopt;
    }
    return value->to_number<double>();
}

std::optional<TimePoint> Body::time(std::string_view field) {
    const auto written = text(field);
    if (!written) return std::nullopt;
    const auto parsed = parse_time(*written);
    if (!parsed) {
        impl_->reject(field, *written, "a time such as 2026-11-23T12:00:00Z");
        return std::nullopt;
    }
    return *parsed;
}

std::vector<Body> Body::objects(std::string_view field) {
    std::vector<Body> out;
    const auto* value = impl_->find(field);
    if (value == nullptr) return out;
    if (!value->is_array()) {
        impl_->reject(field, Impl::shown(*value), "a list of objects");
        return out;
    }
    for (const auto& element : value->get_array()) {
        if (!element.is_object()) {
            impl_->reject(field, Impl::shown(element), "an object");
            return out;
        }
        auto impl = std::make_unique<Impl>();
        impl->object = element.get_object();
        out.push_back(Body(std::move(impl)));
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> Body::texts(std::string_view field) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto* value = impl_->find(field);
    if (value == nullptr || !value->is_object()) {
        impl_->reject(field, value == nullptr ? "absent" : Impl::shown(*value), "an object of texts");
        return out;
    }
    for (const auto& [name, part] : value->get_object()) {
        if (!part.is_string()) {
            impl_->reject(field, Impl::shown(part), "a text for each name");
            return out;
        }
        out.emplace_back(std::string(name), std::string(part.get_string().data(), part.get_string().size()));
    }
    return out;
}

std::string Body::required_text(std::string_view field) {
    const auto value = text(field);
    if (!value || value->empty()) impl_->reject(field, "absent or empty", "a text");
    return value.value_or("");
}

std::int64_t Body::required_whole(std::string_view field) {
    const auto value = whole(field);
    if (!value) impl_->reject(field, "absent", "a whole number");
    return value.value_or(0);
}

void Body::reject(std::string_view field, std::string value, std::string expected) {
    impl_->reject(field, std::move(value), expected);
}

Status Body::finish() const {
    if (impl_->problem) return std::unexpected(*impl_->problem);
    for (const auto& [name, value] : impl_->object) {
        const std::string_view field{name.data(), name.size()};
        if (impl_->asked.contains(field)) continue;
        std::string known;
        for (const auto& asked : impl_->asked) known.append(known.empty() ? "" : ", ").append(asked);
        return fail(Error{ErrorCode::invalid_input,
                          "field '" + std::string(field) + "' is not known here: expected only " + known,
                          {{"field", std::string(field)}, {"value", Impl::shown(value)}, {"expected", known}}});
    }
    return {};
}

}  // namespace tianqu::server
