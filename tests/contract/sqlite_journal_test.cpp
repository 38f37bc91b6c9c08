/// What is particular to the journal in a file: what it says about other files, tampering, and a full queue.

#include "adapters/sqlite/journal.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <future>

#include "tests/contract/temporary_directory.hpp"

namespace tianqu {
namespace {

using ports::EventRecord;
using sqlite::SqliteJournal;

EventRecord event(std::string payload) {
    return {.type = 1,
            .tenant = TenantId("city"),
            .principal = PrincipalId("system:test"),
            .received = from_milliseconds(1),
            .claimed = std::nullopt,
            .reason = "",
            .payload = std::move(payload)};
}

/// Changes the file behind the journal's back.
void run_sql(const std::filesystem::path& file, const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
}

/// Three events, sealed after the second.
std::filesystem::path make_journal(const test::TemporaryDirectory& directory) {
    const auto file = directory / "journal.db";
    auto journal = SqliteJournal::open({.path = file}).value();
    EXPECT_TRUE(journal->append({event("a"), event("b")}, {}).has_value());
    EXPECT_TRUE(journal->seal("a and b", {}).has_value());
    EXPECT_TRUE(journal->append({event("c")}, {}).has_value());
    return file;
}

Error verify_error(const std::filesystem::path& file) {
    auto journal = SqliteJournal::open({.path = file});
    if (!journal) return journal.error();
    auto report = (*journal)->verify();
    return report ? Error{ErrorCode::internal, "verify found nothing", {}} : report.error();
}

TEST(SqliteJournal, NamesAFileThatIsNoDatabase) {
    const test::TemporaryDirectory directory;
    std::ofstream(directory / "journal.db")
        << "this is a letter, not a database, and it is longer than a header of one hundred bytes "
           "so that nothing can mistake it for an empty file";
    const auto journal = SqliteJournal::open({.path = directory / "journal.db"});
    ASSERT_FALSE(journal.has_value());
    EXPECT_EQ(journal.error().code, ErrorCode::corrupt);
    EXPECT_EQ(journal.error().text, "the file is not a database");
    EXPECT_NE(journal.error().field("file"), "");
}

TEST(SqliteJournal, NamesAnotherProgramsDatabase) {
    const test::TemporaryDirectory directory;
    run_sql(directory / "journal.db", "CREATE TABLE recipe(name TEXT)");
    const auto journal = SqliteJournal::open({.path = directory / "journal.db"});
    ASSERT_FALSE(journal.has_value());
    EXPECT_EQ(journal.error().text, "the file is a database, but not a Tianqu journal");
}

TEST(SqliteJournal, RefusesANewerFormat) {
    const test::TemporaryDirectory directory;
    const auto file = make_journal(directory);
    run_sql(file, "PRAGMA user_version=2");
    const auto journal = SqliteJournal::open({.path = file});
    ASSERT_FALSE(journal.has_value());
    EXPECT_EQ(journal.error().code, ErrorCode::unsupported);
}

TEST(SqliteJournal, SaysThatAFileCannotBeOpened) {
    const test::TemporaryDirectory directory;
    const auto journal = SqliteJournal::open({.path = directory / "missing" / "journal.db"});
    ASSERT_FALSE(journal.has_value());
    EXPECT_EQ(journal.error().text, "the file cannot be opened");
}

TEST(SqliteJournal, OpenForReadingOnlyWritesNothing) {
    const test::TemporaryDirectory directory;
    const auto file = make_journal(directory);
    auto journal = SqliteJournal::open({.path = file, .read_only = true}).value();
    EXPECT_EQ(journal->last_sequence(), 3);
    EXPECT_EQ(journal->append({event("d")}, {}).error().code, ErrorCode::forbidden);
    EXPECT_EQ(journal->seal("", {}).error().code, ErrorCode::forbidden);
    EXPECT_TRUE(journal->verify().has_value());
    EXPECT_FALSE(SqliteJournal::open({.path = directory / "other.db", .read_only = true}).has_value());
}

TEST(SqliteJournal, VerifyNamesTheFirstChangedEvent) {
    const test::TemporaryDirectory directory;
    const auto file = make_journal(directory);
    run_sql(file, "UPDATE event SET payload=CAST('B' AS BLOB) WHERE sequence=2");
    EXPECT_EQ(verify_error(file).field("sequence"), "2");
}

TEST(SqliteJournal, VerifyNamesAMissingEvent) {
    const test::TemporaryDirectory directory;
    const auto file = make_journal(directory);
    run_sql(file, "DELETE FROM event WHERE sequence=2");
    EXPECT_EQ(verify_error(file).field("sequence"), "2");
    auto journal = SqliteJournal::open({.path = file}).value();
    const auto read = journal->read(1, [](const EventRecord&) { return true; });
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().field("sequence"), "2");
}

TEST(SqliteJournal, NoticesThatTheEndIsMissingBeforeTheLastSeal) {
    const test::TemporaryDirectory directory;
    const auto file = make_journal(directory);
    run_sql(file, "DELETE FROM event WHERE sequence>=2");
    EXPECT_EQ(verify_error(file).code, ErrorCode::corrupt);
}

TEST(SqliteJournal, VerifyNamesASegmentWithAnotherHash) {
    const test::TemporaryDirectory directory;
    const auto file = make_journal(directory);
    run_sql(file, "UPDATE segment SET last_hash=zeroblob(32)");
    EXPECT_EQ(verify_error(file).field("segment"), "1");
}

TEST(SqliteJournal, VerifyNamesAChangedSnapshot) {
    const test::TemporaryDirectory directory;
    const auto file = make_journal(directory);
    run_sql(file, "UPDATE segment SET snapshot_hash=zeroblob(32)");
    EXPECT_EQ(verify_error(file).field("segment"), "1");
    EXPECT_EQ(SqliteJournal::open({.path = file}).value()->latest_snapshot().error().code, ErrorCode::corrupt);
}

TEST(SqliteJournal, ARewrittenEventWithItsOwnHashMendedStillBreaksTheChain) {
    const test::TemporaryDirectory directory;
    const auto file = make_journal(directory);
    auto forged = event("A");
    forged.sequence = 1;
    run_sql(file, "UPDATE event SET payload=CAST('A' AS BLOB), hash=x'" + to_hex(ports::chain_hash(Sha256{}, forged)) +
                      "' WHERE sequence=1");
    EXPECT_EQ(verify_error(file).field("sequence"), "2");
}

TEST(SqliteJournal, AFullQueueRefusesAndCounts) {
    const test::TemporaryDirectory directory;
    auto journal = SqliteJournal::open({.path = directory / "journal.db", .queue_limit_events = 10}).value();
    // The first completion holds the writing thread, so what follows has to wait.
    std::promise<void> writing;
    std::promise<void> go_on;
    ASSERT_TRUE(journal
                    ->append({event("first")},
                             [&](const Status&) {
                                 writing.set_value();
                                 go_on.get_future().wait();
                             })
                    .has_value());
    writing.get_future().wait();
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(journal->append({event("waits")}, {}).has_value());
    const auto refused = journal->append({event("too many")}, {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(journal->counters().refused_full, 1);
    EXPECT_EQ(journal->counters().events_waiting, 10);
    go_on.set_value();

    // Once the queue has moved on there is room again, and no sequence was lost.
    Result<std::int64_t> sequence = refused;
    while (!sequence) sequence = journal->append({event("again")}, {});
    EXPECT_EQ(*sequence, 12);
    journal.reset();
    EXPECT_EQ(SqliteJournal::open({.path = directory / "journal.db"}).value()->verify().value().events, 12);
}

TEST(SqliteJournal, KeepsTheLastTwoSnapshots) {
    const test::TemporaryDirectory directory;
    const auto file = directory / "journal.db";
    auto journal = SqliteJournal::open({.path = file}).value();
    for (int i = 1; i <= 4; ++i) {
        ASSERT_TRUE(journal->append({event("x")}, {}).has_value());
        ASSERT_TRUE(journal->seal("state " + std::to_string(i), {}).has_value());
    }
    journal.reset();
    auto database = sqlite::Database::open({.path = file}).value();
    EXPECT_EQ(database.query_integer("SELECT count(*) FROM segment").value(), 4);
    EXPECT_EQ(database.query_integer("SELECT count(snapshot) FROM segment").value(), 2);
    journal = SqliteJournal::open({.path = file}).value();
    EXPECT_EQ(journal->latest_snapshot().value()->bytes, "state 4");
    EXPECT_TRUE(journal->verify().has_value());
}

}  // namespace
}  // namespace tianqu
