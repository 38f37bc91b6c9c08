/// What every journal promises, whatever it keeps its events in.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "adapters/memory/journal.hpp"
#include "adapters/sqlite/journal.hpp"
#include "base/record.hpp"
#include "tests/contract/temporary_directory.hpp"

namespace tianqu {
namespace {

using ports::EventRecord;
using ports::Journal;

/// Makes a journal and, where the adapter is durable, opens the same one again.
class JournalHolder {
public:
    virtual ~JournalHolder() = default;
    virtual Journal& journal() = 0;
    virtual void reopen() = 0;
};

constexpr std::size_t append_limit = 5'000;

class MemoryHolder final : public JournalHolder {
public:
    Journal& journal() override { return journal_; }
    void reopen() override {}

private:
    memory::MemoryJournal journal_{append_limit};
};

class SqliteHolder final : public JournalHolder {
public:
    SqliteHolder() { reopen(); }
    Journal& journal() override { return *journal_; }
    void reopen() override {
        journal_.reset();
        auto opened =
            sqlite::SqliteJournal::open({.path = directory_ / "journal.db", .queue_limit_events = append_limit});
        if (!opened) throw std::runtime_error(opened.error().to_string());
        journal_ = std::move(*opened);
    }

private:
    test::TemporaryDirectory directory_;
    std::unique_ptr<sqlite::SqliteJournal> journal_;
};

/// Waits for a completion.
class Waiter {
public:
    Journal::Completion completion() {
        return [this](Status status) {
            const std::scoped_lock lock(mutex_);
            ++calls_;
            status_ = std::move(status);
            changed_.notify_all();
        };
    }
    Status wait(int calls = 1) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return calls_ >= calls; });
        return status_;
    }
    int calls() {
        const std::scoped_lock lock(mutex_);
        return calls_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int calls_ = 0;
    Status status_;
};

EventRecord event(std::int32_t type, std::string payload) {
    return {.type = type,
            .tenant = TenantId("city"),
            .principal = PrincipalId("charger:DZ-1"),
            .received = from_milliseconds(1'764'000'000'000 + type),
            .claimed = std::nullopt,
            .reason = "",
            .payload = std::move(payload)};
}

std::vector<EventRecord> read_all(const Journal& journal, std::int64_t from = 1) {
    std::vector<EventRecord> events;
    const auto status = journal.read(from, [&](const EventRecord& record) {
        events.push_back(record);
        return true;
    });
    EXPECT_TRUE(status.has_value());
    return events;
}

std::int64_t append_and_wait(Journal& journal, std::vector<EventRecord> events) {
    Waiter waiter;
    const auto first = journal.append(std::move(events), waiter.completion());
    EXPECT_TRUE(first.has_value());
    EXPECT_TRUE(waiter.wait().has_value());
    return first.value_or(0);
}

void seal_and_wait(Journal& journal, std::string snapshot) {
    Waiter waiter;
    ASSERT_TRUE(journal.seal(std::move(snapshot), waiter.completion()).has_value());
    ASSERT_TRUE(waiter.wait().has_value());
}

enum class Kind { memory, sqlite };

std::unique_ptr<JournalHolder> make(Kind kind) {
    if (kind == Kind::memory) return std::make_unique<MemoryHolder>();
    return std::make_unique<SqliteHolder>();
}

class JournalContract : public testing::TestWithParam<Kind> {
protected:
    std::unique_ptr<JournalHolder> holder_ = make(GetParam());
    Journal& journal() { return holder_->journal(); }
};

TEST_P(JournalContract, StartsEmpty) {
    EXPECT_EQ(journal().last_sequence(), 0);
    EXPECT_TRUE(read_all(journal()).empty());
    EXPECT_TRUE(journal().segments().value().empty());
    EXPECT_FALSE(journal().latest_snapshot().value().has_value());
    const auto report = journal().verify();
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->events, 0);
    EXPECT_EQ(report->last_hash, Sha256{});
}

