#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/server.hpp"
#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace tianqu::server {

struct PageQuery {
    std::string after;
    int limit = 50;
};

inline constexpr int most_rows = 1000;

/// `after` and `limit` of a request; an error names the field when limit is not 1…1000.
[[nodiscard]] Result<PageQuery> page_of(const http::Request& request);
/// A whole-number parameter; nullopt when absent.
[[nodiscard]] Result<std::optional<std::int64_t>> whole_parameter(const http::Request& request,
                                                                  const std::string& name);
/// `next`, with which the following page begins; null after the last one.
void write_next(JsonWriter& json, std::optional<std::int64_t> next);
/// A time under `name`; null when there is none.
void write_time(JsonWriter& json, std::string_view name, const std::optional<TimePoint>& time);
/// Case of Latin letters does not count.
[[nodiscard]] bool contains_text(std::string_view text, std::string_view part);

}  // namespace tianqu::server
