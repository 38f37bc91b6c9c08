#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "base/time.hpp"

namespace tianqu::ports {

/// One event as it is kept for ever. `type` and `payload` are the domain's (an encoded record); the journal looks into
/// neither.
struct EventRecord {
    std::int64_t sequence = 0;  ///< 1, 2, 3 … without a gap; given by the journal
    std::int32_t type = 0;
    TenantId tenant;
    PrincipalId principal;
    TimePoint received;
    std::optional<TimePoint> claimed;  ///< the time a charger gave, before any correction
    std::string reason;                ///< why, for what a person decides; may be empty
    std::string payload;

    bool operator==(const EventRecord&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "sequence", self.sequence);
        visit(2, "type", self.type);
        visit(3, "tenant", self.tenant);
        visit(4, "principal", self.principal);
        visit(5, "received", self.received);
        visit(6, "claimed", self.claimed);
        visit(7, "reason", self.reason);
        visit(8, "payload", self.payload);
    }
};

/// The hash that chains events: SHA-256 of the previous event's hash (32 zero bytes before the first) and of
/// `encode_record` of all the event's fields.
[[nodiscard]] Sha256 chain_hash(const Sha256& previous, const EventRecord& event);

/// The state after `last_sequence`, as the domain encoded it.
struct Snapshot {
    std::int64_t last_sequence = 0;
    std::string bytes;
};

/// A sealed run of events; the segments follow each other without a gap from sequence 1.
struct Segment {
    std::int64_t number = 0;  ///< 1, 2, 3 …
    std::int64_t first_sequence = 0;
    std::int64_t last_sequence = 0;
    Sha256 last_hash{};      ///< chain hash of the last event
    Sha256 snapshot_hash{};  ///< SHA-256 of the snapshot's bytes
};

/// What `verify` looked at when it found nothing wrong.
struct VerifyReport {
    std::int64_t events = 0;
    std::int64_t segments = 0;
    Sha256 last_hash{};
};

struct JournalCounters {
    std::int64_t events_written = 0;   ///< durable since start
    std::int64_t batches_written = 0;  ///< commits that made them so
    std::int64_t events_waiting = 0;   ///< accepted, not durable yet
    std::int64_t refused_full = 0;     ///< appends refused because the queue was full
    std::int64_t refused_failed = 0;   ///< appends refused or lost after a storage failure
};

/// The one durable truth. Every function may be called from any thread; `append` and `seal` take effect in call order.
class Journal {
public:
    /// Called once, from the journal's own thread (or inside the call, in memory); must be short and must not call the
    /// journal's destructor. Post to your own loop.
    using Completion = std::function<void(Status)>;
    /// Return false to stop reading.
    using Visitor = std::function<bool(const EventRecord&)>;

    virtual ~Journal() = default;

    /// Accepts events (their `sequence` is ignored) and returns the sequence of the first at once; the others follow
    /// it. `completion` is called with success only when all of them are durable. Errors at once, then `completion` is
    /// never called: `unavailable` when the queue is full (nothing accepted, try later), `storage_failure` after a
    /// write failed: from then on every append fails until the journal is opened anew. An empty list is
    /// `invalid_input`.
    [[nodiscard]] virtual Result<std::int64_t> append(std::vector<EventRecord> events, Completion completion) = 0;

    /// Ends the present segment after the last accepted event, with the state that follows from it. `completion` as in
    /// append. `conflict` at once when no event was accepted since the last seal.
    [[nodiscard]] virtual Status seal(std::string snapshot, Completion completion) = 0;

    /// Visits durable events in sequence, from `from_sequence` on. `storage_failure`, `corrupt` when a row cannot be
    /// read.
    [[nodiscard]] virtual Status read(std::int64_t from_sequence, const Visitor& visitor) const = 0;

    /// Sequence of the last durable event; 0 when there is none.
    [[nodiscard]] virtual std::int64_t last_sequence() const = 0;

    /// Of the last sealed segment, checked against its hash.
    [[nodiscard]] virtual Result<std::optional<Snapshot>> latest_snapshot() const = 0;
    [[nodiscard]] virtual Result<std::vector<Segment>> segments() const = 0;

    /// Checks sequence continuity, the hash chain, and the segments' bounds and hashes. `corrupt` names the first thing
    /// wrong, with the field "sequence" or "segment".
    [[nodiscard]] virtual Result<VerifyReport> verify() const = 0;

    [[nodiscard]] virtual JournalCounters counters() const = 0;
};

}  // namespace tianqu::ports
