#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tianqu {

using Sha256 = std::array<std::uint8_t, 32>;

/// SHA-256 of the concatenation of `first` and `second`.
[[nodiscard]] Sha256 sha256(std::string_view first, std::string_view second = {});
[[nodiscard]] std::string to_hex(const Sha256& hash);
[[nodiscard]] std::string_view as_bytes(const Sha256& hash);

}  // namespace tianqu
