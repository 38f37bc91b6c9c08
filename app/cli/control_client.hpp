#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tianqu::cli {

/// Talks to the server that runs on a data directory, over the socket that only the directory's owner can open; the
/// server takes what comes from there as an administrator's.
class ControlClient {
public:
    explicit ControlClient(const std::filesystem::path& data_directory) : socket_(data_directory / "control.sock") {}

    /// Whether a server answers there.
    [[nodiscard]] bool server_runs() const;
    /// The answer's body. `path` is below /api/v1. Errors: the server's own, by code; `unavailable` when it does not
    /// answer within ten seconds.
    [[nodiscard]] Result<std::string> request(std::string_view method, std::string_view path,
                                              std::string_view body) const;

private:
    std::filesystem::path socket_;
};

}  // namespace tianqu::cli