TEST_P(JournalContract, NumbersEventsInCallOrderAndGivesThemBack) {
    auto first = event(20, "one");
    first.claimed = from_milliseconds(-5);
    first.reason = "since the meter was exchanged 换表";
    auto second = event(-3, std::string("\0\xff binary", 9));
    second.principal = PrincipalId("user:li");
    EXPECT_EQ(append_and_wait(journal(), {first, second}), 1);
    EXPECT_EQ(append_and_wait(journal(), {event(22, "")}), 3);
    holder_->reopen();
    EXPECT_EQ(append_and_wait(journal(), {event(23, "after")}), 4);

    EXPECT_EQ(journal().last_sequence(), 4);
    const auto events = read_all(journal());
    ASSERT_EQ(events.size(), 4U);
    first.sequence = 1;
    second.sequence = 2;
    EXPECT_EQ(events[0], first);
    EXPECT_EQ(events[1], second);
    EXPECT_EQ(events[3].payload, "after");
    EXPECT_EQ(read_all(journal(), 3).size(), 2U);
    EXPECT_EQ(read_all(journal(), -7).size(), 4U);
    EXPECT_TRUE(read_all(journal(), 5).empty());
}

TEST_P(JournalContract, AnEventIsReadableWhenItIsConfirmed) {
    for (int i = 1; i <= 20; ++i) {
        const auto sequence = append_and_wait(journal(), {event(1, std::to_string(i))});
        EXPECT_EQ(journal().last_sequence(), sequence);
        EXPECT_EQ(read_all(journal(), sequence).size(), 1U);
    }
}

TEST_P(JournalContract, TheVisitorMayStop) {
    append_and_wait(journal(), {event(1, "a"), event(1, "b"), event(1, "c")});
    int seen = 0;
    ASSERT_TRUE(journal().read(1, [&](const EventRecord&) { return ++seen < 2; }).has_value());
    EXPECT_EQ(seen, 2);
    EXPECT_EQ(read_all(journal()).size(), 3U);
}

TEST_P(JournalContract, RefusesNothingAndTooMuchWithoutUsingASequence) {
    const auto nothing = journal().append({}, {});
    ASSERT_FALSE(nothing.has_value());
    EXPECT_EQ(nothing.error().code, ErrorCode::invalid_input);
    Waiter waiter;
    const auto much = journal().append(std::vector<EventRecord>(append_limit + 1, event(1, "x")), waiter.completion());
    ASSERT_FALSE(much.has_value());
    EXPECT_EQ(much.error().code, ErrorCode::too_large);
    EXPECT_EQ(append_and_wait(journal(), {event(1, "y")}), 1);
    EXPECT_EQ(waiter.calls(), 0);
}

TEST_P(JournalContract, ManyThreadsGetDistinctSequencesAndEachItsConfirmation) {
    constexpr int threads = 4;
    constexpr int appends = 200;
    Waiter waiter;
    std::mutex mutex;
    std::vector<std::int64_t> firsts;
    std::vector<std::thread> workers;
    for (int worker = 0; worker < threads; ++worker) {
        workers.emplace_back([&, worker] {
            for (int i = 0; i < appends; ++i) {
                const auto text = std::to_string(worker) + "/" + std::to_string(i);
                const auto first =
                    journal().append({event(worker, text), event(worker, text + "b")}, waiter.completion());
                ASSERT_TRUE(first.has_value());
                const std::scoped_lock lock(mutex);
                firsts.push_back(*first);
            }
        });
    }
    for (auto& worker : workers) worker.join();
    ASSERT_TRUE(waiter.wait(threads * appends).has_value());
    std::sort(firsts.begin(), firsts.end());
    for (std::size_t i = 0; i < firsts.size(); ++i) EXPECT_EQ(firsts[i], static_cast<std::int64_t>(2 * i + 1));
    EXPECT_EQ(journal().counters().events_written, 2 * threads * appends);
    EXPECT_EQ(journal().counters().events_waiting, 0);
    EXPECT_EQ(journal().verify().value().events, 2 * threads * appends);
}

