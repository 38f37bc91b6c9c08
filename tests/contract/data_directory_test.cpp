#include "adapters/sqlite/data_directory.hpp"

#include <gtest/gtest.h>

#include "tests/contract/temporary_directory.hpp"

namespace tianqu {
namespace {

using sqlite::DataDirectory;
using sqlite::DirectoryUse;

TEST(DataDirectory, IsMadeAndFoundAgain) {
    const test::TemporaryDirectory base;
    const auto path = base / "new/data";
    {
        const auto made = DataDirectory::open({.path = path});
        ASSERT_TRUE(made.has_value()) << made.error().to_string();
        EXPECT_FALSE(made->simulated());
        EXPECT_EQ(made->journal().last_sequence(), 0);
    }
    const auto again = DataDirectory::open({.path = path, .use = DirectoryUse::as_found});
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->simulated());
    EXPECT_EQ(again->views_path(), path / "views.db");
}

TEST(DataDirectory, TwoCannotUseItAtOnce) {
    const test::TemporaryDirectory base;
    auto first = DataDirectory::open({.path = base / "data"});
    ASSERT_TRUE(first.has_value());
    const auto second = DataDirectory::open({.path = base / "data"});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_EQ(second.error().field("process"), std::to_string(::getpid()));
    first = fail(ErrorCode::internal, "closed");
    EXPECT_TRUE(DataDirectory::open({.path = base / "data"}).has_value());
}

TEST(DataDirectory, ASimulatedOneIsRefusedForRealChargersAndTheOtherWayRound) {
    const test::TemporaryDirectory base;
    ASSERT_TRUE(DataDirectory::open({.path = base / "town", .use = DirectoryUse::simulated, .speed = 60}).has_value());
    const auto real = DataDirectory::open({.path = base / "town"});
    ASSERT_FALSE(real.has_value());
    EXPECT_EQ(real.error().code, ErrorCode::conflict);
    EXPECT_NE(real.error().text.find("simulated city"), std::string::npos);

    ASSERT_TRUE(DataDirectory::open({.path = base / "real"}).has_value());
    const auto simulated = DataDirectory::open({.path = base / "real", .use = DirectoryUse::simulated});
    ASSERT_FALSE(simulated.has_value());
    EXPECT_NE(simulated.error().text.find("real chargers"), std::string::npos);

    const auto found = DataDirectory::open({.path = base / "town", .use = DirectoryUse::as_found});
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(found->simulated());
    EXPECT_EQ(found->speed(), 60);
}

TEST(DataDirectory, AsFoundMustExist) {
    const test::TemporaryDirectory base;
    const auto missing = DataDirectory::open({.path = base / "nothing", .use = DirectoryUse::as_found});
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, ErrorCode::not_found);
    EXPECT_FALSE(std::filesystem::exists(base / "nothing"));
}

TEST(DataDirectory, AFileInItsPlaceIsNamed) {
    const test::TemporaryDirectory base;
    const auto blocked = DataDirectory::open({.path = "/dev/null/data"});
    ASSERT_FALSE(blocked.has_value());
    EXPECT_EQ(blocked.error().code, ErrorCode::storage_failure);
    EXPECT_NE(blocked.error().text.find("/dev/null/data"), std::string::npos);
}

}  // namespace
}  // namespace tianqu
