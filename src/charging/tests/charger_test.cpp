#include <gtest/gtest.h>

#include "charging/sessions.hpp"
#include "charging/tests/town.hpp"

namespace tianqu::charging::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(UnknownChargers, AreHeldUntilAPersonApproves) {
    auto town = Town::ready();
    town.connect("X");
    const auto boot = std::get<BootReply>(town.send("X", Boot{.vendor = "V"}).reply);
    EXPECT_EQ(boot.registration, Registration::held);
    EXPECT_EQ(boot.interval, town.settings.held_retry_interval);
    EXPECT_EQ(std::get<AuthorizeReply>(town.send("X", Authorize{TokenId{"TAG"}}).reply).token.verdict,
              Verdict::blocked);

    town.take(set_registration(town.state, town.actor(), ChargerId{"X"}, Registration::approved).value());
    EXPECT_EQ(std::get<BootReply>(town.send("X", Boot{.vendor = "V"}).reply).registration, Registration::approved);
    EXPECT_EQ(std::get<AuthorizeReply>(town.send("X", Authorize{TokenId{"TAG"}}).reply).token.verdict,
              Verdict::accepted);
}

TEST(UnknownChargers, AHeldOneThatChargesAllTheSameIsKeptAndFlagged) {
    auto town = Town::ready();
    town.connect("X");
    const auto outcome = town.send("X", town.start_message());
    EXPECT_TRUE(outcome.confirm_when_durable);
    EXPECT_EQ(std::get<StartReply>(outcome.reply).token.verdict, Verdict::blocked);
    const auto id = std::get<StartReply>(outcome.reply).session;
    EXPECT_TRUE(has_flag(town.session(id, "X").flags, "charger_held"));
    town.now += hours{1};
    town.stop("X", id, 5'000);
    EXPECT_EQ(town.session(id, "X").energy, WattHours{4'000});
}

TEST(UnknownChargers, CanBeRejectedOrAccepted) {
    auto town = Town::ready();
    town.settings.unknown_chargers = UnknownChargers::reject;
    EXPECT_EQ(connect(town.state, town.settings, {ChargerId{"X"}, "", "ocpp1.6", town.now}).error().code,
              ErrorCode::forbidden);
    town.settings.unknown_chargers = UnknownChargers::accept;
    town.connect("X");
    EXPECT_EQ(town.state.chargers.at(ChargerId{"X"}).registration, Registration::approved);
    town.take(set_registration(town.state, town.actor(), ChargerId{"X"}, Registration::rejected).value());
    EXPECT_EQ(connect(town.state, town.settings, {ChargerId{"X"}, "", "ocpp1.6", town.now}).error().code,
              ErrorCode::forbidden);
}

TEST(Chargers, PlacedByAPersonAreKnown) {
    const auto town = Town::ready();
    EXPECT_EQ(town.state.chargers.at(ChargerId{"A"}).registration, Registration::approved);
    EXPECT_TRUE(town.state.chargers.at(ChargerId{"A"}).online);
    EXPECT_EQ(town.state.chargers.at(ChargerId{"A"}).connectors.size(), 2u);
}

TEST(Chargers, AnUnchangedStatusAndAHeartbeatAreNoEvents) {
    auto town = Town::ready();
    const StatusReport available{
        .connector = ConnectorNumber{1}, .status = ConnectorStatus::available, .error_code = "NoError"};
    EXPECT_EQ(town.send("A", available).events.size(), 1u);
    EXPECT_TRUE(town.send("A", available).events.empty());
    const StatusReport whole{
        .connector = ConnectorNumber{0}, .status = ConnectorStatus::available, .error_code = "NoError"};
    EXPECT_EQ(town.send("A", whole).events.size(), 1u);
    EXPECT_TRUE(town.send("A", whole).events.empty());
    const auto beat = town.send("A", Heartbeat{});
    EXPECT_TRUE(beat.events.empty());
    EXPECT_FALSE(beat.confirm_when_durable);
    EXPECT_EQ(std::get<HeartbeatReply>(beat.reply).now, town.now);
}

TEST(Chargers, AStatusKeepsTheTimeTheChargerClaimed) {
    auto town = Town::ready();
    const auto claimed = town.now - minutes{3};
    town.send("A",
              StatusReport{.connector = ConnectorNumber{1}, .status = ConnectorStatus::preparing, .claimed = claimed});
    EXPECT_EQ(town.history.back().claimed, claimed);
    EXPECT_EQ(town.history.back().received, town.now);
}

TEST(Chargers, AFaultRaisesAnAlarmOnceAndItsEndClearsIt) {
    auto town = Town::ready();
    StatusReport report{
        .connector = ConnectorNumber{1}, .status = ConnectorStatus::faulted, .error_code = "GroundFailure"};
    town.send("A", report);
    ASSERT_EQ(town.state.alarms.size(), 1u);
    EXPECT_NE(town.state.alarms.begin()->second.text_zh.find("GroundFailure"), std::string::npos);
    report.error_code = "OtherError";
    EXPECT_EQ(count_of<AlarmRaised>(town.send("A", report).events), 0);
    report.status = ConnectorStatus::available;
    town.send("A", report);
    EXPECT_TRUE(town.state.alarms.empty());
}

TEST(Chargers, ADeviationFromTheStandardIsKeptBesideTheMessage) {
    auto town = Town::ready();
    Inbound inbound{
        .charger = ChargerId{"A"}, .message = town.start_message(), .action = "StartTransaction", .received = town.now};
    inbound.flags = {"unknown_field:colour"};
    inbound.raw = std::string(10'000, 'x');
    const auto outcome = decide(town.state, town.settings, inbound);
    EXPECT_EQ(count_of<SessionStarted>(outcome.events), 1);
    ASSERT_EQ(count_of<MessageFlagged>(outcome.events), 1);
    EXPECT_EQ(std::get<MessageFlagged>(outcome.events.back().body).raw.size(), 4'096u);
    town.take(outcome.events);
    EXPECT_TRUE(decide(town.state, town.settings, inbound).events.empty()) << "a repeat is not kept again";
}

TEST(Chargers, ConnectorsThatCannotBeAreNotMade) {
    auto town = Town::ready();
    town.send("A", StatusReport{.connector = ConnectorNumber{4'000'000}, .status = ConnectorStatus::available});
    const auto id = std::get<StartReply>(town.send("A", town.start_message(1'000, -5)).reply).session;
    EXPECT_TRUE(has_flag(town.session(id).flags, "connector_out_of_range"));
    EXPECT_LE(town.state.chargers.at(ChargerId{"A"}).connectors.size(), 3u);
}

TEST(Tokens, AreJudged) {
    auto town = Town::ready();
    const auto verdict = [&](const char* token) {
        return std::get<AuthorizeReply>(town.send("A", Authorize{TokenId{token}}).reply).token.verdict;
    };
    EXPECT_EQ(verdict("anyone"), Verdict::accepted);
    town.settings.accept_unknown_tokens = false;
    EXPECT_EQ(verdict("anyone"), Verdict::invalid);
    EXPECT_EQ(verdict(""), Verdict::invalid);
    town.take(set_token(town.state, town.actor(), {.token = TokenId{"good"}}).value());
    town.take(set_token(town.state, town.actor(), {.token = TokenId{"bad"}, .verdict = Verdict::blocked}).value());
    town.take(set_token(town.state, town.actor(), {.token = TokenId{"old"}, .expires = town.now}).value());
    EXPECT_EQ(verdict("good"), Verdict::accepted);
    EXPECT_EQ(verdict("bad"), Verdict::blocked);
    EXPECT_EQ(verdict("old"), Verdict::expired);
    town.take(remove_token(town.state, town.actor(), TokenId{"good"}).value());
    EXPECT_EQ(verdict("good"), Verdict::invalid);
    EXPECT_FALSE(set_token(town.state, town.actor(), {.token = TokenId{"x"}, .verdict = Verdict::expired}));
}

TEST(Tokens, ChargeInOnePlaceAtATimeWhereThatIsTheRule) {
    auto town = Town::ready();
    town.settings.concurrent_sessions = false;
    const auto id = town.start("A");
    EXPECT_EQ(std::get<AuthorizeReply>(town.send("A", Authorize{TokenId{"TAG"}}).reply).token.verdict,
              Verdict::accepted)
        << "it may stop what it started";
    EXPECT_EQ(std::get<StartReply>(town.send("B", town.start_message()).reply).token.verdict, Verdict::concurrent);
    town.restart();
    EXPECT_EQ(std::get<AuthorizeReply>(town.send("A", Authorize{TokenId{"TAG"}}).reply).token.verdict,
              Verdict::concurrent);
    town.stop("A", id, 2'000);
    EXPECT_EQ(std::get<AuthorizeReply>(town.send("B", Authorize{TokenId{"TAG"}}).reply).token.verdict,
              Verdict::accepted);
}

TEST(TemporaryLimits, ExpireAndAreChecked) {
    auto town = Town::ready();
    const TemporaryLimitSet limit{NodeId{"T"}, Watts{20'000}, town.now, town.now + hours{1}};
    town.take(set_temporary_limit(town.state, town.actor(), limit).value());
    EXPECT_TRUE(town.state.temporary_limits.contains(NodeId{"T"}));
    EXPECT_FALSE(set_temporary_limit(town.state, town.actor(), {NodeId{"?"}, Watts{1}, town.now, town.now + hours{1}}));
    EXPECT_FALSE(
        set_temporary_limit(town.state, town.actor(), {NodeId{"T"}, Watts{-1}, town.now, town.now + hours{1}}));
    EXPECT_FALSE(set_temporary_limit(town.state, town.actor(), {NodeId{"T"}, Watts{1}, town.now, town.now}));
    town.now += hours{1};
    town.take(elapse(town.state, town.settings, town.now));
    EXPECT_TRUE(town.state.temporary_limits.empty());
}

TEST(Network, IsEditedWhileRunningAndARefusedEditIsNoEvent) {
    auto town = Town::ready();
    auto node = town.state.network.node(*town.state.network.find_node(NodeId{"S"}));
    node.limit = Watts{30'000};
    town.take(set_node(town.state, town.actor(), node).value());
    EXPECT_EQ(town.state.network.node(*town.state.network.find_node(NodeId{"S"})).limit, Watts{30'000});
    node.parent = NodeId{"nowhere"};
    EXPECT_FALSE(set_node(town.state, town.actor(), node));
    EXPECT_FALSE(remove_node(town.state, town.actor(), NodeId{"S"})) << "chargers stand there";
    town.take(remove_charger(town.state, town.actor(), ChargerId{"B"}).value());
    EXPECT_EQ(town.state.network.charger_count(), 1u);
    EXPECT_EQ(maximum_power(town.state, {ChargerId{"B"}, ConnectorNumber{1}}), unplaced_maximum);
    grid::ChargerSite site{.id = ChargerId{"B"}, .station = NodeId{"S"}, .name = "B"};
    site.connectors = {{.number = ConnectorNumber{1}, .max_power = Watts{11'000}}};
    town.take(place_charger(town.state, town.actor(), site).value());
    EXPECT_EQ(maximum_power(town.state, {ChargerId{"B"}, ConnectorNumber{1}}), Watts{11'000});
}

TEST(NodeReadings, MustBeNewAndPossible) {
    auto town = Town::ready();
    town.take(report_node_meter(town.state, town.actor(), {NodeId{"T"}, Watts{5'000}, town.now}).value());
    EXPECT_EQ(town.state.node_readings.at(NodeId{"T"}).power, Watts{5'000});
    EXPECT_EQ(report_node_meter(town.state, town.actor(), {NodeId{"T"}, Watts{1}, town.now - minutes{1}}).error().code,
              ErrorCode::conflict);
    EXPECT_FALSE(report_node_meter(town.state, town.actor(), {NodeId{"T"}, Watts{1}, town.now + hours{1}}));
}

}  // namespace
}  // namespace tianqu::charging::test
