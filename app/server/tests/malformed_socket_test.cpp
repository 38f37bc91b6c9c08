/// Every frame of tests/ocpp/malformed over a real socket: answered as the corpus says, and the server goes on.

#include <gtest/gtest.h>

#include <charconv>
#include <filesystem>
#include <fstream>

#include "app/server/tests/test_server.hpp"

namespace tianqu::test {
namespace {

struct Case {
    std::string name, frame, tolerant, strict, id, socket;
};

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        int byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

std::string text_of(const json::object& line, std::string_view name) {
    const auto* value = line.if_contains(name);
    return value == nullptr ? std::string{} : std::string(value->as_string());
}

std::string frame_of(const json::object& line) {
    if (line.contains("frame")) return text_of(line, "frame");
    if (line.contains("hex")) return from_hex(text_of(line, "hex"));
    std::string frame;
    for (const auto& part : line.at("parts").as_array()) {
        for (auto left = part.at(1).as_int64(); left > 0; --left) frame += part.at(0).as_string();
    }
    return frame;
}

std::vector<Case> load_cases() {
    std::vector<Case> cases;
    for (const auto& entry : std::filesystem::directory_iterator(TIANQU_SOURCE_DIR "/tests/ocpp/malformed")) {
        if (entry.path().extension() != ".jsonl") continue;
        std::ifstream in(entry.path());
        for (std::string text; std::getline(in, text);) {
            const auto line = json::parse(text).as_object();
            cases.push_back({text_of(line, "name"), frame_of(line), text_of(line, "tolerant"), text_of(line, "strict"),
                             text_of(line, "id"), text_of(line, "socket")});
        }
    }
    return cases;
}

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
    const auto cases = load_cases();
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
