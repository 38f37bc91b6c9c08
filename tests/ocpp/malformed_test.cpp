/// Every case of malformed/*.jsonl through a peer of the central system, in both validation modes.

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "ocpp/peer.hpp"
#include "tests/ocpp/malformed_corpus.hpp"

namespace tianqu::ocpp {
namespace {

namespace json = boost::json;

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
    const auto cases = test::malformed_cases();
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
