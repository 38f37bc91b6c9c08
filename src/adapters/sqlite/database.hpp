#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "base/time.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tianqu::sqlite {

/// A prepared statement. Bound text and blobs are not copied: they must live until the row is stepped.
class Statement {
public:
    Statement() = default;

    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, std::string_view text);
    Statement& bind(int index, const std::optional<std::int64_t>& value);
    Statement& bind(int index, TimePoint time) { return bind(index, to_milliseconds(time)); }
    Statement& bind(int index, const std::optional<TimePoint>& time);
    Statement& bind_blob(int index, std::string_view bytes);

    /// True when there is a row. After false or an error the statement is reset and may be bound anew.
    [[nodiscard]] Result<bool> step();
    /// Steps a statement that gives no rows.
    [[nodiscard]] Status run();
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
    [[nodiscard]] TimePoint time(int column) const { return from_milliseconds(integer(column)); }
    [[nodiscard]] std::optional<TimePoint> optional_time(int column) const;
    [[nodiscard]] double real(int column) const;
    /// Text or blob; valid until the next step.
    [[nodiscard]] std::string_view bytes(int column) const;
    [[nodiscard]] std::string text(int column) const { return std::string(bytes(column)); }
    [[nodiscard]] Result<Sha256> hash(int column) const;
    [[nodiscard]] int columns() const;
    [[nodiscard]] std::string column_name(int column) const;
    [[nodiscard]] bool is_null(int column) const;

private:
    friend class Database;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

struct DatabaseOptions {
    std::filesystem::path path;
    std::string vfs;  ///< name of a registered SQLite VFS; empty: the default one
    bool read_only = false;
    bool create = true;
    int busy_timeout_ms = 5000;
};

/// A connection, used by one thread at a time.
class Database {
public:
    Database() = default;

    [[nodiscard]] static Result<Database> open(const DatabaseOptions& options);

    /// One or more statements without parameters.
    [[nodiscard]] Status execute(const std::string& sql);
    [[nodiscard]] Result<Statement> prepare(std::string_view sql);
    /// The first column of the first row of a query that gives one.
    [[nodiscard]] Result<std::int64_t> query_integer(std::string_view sql);
    /// Rows changed by the last statement.
    [[nodiscard]] std::int64_t changes() const;

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    explicit Database(sqlite3* database) : database_(database) {}

    std::unique_ptr<sqlite3, Close> database_;
};

/// What a file of ours says in its header.
struct FileFormat {
    std::int64_t application_id = 0;
    std::int64_t version = 0;
    std::string_view kind;    ///< "journal", for messages
    std::string_view schema;  ///< SQL that makes the tables of a new file
};

/// Makes the tables of an empty file, or checks that the file is of this kind and version. `corrupt` when it is
/// something else, `unsupported` when a newer program wrote it.
[[nodiscard]] Status prepare_format(Database& database, const FileFormat& format, const std::filesystem::path& path);

}  // namespace tianqu::sqlite
