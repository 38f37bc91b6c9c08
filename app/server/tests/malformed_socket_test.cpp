/// Every frame of tests/ocpp/malformed over a real socket: answered as the corpus says, and the server goes on.

#include <gtest/gtest.h>

#include "app/server/tests/test_server.hpp"
#include "tests/ocpp/malformed_corpus.hpp"

namespace tianqu::test {
namespace {

/// What came back before the answer to the heartbeat sent after it: "accepted", an error code, "none", or "closed".
std::string outcome_of(OcppClient& charger, const std::string& beat, std::string& id) {
    std::string outcome = "none";
    for (;;) {
        const auto message = charger.read();
        if (!message) return "closed";
        const auto frame = json::parse(*message).as_array();
        if (frame[0] == 3 && frame[1] == json::value(beat)) return outcome;
        if (frame[0] == 3) outcome = "accepted";
        if (frame[0] == 4) {
            outcome = std::string(frame[2].as_string());
            id = std::string(frame[1].as_string());
        }
        if (frame[0] == 2) charger.send("[3," + json::serialize(frame[1]) + R"(,{"status":"Accepted"}])");
    }
}

class MalformedSocket : public testing::TestWithParam<bool> {};

TEST_P(MalformedSocket, EachFrameIsAnsweredAndTheServerGoesOn) {
    const bool strict = GetParam();
    TestServer server({.unknown_chargers = charging::UnknownChargers::accept,
                       .validation = strict ? ocpp::Validation::strict : ocpp::Validation::tolerant});
    const auto cases = malformed_cases();
    EXPECT_GE(cases.size(), 200u);
    OcppClient charger;
    int beats = 0;
    for (const auto& item : cases) {
        if (!charger.open()) {
            ASSERT_TRUE(charger.connect(server.ocpp_port(), "M1")) << item.name;
            ASSERT_EQ(boot(charger), "Accepted");
        }
        charger.send(item.frame);
        const std::string beat = "beat" + std::to_string(++beats);
        charger.send("[2,\"" + beat + "\",\"Heartbeat\",{}]");
        std::string id = item.id;
        const auto outcome = outcome_of(charger, beat, id);
        const auto& expected = strict ? item.strict : item.tolerant;
        if (item.socket == "close") {
            // The socket's own limit may be wider than the codec's: then the codec refuses it.
            EXPECT_TRUE(outcome == "closed" || outcome == expected) << item.name << ": " << outcome;
        } else if (!(item.socket == "any" && outcome == "closed")) {
            // A call that reaches the application may still be refused there for its meaning.
            if (expected == "accepted")
                EXPECT_NE(outcome, "closed") << item.name;
            else
                EXPECT_EQ(outcome, expected) << item.name << ": " << item.frame.substr(0, 200);
            if (expected != "accepted") EXPECT_EQ(id, item.id) << item.name;
        }
        if (outcome == "closed") charger.close();
    }
    EXPECT_EQ(ask(server.http_port(), {.target = "/healthz"}).status, 200);
    EXPECT_TRUE(server.journal().verify());
}

INSTANTIATE_TEST_SUITE_P(Modes, MalformedSocket, testing::Values(false, true),
                         [](const auto& parameter) { return parameter.param ? "Strict" : "Tolerant"; });

}  // namespace
}  // namespace tianqu::test
