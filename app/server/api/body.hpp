#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace tianqu::server {

/// A JSON object read field by field. Every error names field, value and what was expected; a field that nobody asked
/// for is an error too (`finish`), so that a misspelt one is never silently ignored.
class Body {
public:
    /// At most 16 levels deep. An empty text is an empty object.
    [[nodiscard]] static Result<Body> parse(std::string_view json);
    ~Body();
    Body(Body&&) noexcept;
    Body& operator=(Body&&) noexcept;

    /// Reads a field; absent (or null) is nullopt, a wrong type is remembered for `finish`.
    [[nodiscard]] std::optional<std::string> text(std::string_view field);
    [[nodiscard]] std::optional<std::int64_t> whole(std::string_view field);
    [[nodiscard]] std::optional<bool> boolean(std::string_view field);
    [[nodiscard]] std::optional<double> real(std::string_view field);
    [[nodiscard]] std::optional<TimePoint> time(std::string_view field);
    /// An array of objects.
    [[nodiscard]] std::vector<Body> objects(std::string_view field);
    /// An object of texts by name.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> texts(std::string_view field);
    /// Text that must be there and not empty.
    [[nodiscard]] std::string required_text(std::string_view field);
    [[nodiscard]] std::int64_t required_whole(std::string_view field);

    /// The first problem met, or a field that was not asked for.
    [[nodiscard]] Status finish() const;
    /// Remembers a problem of meaning with a field.
    void reject(std::string_view field, std::string value, std::string expected);

private:
    struct Impl;
    explicit Body(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tianqu::server
