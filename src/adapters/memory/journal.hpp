#pragma once

#include <mutex>
#include <vector>

#include "ports/journal.hpp"

namespace tianqu::memory {

/// A journal that lives as long as the process. "Durable" is at once: completions are called inside `append`.
class MemoryJournal final : public ports::Journal {
public:
    /// An append of more events than this is refused.
    explicit MemoryJournal(std::size_t append_limit_events = 65'536) : append_limit_(append_limit_events) {}

    [[nodiscard]] Result<std::int64_t> append(std::vector<ports::EventRecord> events, Completion completion) override;
    [[nodiscard]] Status seal(std::string snapshot, Completion completion) override;
    [[nodiscard]] Status read(std::int64_t from_sequence, const Visitor& visitor) const override;
    [[nodiscard]] std::int64_t last_sequence() const override;
    [[nodiscard]] Result<std::optional<ports::Snapshot>> latest_snapshot() const override;
    [[nodiscard]] Result<std::vector<ports::Segment>> segments() const override;
    [[nodiscard]] Result<ports::VerifyReport> verify() const override;
    [[nodiscard]] ports::JournalCounters counters() const override;

    /// From now on the storage is broken, as a full disk would break it.
    void break_storage();
    /// Overwrites a stored event without mending the chain, to show that `verify` sees it. Requires an existing
    /// sequence.
    void tamper(std::int64_t sequence, std::string payload);

private:
    mutable std::mutex mutex_;
    std::size_t append_limit_;
    bool broken_ = false;
    std::vector<ports::EventRecord> events_;
    std::vector<Sha256> hashes_;
    std::vector<ports::Segment> segments_;
    std::string snapshot_;
    ports::JournalCounters counters_;
};

}  // namespace tianqu::memory
