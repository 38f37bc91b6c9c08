#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "replay/sessions_csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto sessions = tianqu::replay::read_sessions_csv("fuzz.csv", text);
    if (!sessions) return 0;
    for (const auto& session : *sessions) {
        // Whatever is read must be fit for a replay.
        if (session.arrival < 0 || session.departure <= session.arrival || session.max_power.count <= 0) std::abort();
    }
    return 0;
}
