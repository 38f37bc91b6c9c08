#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace tianqu::cli {

struct UserOptions {
    std::filesystem::path data = "data/real";
    std::string name;
    std::string role = "administrator";
    bool api_key = false;
};

/// Each works through the server when one runs on the data directory, and on the directory itself otherwise. What a
/// program may want to read (the key, the link) stands alone on the last line of `out`.
[[nodiscard]] Status run_user_add(const UserOptions& options, std::ostream& out);
[[nodiscard]] Status run_user_link(const UserOptions& options, std::ostream& out);
[[nodiscard]] Status run_user_list(const UserOptions& options, std::ostream& out);
[[nodiscard]] Status run_user_remove(const UserOptions& options, std::ostream& out);

/// Adds `user add|link|list|remove`.
void add_user_commands(CLI::App& app);

}  // namespace tianqu::cli
