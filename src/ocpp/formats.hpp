#pragma once

#include <string_view>

#include "base/time.hpp"

namespace tianqu::ocpp {

/// A date-time as RFC 3339 and JSON schema's "date-time" have it: zone required; the separator may be white space.
[[nodiscard]] bool is_date_time(std::string_view text);
/// The instant of a text that `is_date_time`; a leap second is the first instant of the next minute.
[[nodiscard]] TimePoint date_time(std::string_view text);
/// An absolute URI: RFC 3986, as JSON schema validators read "uri".
[[nodiscard]] bool is_uri(std::string_view text);

}  // namespace tianqu::ocpp
