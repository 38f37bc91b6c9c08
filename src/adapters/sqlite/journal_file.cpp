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

}  // namespace

Result<Database> open_journal_database(const SqliteJournalOptions& options) {
    auto database = Database::open(
        {.path = options.path, .vfs = options.vfs, .read_only = options.read_only, .create = !options.read_only});
    if (!database) return database;
    if (!options.read_only) {
        // A bigger log before it is copied back means fewer synced copies; the copy is sequential and short.
        const auto set = database->execute(
            std::string("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=4000; PRAGMA synchronous=") +
            (options.synchronous ? "FULL" : "OFF"));
        if (!set) return fail(set.error());
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
