#pragma once

#include <cstdlib>
#include <string_view>

namespace tianqu::test {

/// How often a seeded test repeats: `usual` times, or `thorough` times when TIANQU_LONG=1.
inline int repetitions(int usual, int thorough) {
    const char* value = std::getenv("TIANQU_LONG");
    return value != nullptr && std::string_view(value) == "1" ? thorough : usual;
}

}  // namespace tianqu::test
