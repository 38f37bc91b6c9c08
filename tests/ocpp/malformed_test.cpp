/// Every case of malformed/*.jsonl through a peer of the central system, in both validation modes.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "ocpp/peer.hpp"

namespace tianqu::ocpp {
namespace {

namespace json = boost::json;

struct Case {
    std::string name;
    std::string frame;
    std::string tolerant;
    std::string strict;
    std::string id;
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

std::string frame_of(const json::object& line) {
    if (const auto* frame = line.if_contains("frame")) return std::string(frame->as_string());
    if (const auto* hex = line.if_contains("hex")) return from_hex(hex->as_string());
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
            const auto* id = line.if_contains("id");
            cases.push_back(Case{.name = entry.path().stem().string() + ": " + std::string(line.at("name").as_string()),
                                 .frame = frame_of(line),
                                 .tolerant = std::string(line.at("tolerant").as_string()),
                                 .strict = std::string(line.at("strict").as_string()),
                                 .id = id ? std::string(id->as_string()) : std::string{}});
        }
    }
    return cases;
}

/// The answer as the corpus writes it; the frames themselves have to be well formed.
std::string answer_of(const v16::PeerOutput& output, std::string& id) {
    if (output.calls.size() == 1 && output.frames.empty()) return "accepted";
    if (output.calls.empty() && output.frames.empty()) return "none";
    if (output.frames.size() != 1) return "several answers";
    const auto frame = json::parse(output.frames[0]).as_array();
    if (frame.size() != 5 || frame[0] != 4 || !frame[3].is_string() || !frame[4].is_object()) return "no CALLERROR";
    id = frame[1].as_string();
    return std::string(frame[2].as_string());
}

TEST(OcppMalformed, EachFrameIsAnsweredAsTheStandardSays) {
    const auto cases = load_cases();
    EXPECT_GE(cases.size(), 200u);
    for (const auto validation : {Validation::tolerant, Validation::strict}) {
        // One peer for all: nothing that came before may disturb what follows.
        v16::Peer peer({.validation = validation});
        for (const auto& item : cases) {
            const bool strict = validation == Validation::strict;
            const auto output = peer.on_frame(item.frame, TimePoint{});
            std::string id = item.id;
            EXPECT_EQ(answer_of(output, id), strict ? item.strict : item.tolerant)
                << item.name << (strict ? " (strict)" : "") << "\n"
                << item.frame.substr(0, 300);
            EXPECT_EQ(id, item.id) << item.name;
            for (const auto& call : output.calls) (void)peer.refuse(call.number, CallErrorCode::generic_error, "");
            const auto heartbeat = peer.on_frame(R"([2,"beat","Heartbeat",{}])", TimePoint{});
            ASSERT_EQ(heartbeat.calls.size(), 1u) << item.name;
            (void)peer.answer(heartbeat.calls[0].number, v16::HeartbeatResponse{Timestamp{TimePoint{}}});
        }
    }
}

}  // namespace
}  // namespace tianqu::ocpp
