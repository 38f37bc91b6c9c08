#include <algorithm>

#include "adapters/sqlite/compression.hpp"
#include "adapters/sqlite/journal.hpp"
#include "ports/journal_check.hpp"

namespace tianqu::sqlite {

namespace {

/// Events read in one transaction: a longer one would keep the write-ahead log from being reused.
constexpr std::int64_t page_events = 10'000;

constexpr std::string_view event_columns =
    "SELECT sequence, type, tenant, principal, received, claimed, reason, payload, hash FROM event ";

ports::EventRecord event_of(const Statement& row) {
    return {.sequence = row.integer(0),
            .type = static_cast<std::int32_t>(row.integer(1)),
            .tenant = TenantId(row.bytes(2)),
            .principal = PrincipalId(row.bytes(3)),
            .received = row.time(4),
            .claimed = row.optional_time(5),
            .reason = row.text(6),
            .payload = row.text(7)};
}

std::unexpected<Error> missing(std::int64_t sequence) {
    const auto number = std::to_string(sequence);
    return fail(Error{ErrorCode::corrupt, "event " + number + " is missing from the journal", {{"sequence", number}}});
}

Result<std::vector<ports::Segment>> read_segments(Database& database) {
    auto rows = database.prepare(
        "SELECT number, first_sequence, last_sequence, last_hash, snapshot_hash FROM segment ORDER BY number");
    if (!rows) return fail(rows.error());
    std::vector<ports::Segment> segments;
    for (;;) {
        const auto row = rows->step();
        if (!row) return fail(row.error());
        if (!*row) return segments;
        const auto last_hash = rows->hash(3);
        const auto snapshot_hash = rows->hash(4);
        if (!last_hash || !snapshot_hash) return fail(ErrorCode::corrupt, "a segment's hash does not have 32 bytes");
        segments.push_back({.number = rows->integer(0),
                            .first_sequence = rows->integer(1),
                            .last_sequence = rows->integer(2),
                            .last_hash = *last_hash,
                            .snapshot_hash = *snapshot_hash});
    }
}

/// The snapshot in the present row of "number, last_sequence, snapshot_hash, snapshot_size, snapshot".
Result<ports::Snapshot> snapshot_of(const Statement& row) {
    const auto number = std::to_string(row.integer(0));
    const auto wrong = [&number](std::string text) {
        return fail(
            Error{ErrorCode::corrupt, "the snapshot of segment " + number + std::move(text), {{"segment", number}}});
    };
    const auto hash = row.hash(2);
    const auto size = row.integer(3);
    if (!hash || size < 0 || size > 1'000'000'000) return wrong(" is damaged");
    auto bytes = decompress(row.bytes(4), static_cast<std::size_t>(size));
    if (!bytes) return wrong(" cannot be unpacked");
    if (sha256(*bytes) != *hash) return wrong(" does not match its hash");
    return ports::Snapshot{.last_sequence = row.integer(1), .bytes = std::move(*bytes)};
}

Status check_snapshots(Database& database) {
    auto rows = database.prepare(
        "SELECT number, last_sequence, snapshot_hash, snapshot_size, snapshot FROM segment WHERE snapshot IS NOT NULL");
    if (!rows) return fail(rows.error());
    for (;;) {
        const auto row = rows->step();
        if (!row) return fail(row.error());
        if (!*row) return {};
        if (auto snapshot = snapshot_of(*rows); !snapshot) return fail(snapshot.error());
    }
}

Result<ports::VerifyReport> check_chain(Database& database) {
    auto segments = read_segments(database);
    if (!segments) return fail(segments.error());
    auto rows = database.prepare(std::string(event_columns) + "ORDER BY sequence");
    if (!rows) return fail(rows.error());
    ports::ChainCheck check(std::move(*segments));
    for (;;) {
        const auto row = rows->step();
        if (!row) return fail(row.error());
        if (!*row) return check.finish();
        const auto stored = rows->hash(8);
        if (!stored) return fail(Error(stored.error()).with("sequence", std::to_string(rows->integer(0))));
        if (auto good = check.next(event_of(*rows), *stored); !good) return fail(good.error());
    }
}

}  // namespace

Status SqliteJournal::read(std::int64_t from_sequence, const Visitor& visitor) const {
    const auto last = last_sequence();
    return readers_.with([&](Database& database) -> Status {
        auto rows = database.prepare(std::string(event_columns) +
                                     "WHERE sequence>=? AND sequence<=? ORDER BY sequence LIMIT ?");
        if (!rows) return fail(rows.error());
        for (auto next = std::max<std::int64_t>(from_sequence, 1); next <= last;) {
            const auto page_start = next;
            rows->bind(1, next).bind(2, last).bind(3, page_events);
            for (;;) {
                const auto row = rows->step();
                if (!row) return fail(row.error());
                if (!*row) break;
                const auto event = event_of(*rows);
                if (event.sequence != next) return missing(next);
                ++next;
                if (!visitor(event)) {
                    rows->reset();
                    return {};
                }
            }
            if (next == page_start) return missing(next);
        }
        return {};
    });
}

Result<std::optional<ports::Snapshot>> SqliteJournal::latest_snapshot() const {
    return readers_.with([](Database& database) -> Result<std::optional<ports::Snapshot>> {
        auto row = database.prepare(
            "SELECT number, last_sequence, snapshot_hash, snapshot_size, snapshot FROM segment ORDER BY number DESC "
            "LIMIT 1");
        if (!row) return fail(row.error());
        const auto found = row->step();
        if (!found) return fail(found.error());
        if (!*found) return std::nullopt;
        auto snapshot = snapshot_of(*row);
        row->reset();
        if (!snapshot) return fail(snapshot.error());
        return std::move(*snapshot);
    });
}

Result<std::vector<ports::Segment>> SqliteJournal::segments() const {
    return readers_.with([](Database& database) { return read_segments(database); });
}

Result<ports::VerifyReport> SqliteJournal::verify() const {
    return readers_.with([](Database& database) -> Result<ports::VerifyReport> {
        // One transaction, so that segments and events belong together while others write.
        if (auto begun = database.execute("BEGIN"); !begun) return fail(begun.error());
        auto report = check_chain(database);
        if (auto snapshots = check_snapshots(database); report && !snapshots) report = fail(snapshots.error());
        if (auto ended = database.execute("COMMIT"); report && !ended) report = fail(ended.error());
        return report;
    });
}

}  // namespace tianqu::sqlite
