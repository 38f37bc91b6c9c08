#include "app/server/options.hpp"

#include <charconv>

namespace tianqu::server {

Result<Endpoint> parse_endpoint(std::string_view text) {
    const auto problem = [&] {
        return fail(Error{ErrorCode::invalid_input,
                          "expected ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080",
                          {{"value", std::string(text)}}});
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return problem();
    std::string_view address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || address.empty()) return problem();
    return Endpoint{std::string(address), port};
}

}  // namespace tianqu::server
