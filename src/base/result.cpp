#include "base/result.hpp"

#include <array>

#include "base/assertion.hpp"

namespace tianqu {

ErrorTraits error_traits(ErrorCode code) {
    static constexpr std::array<ErrorTraits, 12> table{{
        {"invalid_input", 400},
        {"not_found", 404},
        {"conflict", 409},
        {"unauthorized", 401},
        {"forbidden", 403},
        {"too_large", 413},
        {"unsupported", 501},
        {"unavailable", 503},
        {"timed_out", 504},
        {"storage_failure", 503},
        {"corrupt", 500},
        {"internal", 500},
    }};
    const auto index = static_cast<std::size_t>(code);
    TIANQU_ASSERT(index < table.size());
    return table[index];
}

std::string_view Error::field(std::string_view name) const {
    for (const auto& [key, value] : fields) {
        if (key == name) return value;
    }
    return {};
}

std::string Error::to_string() const {
    std::string line = text;
    const char* separator = " (";
    for (const auto& [name, value] : fields) {
        line.append(separator).append(name).append("=").append(value);
        separator = ", ";
    }
    if (!fields.empty()) line += ')';
    return line;
}

}  // namespace tianqu
