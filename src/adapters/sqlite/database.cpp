#include "adapters/sqlite/database.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/assertion.hpp"

namespace tianqu::sqlite {

namespace {

Error describe_error(sqlite3* database, int code, const std::string& file) {
    Error error{ErrorCode::storage_failure, "", {}};
    switch (code & 0xff) {
        case SQLITE_FULL:
            error.text = "no space left on the disk";
            break;
        case SQLITE_IOERR:
            error.text = "the disk could not be read or written";
            break;
        case SQLITE_CANTOPEN:
            error.text = "the file cannot be opened";
            break;
        case SQLITE_READONLY:
            error.text = "the file may not be written";
            break;
        case SQLITE_PERM:
            error.text = "no permission to use the file";
            break;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            error.text = "the file is in use by another process";
            break;
        case SQLITE_NOTADB:
            error.code = ErrorCode::corrupt;
            error.text = "the file is not a database";
            break;
        case SQLITE_CORRUPT:
            error.code = ErrorCode::corrupt;
            error.text = "the database file is damaged";
            break;
        default:
            error.text = "the database failed";
            break;
    }
    error.fields.emplace_back("detail", database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code));
    error.fields.emplace_back("code", std::to_string(database != nullptr ? sqlite3_extended_errcode(database) : code));
    if (!file.empty()) error.fields.emplace_back("file", file);
    return error;
}

std::unexpected<Error> database_error(sqlite3* database, int code) {
    const char* file = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
    return fail(describe_error(database, code, file != nullptr ? file : ""));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Statement& Statement::bind(int index, std::int64_t value) {
    const int code = sqlite3_bind_int64(statement_.get(), index, value);
    TIANQU_ASSERT(code == SQLITE_OK);
    return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
    const int code = sqlite3_bind_text64(statement_.get(), index, text.data() != nullptr ? text.data() : "",
                                         text.size(), SQLITE_STATIC, SQLITE_UTF8);
    TIANQU_ASSERT(code == SQLITE_OK);
    return *this;
}

Statement& Statement::bind(int index, const std::optional<std::int64_t>& value) {
    if (value) return bind(index, *value);
    const int code = sqlite3_bind_null(statement_.get(), index);
    TIANQU_ASSERT(code == SQLITE_OK);
    return *this;
}

Statement& Statement::bind(int index, const std::optional<TimePoint>& time) {
    return bind(index, time ? std::optional(to_milliseconds(*time)) : std::nullopt);
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
    const int code = sqlite3_bind_blob64(statement_.get(), index, bytes.data() != nullptr ? bytes.data() : "",
                                         bytes.size(), SQLITE_STATIC);
    TIANQU_ASSERT(code == SQLITE_OK);
    return *this;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(statement_.get());
        return false;
    }
    auto error = database_error(sqlite3_db_handle(statement_.get()), code);
    sqlite3_reset(statement_.get());
    return error;
}

Status Statement::run() {
    const auto row = step();
    if (!row) return fail(row.error());
    TIANQU_ASSERT(!*row);
    return {};
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::optional<std::int64_t> Statement::optional_integer(int column) const {
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
    return integer(column);
}

std::optional<TimePoint> Statement::optional_time(int column) const {
    const auto count = optional_integer(column);
    return count ? std::optional(from_milliseconds(*count)) : std::nullopt;
}

double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view Statement::bytes(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return data != nullptr ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view();
}

Result<Sha256> Statement::hash(int column) const {
    const auto stored = bytes(column);
    Sha256 hash{};
    if (stored.size() != hash.size()) return fail(ErrorCode::corrupt, "a stored hash does not have 32 bytes");
    std::copy(stored.begin(), stored.end(), hash.begin());
    return hash;
}

std::string Statement::column_name(int column) const { return sqlite3_column_name(statement_.get(), column); }

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

int Statement::columns() const { return sqlite3_column_count(statement_.get()); }

Result<Database> Database::open(const DatabaseOptions& options) {
    int flags = SQLITE_OPEN_NOMUTEX | (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    if (options.create && !options.read_only) flags |= SQLITE_OPEN_CREATE;
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(options.path.c_str(), &handle, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
    Database database(handle);
    if (code != SQLITE_OK) return fail(describe_error(handle, code, options.path.string()));
    sqlite3_busy_timeout(handle, options.busy_timeout_ms);
    return database;
}

Status Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return database_error(database_.get(), code);
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK) return database_error(database_.get(), code);
    return Statement(statement);
}

Result<std::int64_t> Database::query_integer(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return fail(statement.error());
    const auto row = statement->step();
    if (!row) return fail(row.error());
    if (!*row) return fail(ErrorCode::not_found, "the query gave no row");
    return statement->integer(0);
}

std::int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

Status prepare_format(Database& database, const FileFormat& format, const std::filesystem::path& path) {
    const auto kind = std::string(format.kind);
    const auto wrong = [&](ErrorCode code, std::string text) {
        return fail(Error{code, std::move(text), {{"file", path.string()}}});
    };
    const auto tables = database.query_integer("SELECT count(*) FROM sqlite_schema");
    if (!tables) return fail(tables.error());
    const auto id = database.query_integer("PRAGMA application_id");
    if (!id) return fail(id.error());
    if (*tables == 0 && *id == 0) {
        return database.execute("BEGIN IMMEDIATE;" + std::string(format.schema) +
                                "; PRAGMA application_id=" + std::to_string(format.application_id) +
                                "; PRAGMA user_version=" + std::to_string(format.version) + "; COMMIT");
    }
    if (*id != format.application_id)
        return wrong(ErrorCode::corrupt, "the file is a database, but not a Tianqu " + kind);
    const auto version = database.query_integer("PRAGMA user_version");
    if (!version) return fail(version.error());
    if (*version > format.version) {
        return wrong(ErrorCode::unsupported, "the " + kind + " was written by a newer Tianqu (format " +
                                                 std::to_string(*version) + ", this program knows up to " +
                                                 std::to_string(format.version) + ")");
    }
    if (*version < format.version) {
        return wrong(ErrorCode::unsupported, "the " + kind + " has format " + std::to_string(*version) +
                                                 ", which this program no longer reads");
    }
    return {};
}

}  // namespace tianqu::sqlite
