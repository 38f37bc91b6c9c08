#include "app/cli/journal_commands.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "adapters/sqlite/data_directory.hpp"
#include "adapters/sqlite/views.hpp"
#include "app/server/access_part.hpp"
#include "app/server/event_log.hpp"
#include "app/server/snapshot.hpp"
#include "base/record.hpp"
#include "charging/state.hpp"
#include "tests/contract/temporary_directory.hpp"

namespace tianqu::cli {
namespace {

using sqlite::DataDirectory;

constexpr TimePoint noon = from_milliseconds(1'764'000'000'000);

charging::Event event(charging::EventBody body) {
    return {.principal = PrincipalId("charger:DZ-1"), .received = noon, .body = std::move(body)};
}

/// A directory as a stopped server leaves it: five events, sealed after the third.
class JournalCommands : public testing::Test {
protected:
    void SetUp() override {
        const auto directory = DataDirectory::open({.path = path()}).value();
        record(directory, event(charging::ChargerSeen{.charger = ChargerId("DZ-1"), .address = "10.0.0.7"}));
        charging::SessionStarted started{
            .session = SessionId(1), .charger = ChargerId("DZ-1"), .connector = ConnectorNumber(1)};
        started.corrected = noon;
        record(directory, event(started));
        const auto users =
            server::access_records({access::UserSet{.user = UserId("li"), .password_hash = "$argon2id$secret"}},
                                   {PrincipalId("user:root"), noon, "first start"});
        ASSERT_TRUE(directory.journal().append(users, {}).has_value());
        for (const auto& user : users) access_.fold(user);
        ++sequence_;
        seal(directory);
        charging::SessionEnded ended{
            .session = SessionId(1), .charger = ChargerId("DZ-1"), .meter_stop = WattHours(500)};
        ended.corrected = noon + std::chrono::hours{1};
        record(directory, event(ended));
        record(directory, event(charging::ChargerDisconnected{.charger = ChargerId("DZ-1"), .cause = "closed"}));
    }

    void record(const DataDirectory& directory, const charging::Event& happened) {
        ASSERT_TRUE(directory.journal().append({server::to_record(happened)}, {}).has_value());
        charging::apply(state_, happened, ++sequence_);
    }
    void seal(const DataDirectory& directory) {
        server::SnapshotRecord snapshot{.charging = charging::encode_state(state_), .access = access_.encode()};
        ASSERT_TRUE(directory.journal().seal(encode_record(snapshot), {}).has_value());
    }
    void run_sql(const char* file, const std::string& sql) {
        auto database = sqlite::Database::open({.path = path() / file}).value();
        ASSERT_TRUE(database.execute(sql).has_value());
    }

    [[nodiscard]] std::filesystem::path path() const { return base_ / "data"; }
    [[nodiscard]] std::string text() const { return out_.str(); }

    test::TemporaryDirectory base_;
    charging::State state_;
    server::AccessPart access_;
    std::int64_t sequence_ = 0;
    std::ostringstream out_;
};

TEST_F(JournalCommands, VerifyIsContentWithAWholeDirectory) {
    EXPECT_EQ(run_journal_verify(path(), out_), JournalExit::good) << text();
    EXPECT_NE(text().find("5 个事件 events, 1 段 segments"), std::string::npos) << text();
    EXPECT_NE(text().find("the snapshot equals a replay"), std::string::npos);
    EXPECT_NE(text().find("the views equal a rebuild"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path() / "views.verify.db"));
}

TEST_F(JournalCommands, VerifyNamesAChangedEvent) {
    run_sql("journal.db", "UPDATE event SET received=received+1 WHERE sequence=4");
    EXPECT_EQ(run_journal_verify(path(), out_), JournalExit::wrong);
    EXPECT_NE(text().find("sequence=4"), std::string::npos) << text();
}

TEST_F(JournalCommands, VerifyNoticesASnapshotThatItsEventsDoNotGive) {
    {
        const auto directory = DataDirectory::open({.path = path()}).value();
        state_.next_session = SessionId(99);
        seal(directory);
    }
    EXPECT_EQ(run_journal_verify(path(), out_), JournalExit::wrong);
    EXPECT_NE(text().find("the snapshot after event 5 is not what its events give"), std::string::npos) << text();
}

TEST_F(JournalCommands, VerifyNamesViewsThatDifferAndRebuildMendsThem) {
    ASSERT_EQ(run_journal_verify(path(), out_), JournalExit::good);
    run_sql("views.db", "UPDATE session SET energy_wh=energy_wh+1");
    EXPECT_EQ(run_journal_verify(path(), out_), JournalExit::wrong);
    EXPECT_NE(text().find("energy_wh is 501 instead of 500"), std::string::npos) << text();
    EXPECT_EQ(run_journal_rebuild(path(), out_), JournalExit::good) << text();
    EXPECT_NE(text().find("events/s"), std::string::npos);
    EXPECT_EQ(run_journal_verify(path(), out_), JournalExit::good) << text();
}

TEST_F(JournalCommands, ShowPrintsOneEventALineWithoutSecrets) {
    // A server may be running.
    const auto server = DataDirectory::open({.path = path()}).value();
    EXPECT_EQ(run_journal_show({.directory = path()}, out_), JournalExit::good);
    const auto all = text();
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 5);
    EXPECT_NE(all.find(R"("name":"session_started")"), std::string::npos) << all;
    EXPECT_NE(all.find(R"("name":"user_set")"), std::string::npos) << all;
    EXPECT_EQ(all.find("argon2id"), std::string::npos) << all;

    out_.str("");
    EXPECT_EQ(run_journal_show({.directory = path(), .from = 4, .count = 1}, out_), JournalExit::good);
    EXPECT_TRUE(text().starts_with(R"({"sequence":4,"type":22,)")) << text();
    out_.str("");
    EXPECT_EQ(run_journal_show({.directory = path(), .last = 1}, out_), JournalExit::good);
    EXPECT_TRUE(text().starts_with(R"({"sequence":5,)")) << text();
}

TEST_F(JournalCommands, ADirectoryInUseOrMissingIsSaid) {
    EXPECT_EQ(run_journal_verify(base_ / "nothing", out_), JournalExit::cannot_open);
    EXPECT_EQ(run_journal_show({.directory = base_ / "nothing"}, out_), JournalExit::cannot_open);
    const auto server = DataDirectory::open({.path = path()}).value();
    EXPECT_EQ(run_journal_verify(path(), out_), JournalExit::cannot_open);
    EXPECT_EQ(run_journal_rebuild(path(), out_), JournalExit::cannot_open);
    EXPECT_NE(text().find("in use by another Tianqu process"), std::string::npos) << text();
}

}  // namespace
}  // namespace tianqu::cli
