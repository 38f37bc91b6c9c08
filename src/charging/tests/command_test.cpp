#include <gtest/gtest.h>

#include "charging/tests/town.hpp"

namespace tianqu::charging::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const ConnectorKey here{ChargerId{"A"}, ConnectorNumber{1}};

dispatch::Schedule schedule(TimePoint start, std::int64_t watts, std::int64_t fallback = 1'400) {
    return {start, hours{1}, {{Milliseconds{0}, Watts{watts}}}, Watts{fallback}};
}

struct Permits {
    Town town = Town::ready();
    int number = 0;

    CommandId send(std::int64_t watts, std::optional<SessionId> session = std::nullopt) {
        const CommandId id{"p" + std::to_string(++number)};
        town.take(permit_sent(town.state, id, {here, session, schedule(town.now, watts)}, town.now));
        return id;
    }
    void answer(const CommandId& id, CommandOutcome outcome) {
        town.take(permit_answered(town.state, here, {.id = id, .outcome = outcome}, town.now));
    }
    [[nodiscard]] std::int64_t permitted() const { return permitted_power(town.state, here, town.now).count; }
};

TEST(PermittedPower, IsTheMaximumUntilSomethingWasAccepted) {
    Permits permits;
    EXPECT_EQ(permits.permitted(), 7'000);
    const auto first = permits.send(1'400);
    EXPECT_EQ(permits.permitted(), 7'000) << "not answered yet";
    permits.answer(first, CommandOutcome::accepted);
    EXPECT_EQ(permits.permitted(), 1'400);
    EXPECT_EQ(permitted_power(permits.town.state, {ChargerId{"nobody"}, ConnectorNumber{1}}, noon), unplaced_maximum);
}

TEST(PermittedPower, CountsARaiseOnItsWayAndALoweringOnlyWhenAccepted) {
    Permits permits;
    permits.answer(permits.send(1'400), CommandOutcome::accepted);
    const auto id = permits.town.start();
    const auto raise = permits.send(6'000, id);
    EXPECT_EQ(permits.permitted(), 6'000) << "may hold already";
    permits.answer(raise, CommandOutcome::accepted);
    EXPECT_EQ(permits.permitted(), 6'000);
    const auto lowering = permits.send(3'000, id);
    EXPECT_EQ(permits.permitted(), 6'000) << "may not hold yet";
    permits.answer(lowering, CommandOutcome::accepted);
    EXPECT_EQ(permits.permitted(), 3'000);
    permits.town.now += hours{1};
    EXPECT_EQ(permits.permitted(), 1'400) << "after the horizon, the safe level";
}

TEST(PermittedPower, ARefusedRaiseCountsNoMoreAnUnansweredOneDoes) {
    Permits permits;
    permits.answer(permits.send(1'400), CommandOutcome::accepted);
    const auto id = permits.town.start();
    permits.answer(permits.send(6'000, id), CommandOutcome::rejected);
    EXPECT_EQ(permits.permitted(), 1'400);
    permits.answer(permits.send(5'000, id), CommandOutcome::timed_out);
    EXPECT_EQ(permits.permitted(), 5'000) << "above the default that holds otherwise";
}

TEST(PermittedPower, AnUnansweredRaiseGoesOnCountingUntilALaterOneIsAccepted) {
    Permits permits;
    permits.answer(permits.send(1'400), CommandOutcome::accepted);
    const auto id = permits.town.start();
    permits.answer(permits.send(2'000, id), CommandOutcome::accepted);
    permits.answer(permits.send(6'500, id), CommandOutcome::timed_out);
    EXPECT_EQ(permits.permitted(), 6'500);
    permits.town.restart();
    EXPECT_EQ(permits.permitted(), 6'500) << "also after a restart";
    permits.answer(permits.send(3'000, id), CommandOutcome::accepted);
    EXPECT_EQ(permits.permitted(), 3'000);
}

TEST(PermittedPower, TooManyUnansweredPermitsCountAsTheMaximum) {
    Permits permits;
    permits.answer(permits.send(1'400), CommandOutcome::accepted);
    for (int i = 0; i < 9; ++i) permits.answer(permits.send(1'000), CommandOutcome::timed_out);
    EXPECT_EQ(permits.permitted(), 7'000);
    permits.answer(permits.send(1'400), CommandOutcome::accepted);
    EXPECT_EQ(permits.permitted(), 1'400);
}

TEST(PermittedPower, ASessionsPermissionEndsWithItAndMayOutliveABoot) {
    Permits permits;
    permits.answer(permits.send(1'400), CommandOutcome::accepted);
    const auto id = permits.town.start();
    permits.answer(permits.send(6'000, id), CommandOutcome::accepted);
    permits.town.send("A", Boot{.vendor = "V"});
    permits.town.send("A", Boot{.vendor = "V"});
    EXPECT_EQ(permits.permitted(), 6'000) << "whether a session's permission outlives a boot is not known";
    permits.answer(permits.send(3'000, id), CommandOutcome::accepted);
    EXPECT_EQ(permits.permitted(), 3'000);
    permits.town.send("A", Boot{.vendor = "V"});
    permits.town.stop("A", id, 2'000);
    EXPECT_EQ(permits.permitted(), 1'400);
}

TEST(Commands, NumbersGoOn) {
    Permits permits;
    permits.send(1'000);
    permits.send(1'000);
    EXPECT_EQ(permits.town.state.next_command, 3);
}

struct Commands {
    Town town = Town::ready();

    void ask(const std::string& action, const std::string& payload, const std::string& status = "Accepted",
             CommandOutcome outcome = CommandOutcome::accepted) {
        const ChargerId charger{"A"};
        town.take(request_command(town.state, town.actor(), charger, action, payload, CommandId{"9"}).value());
        const CommandAnswer answer{CommandId{"9"}, outcome, status, R"({"status":")" + status + "\"}"};
        town.take(answer_command(town.state, charger, action, payload, answer, town.now));
    }
};

TEST(Commands, SecretsAreNotKept) {
    Permits permits;
    const auto& town = permits.town;
    const auto kept = [&](const std::string& payload) {
        const auto events =
            request_command(town.state, town.actor(), ChargerId{"A"}, "Any", payload, CommandId{"9"}).value();
        return std::get<CommandRequested>(events.at(0).body).payload;
    };
    EXPECT_EQ(kept(R"({"key":"AuthorizationKey","value":"s3cret"})"),
              R"({"key":"AuthorizationKey","value":"********"})");
    EXPECT_EQ(kept(R"({"key":"WifiPassword","value":"s3cret"})"), R"({"key":"WifiPassword","value":"********"})");
    EXPECT_EQ(kept(R"({"key":"HeartbeatInterval","value":"60"})"), R"({"key":"HeartbeatInterval","value":"60"})");
    EXPECT_EQ(kept(R"({"location":"ftp://me:s3@cret@host/a@b"})"), R"({"location":"ftp://********@host/a@b"})");
    EXPECT_EQ(kept(R"({"location":"ftp://host/a@b"})"), R"({"location":"ftp://host/a@b"})");
    EXPECT_EQ(kept(R"({"location":"ftp://me:s3cret@host"})"), R"({"location":"ftp://********@host"})");
}

TEST(Reservations, AreMadeByAnAcceptedAnswerAndUsedByTheStart) {
    Commands commands;
    auto& town = commands.town;
    const std::string payload =
        R"({"connectorId":1,"expiryDate":"2026-11-23T06:00:00Z","idTag":"TAG","reservationId":5})";
    commands.ask("ReserveNow", payload, "Occupied");
    EXPECT_TRUE(town.state.reservations.empty());
    commands.ask("ReserveNow", payload);
    ASSERT_TRUE(town.state.reservations.contains(5));
    EXPECT_EQ(town.state.next_reservation, 6);
    EXPECT_EQ(
        request_command(town.state, town.actor(), ChargerId{"B"}, "ReserveNow", payload, CommandId{"10"}).error().code,
        ErrorCode::conflict);
    auto start = town.start_message();
    start.token = TokenId{"SOMEBODY"};
    start.connector = ConnectorNumber{2};
    town.send("A", start);
    EXPECT_TRUE(town.state.reservations.contains(5)) << "neither its connector nor its token";
    start = town.start_message();
    start.reservation = 5;
    town.send("A", start);
    EXPECT_TRUE(town.state.reservations.empty());
}

TEST(Reservations, AreUsedByTheTokenCancelledOrExpire) {
    Commands commands;
    auto& town = commands.town;
    const std::string payload =
        R"({"connectorId":1,"expiryDate":"2026-11-23T06:00:00Z","idTag":"TAG","reservationId":5})";
    commands.ask("ReserveNow", payload);
    town.start();
    EXPECT_TRUE(town.state.reservations.empty());
    commands.ask("ReserveNow", payload);
    commands.ask("CancelReservation", R"({"reservationId":5})");
    EXPECT_TRUE(town.state.reservations.empty());
    commands.ask("ReserveNow", payload);
    town.now = at("2026-11-23T06:00:00Z");
    town.take(elapse(town.state, town.settings, town.now));
    EXPECT_TRUE(town.state.reservations.empty());
}

TEST(Commands, AnOperatorsOwnProfileMakesThePermissionUnknown) {
    for (const auto* action : {"SetChargingProfile", "ClearChargingProfile"}) {
        for (const auto outcome : {CommandOutcome::accepted, CommandOutcome::timed_out, CommandOutcome::rejected}) {
            Commands commands;
            auto& town = commands.town;
            town.take(
                permit_sent(town.state, CommandId{"1"}, {here, std::nullopt, schedule(town.now, 1'400)}, town.now));
            town.take(permit_answered(town.state, here, {CommandId{"1"}, CommandOutcome::accepted, "", ""}, town.now));
            const auto status = outcome == CommandOutcome::rejected ? "Rejected" : "Accepted";
            commands.ask(action, "{}", status, outcome);
            EXPECT_EQ(permitted_power(town.state, here, town.now).count,
                      outcome == CommandOutcome::rejected ? 1'400 : 7'000)
                << action;
        }
    }
}

TEST(Commands, KeepTheLocalListsVersion) {
    Commands commands;
    commands.ask("SendLocalList", R"({"listVersion":7,"updateType":"Full"})");
    EXPECT_EQ(commands.town.state.chargers.at(ChargerId{"A"}).local_list_version, 7);
}

TEST(Commands, SecretsAreMaskedInTheJournal) {
    Commands commands;
    auto& town = commands.town;
    commands.ask("ChangeConfiguration", R"({"key":"authorizationKEY","value":"hunter2hunter2"})");
    commands.ask("ChangeConfiguration", R"({"key":"HeartbeatInterval","value":"300"})");
    int intervals = 0;
    for (const auto& event : town.history) {
        const auto text = body_to_json(event.body);
        EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
        intervals += text.find("300") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(intervals, 1);
}

TEST(Commands, APayloadThatIsNoObjectIsRefused) {
    auto town = Town::ready();
    for (const auto* payload : {"", "[]", "{", "nonsense", "1"}) {
        EXPECT_FALSE(request_command(town.state, town.actor(), ChargerId{"A"}, "Reset", payload, CommandId{"1"}))
            << payload;
    }
    EXPECT_FALSE(request_command(town.state, town.actor(), ChargerId{"?"}, "Reset", "{}", CommandId{"1"}));
}

TEST(Events, EveryTypeHasANameAndRoundTrips) {
    std::size_t known = 0;
    for (std::int32_t type = 0; type < 100; ++type) {
        const auto decoded = decode_body(type, "");
        EXPECT_EQ(decoded.has_value(), !event_name(type).empty()) << type;
        if (!decoded) {
            EXPECT_EQ(decoded.error().code, ErrorCode::unsupported);
            continue;
        }
        ++known;
        EXPECT_EQ(event_type(*decoded), type);
        EXPECT_EQ(encode_body(decode_body(type, encode_body(*decoded)).value()), encode_body(*decoded));
    }
    EXPECT_EQ(known, std::variant_size_v<EventBody>);
    EXPECT_EQ(decode_body(20, "\xff").error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace tianqu::charging::test
