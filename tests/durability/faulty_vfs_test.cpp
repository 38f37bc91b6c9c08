/// The faulty disk itself: a test that trusts it must know that it loses what it may lose and nothing else.

#include "tests/durability/faulty_vfs.hpp"

#include <gtest/gtest.h>

#include "adapters/sqlite/database.hpp"

namespace tianqu {
namespace {

using sqlite::Database;
using test::FaultyVfs;

TEST(FaultyVfs, KeepsAnOrdinaryDatabase) {
    FaultyVfs vfs(1);
    {
        auto database = Database::open({.path = "a.db", .vfs = vfs.name()}).value();
        ASSERT_TRUE(
            database.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES(1),(2)").has_value());
        auto second = Database::open({.path = "a.db", .vfs = vfs.name(), .read_only = true}).value();
        EXPECT_EQ(second.query_integer("SELECT sum(x) FROM t").value(), 3);
    }
    auto database = Database::open({.path = "a.db", .vfs = vfs.name()}).value();
    EXPECT_EQ(database.query_integer("SELECT count(*) FROM t").value(), 2);
    EXPECT_GT(vfs.syncs(), 0);
}

TEST(FaultyVfs, ASecondWriterHasToWait) {
    FaultyVfs vfs(1);
    auto first = Database::open({.path = "a.db", .vfs = vfs.name(), .busy_timeout_ms = 0}).value();
    ASSERT_TRUE(first.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(x); BEGIN IMMEDIATE; INSERT INTO t VALUES(1)")
                    .has_value());
    auto second = Database::open({.path = "a.db", .vfs = vfs.name(), .busy_timeout_ms = 0}).value();
    EXPECT_FALSE(second.execute("INSERT INTO t VALUES(2)").has_value());
    ASSERT_TRUE(first.execute("COMMIT").has_value());
    EXPECT_TRUE(second.execute("INSERT INTO t VALUES(2)").has_value());
}

TEST(FaultyVfs, APowerCutTakesWhatWasNotSynced) {
    int lost = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        FaultyVfs vfs(seed);
        {
            auto database = Database::open({.path = "a.db", .vfs = vfs.name()}).value();
            ASSERT_TRUE(
                database.execute("PRAGMA synchronous=EXTRA; PRAGMA journal_mode=WAL; CREATE TABLE t(x)").has_value());
            ASSERT_TRUE(database.execute("INSERT INTO t VALUES(1); PRAGMA synchronous=OFF; INSERT INTO t VALUES(2)")
                            .has_value());
            vfs.cut_power_after(0);
            EXPECT_FALSE(database.execute("INSERT INTO t VALUES(3)").has_value());
            EXPECT_TRUE(vfs.power_is_off());
        }
        vfs.power_on();
        auto database = Database::open({.path = "a.db", .vfs = vfs.name()}).value();
        EXPECT_GE(database.query_integer("SELECT count(*) FROM t").value(), 1);
        if (database.query_integer("SELECT count(*) FROM t").value() == 1) ++lost;
    }
    EXPECT_GT(lost, 5);
}

TEST(FaultyVfs, AFullDiskSaysSo) {
    FaultyVfs vfs(1);
    auto database = Database::open({.path = "a.db", .vfs = vfs.name()}).value();
    ASSERT_TRUE(database.execute("CREATE TABLE t(x)").has_value());
    vfs.set_free_bytes(1'000);
    const auto full = database.execute("INSERT INTO t VALUES(zeroblob(100000))");
    ASSERT_FALSE(full.has_value());
    EXPECT_EQ(full.error().text, "no space left on the disk");
    vfs.set_free_bytes(-1);
    EXPECT_TRUE(database.execute("INSERT INTO t VALUES(zeroblob(100000))").has_value());
}

}  // namespace
}  // namespace tianqu