TEST_P(JournalContract, SealsSegmentsThatFollowEachOther) {
    const auto empty = journal().seal("nothing", {});
    ASSERT_FALSE(empty.has_value());
    EXPECT_EQ(empty.error().code, ErrorCode::conflict);

    append_and_wait(journal(), {event(1, "a"), event(1, "b")});
    seal_and_wait(journal(), "state after 2");
    EXPECT_EQ(journal().seal("again", {}).error().code, ErrorCode::conflict);
    append_and_wait(journal(), {event(1, "c")});
    seal_and_wait(journal(), std::string(100'000, '\0') + "state after 3");
    holder_->reopen();
    EXPECT_EQ(journal().seal("again", {}).error().code, ErrorCode::conflict);
    append_and_wait(journal(), {event(1, "d")});

    const auto segments = journal().segments().value();
    ASSERT_EQ(segments.size(), 2U);
    EXPECT_EQ(segments[0].number, 1);
    EXPECT_EQ(segments[0].first_sequence, 1);
    EXPECT_EQ(segments[0].last_sequence, 2);
    EXPECT_EQ(segments[1].first_sequence, 3);
    EXPECT_EQ(segments[1].last_sequence, 3);
    const auto snapshot = journal().latest_snapshot().value();
    ASSERT_TRUE(snapshot.has_value());
    EXPECT_EQ(snapshot->last_sequence, 3);
    EXPECT_EQ(snapshot->bytes, std::string(100'000, '\0') + "state after 3");
    EXPECT_EQ(segments[1].snapshot_hash, sha256(snapshot->bytes));
    EXPECT_EQ(journal().verify().value().segments, 2);
}

TEST_P(JournalContract, ASealCoversWhatWasAcceptedBeforeIt) {
    Waiter waiter;
    ASSERT_TRUE(journal().append({event(1, "a"), event(1, "b")}, waiter.completion()).has_value());
    ASSERT_TRUE(journal().seal("", waiter.completion()).has_value());
    ASSERT_TRUE(journal().append({event(1, "c")}, waiter.completion()).has_value());
    ASSERT_TRUE(waiter.wait(3).has_value());
    const auto snapshot = journal().latest_snapshot().value();
    ASSERT_TRUE(snapshot.has_value());
    EXPECT_EQ(snapshot->last_sequence, 2);
    EXPECT_EQ(snapshot->bytes, "");
}

TEST_P(JournalContract, TheChainIsTheOneTheDocumentationDescribes) {
    append_and_wait(journal(), {event(1, "a"), event(2, "b")});
    const auto events = read_all(journal());
    Sha256 hash{};
    for (const auto& record : events) hash = sha256(as_bytes(hash), encode_record(record));
    EXPECT_EQ(journal().verify().value().last_hash, hash);
}

/// Whatever is appended, in whatever groups, with seals between: a plain list says what must come back.
TEST_P(JournalContract, BehavesLikeAList) {
    rc::check([kind = GetParam()] {
        const auto holder = make(kind);
        std::vector<EventRecord> expected;
        std::size_t sealed = 0;
        const auto groups = *rc::gen::container<std::vector<std::vector<std::pair<std::int32_t, std::string>>>>(
            rc::gen::arbitrary<std::vector<std::pair<std::int32_t, std::string>>>());
        for (const auto& group : groups) {
            if (group.empty()) {
                holder->reopen();
                const bool sealable = expected.size() > sealed;
                RC_ASSERT(holder->journal().seal(std::to_string(expected.size()), {}).has_value() == sealable);
                sealed = expected.size();
                continue;
            }
            std::vector<EventRecord> events;
            for (const auto& [type, payload] : group) {
                events.push_back(event(type, payload));
                expected.push_back(event(type, payload));
                expected.back().sequence = static_cast<std::int64_t>(expected.size());
            }
            RC_ASSERT(holder->journal().append(std::move(events), {}).has_value());
        }
        holder->reopen();
        RC_ASSERT(read_all(holder->journal()) == expected);
        RC_ASSERT(holder->journal().verify().has_value());
        const auto snapshot = holder->journal().latest_snapshot().value();
        RC_ASSERT(snapshot.has_value() == (sealed > 0));
        if (snapshot) RC_ASSERT(snapshot->bytes == std::to_string(sealed));
    });
}

INSTANTIATE_TEST_SUITE_P(Adapters, JournalContract, testing::Values(Kind::memory, Kind::sqlite),
                         [](const auto& info) { return info.param == Kind::memory ? "memory" : "sqlite"; });

TEST(MemoryJournal, ABrokenStorageConfirmsNothingMore) {
    memory::MemoryJournal journal;
    append_and_wait(journal, {event(1, "a")});
    journal.break_storage();
    int calls = 0;
    const auto refused = journal.append({event(1, "b")}, [&](const Status&) { ++calls; });
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::storage_failure);
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(read_all(journal).size(), 1U);
}

TEST(MemoryJournal, VerifyNamesTheEventThatWasChanged) {
    memory::MemoryJournal journal;
    append_and_wait(journal, {event(1, "a"), event(1, "b"), event(1, "c")});
    journal.tamper(2, "B");
    const auto report = journal.verify();
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ErrorCode::corrupt);
    EXPECT_EQ(report.error().field("sequence"), "2");
}

}  // namespace
}  // namespace tianqu
