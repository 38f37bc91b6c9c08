#include "adapters/sqlite/journal.hpp"

#include <algorithm>

#include "adapters/sqlite/compression.hpp"
#include "base/assertion.hpp"
#include "base/log.hpp"
#include "ports/journal_check.hpp"

namespace tianqu::sqlite {

namespace {

/// SQLite's own limit of a blob is 10⁹ bytes.
constexpr std::size_t snapshot_limit_bytes = 900'000'000;

std::size_t size_of(const ports::EventRecord& event) {
    return sizeof(event) + event.tenant.value.size() + event.principal.value.size() + event.reason.size() +
           event.payload.size();
}

}  // namespace

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(SqliteJournalOptions options) {
    auto database = open_journal_database(options);
    if (!database) return fail(database.error());
    std::unique_ptr<SqliteJournal> journal(new SqliteJournal(std::move(options)));
    journal->database_ = std::move(*database);
    if (auto loaded = journal->load(); !loaded) return fail(loaded.error());
    if (!journal->options_.read_only) {
        journal->writer_ = std::thread([self = journal.get()] { self->write_until_stopped(); });
    }
    return journal;
}

Status SqliteJournal::load() {
    auto last = database_.prepare("SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1");
    if (!last) return fail(last.error());
    const auto row = last->step();
    if (!row) return fail(row.error());
    if (*row) {
        const auto hash = last->hash(1);
        if (!hash) return fail(hash.error());
        last_hash_ = *hash;
        accepted_sequence_ = last->integer(0);
        durable_sequence_ = accepted_sequence_;
    }
    auto segment = database_.prepare("SELECT number, last_sequence FROM segment ORDER BY number DESC LIMIT 1");
    if (!segment) return fail(segment.error());
    const auto sealed = segment->step();
    if (!sealed) return fail(sealed.error());
    if (*sealed) {
        segments_written_ = segment->integer(0);
        sealed_written_ = sealed_sequence_ = segment->integer(1);
    }
    if (sealed_sequence_ > accepted_sequence_) {
        return fail(ErrorCode::corrupt, "the journal ends at event " + std::to_string(accepted_sequence_) +
                                            ", but was sealed at event " + std::to_string(sealed_sequence_) +
                                            ": events are missing");
    }
    if (options_.read_only) return {};
    auto insert = database_.prepare(
        "INSERT INTO event(sequence, type, tenant, principal, received, claimed, reason, payload, hash) "
        "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!insert) return fail(insert.error());
    insert_event_ = std::move(*insert);
    auto seal_statement = database_.prepare(
        "INSERT INTO segment(number, first_sequence, last_sequence, last_hash, snapshot_hash, snapshot_size, snapshot) "
        "VALUES(?, ?, ?, ?, ?, ?, ?)");
    if (!seal_statement) return fail(seal_statement.error());
    insert_segment_ = std::move(*seal_statement);
    return {};
}

SqliteJournal::~SqliteJournal() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    work_.notify_all();
    if (writer_.joinable()) writer_.join();
}

Status SqliteJournal::check_open_locked() {
    if (options_.read_only) return fail(ErrorCode::forbidden, "the journal is open for reading only");
    if (!failure_) return {};
    ++counters_.refused_failed;
    return fail(*failure_);
}

Result<std::int64_t> SqliteJournal::append(std::vector<ports::EventRecord> events, Completion completion) {
    if (auto allowed = ports::check_append(events.size(), options_.queue_limit_events); !allowed)
        return fail(allowed.error());
    std::size_t bytes = 0;
    for (const auto& event : events) bytes += size_of(event);
    const auto count = events.size();

    std::int64_t first = 0;
    {
        const std::scoped_lock lock(mutex_);
        if (auto open = check_open_locked(); !open) return fail(open.error());
        // An append that is larger than the byte limit alone is let through when nothing waits, so that it can ever
        // succeed.
        const bool full = queued_events_ + count > options_.queue_limit_events ||
                          (queued_events_ > 0 && queued_bytes_ + bytes > options_.queue_limit_bytes);
        if (full) {
            ++counters_.refused_full;
            return fail(Error{ErrorCode::unavailable,
                              "the journal's queue is full: the disk is slower than the chargers",
                              {{"waiting", std::to_string(queued_events_)}}});
        }
        first = accepted_sequence_ + 1;
        for (auto& event : events) event.sequence = ++accepted_sequence_;
        queued_events_ += count;
        queued_bytes_ += bytes;
        queue_.push_back({.events = std::move(events),
                          .bytes = bytes,
                          .snapshot = std::nullopt,
                          .last_sequence = accepted_sequence_,
                          .completion = std::move(completion)});
    }
    work_.notify_one();
    return first;
}

Status SqliteJournal::seal(std::string snapshot, Completion completion) {
    if (snapshot.size() > snapshot_limit_bytes) return fail(ErrorCode::too_large, "the snapshot is larger than 900 MB");
    {
        const std::scoped_lock lock(mutex_);
        if (auto open = check_open_locked(); !open) return open;
        if (accepted_sequence_ == sealed_sequence_) {
            return fail(ErrorCode::conflict, "no event since the last segment was sealed");
        }
        sealed_sequence_ = accepted_sequence_;
        queue_.push_back({.events = {},
                          .bytes = 0,
                          .snapshot = std::move(snapshot),
                          .last_sequence = accepted_sequence_,
                          .completion = std::move(completion)});
    }
    work_.notify_one();
    return {};
}

void SqliteJournal::write_until_stopped() {
    for (auto batch = take_batch(); !batch.empty(); batch = take_batch()) {
        const auto status = write(batch);
        finish(std::move(batch), status);
    }
}

std::vector<SqliteJournal::Item> SqliteJournal::take_batch() {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    std::vector<Item> batch;
    std::size_t events = 0;
    while (!queue_.empty() && (batch.empty() || events + queue_.front().events.size() <= options_.batch_limit_events)) {
        events += queue_.front().events.size();
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return batch;
}

Status SqliteJournal::write(const std::vector<Item>& batch) {
    {
        const std::scoped_lock lock(mutex_);
        if (failure_) return fail(*failure_);
    }
    if (auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return begun;
    auto written = write_all(batch);
    if (written) written = database_.execute("COMMIT");
    // After a failure this thread writes nothing more, so a rollback that fails too changes nothing.
    if (!written) static_cast<void>(database_.execute("ROLLBACK"));
    return written;
}

Status SqliteJournal::write_all(const std::vector<Item>& batch) {
    for (const auto& item : batch) {
        for (const auto& event : item.events) {
            if (auto written = write_event(event); !written) return written;
        }
        if (item.snapshot) {
            if (auto written = write_segment(item); !written) return written;
        }
    }
    return {};
}

Status SqliteJournal::write_event(const ports::EventRecord& event) {
    last_hash_ = ports::chain_hash(last_hash_, event);
    return insert_event_.bind(1, event.sequence)
        .bind(2, std::int64_t{event.type})
        .bind(3, event.tenant.value)
        .bind(4, event.principal.value)
        .bind(5, event.received)
        .bind(6, event.claimed)
        .bind(7, event.reason)
        .bind_blob(8, event.payload)
        .bind_blob(9, as_bytes(last_hash_))
        .run();
}

Status SqliteJournal::write_segment(const Item& item) {
    TIANQU_ASSERT(item.last_sequence > sealed_written_);
    const auto packed = compress_fast(*item.snapshot);
    const auto snapshot_hash = sha256(*item.snapshot);
    ++segments_written_;
    auto written = insert_segment_.bind(1, segments_written_)
                       .bind(2, sealed_written_ + 1)
                       .bind(3, item.last_sequence)
                       .bind_blob(4, as_bytes(last_hash_))
                       .bind_blob(5, as_bytes(snapshot_hash))
                       .bind(6, static_cast<std::int64_t>(item.snapshot->size()))
                       .bind_blob(7, packed)
                       .run();
    sealed_written_ = item.last_sequence;
    if (!written) return written;
    // The events are kept for ever; of the snapshots the last two are enough to start from.
    return database_.execute("UPDATE segment SET snapshot=NULL WHERE snapshot IS NOT NULL AND number<=" +
                             std::to_string(segments_written_ - 2));
}

void SqliteJournal::finish(std::vector<Item> batch, const Status& status) {
    std::size_t events = 0;
    std::size_t bytes = 0;
    for (const auto& item : batch) {
        events += item.events.size();
        bytes += item.bytes;
    }
    {
        const std::scoped_lock lock(mutex_);
        queued_events_ -= events;
        queued_bytes_ -= bytes;
        if (status) {
            counters_.events_written += static_cast<std::int64_t>(events);
            ++counters_.batches_written;
            durable_sequence_ = batch.back().last_sequence;
        } else {
            counters_.refused_failed += static_cast<std::int64_t>(batch.size());
            if (!failure_) {
                failure_ = status.error();
                log_event(LogLevel::error, "journal_write_failed", {{"error", status.error().to_string()}});
            }
        }
    }
    for (auto& item : batch) {
        if (item.completion) item.completion(status);
    }
}

ports::JournalCounters SqliteJournal::counters() const {
    const std::scoped_lock lock(mutex_);
    auto counters = counters_;
    counters.events_waiting = static_cast<std::int64_t>(queued_events_);
    return counters;
}

}  // namespace tianqu::sqlite
