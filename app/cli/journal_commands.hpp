#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>

namespace CLI {
class App;
}

namespace tianqu::cli {

/// Exit status of the journal commands.
enum class JournalExit { good = 0, wrong = 1, cannot_open = 2 };

struct JournalShowOptions {
    std::filesystem::path directory;
    std::int64_t from = 1;              ///< first sequence
    std::optional<std::int64_t> count;  ///< at most so many events
    std::optional<std::int64_t> last;   ///< only the last so many; wins over `from`
};

/// Checks sequence, hash chain, segments and snapshot, and that the views equal a rebuild. The directory must not be in
/// use.
[[nodiscard]] JournalExit run_journal_verify(const std::filesystem::path& directory, std::ostream& out);
/// Throws the views away and makes them anew; rebuilds the state as a start would. Says how fast. The directory must
/// not be in use.
[[nodiscard]] JournalExit run_journal_rebuild(const std::filesystem::path& directory, std::ostream& out);
/// Prints events as JSON, one a line; also while a server is writing.
[[nodiscard]] JournalExit run_journal_show(const JournalShowOptions& options, std::ostream& out);

/// Adds `journal verify|rebuild|show|tail`. A failing command ends parsing with CLI::RuntimeError, whose exit code
/// app.exit() returns.
void add_journal_commands(CLI::App& app);

}  // namespace tianqu::cli
