#include "app/server/api/paging.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace tianqu::server {

Result<std::optional<std::int64_t>> whole_parameter(const http::Request& request, const std::string& name) {
    const auto text = request.parameter(name);
    if (text.empty()) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return fail(Error{ErrorCode::invalid_input,
                          "query parameter '" + name + "' is '" + std::string(text) + "': expected a whole number",
                          {{"field", name}, {"value", std::string(text)}, {"expected", "a whole number"}}});
    }
    return value;
}

Result<PageQuery> page_of(const http::Request& request) {
    const auto limit = whole_parameter(request, "limit");
    if (!limit) return std::unexpected(limit.error());
    const std::int64_t rows = limit->value_or(50);
    if (rows < 1 || rows > most_rows) {
        return fail(Error{ErrorCode::invalid_input,
                          "query parameter 'limit': expected 1 to 1000",
                          {{"field", "limit"}, {"value", std::to_string(rows)}, {"expected", "1 to 1000"}}});
    }
    return PageQuery{std::string(request.parameter("after")), static_cast<int>(rows)};
}

void write_next(JsonWriter& json, std::optional<std::int64_t> next) {
    json.key("next");
    if (next)
        json.text(std::to_string(*next));
    else
        json.null();
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<TimePoint>& time) {
    json.key(name);
    if (time)
        json.text(format_time(*time));
    else
        json.null();
}

bool contains_text(std::string_view text, std::string_view part) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

}  // namespace tianqu::server
