#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tianqu::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Measurements of one moment as Prometheus text (version 0.0.4). Calls with the same name follow each other and differ
/// in their labels; the first one's help counts. Names carry their unit and counters end in "_total".
class Exposition {
public:
    Exposition();
    ~Exposition();
    Exposition(const Exposition&) = delete;
    Exposition& operator=(const Exposition&) = delete;

    /// Only ever rises, from 0 at the start of the process.
    Exposition& counter(std::string_view name, std::string_view help, std::int64_t value, const Labels& labels = {});
    Exposition& gauge(std::string_view name, std::string_view help, double value, const Labels& labels = {});

    [[nodiscard]] std::string text() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tianqu::metrics
