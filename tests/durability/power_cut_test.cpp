/// What is confirmed survives a power cut, a full disk and a failed sync; and the test would notice if it did not.

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <random>
#include <thread>

#include "adapters/sqlite/journal.hpp"
#include "tests/durability/faulty_vfs.hpp"
#include "tests/durability/long_run.hpp"

namespace tianqu {
namespace {

using ports::EventRecord;
using sqlite::SqliteJournal;
using test::FaultyVfs;

EventRecord event(std::string payload) {
    return {.type = 21,
            .tenant = TenantId("city"),
            .principal = PrincipalId("charger:DZ-1"),
            .received = from_milliseconds(1'764'000'000'000),
            .claimed = std::nullopt,
            .reason = "",
            .payload = std::move(payload)};
}

/// What one life of a journal may end in.
struct Losses {
    std::int64_t confirmed = 0;
    std::string what;  ///< empty when nothing is wrong
};

/// A journal that is written to until the power goes, again and again on the same disk.
class Life {
public:
    Life(std::uint64_t seed, bool synchronous) : random_(seed), vfs_(seed), synchronous_(synchronous) {}

    Losses run(int power_cuts) {
        for (int i = 0; i < power_cuts && losses_.what.empty(); ++i) {
            // Small numbers hit the making of the file, large ones checkpoints and seals.
            vfs_.cut_power_after(static_cast<std::int64_t>(1 + below(i == 0 ? 60 : 600)));
            write_until_failure();
            vfs_.power_on();
            check();
        }
        return losses_;
    }

private:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

    Result<std::unique_ptr<SqliteJournal>> open() {
        return SqliteJournal::open({.path = "journal.db",
                                    .batch_limit_events = 64,
                                    .synchronous = synchronous_,
                                    .checkpoint_pages = 20,
                                    .vfs = vfs_.name()});
    }

    void write_until_failure() {
        while (!vfs_.power_is_off()) {
            auto journal = open();
            if (!journal) continue;
            // Sometimes the server is stopped in good order between.
            for (auto appends = 1 + below(200); appends > 0 && append_some(**journal); --appends) {
            }
        }
    }

