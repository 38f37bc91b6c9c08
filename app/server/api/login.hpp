#pragma once

#include <chrono>
#include <map>
#include <string>

namespace tianqu::server {

/// Slows guessing: at most `limit` failed logins an address in `window`; counted per address, bounded in memory.
class LoginGuard {
public:
    using Time = std::chrono::steady_clock::time_point;

    [[nodiscard]] bool allowed(const std::string& address, Time now);
    void failed(const std::string& address, Time now);
    [[nodiscard]] std::int64_t refused() const { return refused_; }
    [[nodiscard]] std::int64_t failures() const { return failures_; }

    static constexpr int limit = 10;
    static constexpr std::chrono::seconds window{300};

private:
    struct Tries {
        int count = 0;
        Time since;
    };
    std::map<std::string, Tries> tries_;
    std::int64_t refused_ = 0;
    std::int64_t failures_ = 0;
};

}  // namespace tianqu::server
