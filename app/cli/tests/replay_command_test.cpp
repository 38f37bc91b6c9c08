#include "app/cli/replay_command.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace tianqu::cli {
namespace {

class ReplayCommand : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(::testing::TempDir()) /
                  ("replay_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
        std::filesystem::create_directories(folder_);
        options_.sessions = folder_ / "sessions.csv";
        options_.policy = "fcfs";
        options_.json = true;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& rows) const {
        std::ofstream(options_.sessions)
            << "session_id,station_id,arrival_5min,departure_5min,est_departure_5min,requested_kwh,max_kw\n"
            << rows;
    }

    int run() { return run_replay(options_, out_, error_); }

    std::filesystem::path folder_;
    ReplayCommandOptions options_;
    std::ostringstream out_, error_;
};

TEST_F(ReplayCommand, PrintsJson) {
    write("a,S,0,12,12,6,6\nb,S,0,12,12,6,6\n");
    options_.limit_kw = "6";
    ASSERT_EQ(run(), 0) << error_.str();
    EXPECT_NE(out_.str().find("\"delivered_percent\":50"), std::string::npos) << out_.str();
    EXPECT_NE(out_.str().find("\"peak_kw\":6"), std::string::npos) << out_.str();
    EXPECT_NE(out_.str().find("\"cost_yuan\":null"), std::string::npos) << out_.str();
}

TEST_F(ReplayCommand, PricesByTheCitysClock) {
    // Noon to one o'clock in March: the deep valley of the Dezhou pack; five to six in the evening: its dearest band.
    options_.city = std::filesystem::path(TIANQU_SOURCE_DIR) / "cities/dezhou";
    write("noon,S,144,156,156,6,6\n");
    ASSERT_EQ(run(), 0) << error_.str();
    EXPECT_NE(out_.str().find("\"yuan_per_kwh\":0.18314"), std::string::npos) << out_.str();
    out_.str("");
    write("evening,S,204,216,216,6,6\n");
    ASSERT_EQ(run(), 0) << error_.str();
    EXPECT_NE(out_.str().find("\"yuan_per_kwh\":1.1358"), std::string::npos) << out_.str();
}

TEST_F(ReplayCommand, NamesWhatIsWrong) {
    write("a,S,0,12,12,six,6\n");
    EXPECT_EQ(run(), 1);
    EXPECT_NE(error_.str().find("sessions.csv"), std::string::npos) << error_.str();
    EXPECT_NE(error_.str().find("requested_kwh"), std::string::npos) << error_.str();
    EXPECT_NE(error_.str().find("six"), std::string::npos) << error_.str();
    options_.policy = "magic";
    EXPECT_EQ(run(), 1);
    options_.policy = "fcfs";
    options_.sessions = folder_ / "absent.csv";
    EXPECT_EQ(run(), 1);
    EXPECT_TRUE(out_.str().empty());
}

TEST_F(ReplayCommand, ReadsTheTextForPeopleToo) {
    write("a,S,0,12,12,6,6\n");
    options_.json = false;
    ASSERT_EQ(run(), 0);
    EXPECT_NE(out_.str().find("100.000 %"), std::string::npos) << out_.str();
}

}  // namespace
}  // namespace tianqu::cli
