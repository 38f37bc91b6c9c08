#pragma once

#include <string>
#include <vector>

namespace tianqu::test {

/// One frame of malformed/*.jsonl and what has to come back.
struct MalformedCase {
    std::string name;  ///< "file: name"
    std::string frame;
    std::string tolerant;  ///< "accepted", "none" or the code of the CALLERROR, by tolerant validation
    std::string strict;    ///< the same by strict validation
    std::string id;        ///< of the CALLERROR
    std::string socket;    ///< "close": the connection ends; "any": it may; empty: it stays
};

/// All of them; throws when the corpus itself is broken.
[[nodiscard]] std::vector<MalformedCase> malformed_cases();

}  // namespace tianqu::test
