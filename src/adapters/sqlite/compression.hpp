#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tianqu::sqlite {

/// zlib at its fastest level: snapshots are written while events wait.
[[nodiscard]] std::string compress_fast(std::string_view bytes);
/// `corrupt` when the bytes do not unpack to exactly `size` bytes.
[[nodiscard]] Result<std::string> decompress(std::string_view bytes, std::size_t size);

}  // namespace tianqu::sqlite
