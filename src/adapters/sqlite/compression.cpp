#include "adapters/sqlite/compression.hpp"

#include <zlib.h>

#include "base/assertion.hpp"

namespace tianqu::sqlite {

std::string compress_fast(std::string_view bytes) {
    std::string out(compressBound(bytes.size()), '\0');
    uLongf size = out.size();
    const int code = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_SPEED);
    TIANQU_ASSERT(code == Z_OK);
    out.resize(size);
    return out;
}

Result<std::string> decompress(std::string_view bytes, std::size_t size) {
    std::string out(size, '\0');
    uLongf got = size;
    const int code = uncompress(reinterpret_cast<Bytef*>(out.data()), &got,
                                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    if (code != Z_OK || got != size) return fail(ErrorCode::corrupt, "a stored snapshot cannot be unpacked");
    return out;
}

}  // namespace tianqu::sqlite
