#include "ocpp/peer.hpp"

#include <gtest/gtest.h>

namespace tianqu::ocpp::v16 {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{Milliseconds{1'700'000'000'000}};

Peer server(PeerOptions options = {}) { return Peer(std::move(options)); }
Peer charger() { return Peer({.role = Role::charge_point}); }

TEST(PeerTest, ACallGoesToTheOtherSideAndItsAnswerComesBack) {
    auto ours = server({.message_id_prefix = "s"});
    auto theirs = charger();
    const auto number = ours.call(ResetRequest{ResetType::soft});
    ASSERT_TRUE(number.has_value());
    const auto sent = ours.flush(start);
    ASSERT_EQ(sent.frames.size(), 1u);
    EXPECT_EQ(sent.frames[0], R"([2,"s1","Reset",{"type":"Soft"}])");

    const auto received = theirs.on_frame(sent.frames[0], start);
    ASSERT_EQ(received.calls.size(), 1u);
    EXPECT_EQ(received.calls[0].payload_json, R"({"type":"Soft"})");
    const auto answer = theirs.answer(received.calls[0].number, ResetResponse{AcceptedRejected::accepted});
    ASSERT_EQ(answer.frames.size(), 1u);
    EXPECT_EQ(answer.frames[0], R"([3,"s1",{"status":"Accepted"}])");

    const auto done = ours.on_frame(answer.frames[0], start);
    ASSERT_EQ(done.completed.size(), 1u);
    EXPECT_EQ(done.completed[0].number, *number);
    EXPECT_EQ(done.completed[0].outcome, CallOutcome::answered);
    EXPECT_EQ(std::get<ResetResponse>(*done.completed[0].response).status, AcceptedRejected::accepted);
    EXPECT_EQ(ours.calls_pending(), 0u);
}

TEST(PeerTest, OneCallAtATimeAndTheNextFollowsTheAnswer) {
    auto ours = server();
    ASSERT_TRUE(ours.call(ClearCacheRequest{}));
    ASSERT_TRUE(ours.call(GetLocalListVersionRequest{}));
    EXPECT_EQ(ours.flush(start).frames.size(), 1u);
    EXPECT_TRUE(ours.flush(start).frames.empty());
    const auto next = ours.on_frame(R"([3,"1",{"status":"Accepted"}])", start);
    EXPECT_EQ(next.completed.size(), 1u);
    ASSERT_EQ(next.frames.size(), 1u);
    EXPECT_EQ(next.frames[0], R"([2,"2","GetLocalListVersion",{}])");
}

TEST(PeerTest, UrgentCallsGoFirstInTheirOwnOrder) {
    auto ours = server();
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(ours.call(ClearCacheRequest{}));
    (void)ours.flush(start);
    ASSERT_TRUE(ours.call(ResetRequest{}, true));
    ASSERT_TRUE(ours.call(GetConfigurationRequest{}, true));
    const auto second = ours.on_frame(R"([3,"1",{"status":"Accepted"}])", start);
    EXPECT_EQ(second.frames.at(0), R"([2,"3","Reset",{"type":"Soft"}])");
    const auto third = ours.on_frame(R"([3,"3",{"status":"Accepted"}])", start);
    EXPECT_EQ(third.frames.at(0), R"([2,"4","GetConfiguration",{}])");
}

TEST(PeerTest, TheirCallsPassWhileOursIsUnderWay) {
    auto ours = server();
    ASSERT_TRUE(ours.call(ClearCacheRequest{}));
    (void)ours.flush(start);
    const auto first = ours.on_frame(R"([2,"a","Heartbeat",{}])", start);
    const auto second = ours.on_frame(R"([2,"b","Heartbeat",{}])", start);
    ASSERT_EQ(first.calls.size() + second.calls.size(), 2u);
    // Answers may be given in any order: a bill waits for the disk, a heartbeat does not.
    EXPECT_EQ(ours.answer(second.calls[0].number, HeartbeatResponse{Timestamp{start}}).frames.at(0),
              R"([3,"b",{"currentTime":"2023-11-14T22:13:20.000Z"}])");
    EXPECT_EQ(ours.refuse(first.calls[0].number, CallErrorCode::internal_error, "no disk").frames.at(0),
              R"([4,"a","InternalError","no disk",{}])");
    EXPECT_TRUE(ours.refuse(first.calls[0].number, CallErrorCode::internal_error, "again").frames.empty());
    EXPECT_EQ(ours.calls_pending(), 1u);
}

TEST(PeerTest, AnUnansweredCallTimesOutAndBlocksNothing) {
    auto ours = server({.call_timeout = 10s});
    ASSERT_TRUE(ours.call(ClearCacheRequest{}));
    ASSERT_TRUE(ours.call(ResetRequest{}));
    (void)ours.flush(start);
    EXPECT_EQ(ours.next_deadline(), start + 10s);
    EXPECT_TRUE(ours.on_time(start + 9999ms).completed.empty());
    const auto late = ours.on_time(start + 10s);
    ASSERT_EQ(late.completed.size(), 1u);
    EXPECT_EQ(late.completed[0].outcome, CallOutcome::timed_out);
    EXPECT_EQ(late.frames.size(), 1u);
    EXPECT_EQ(ours.next_deadline(), start + 20s);
    // The late answer is for nobody.
    const auto ignored = ours.on_frame(R"([3,"1",{"status":"Accepted"}])", start + 11s);
    EXPECT_TRUE(ignored.completed.empty() && ignored.frames.empty());
    EXPECT_EQ(ours.counters().unexpected_answers, 1u);
    EXPECT_EQ(ours.counters().timed_out, 1u);
}

TEST(PeerTest, CallErrorsAndUnreadableAnswersEndTheCall) {
    auto ours = server();
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(ours.call(ClearCacheRequest{}));
    (void)ours.flush(start);
    const auto refused = ours.on_frame(R"([4,"1","NotSupported","no cache",{"a":1}])", start);
    ASSERT_EQ(refused.completed.size(), 1u);
    EXPECT_EQ(refused.completed[0].outcome, CallOutcome::refused);
    EXPECT_EQ(refused.completed[0].error_code, "NotSupported");
    EXPECT_EQ(refused.completed[0].payload_json, R"({"a":1})");
    EXPECT_EQ(ours.on_frame(R"([3,"2",{}])", start).completed.at(0).outcome, CallOutcome::unreadable);
    const auto broken = ours.on_frame(R"([3,"3",{"status":"Acc)", start);
    EXPECT_EQ(broken.completed.at(0).outcome, CallOutcome::unreadable);
    EXPECT_EQ(broken.frames.size(), 1u) << "the next call, and no answer to an answer";
    EXPECT_EQ(ours.on_frame(R"([4,"4","GenericError"])", start).completed.at(0).outcome, CallOutcome::refused);
}

TEST(PeerTest, CloseCompletesEverything) {
    auto ours = server();
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(ours.call(ClearCacheRequest{}));
    (void)ours.flush(start);
    const auto closed = ours.on_close();
    ASSERT_EQ(closed.completed.size(), 3u);
    EXPECT_TRUE(closed.completed[0].sent);
    EXPECT_FALSE(closed.completed[1].sent);
    for (const auto& completed : closed.completed) EXPECT_EQ(completed.outcome, CallOutcome::disconnected);
    EXPECT_EQ(ours.calls_pending(), 0u);
}

TEST(PeerTest, QueuesHaveLimits) {
    auto ours = server({.queue_limit = 2, .open_inbound_limit = 1});
    ASSERT_TRUE(ours.call(ClearCacheRequest{}));
    ASSERT_TRUE(ours.call(ClearCacheRequest{}));
    EXPECT_EQ(ours.call(ClearCacheRequest{}).error().code, ErrorCode::too_large);
    EXPECT_EQ(ours.counters().queue_full, 1u);
    EXPECT_EQ(ours.on_frame(R"([2,"a","Heartbeat",{}])", start).calls.size(), 1u);
    const auto refused = ours.on_frame(R"([2,"b","Heartbeat",{}])", start);
    EXPECT_TRUE(refused.calls.empty());
    EXPECT_TRUE(refused.frames.at(0).starts_with(R"([4,"b","GenericError")"));
    EXPECT_EQ(ours.counters().inbound_full, 1u);
}

TEST(PeerTest, ActionsThatAreNotForThisSide) {
    auto ours = server();
    EXPECT_TRUE(ours.on_frame(R"([2,"1","Reset",{"type":"Soft"}])", start)
                    .frames.at(0)
                    .starts_with(R"([4,"1","NotSupported")"));
    EXPECT_TRUE(ours.on_frame(R"([2,"1","SignCertificate",{"csr":""}])", start)
                    .frames.at(0)
                    .starts_with(R"([4,"1","NotSupported")"));
    EXPECT_TRUE(ours.on_frame(R"([2,"1","Dance",{}])", start).frames.at(0).starts_with(R"([4,"1","NotImplemented")"));
    EXPECT_FALSE(ours.call(HeartbeatRequest{}).has_value());
    EXPECT_TRUE(ours.call(DataTransferRequest{.vendor_id = Text<255>{"v"}}).has_value());
    auto theirs = charger();
    EXPECT_EQ(theirs.on_frame(R"([2,"1","Reset",{"type":"Soft"}])", start).calls.size(), 1u);
    EXPECT_TRUE(
        theirs.on_frame(R"([2,"1","Heartbeat",{}])", start).frames.at(0).starts_with(R"([4,"1","NotSupported")"));
}

TEST(PeerTest, AnAnswerOfOursThatTheSchemaForbidsIsNotSent) {
    auto ours = server();
    const auto received = ours.on_frame(R"([2,"1","Heartbeat",{}])", start);
    const auto answer = ours.answer(received.calls.at(0).number, HeartbeatResponse{});
    EXPECT_TRUE(answer.frames.at(0).starts_with(R"([4,"1","InternalError")"));
    EXPECT_EQ(ours.counters().invalid_answers, 1u);
}

TEST(PeerTest, LongMessageIds) {
    const std::string id(40, 'x');
    const std::string frame = "[2,\"" + id + "\",\"Heartbeat\",{}]";
    auto tolerant = server();
    const auto accepted = tolerant.on_frame(frame, start);
    ASSERT_EQ(accepted.calls.size(), 1u);
    EXPECT_EQ(accepted.calls[0].flags.at(0).field, "messageId");
    auto strict = server({.validation = Validation::strict});
    EXPECT_TRUE(strict.on_frame(frame, start).frames.at(0).starts_with("[4,\"" + id + "\",\"FormationViolation\""));
}

TEST(PeerTest, OversizedFramesAreRefusedByName) {
    auto ours = server({.limits = {.bytes = 1000}});
    const auto refused =
        ours.on_frame(R"([2,"big","DataTransfer",{"vendorId":"v","data":")" + std::string(1000, 'x'), start);
    EXPECT_TRUE(refused.frames.at(0).starts_with(R"([4,"big","FormationViolation")"));
    EXPECT_EQ(ours.counters().broken_frames, 1u);
    EXPECT_EQ(refused.refused.size(), 1u);
}

TEST(PeerTest, DescriptionsAreCutAtACharacter) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "德";
    const auto frame = write_call_error("1", CallErrorCode::generic_error, text);
    EXPECT_LT(frame.size(), 300u);
    EXPECT_EQ(frame.find("\xEF\xBF\xBD"), std::string::npos);
}

}  // namespace
}  // namespace tianqu::ocpp::v16
