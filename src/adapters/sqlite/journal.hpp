#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/reader_pool.hpp"
#include "ports/journal.hpp"

namespace tianqu::sqlite {

struct SqliteJournalOptions {
    std::filesystem::path path;
    std::size_t queue_limit_events = 65'536;
    std::size_t queue_limit_bytes = 64UL << 20;
    /// Most events in one commit: bounds how long the first of them waits.
    std::size_t batch_limit_events = 4'096;
    /// False gives up the promise of durability; only tests that must see a loss use it.
    bool synchronous = true;
    /// Opens an existing file for reading; appends and seals are `forbidden`.
    bool read_only = false;
    /// Size of the write-ahead log, in pages of 4 kB, from which it is copied into the file. Bigger means fewer synced
    /// copies.
    int checkpoint_pages = 4'000;
    std::string vfs;  ///< name of a registered SQLite VFS; empty: the default one
};

/// The journal in one SQLite file. One thread writes: whatever waits becomes one transaction, and what arrives
/// meanwhile the next.
class SqliteJournal final : public ports::Journal {
public:
    /// Opens or makes the file. Errors say in plain words what the file is instead.
    [[nodiscard]] static Result<std::unique_ptr<SqliteJournal>> open(SqliteJournalOptions options);
    /// Writes what waits, then closes.
    ~SqliteJournal() override;

    [[nodiscard]] Result<std::int64_t> append(std::vector<ports::EventRecord> events, Completion completion) override;
    [[nodiscard]] Status seal(std::string snapshot, Completion completion) override;
    [[nodiscard]] Status read(std::int64_t from_sequence, const Visitor& visitor) const override;
    [[nodiscard]] std::int64_t last_sequence() const override { return durable_sequence_.load(); }
    [[nodiscard]] Result<std::optional<ports::Snapshot>> latest_snapshot() const override;
    [[nodiscard]] Result<std::vector<ports::Segment>> segments() const override;
    [[nodiscard]] Result<ports::VerifyReport> verify() const override;
    [[nodiscard]] ports::JournalCounters counters() const override;

private:
    /// One accepted append, or one accepted seal when there are no events.
    struct Item {
        std::vector<ports::EventRecord> events;
        std::size_t bytes = 0;
        std::optional<std::string> snapshot;
        std::int64_t last_sequence = 0;
        Completion completion;
    };
    explicit SqliteJournal(SqliteJournalOptions options)
        : options_(std::move(options)), readers_({.path = options_.path, .vfs = options_.vfs}) {}
    [[nodiscard]] Status load();
    [[nodiscard]] Status check_open_locked();
    void write_until_stopped();
    [[nodiscard]] std::vector<Item> take_batch();
    [[nodiscard]] Status write(const std::vector<Item>& batch);
    [[nodiscard]] Status write_all(const std::vector<Item>& batch);
    [[nodiscard]] Status write_event(const ports::EventRecord& event);
    [[nodiscard]] Status write_segment(const Item& item);
    void finish(std::vector<Item> batch, const Status& status);

    SqliteJournalOptions options_;

    // Used by the writing thread alone once it runs.
    Database database_;
    Statement insert_event_;
    Statement insert_segment_;
    Sha256 last_hash_{};
    std::int64_t segments_written_ = 0;
    std::int64_t sealed_written_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable work_;
    std::deque<Item> queue_;
    std::size_t queued_events_ = 0;
    std::size_t queued_bytes_ = 0;
    std::int64_t accepted_sequence_ = 0;
    std::int64_t sealed_sequence_ = 0;
    std::optional<Error> failure_;
    bool stopping_ = false;
    ports::JournalCounters counters_;
    std::atomic<std::int64_t> durable_sequence_{0};

    ReaderPool readers_;
    std::thread writer_;
};

/// Opens journal.db for writing, makes its tables if it is new, and checks what it is.
[[nodiscard]] Result<Database> open_journal_database(const SqliteJournalOptions& options);

/// A named text in the journal's own table beside the events; empty when absent.
[[nodiscard]] Result<std::string> read_meta(Database& database, std::string_view name);
[[nodiscard]] Status write_meta(Database& database, std::string_view name, std::string_view value);

}  // namespace tianqu::sqlite
