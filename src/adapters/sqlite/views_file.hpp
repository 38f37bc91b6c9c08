#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/views_projection.hpp"
#include "ports/views.hpp"

namespace tianqu::sqlite {

/// Opens views.db for writing, makes its tables if it is new. With `durable` false nothing waits for the disk, for a
/// file that a crash may destroy.
[[nodiscard]] Result<Database> open_views_database(const std::filesystem::path& path, bool durable);

[[nodiscard]] Result<std::int64_t> read_applied_sequence(Database& database);
[[nodiscard]] Result<ViewTopology> read_topology(Database& database);
[[nodiscard]] Result<std::optional<ports::SessionView>> read_session(Database& database, SessionId id);

/// "SELECT …" of all columns of a session, in the order `session_of` reads.
[[nodiscard]] std::string_view session_columns();
[[nodiscard]] ports::SessionView session_of(const Statement& row);

/// Flags as one text and back; a line break within a flag becomes a space.
[[nodiscard]] std::string join_flags(const std::vector<std::string>& flags);
[[nodiscard]] std::vector<std::string> split_flags(std::string_view text);

/// Writes changes and the watermark in one transaction; the statements are prepared once.
class ViewsWriter {
public:
    [[nodiscard]] static Result<ViewsWriter> prepare(Database& database);
    [[nodiscard]] Status write(Database& database, const ViewChanges& changes);

private:
    [[nodiscard]] Status write_all(Database& database, const ViewChanges& changes);
    [[nodiscard]] Status write_session(const ports::SessionView& session);
    [[nodiscard]] Status write_energy(const ViewChanges& changes);
    [[nodiscard]] Status write_readings(const ViewChanges& changes);
    [[nodiscard]] Status write_alarm(const ViewChanges::AlarmChange& change);
    [[nodiscard]] Status write_notes(const ViewChanges& changes);
    [[nodiscard]] Status write_topology(Database& database, const ViewChanges& changes);

    Statement session_, sample_, session_energy_, node_energy_, telemetry_, audit_, alarm_raised_, alarm_cleared_,
        flagged_;
    Statement node_set_, node_removed_, site_set_, site_removed_, applied_;
};

/// The first difference between two files' tables in words, or nothing when they hold the same.
[[nodiscard]] Result<std::optional<std::string>> compare_views(const std::filesystem::path& left,
                                                               const std::filesystem::path& right);

/// The file and what SQLite keeps beside it.
void remove_database_files(const std::filesystem::path& path);

}  // namespace tianqu::sqlite
