#include "app/cli/simulate_command.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace tianqu::cli {
namespace {

TEST(SimulateCommand, ReadsTheServersAddress) {
    const auto url = parse_charger_url("ws://127.0.0.1:9000/ocpp/");
    ASSERT_TRUE(url.has_value());
    EXPECT_EQ(url->host, "127.0.0.1");
    EXPECT_EQ(url->port, 9000);
    EXPECT_EQ(url->path, "/ocpp");
    const auto bare = parse_charger_url("ws://example.org");
    ASSERT_TRUE(bare.has_value());
    EXPECT_EQ(bare->port, 80);
    EXPECT_EQ(bare->path, "");
    const auto six = parse_charger_url("ws://[::1]:9000/a/b");
    ASSERT_TRUE(six.has_value());
    EXPECT_EQ(six->host, "::1");
    EXPECT_EQ(six->path, "/a/b");
}

TEST(SimulateCommand, RefusesOtherAddresses) {
    for (const char* url :
         {"", "http://a/b", "wss://a/b", "ws://", "ws://:80/a", "ws://a:0/b", "ws://a:65536/b", "ws://a:x"}) {
        const auto read = parse_charger_url(url);
        ASSERT_FALSE(read.has_value()) << url;
        EXPECT_EQ(read.error().field("value"), url);
    }
}

TEST(SimulateCommand, NamesWhatItCannotUse) {
    std::ostringstream out;
    SimulateOptions options;
    options.url = "ftp://somewhere";
    options.chargers = 1;
    EXPECT_EQ(run_simulate(options, out), 1);
    EXPECT_NE(out.str().find("ftp://somewhere"), std::string::npos);
}

TEST(SimulateCommand, CountsWhatItDidWithoutAServer) {
    std::ostringstream out;
    SimulateOptions options;
    options.url = "ws://127.0.0.1:1/ocpp";
    options.chargers = 12;
    options.run_for = std::chrono::milliseconds{100};
    options.json = true;
    EXPECT_EQ(run_simulate(options, out), 0);
    EXPECT_NE(out.str().find("\"synthetic\":true"), std::string::npos);
    EXPECT_NE(out.str().find("\"chargers\":12,"), std::string::npos) << out.str();
}

}  // namespace
}  // namespace tianqu::cli
