/// Bytes from a journal or snapshot, whole or broken: read or refused, and what was read is written the same again.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assertion.hpp"
#include "charging/state.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tianqu;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 0xff) {
        if (const auto state = charging::decode_state(bytes)) {
            const auto written = charging::encode_state(*state);
            const auto again = charging::decode_state(written);
            TIANQU_ASSERT(again.has_value());
            TIANQU_ASSERT(charging::encode_state(*again) == written);
        }
        return 0;
    }
    if (const auto body = charging::decode_body(data[0], bytes)) {
        const auto written = charging::encode_body(*body);
        const auto again = charging::decode_body(charging::event_type(*body), written);
        TIANQU_ASSERT(again.has_value());
        TIANQU_ASSERT(charging::encode_body(*again) == written);
    }
    return 0;
}
