#include <gtest/gtest.h>

#include "charging/sessions.hpp"
#include "charging/tests/town.hpp"

namespace tianqu::charging::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(Sessions, CountTheDifferenceOfRegisters) {
    auto town = Town::ready();
    const auto id = town.start("A", 1'000);
    town.now += minutes{30};
    EXPECT_EQ(count_of<SessionMetered>(town.meter("A", id, 3'000).events), 1);
    EXPECT_EQ(town.session(id).energy, WattHours{2'000});
    EXPECT_EQ(town.session(id).last_power, Watts{4'000}) << "2 kWh in half an hour";
    EXPECT_EQ(measured_power(town.state, {ChargerId{"A"}, ConnectorNumber{1}}), Watts{4'000});
    town.now += minutes{30};
    EXPECT_TRUE(town.stop("A", id, 4'500).confirm_when_durable);
    EXPECT_EQ(town.session(id).energy, WattHours{3'500});
    EXPECT_TRUE(town.state.sessions.empty());
    EXPECT_EQ(measured_power(town.state, {ChargerId{"A"}, ConnectorNumber{1}}), Watts{0});
}

TEST(Sessions, ARepeatedStartIsTheSameSessionAlsoAfterARestartAndAfterTheEnd) {
    auto town = Town::ready();
    const auto message = town.start_message();
    const auto first = town.send("A", message);
    EXPECT_EQ(count_of<SessionStarted>(first.events), 1);
    const auto id = std::get<StartReply>(first.reply).session;
    for (int round = 0; round < 3; ++round) {
        const auto again = town.send("A", message);
        EXPECT_TRUE(again.events.empty());
        EXPECT_TRUE(again.confirm_when_durable);
        EXPECT_EQ(std::get<StartReply>(again.reply).session, id);
        EXPECT_EQ(std::get<StartReply>(again.reply).token, std::get<StartReply>(first.reply).token);
        if (round == 0) town.restart();
        if (round == 1) town.stop("A", id, 2'000);
    }
}

TEST(Sessions, OneDifferenceMakesAnotherStart) {
    const auto differs = [](auto change) {
        auto town = Town::ready();
        auto message = town.start_message();
        const auto first = std::get<StartReply>(town.send("A", message).reply).session;
        change(message);
        return std::get<StartReply>(town.send("A", message).reply).session != first;
    };
    EXPECT_TRUE(differs([](StartTransaction& m) { m.connector = ConnectorNumber{2}; }));
    EXPECT_TRUE(differs([](StartTransaction& m) { m.claimed += Milliseconds{1}; }));
    EXPECT_TRUE(differs([](StartTransaction& m) { m.token = TokenId{"OTHER"}; }));
    EXPECT_TRUE(differs([](StartTransaction& m) { m.meter_start = WattHours{1'001}; }));
    EXPECT_FALSE(differs([](StartTransaction&) {}));
}

TEST(Sessions, ARepeatedStopIsAnsweredAlikeAndCountedOnce) {
    auto town = Town::ready();
    const auto id = town.start();
    town.now += hours{1};
    const auto first = town.stop("A", id, 5'000);
    town.restart();
    const auto again = town.stop("A", id, 9'000);
    EXPECT_TRUE(again.events.empty());
    EXPECT_TRUE(again.confirm_when_durable);
    EXPECT_EQ(std::get<StopReply>(again.reply).token, std::get<StopReply>(first.reply).token);
    EXPECT_EQ(town.session(id).energy, WattHours{4'000});
}

TEST(Sessions, ARepeatedReadingIsCountedOnceAlsoAfterARestartAndAfterTheEnd) {
    auto town = Town::ready();
    const auto id = town.start();
    town.now += minutes{10};
    const auto reading = town.meter_message(id, 1'500);
    EXPECT_EQ(count_of<SessionMetered>(town.send("A", reading).events), 1);
    EXPECT_TRUE(town.send("A", reading).events.empty());
    town.restart();
    EXPECT_TRUE(town.send("A", reading).events.empty());
    town.stop("A", id, 1'800);
    EXPECT_TRUE(town.send("A", reading).events.empty());
    EXPECT_TRUE(town.send("A", reading).confirm_when_durable);
}

TEST(Sessions, ALateReadingCountsToTheHistoryNotAboveTheStop) {
    auto town = Town::ready();
    const auto id = town.start();
    town.now += hours{1};
    const auto late = town.meter_message(id, 6'500);
    town.stop("A", id, 6'000);
    const auto outcome = town.send("A", late);
    ASSERT_EQ(count_of<SessionMetered>(outcome.events), 1);
    EXPECT_TRUE(has_flag(std::get<SessionMetered>(outcome.events.front().body).flags, "after_end"));
    EXPECT_EQ(town.session(id).energy, WattHours{5'000});
    EXPECT_EQ(town.session(id).meter_stop, WattHours{6'000});
}

TEST(Sessions, ARegisterThatGoesBackIsFlaggedAndNeverNegative) {
    auto town = Town::ready();
    const auto id = town.start("A", 10'000);
    town.now += minutes{10};
    town.meter("A", id, 10'900);
    town.now += minutes{10};
    const auto back = town.meter("A", id, 5);
    EXPECT_TRUE(has_flag(std::get<SessionMetered>(back.events.front().body).flags, "register_went_back"));
    EXPECT_EQ(town.session(id).energy, WattHours{900});
    town.now += minutes{10};
    town.stop("A", id, 30);
    EXPECT_TRUE(has_flag(town.session(id).flags, "stop_below_start"));
    EXPECT_EQ(town.session(id).energy, WattHours{900});
}

TEST(Sessions, AnOlderReadingIsNoRegisterGoingBack) {
    auto town = Town::ready();
    const auto id = town.start("A", 1'000);
    town.now += minutes{10};
    const auto first = town.meter_message(id, 1'400);
    town.now += minutes{10};
    town.meter("A", id, 1'900);
    const auto late = town.send("A", first);
    EXPECT_TRUE(std::get<SessionMetered>(late.events.front().body).flags.empty());
    EXPECT_EQ(town.session(id).energy, WattHours{900});
    EXPECT_EQ(town.session(id).last_register, WattHours{1'900});
}

TEST(Sessions, ARegisterThatRisesFasterThanTheConnectorCanIsKeptButNotCounted) {
    auto town = Town::ready();
    const auto id = town.start("A", 1'000);
    town.now += minutes{10};
    town.meter("A", id, 4'294'967'295);
    EXPECT_EQ(town.session(id).energy, WattHours{0});
    EXPECT_TRUE(has_flag(town.session(id).flags, flag_implausible));
    town.now += minutes{10};
    town.meter("A", id, 2'000);
    EXPECT_EQ(town.session(id).energy, WattHours{1'000});
}

TEST(Sessions, AStartOnAnOccupiedConnectorEndsTheOldSession) {
    auto town = Town::ready();
    const auto first = town.start("A", 1'000);
    town.now += minutes{30};
    town.meter("A", first, 2'500);
    const auto second = town.start("A", 2'500);
    EXPECT_NE(first, second);
    EXPECT_EQ(town.session(first).end_reason, no_stop_received);
    EXPECT_TRUE(has_flag(town.session(first).flags, no_stop_received));
    EXPECT_EQ(town.session(first).energy, WattHours{1'500});
    EXPECT_TRUE(has_flag(town.session(second).flags, "connector_was_occupied"));
    EXPECT_EQ(town.state.chargers.at(ChargerId{"A"}).connectors.at(1).session, second);

    town.now += minutes{1};
    town.stop("A", first, 2'600);
    EXPECT_EQ(town.session(first).energy, WattHours{1'600}) << "the real stop holds";
    EXPECT_TRUE(town.stop("A", first, 2'600).events.empty()) << "and is repeated like any";
    EXPECT_EQ(town.state.sessions.size(), 1u);
}

TEST(Sessions, AStartFromTheQueueThatIsOlderThanWhatRunsIsHistory) {
    auto town = Town::ready();
    auto queued = town.start_message(500);
    queued.claimed = town.now - hours{2};
    const auto running = town.start("A", 1'000);
    const auto late = std::get<StartReply>(town.send("A", queued).reply).session;
    EXPECT_NE(late, running);
    EXPECT_EQ(town.state.chargers.at(ChargerId{"A"}).connectors.at(1).session, running);
    town.send("A", StopTransaction{.session = late, .meter_stop = WattHours{900}, .claimed = town.now - hours{1}});
    EXPECT_EQ(town.session(late).energy, WattHours{400});
    EXPECT_EQ(town.state.sessions.size(), 1u);
    EXPECT_EQ(std::get<StartReply>(town.send("A", queued).reply).session, late);
}

TEST(Sessions, AStopOrReadingOfAnUnknownTransactionIsKeptAndConfirmed) {
    auto town = Town::ready();
    const auto stop = town.stop("A", SessionId{77}, 5'000);
    EXPECT_EQ(count_of<UnknownStop>(stop.events), 1);
    EXPECT_TRUE(stop.confirm_when_durable);
    const auto meter = town.meter("A", SessionId{77}, 5'000);
    EXPECT_EQ(count_of<ConnectorMetered>(meter.events), 1);
    EXPECT_TRUE(meter.confirm_when_durable);
    const auto id = town.start("B");
    EXPECT_EQ(count_of<UnknownStop>(town.stop("A", id, 5'000).events), 1) << "another charger's transaction";
    EXPECT_TRUE(town.state.sessions.contains(id));
}

TEST(Sessions, KeepClaimedReceivedAndCorrectedTimeApart) {
    auto town = Town::ready();
    auto message = town.start_message();
    message.claimed = at("1970-01-01T00:00:00Z");
    const auto id = std::get<StartReply>(town.send("A", message).reply).session;
    EXPECT_EQ(town.session(id).claimed_start, message.claimed);
    EXPECT_EQ(town.session(id).received_start, town.now);
    EXPECT_EQ(town.session(id).started, town.now);
    EXPECT_TRUE(has_flag(town.session(id).flags, "claimed_time_not_credible"));
    EXPECT_EQ(town.history.back().received, town.now);

    message = town.start_message(1'000, 2);
    message.claimed = town.now - hours{3};
    const auto queued = std::get<StartReply>(town.send("A", message).reply).session;
    EXPECT_EQ(town.session(queued).started, message.claimed);
    EXPECT_FALSE(corrected_time(town.now + minutes{6}, town.now).credible);
    EXPECT_TRUE(corrected_time(town.now + minutes{5}, town.now).credible);
    EXPECT_FALSE(corrected_time(town.now - hours{24 * 7 + 1}, town.now).credible);
}

TEST(Sessions, AReadingWithoutTransactionBelongsToWhatRunsThere) {
    auto town = Town::ready();
    const auto id = town.start();
    town.now += minutes{10};
    auto reading = town.meter_message(id, 1'700);
    reading.session.reset();
    town.send("A", reading);
    EXPECT_EQ(town.session(id).energy, WattHours{700});
    reading.connector = ConnectorNumber{2};
    EXPECT_EQ(count_of<ConnectorMetered>(town.send("A", reading).events), 1);
    EXPECT_EQ(town.state.chargers.at(ChargerId{"A"}).connectors.at(2).idle_register, WattHours{1'700});
}

TEST(Targets, DefaultBelongsToTheStationKind) {
    auto town = Town::ready();
    const auto id = town.start();
    EXPECT_EQ(town.session(id).departure, at("2026-11-23T23:00:00Z")) << "seven in the morning, local";
    EXPECT_EQ(town.session(id).target, WattHours{18'000});
    EXPECT_TRUE(town.session(id).target_by_default);
}

TEST(Targets, AreSetByTheDriverAndByPeople) {
    auto town = Town::ready();
    const auto id = town.start();
    const auto wish = DriverTarget{id, town.now + hours{2}, WattHours{9'000}, false};
    const auto outcome = town.send("A", wish);
    EXPECT_TRUE(std::get<VendorDataReply>(outcome.reply).accepted);
    EXPECT_TRUE(outcome.confirm_when_durable);
    EXPECT_EQ(town.session(id).departure, town.now + hours{2});
    EXPECT_EQ(town.session(id).target, WattHours{9'000});
    EXPECT_TRUE(town.send("A", wish).events.empty());
    EXPECT_FALSE(std::get<VendorDataReply>(town.send("B", wish).reply).accepted) << "another charger's session";
    EXPECT_FALSE(
        std::get<VendorDataReply>(town.send("A", DriverTarget{.session = id, .energy = WattHours{0}}).reply).accepted);

    town.take(set_target(town.state, town.settings, town.actor(), id, std::nullopt, std::nullopt, true).value());
    EXPECT_TRUE(town.session(id).charge_now);
    EXPECT_EQ(town.history.back().reason, "because");
    EXPECT_EQ(set_target(town.state, town.settings, town.actor(), id, town.now, std::nullopt, false).error().code,
              ErrorCode::invalid_input);
    EXPECT_EQ(set_target(town.state, town.settings, town.actor(), SessionId{99}, {}, {}, true).error().code,
              ErrorCode::not_found);
}

TEST(Sessions, OfALongSilentChargerEndByThemselves) {
    auto town = Town::ready();
    const auto id = town.start();
    town.take(disconnect(town.state, ChargerId{"A"}, "gone", town.now));
    town.now = town.session(id).departure + hours{23};
    EXPECT_TRUE(elapse(town.state, town.settings, town.now).empty());
    town.now += hours{2};
    town.take(elapse(town.state, town.settings, town.now));
    EXPECT_TRUE(town.state.sessions.empty());
    EXPECT_EQ(town.session(id).end_reason, no_stop_received);
}

}  // namespace
}  // namespace tianqu::charging::test
