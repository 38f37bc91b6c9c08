#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "charging/tests/town.hpp"
#include "orderly/head_room.hpp"
#include "orderly/need.hpp"
#include "orderly/orderly.hpp"
#include "orderly/permissions.hpp"
#include "orderly/uncontrolled.hpp"

namespace tianqu::orderly {
namespace {

using charging::test::noon;
using charging::test::Town;
using std::chrono::hours;
using std::chrono::minutes;

const ConnectorKey here{ChargerId{"A"}, ConnectorNumber{1}};

Settings settings() {
    Settings settings;
    settings.offset = UtcOffset{minutes{480}};
    return settings;
}

tariff::Tariff flat_tariff() {
    tariff::TariffData data{.id = "flat", .name_zh = "平", .name_en = "flat"};
    tariff::Window window{.start_minute = 0, .end_minute = 1440, .band = tariff::Band::flat};
    for (int month = 1; month <= 12; ++month) window.months.push_back(month);
    data.calendars = {{.valid_from = {2020, 1, 1}, .source = "test", .windows = {window}}};
    data.base_prices = {{.valid_from = {2020, 1, 1}, .floating = PricePerKwh{60'000}, .source = "test"}};
    return tariff::Tariff::build(std::move(data), UtcOffset{minutes{480}}).value();
}

void set_target(Town& town, SessionId id, std::int64_t energy, Milliseconds stay, bool charge_now = false) {
    town.send("A", charging::DriverTarget{id, town.now + stay, WattHours{energy}, charge_now});
}

void permit(Town& town, std::int64_t watts, std::optional<SessionId> session) {
    const CommandId id{std::to_string(town.state.next_command)};
    const dispatch::Schedule schedule{town.now, hours{24}, {{Milliseconds{0}, Watts{watts}}}, Watts{1'380}};
    town.take(charging::permit_sent(town.state, id, {here, session, schedule}, town.now));
    town.take(charging::permit_answered(town.state, here, {id, charging::CommandOutcome::accepted, "", ""}, town.now));
}

void draw(Town& town, SessionId id, std::int64_t watts, std::int64_t reading) {
    auto message = town.meter_message(id, reading);
    message.samples.front().power = Watts{watts};
    town.send("A", message);
}

Need need(const Town& town, SessionId id, const Observations& observations = {}) {
    return need_of(town.state, town.state.sessions.at(id), observations, settings(), town.now);
}

TEST(Need, IsWhatIsLeftUntilShortlyBeforeDeparture) {
    auto town = Town::ready();
    const auto id = town.start();
    set_target(town, id, 14'000, hours{4});
    const auto now = need(town, id);
    EXPECT_EQ(now.remaining, WattHours{14'000});
    EXPECT_EQ(now.usable, Watts{7'000});
    EXPECT_EQ(now.minimum, Watts{1'380});
    EXPECT_EQ(now.until, town.now + hours{4} - minutes{5});
    EXPECT_EQ(now.urgency, Urgency::normal);
}

TEST(Need, ChargeNowEndsWhenItIsServedAtFullPower) {
    auto town = Town::ready();
    const auto id = town.start();
    set_target(town, id, 14'000, hours{9}, true);
    EXPECT_EQ(need(town, id).urgency, Urgency::charge_now);
    EXPECT_EQ(need(town, id).until, town.now + hours{2});
}

TEST(Need, APersonsTargetEndsChargingADefaultDoesNot) {
    auto town = Town::ready();
    const auto by_person = town.start("A", 1'000);
    set_target(town, by_person, 500, hours{4});
    const auto by_default = town.start("A", 2'000, 2);
    town.now += hours{2};
    town.meter("A", by_person, 1'500);
    auto reading = town.meter_message(by_default, 2'000 + 18'000);
    reading.connector = ConnectorNumber{2};
    town.now += hours{1};
    town.send("A", reading);
    EXPECT_EQ(need(town, by_person).remaining, WattHours{0});
    EXPECT_EQ(need(town, by_default).urgency, Urgency::top_up);
    EXPECT_EQ(need(town, by_default).remaining, WattHours{7'000});
}

TEST(Need, AfterDepartureItIsOverdue) {
    auto town = Town::ready();
    const auto id = town.start();
    set_target(town, id, 7'000, hours{1});
    town.now += hours{2};
    EXPECT_EQ(need(town, id).urgency, Urgency::overdue);
    EXPECT_EQ(need(town, id).until, town.now + hours{1});
}

TEST(Observations, ACarThatDrawsLessThanItMayIsPlannedSoAndTriedAgain) {
    auto town = Town::ready();
    const auto id = town.start();
    set_target(town, id, 14'000, hours{6});
    permit(town, 7'000, id);
    Observations observations;
    town.now += minutes{1};
    draw(town, id, 3'300, 1'100);
    observations.observe(town.state, town.now);
    EXPECT_FALSE(observations.limit(id)) << "the permission is too young";
    town.now += minutes{4};
    draw(town, id, 3'300, 1'300);
    observations.observe(town.state, town.now);
    ASSERT_EQ(observations.limit(id), Watts{3'730}) << "a tenth and 100 W above what it draws";
    EXPECT_EQ(need(town, id, observations).usable, Watts{3'730});

    permit(town, 3'730, id);
    town.now += minutes{5};
    draw(town, id, 3'300, 1'600);
    observations.observe(town.state, town.now);
    EXPECT_EQ(observations.limit(id), Watts{3'730}) << "still less than it may";
    town.now += minutes{5};
    draw(town, id, 3'720, 1'900);
    observations.observe(town.state, town.now);
    EXPECT_FALSE(observations.limit(id)) << "it takes all it may: it could take more";
}

TEST(Observations, ForgetAfterAnHour) {
    auto town = Town::ready();
    const auto id = town.start();
    permit(town, 7'000, id);
    town.now += minutes{5};
    draw(town, id, 2'000, 1'100);
    Observations observations;
    observations.observe(town.state, town.now);
    EXPECT_TRUE(observations.limit(id));
    town.now += minutes{61};
    observations.observe(town.state, town.now);
    EXPECT_FALSE(observations.limit(id));
}

TEST(HeadRoom, IsTheLowerLimitLessBaseLoadAndMargin) {
    auto town = Town::ready();
    Measurements measurements;
    const auto room = measurements.take(town.state, settings(), town.now);
    const auto at = [&](const HeadRoom& head_room, const char* node, int slot) {
        return head_room.room[*town.state.network.find_node(NodeId{node}) * 96 + static_cast<std::size_t>(slot)];
    };
    EXPECT_EQ(at(room, "T", 5), 97'000);
    town.take(
        charging::set_temporary_limit(town.state, town.actor(),
                                      {NodeId{"T"}, Watts{20'000}, town.now + minutes{20}, town.now + minutes{70}})
            .value());
    const auto limited = measurements.take(town.state, settings(), town.now);
    EXPECT_EQ(at(limited, "T", 0), 97'000);
    EXPECT_EQ(at(limited, "T", 1), 19'400) << "a begun quarter-hour counts whole";
    EXPECT_EQ(at(limited, "T", 4), 19'400);
    EXPECT_EQ(at(limited, "T", 5), 97'000);
}

TEST(HeadRoom, TelemetryReplacesTheForecastNearNow) {
    auto town = Town::ready();
    const auto id = town.start();
    permit(town, 7'000, id);
    town.now += minutes{5};
    draw(town, id, 6'000, 1'500);
    town.take(charging::report_node_meter(town.state, town.actor(), {NodeId{"T"}, Watts{16'000}, town.now}).value());
    Measurements measurements;
    auto base = measurements.take(town.state, settings(), town.now).base;
    const auto transformer = *town.state.network.find_node(NodeId{"T"}) * 96;
    EXPECT_EQ(base[transformer], 10'000) << "16 kW measured, 6 of them charging";
    EXPECT_EQ(base[transformer + 3], 3'330);
    EXPECT_EQ(base[transformer + 4], 0) << "the forecast";
    EXPECT_EQ(base[0], 10'000) << "and it counts at the city too";
    base = measurements.take(town.state, settings(), town.now + minutes{6}).base;
    EXPECT_EQ(base[transformer], 0) << "the reading is too old";
}

TEST(HeadRoom, CarsThatDrawMoreThanTheyMayLowerThePlan) {
    auto town = Town::ready();
    auto node = town.state.network.node(*town.state.network.find_node(NodeId{"S"}));
    node.limit = Watts{5'000};
    town.take(charging::set_node(town.state, town.actor(), node).value());
    const auto id = town.start();
    permit(town, 4'000, id);
    town.now += minutes{5};
    draw(town, id, 6'800, 1'500);
    Measurements measurements;
    const auto station = *town.state.network.find_node(NodeId{"S"}) * 96;
    const auto room = measurements.take(town.state, settings(), town.now).room;
    ASSERT_EQ(measurements.overloads().size(), 1u);
    EXPECT_EQ(measurements.overloads().front().unexplained, Watts{1'800});
    EXPECT_EQ(room[station], 4'850 - 1'800);
    EXPECT_EQ(room[station + 4], 4'850);
}

TEST(Steps, AreMergedAtTheLowerAndAPauseStaysOne) {
    std::vector<std::int32_t> watts{5'000, 4'990, 3'000, 3'100, 2'950, 0, 0, 150, 6'000, 6'250};
    merge_steps(watts, 2);
    EXPECT_EQ(watts, (std::vector<std::int32_t>{5'000, 4'990, 2'950, 2'950, 2'950, 0, 0, 150, 6'000, 6'000}));
}

TEST(Uncontrolled, IsFullPowerFromTheStart) {
    auto town = Town::ready();
    const auto id = town.start();
    set_target(town, id, 14'000, hours{8});
    const auto without = uncontrolled(town.session(id), Watts{7'000});
    EXPECT_EQ(without.from, noon);
    EXPECT_EQ(without.until, noon + hours{2});
    EXPECT_EQ(uncontrolled_cost(flat_tariff(), without).value(), cost(PricePerKwh{60'000}, WattHours{14'000}));
    std::vector<Watts> curve(10);
    add_to_curve(without, noon - minutes{5}, minutes{15}, curve);
    EXPECT_EQ(curve.front(), Watts{4'667});
    EXPECT_EQ(curve[1], Watts{7'000});
    EXPECT_EQ(curve[8], Watts{2'333});
    EXPECT_EQ(curve[9], Watts{0});
}

/// Plans, sends and answers until nothing is left to say.
struct Loop {
    Town town = Town::ready();
    Orderly orderly{settings()};
    std::unique_ptr<dispatch::Planner> planner = dispatch::make_orderly_planner();
    tariff::Tariff tariff = flat_tariff();

    std::vector<charging::Command> plan(charging::CommandOutcome outcome = charging::CommandOutcome::accepted) {
        const auto snapshot = orderly.prepare(town.state, tariff, town.now);
        EXPECT_TRUE(orderly.adopt(snapshot, planner->plan(snapshot->problem)));
        std::vector<charging::Command> sent;
        for (int round = 0; round < 20; ++round) {
            auto output = orderly.act(town.state, town.now);
            town.take(output.events);
            for (const auto& command : output.commands) {
                sent.push_back(command);
                const auto& key = std::get<charging::PermitPower>(command.body).connector;
                town.take(charging::permit_answered(town.state, key, {command.id, outcome, "", ""}, town.now));
            }
            if (output.commands.empty()) break;
        }
        return sent;
    }
};

TEST(Orderly, GivesEveryConnectorADefaultOnceAndAgainAfterABoot) {
    Loop loop;
    EXPECT_EQ(loop.plan().size(), 4u);
    EXPECT_EQ(charging::permitted_power(loop.town.state, here, loop.town.now), Watts{1'380});
    EXPECT_TRUE(loop.plan().empty());
    loop.town.now += minutes{1};
    loop.town.send("A", charging::Boot{.vendor = "V"});
    EXPECT_EQ(loop.plan().size(), 2u);
    EXPECT_TRUE(loop.plan().empty());
}

TEST(Orderly, CommandsHaveNumbersOfTheirOwn) {
    Loop loop;
    std::set<std::string> ids;
    for (const auto& command : loop.plan()) EXPECT_TRUE(ids.insert(command.id.value).second);
    loop.town.start();
    for (const auto& command : loop.plan()) EXPECT_TRUE(ids.insert(command.id.value).second);
    EXPECT_EQ(loop.orderly.counters().permits_sent, 1);
    EXPECT_EQ(loop.orderly.counters().defaults_sent, 4);
}

TEST(Orderly, PlansAHeldChargerNotAtAll) {
    Loop loop;
    loop.plan();
    loop.town.connect("X");
    const auto id = loop.town.start("X");
    EXPECT_TRUE(loop.plan().empty());
    EXPECT_EQ(loop.orderly.explain(loop.town.state, id, loop.town.now).reason, "held");
    EXPECT_EQ(loop.orderly.permitted_at(NodeId{"C"}), charging::unplaced_maximum) << "it counts all the same";
}

TEST(Orderly, AsksAgainWhatWasNotAnswered) {
    Loop loop;
    loop.plan();
    const auto id = loop.town.start();
    set_target(loop.town, id, 14'000, hours{3}, true);
    EXPECT_FALSE(loop.plan(charging::CommandOutcome::timed_out).empty());
    EXPECT_EQ(loop.orderly.explain(loop.town.state, id, loop.town.now).reason, "refuses");
    loop.town.now += minutes{11};
    EXPECT_FALSE(loop.plan().empty()) << "although the same is still wished";
    EXPECT_GE(charging::permitted_power(loop.town.state, here, loop.town.now), Watts{6'990});
    EXPECT_EQ(loop.orderly.explain(loop.town.state, id, loop.town.now).reason, "charge_now");
}

TEST(Orderly, ARestartKnowsWhatWasPermitted) {
    Loop loop;
    loop.plan();
    const auto id = loop.town.start();
    set_target(loop.town, id, 14'000, hours{3}, true);
    loop.plan();
    loop.town.restart();
    loop.orderly = Orderly(settings());
    (void)loop.orderly.prepare(loop.town.state, loop.tariff, loop.town.now);
    EXPECT_EQ(loop.orderly.permitted_at(NodeId{"S"}), Watts{7'000 + 3 * 1'380}) << "all are offline and count";
    loop.town.connect("A");
    loop.town.connect("B");
    (void)loop.orderly.prepare(loop.town.state, loop.tariff, loop.town.now);
    EXPECT_EQ(loop.orderly.permitted_at(NodeId{"S"}), Watts{7'000});
    EXPECT_TRUE(loop.plan().empty()) << "and nothing has to be sent again";
}

TEST(Orderly, TellsAShortfallOnceAndWhenItIsGone) {
    Loop loop;
    loop.plan();
    const auto id = loop.town.start();
    set_target(loop.town, id, 28'000, hours{2});
    loop.plan();
    EXPECT_NEAR(static_cast<double>(loop.town.session(id).shortfall.count), 14'000, 800);
    EXPECT_EQ(loop.orderly.explain(loop.town.state, id, loop.town.now).reason, "window_too_short");
    const auto told = charging::test::count_of<charging::ShortfallForeseen>(loop.town.history);
    loop.town.now += minutes{1};
    loop.plan();
    EXPECT_EQ(charging::test::count_of<charging::ShortfallForeseen>(loop.town.history), told);
    set_target(loop.town, id, 28'000, hours{8});
    loop.plan();
    EXPECT_EQ(loop.town.session(id).shortfall, WattHours{0});
}

TEST(Orderly, IgnoresAPlanForANetworkThatWasEdited) {
    Loop loop;
    const auto snapshot = loop.orderly.prepare(loop.town.state, loop.tariff, loop.town.now);
    grid::Node node{.id = NodeId{"S2"}, .parent = NodeId{"T"}, .kind = grid::NodeKind::station, .name_zh = "站二"};
    node.name_en = "Second";
    node.limit = Watts{10'000};
    node.station_kind = grid::StationKind::residential;
    loop.town.take(charging::set_node(loop.town.state, loop.town.actor(), node).value());
    (void)loop.orderly.prepare(loop.town.state, loop.tariff, loop.town.now);
    EXPECT_FALSE(loop.orderly.act(loop.town.state, loop.town.now).commands.empty());
    node.id = NodeId{"S3"};
    loop.town.take(charging::set_node(loop.town.state, loop.town.actor(), node).value());
    EXPECT_TRUE(loop.orderly.act(loop.town.state, loop.town.now).commands.empty()) << "limits are not known yet";
    (void)loop.orderly.prepare(loop.town.state, loop.tariff, loop.town.now);
    EXPECT_FALSE(loop.orderly.adopt(snapshot, loop.planner->plan(snapshot->problem)));
}

/// Whatever chargers answer and whoever comes and goes: what is permitted to charging cars, answered or not, never
/// passes a limit, once lowerings had their answer.
TEST(Orderly, PermissionsStayInsideTheLimits) {
    EXPECT_TRUE(rc::check("permissions", [] {
        Loop loop;
        auto node = loop.town.state.network.node(*loop.town.state.network.find_node(NodeId{"S"}));
        node.limit = Watts{*rc::gen::inRange<std::int64_t>(6'000, 20'000)};
        loop.town.take(charging::set_node(loop.town.state, loop.town.actor(), node).value());
        loop.plan();
        const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 7));
        std::int64_t reading = 10'000;
        for (const auto step : steps) {
            loop.town.now += minutes{4};
            const auto* charger = step % 2 == 0 ? "A" : "B";
            auto outcome = charging::CommandOutcome::accepted;
            if (step < 4) {
                auto message = loop.town.start_message(reading += 10, 1 + step / 2);
                const auto id = std::get<charging::StartReply>(loop.town.send(charger, message).reply).session;
                loop.town.send(charger,
                               charging::DriverTarget{id, loop.town.now + hours{2}, WattHours{9'000}, step == 1});
            } else if (step == 4 && !loop.town.state.sessions.empty()) {
                const auto& session = loop.town.state.sessions.begin()->second;
                loop.town.send(session.charger.value.c_str(),
                               charging::StopTransaction{
                                   .session = session.id, .meter_stop = session.meter_start, .claimed = loop.town.now});
            } else if (step == 5) {
                // Raises that are not answered may hold: they must have been inside the limit too.
                const auto before = loop.plan();
                outcome = charging::CommandOutcome::timed_out;
            }
            loop.plan(outcome);
            std::int64_t permitted = 0;
            for (const auto& [id, session] : loop.town.state.sessions)
                permitted +=
                    charging::permitted_power(loop.town.state, {session.charger, session.connector}, loop.town.now)
                        .count;
            if (outcome == charging::CommandOutcome::accepted) RC_ASSERT(permitted <= node.limit.count);
        }
    }));
}

}  // namespace
}  // namespace tianqu::orderly
