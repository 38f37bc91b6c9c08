#include "app/cli/city_commands.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <sstream>

namespace tianqu::cli {
namespace {

namespace fs = std::filesystem;

std::string read_whole(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void write_whole(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

class CityCommands : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::path(testing::TempDir()) /
                  (std::string("tianqu-city-") + testing::UnitTest::GetInstance()->current_test_info()->name());
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] static fs::path dezhou() { return fs::path(TIANQU_SOURCE_DIR) / "cities" / "dezhou"; }
    /// A copy of the pack to spoil.
    [[nodiscard]] fs::path copy() const {
        fs::copy(dezhou(), folder_ / "pack", fs::copy_options::recursive);
        return folder_ / "pack";
    }

    fs::path folder_;
    std::ostringstream out_;
};

TEST_F(CityCommands, CheckFindsNothingWrongWithDezhou) {
    EXPECT_EQ(run_check({.folder = dezhou()}, out_), 0) << out_.str();
    EXPECT_NE(out_.str().find("没有问题"), std::string::npos);
}

TEST_F(CityCommands, CheckNamesFileLineFieldValueAndExpected) {
    const auto pack = copy();
    auto text = read_whole(pack / "counties.csv");
    text.replace(text.find("482000"), 6, "48.2");
    write_whole(pack / "counties.csv", text);
    EXPECT_EQ(run_check({.folder = pack}, out_), 1);
    EXPECT_NE(out_.str().find("counties.csv:3: 字段 field 'population' = '48.2'; 应为 expected: a whole number"),
              std::string::npos)
        << out_.str();
    std::ostringstream json;
    EXPECT_EQ(run_check({.folder = pack, .json = true}, json), 1);
    EXPECT_NE(json.str().find(R"("ok":false,"count":1)"), std::string::npos) << json.str();
    EXPECT_NE(json.str().find(R"("line":3,"field":"population","value":"48.2")"), std::string::npos) << json.str();
}

TEST_F(CityCommands, MakeWritesANetworkThatPassesTheCheck) {
    EXPECT_EQ(run_city_make({.city = dezhou(), .out = folder_ / "network", .make = {}}, out_), 0) << out_.str();
    EXPECT_EQ(run_check({.folder = dezhou(), .network = folder_ / "network"}, out_), 0) << out_.str();
    const auto first = read_whole(folder_ / "network" / "network.csv");
    EXPECT_EQ(run_city_make({.city = dezhou(), .out = folder_ / "network", .make = {}}, out_), 0);
    EXPECT_EQ(read_whole(folder_ / "network" / "network.csv"), first);
}

TEST_F(CityCommands, MakeLeavesARealNetworkAlone) {
    ASSERT_EQ(run_city_make({.city = dezhou(), .out = folder_, .make = {}}, out_), 0);
    auto text = read_whole(folder_ / "network.toml");
    text.replace(text.find("\"synthetic\""), 11, "\"real\"");
    write_whole(folder_ / "network.toml", text);
    EXPECT_EQ(run_city_make({.city = dezhou(), .out = folder_, .make = {}}, out_), 1);
    EXPECT_EQ(read_whole(folder_ / "network.toml"), text);
}

TEST_F(CityCommands, ABrokenPackMakesNoNetwork) {
    const auto pack = copy();
    fs::remove(pack / "townships.csv");
    EXPECT_EQ(run_city_make({.city = pack, .out = folder_ / "network", .make = {}}, out_), 1);
    EXPECT_FALSE(fs::exists(folder_ / "network"));
}

TEST_F(CityCommands, AreReachedFromTheCommandLine) {
    CLI::App app;
    add_city_commands(app);
    const auto status = [&](const std::string& line) {
        try {
            app.parse(line);
        } catch (const CLI::ParseError& error) {
            return error.get_exit_code();
        }
        return 0;
    };
    const auto out = (folder_ / "n").string();
    EXPECT_EQ(status("city make --public 5 --residential 20 --seed 7 --limits-scale 0.6 --city " + dezhou().string() +
                     " --out " + out),
              0);
    EXPECT_NE(read_whole(folder_ / "n" / "network.toml").find("seed = 7"), std::string::npos);
    EXPECT_EQ(status("check " + dezhou().string() + " --network " + out), 0);
    EXPECT_EQ(status("check /nonexistent"), 1);
    EXPECT_NE(status("city make --limits-scale much --city " + dezhou().string() + " --out " + out), 0);
    EXPECT_NE(status("city make --public -1 --city " + dezhou().string() + " --out " + out), 0);
}

}  // namespace
}  // namespace tianqu::cli
