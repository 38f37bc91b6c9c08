#include "adapters/memory/journal.hpp"

#include <algorithm>

#include "base/assertion.hpp"
#include "ports/journal_check.hpp"

namespace tianqu::memory {

namespace {
std::unexpected<Error> broken() { return fail(ErrorCode::storage_failure, "the journal's storage has failed"); }
}  // namespace

Result<std::int64_t> MemoryJournal::append(std::vector<ports::EventRecord> events, Completion completion) {
    std::int64_t first = 0;
    {
        const std::scoped_lock lock(mutex_);
        if (auto allowed = ports::check_append(events.size(), append_limit_); !allowed) return fail(allowed.error());
        if (broken_) {
            ++counters_.refused_failed;
            return broken();
        }
        first = static_cast<std::int64_t>(events_.size()) + 1;
        for (auto& event : events) {
            event.sequence = static_cast<std::int64_t>(events_.size()) + 1;
            hashes_.push_back(ports::chain_hash(hashes_.empty() ? Sha256{} : hashes_.back(), event));
            events_.push_back(std::move(event));
        }
        counters_.events_written += static_cast<std::int64_t>(events.size());
        ++counters_.batches_written;
    }
    if (completion) completion({});
    return first;
}

Status MemoryJournal::seal(std::string snapshot, Completion completion) {
    {
        const std::scoped_lock lock(mutex_);
        if (broken_) return broken();
        const auto last = static_cast<std::int64_t>(events_.size());
        const auto sealed = segments_.empty() ? 0 : segments_.back().last_sequence;
        if (last == sealed) return fail(ErrorCode::conflict, "no event since the last segment was sealed");
        segments_.push_back({.number = static_cast<std::int64_t>(segments_.size()) + 1,
                             .first_sequence = sealed + 1,
                             .last_sequence = last,
                             .last_hash = hashes_.back(),
                             .snapshot_hash = sha256(snapshot)});
        snapshot_ = std::move(snapshot);
    }
    if (completion) completion({});
    return {};
}

Status MemoryJournal::read(std::int64_t from_sequence, const Visitor& visitor) const {
    // One event at a time and copied: the visitor may append, and another thread may too.
    const auto last = last_sequence();
    for (auto sequence = std::max<std::int64_t>(from_sequence, 1); sequence <= last; ++sequence) {
        ports::EventRecord event;
        {
            const std::scoped_lock lock(mutex_);
            event = events_[static_cast<std::size_t>(sequence - 1)];
        }
        if (!visitor(event)) break;
    }
    return {};
}

std::int64_t MemoryJournal::last_sequence() const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::int64_t>(events_.size());
}

Result<std::optional<ports::Snapshot>> MemoryJournal::latest_snapshot() const {
    const std::scoped_lock lock(mutex_);
    if (segments_.empty()) return std::nullopt;
    return ports::Snapshot{.last_sequence = segments_.back().last_sequence, .bytes = snapshot_};
}

Result<std::vector<ports::Segment>> MemoryJournal::segments() const {
    const std::scoped_lock lock(mutex_);
    return segments_;
}

Result<ports::VerifyReport> MemoryJournal::verify() const {
    const std::scoped_lock lock(mutex_);
    ports::ChainCheck check(segments_);
    for (std::size_t i = 0; i < events_.size(); ++i) {
        if (auto good = check.next(events_[i], hashes_[i]); !good) return fail(good.error());
    }
    return check.finish();
}

ports::JournalCounters MemoryJournal::counters() const {
    const std::scoped_lock lock(mutex_);
    return counters_;
}

void MemoryJournal::break_storage() {
    const std::scoped_lock lock(mutex_);
    broken_ = true;
}

void MemoryJournal::tamper(std::int64_t sequence, std::string payload) {
    const std::scoped_lock lock(mutex_);
    TIANQU_ASSERT(sequence >= 1 && sequence <= static_cast<std::int64_t>(events_.size()));
    events_[static_cast<std::size_t>(sequence - 1)].payload = std::move(payload);
}

}  // namespace tianqu::memory
