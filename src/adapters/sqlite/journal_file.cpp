#include "adapters/sqlite/journal.hpp"

namespace tianqu::sqlite {

namespace {

constexpr FileFormat journal_format{.application_id = 0x5451'4a31,  // "TQJ1"
                                    .version = 1,
                                    .kind = "journal",
                                    .schema = R"sql(
CREATE TABLE event(
    sequence INTEGER PRIMARY KEY,
    type INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    principal TEXT NOT NULL,
    received INTEGER NOT NULL,
    claimed INTEGER,
    reason TEXT NOT NULL,
    payload BLOB NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE segment(
    number INTEGER PRIMARY KEY,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    last_hash BLOB NOT NULL,
    snapshot_hash BLOB NOT NULL,
    snapshot_size INTEGER NOT NULL,
    snapshot BLOB
);
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID
)sql"};

/// Some file systems (those without shared memory) cannot have a write-ahead log, and SQLite then goes on without one.
Status check_wal_mode(Database& database, const std::filesystem::path& path) {
    auto mode = database.prepare("PRAGMA journal_mode");
    if (!mode) return fail(mode.error());
    const auto row = mode->step();
    if (!row) return fail(row.error());
    if (*row && mode->bytes(0) == "wal") return {};
    return fail(Error{ErrorCode::storage_failure,
                      "the file system cannot hold a write-ahead log; use a local disk",
                      {{"file", path.string()}}});
}

}  // namespace

Result<Database> open_journal_database(const SqliteJournalOptions& options) {
    auto database = Database::open(
        {.path = options.path, .vfs = options.vfs, .read_only = options.read_only, .create = !options.read_only});
    if (!database) return database;
    if (!options.read_only) {
        // A new file becomes a WAL database through a rollback journal. That one's deletion must reach the directory
        // (EXTRA) before anything is confirmed: back again after a power cut, it would roll the file back to nothing.
        const auto set =
            database->execute("PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=" +
                              std::to_string(options.checkpoint_pages) +
                              "; PRAGMA synchronous=" + (options.synchronous ? "FULL" : "OFF"));
        if (!set) return fail(set.error());
        if (auto wal = check_wal_mode(*database, options.path); !wal) return fail(wal.error());
    }
    if (auto known = prepare_format(*database, journal_format, options.path); !known) return fail(known.error());
    return database;
}

Result<std::string> read_meta(Database& database, std::string_view name) {
    auto statement = database.prepare("SELECT value FROM meta WHERE name=?");
    if (!statement) return fail(statement.error());
    const auto row = statement->bind(1, name).step();
    if (!row) return fail(row.error());
    return *row ? statement->text(0) : std::string();
}

Status write_meta(Database& database, std::string_view name, std::string_view value) {
    auto statement =
        database.prepare("INSERT INTO meta(name, value) VALUES(?, ?) ON CONFLICT DO UPDATE SET value=excluded.value");
    if (!statement) return fail(statement.error());
    return statement->bind(1, name).bind(2, value).run();
}

}  // namespace tianqu::sqlite