    bool append_some(SqliteJournal& journal) {
        std::vector<EventRecord> events;
        const auto before = written_.size();
        for (auto count = 1 + below(10); count > 0; --count) {
            events.push_back(event(std::to_string(written_.size()) + "/" + std::string(below(1'500), 'x')));
            written_.push_back(events.back().payload);
        }
        const auto last = static_cast<std::int64_t>(written_.size());
        const auto accepted = journal.append(std::move(events), [this, last](const Status& status) {
            if (status) confirmed_ = last;
        });
        if (!accepted) {
            written_.resize(before);
            return accepted.error().code == ErrorCode::unavailable;
        }
        if (*accepted != static_cast<std::int64_t>(before) + 1) losses_.what = "a sequence was given twice or left out";
        if (below(20) == 0) static_cast<void>(journal.seal("state after " + std::to_string(last), {}));
        return losses_.what.empty();
    }

    void check() {
        losses_.confirmed = confirmed_;
        const auto journal = open();
        if (!journal) {
            losses_.what = "the journal cannot be opened: " + journal.error().to_string();
            return;
        }
        const auto last = (*journal)->last_sequence();
        if (last < confirmed_) {
            losses_.what =
                "confirmed " + std::to_string(confirmed_) + ", but only " + std::to_string(last) + " are there";
            return;
        }
        if (const auto report = (*journal)->verify(); !report) {
            losses_.what = report.error().to_string();
            return;
        }
        std::int64_t compared = 0;
        const auto read = (*journal)->read(1, [&](const EventRecord& record) {
            if (record.payload != written_[static_cast<std::size_t>(record.sequence - 1)]) return false;
            ++compared;
            return true;
        });
        if (!read || compared != last)
            losses_.what = "event " + std::to_string(compared + 1) + " is not what was written";
        written_.resize(static_cast<std::size_t>(last));
        confirmed_ = last;
    }

    std::mt19937_64 random_;
    FaultyVfs vfs_;
    bool synchronous_;
    std::vector<std::string> written_;
    std::atomic<std::int64_t> confirmed_{0};
    Losses losses_;
};

TEST(PowerCut, NothingConfirmedIsLost) {
    std::int64_t confirmed = 0;
    const int lives = test::repetitions(60, 3'000);
    for (int seed = 1; seed <= lives; ++seed) {
        const auto losses = Life(static_cast<std::uint64_t>(seed), true).run(4);
        ASSERT_EQ(losses.what, "") << "seed " << seed;
        confirmed += losses.confirmed;
    }
    // Each life must have got far enough to lose something.
    EXPECT_GT(confirmed, 10 * lives);
}

TEST(PowerCut, WithoutSynchronousWritesTheSameTestSeesTheLoss) {
    int lost = 0;
    const int lives = 20;
    for (int seed = 1; seed <= lives; ++seed) {
        if (!Life(static_cast<std::uint64_t>(seed), false).run(4).what.empty()) ++lost;
    }
    EXPECT_GT(lost, lives / 2);
}

struct Outcome {
    std::int64_t confirmed = 0;
    std::optional<ErrorCode> failure;
};

/// Appends one event at a time until one fails, and sees that nothing is confirmed afterwards.
Outcome append_until_failure(SqliteJournal& journal, int most) {
    std::atomic<std::int64_t> confirmed{0};
    std::atomic<std::int64_t> called{0};
    std::atomic<bool> failed{false};
    std::atomic<int> confirmed_after_failure{0};
    std::int64_t accepted_appends = 0;
    Outcome outcome;
    for (int i = 0; i < most && !outcome.failure; ++i) {
        const auto accepted = journal.append({event(std::string(1'000, 'x'))}, [&](const Status& status) {
            if (!status) failed = true;
            if (status && failed) ++confirmed_after_failure;
            if (status && !failed) ++confirmed;
            ++called;
        });
        if (accepted) ++accepted_appends;
        if (!accepted && accepted.error().code != ErrorCode::unavailable) outcome.failure = accepted.error().code;
    }
    while (called < accepted_appends) std::this_thread::yield();
    EXPECT_EQ(confirmed_after_failure, 0);
    // The failure may come when all has been accepted already.
    if (failed) outcome.failure = journal.append({event("one more")}, {}).error().code;
    outcome.confirmed = confirmed;
    return outcome;
}

TEST(DiskFull, AppendsFailAndNothingIsFalselyConfirmed) {
    FaultyVfs vfs(7);
    auto journal = SqliteJournal::open({.path = "journal.db", .batch_limit_events = 8, .vfs = vfs.name()}).value();
    vfs.set_free_bytes(500'000);
    const auto [confirmed, failure] = append_until_failure(*journal, 100'000);
    EXPECT_EQ(failure, ErrorCode::storage_failure);
    EXPECT_GT(confirmed, 0);
    // Once broken it stays broken: all is refused at once.
    const auto later = journal->append({event("later")}, [](const Status&) { ADD_FAILURE() << "called back"; });
    EXPECT_FALSE(later.has_value());
    EXPECT_FALSE(journal->seal("later", {}).has_value());
    EXPECT_GT(journal->counters().refused_failed, 0);
    EXPECT_EQ(journal->last_sequence(), confirmed);
    journal.reset();

    // After somebody has made room, everything confirmed is there and the journal goes on.
    vfs.set_free_bytes(-1);
    journal = SqliteJournal::open({.path = "journal.db", .vfs = vfs.name()}).value();
    EXPECT_GE(journal->last_sequence(), confirmed);
    EXPECT_TRUE(journal->verify().has_value());
    const auto last = journal->last_sequence();
    const auto next = journal->append({event("room again")}, {});
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(*next, last + 1);
}

TEST(FailedSync, IsNeverTakenForSuccess) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        // A sync that fails while the log is copied into the file costs nothing, since the log is still whole; so with
        // few pages the failure may pass, and with many every sync is a commit's.
        const bool copies = seed % 2 == 0;
        FaultyVfs vfs(seed);
        const auto open = [&] {
            return SqliteJournal::open({.path = "journal.db",
                                        .batch_limit_events = 8,
                                        .checkpoint_pages = copies ? 20 : 4'000,
                                        .vfs = vfs.name()});
        };
        auto journal = open().value();
        vfs.fail_sync_after(static_cast<std::int64_t>(seed));
        const auto [confirmed, failure] = append_until_failure(*journal, 3'000);
        EXPECT_TRUE(copies || failure == ErrorCode::storage_failure) << "seed " << seed;
        vfs.cut_power_after(0);
        static_cast<void>(journal->append({event("after the cut")}, {}));
        journal.reset();
        ASSERT_TRUE(vfs.power_is_off());
        vfs.power_on();
        journal = open().value();
        EXPECT_GE(journal->last_sequence(), confirmed) << "seed " << seed;
        EXPECT_TRUE(journal->verify().has_value()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace tianqu
