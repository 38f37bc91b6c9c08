/// The tables people query: what events make of them, whatever the batches, restarts and damage between.

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <thread>

#include "adapters/memory/journal.hpp"
#include "adapters/sqlite/views.hpp"
#include "charging/core.hpp"
#include "charging/sessions.hpp"
#include "tests/contract/temporary_directory.hpp"

namespace tianqu {
namespace {

using charging::MeterSample;
using sqlite::SqliteViews;

constexpr TimePoint noon = from_milliseconds(1'764'000'000'000 / 86'400'000 * 86'400'000 + 43'200'000);
constexpr TimePoint minute(int minutes) { return noon + std::chrono::minutes{minutes}; }

ports::EventRecord record_of(const charging::Event& event) {
    return {.type = charging::event_type(event.body),
            .tenant = event.tenant,
            .principal = event.principal,
            .received = event.received,
            .claimed = event.claimed,
            .reason = event.reason,
            .payload = charging::encode_body(event.body)};
}

charging::Event event_at(TimePoint received, charging::EventBody body) {
    return {.principal = PrincipalId("charger:DZ-1"), .received = received, .body = std::move(body)};
}

MeterSample reading(TimePoint at, std::int64_t energy_wh, std::int64_t power_w = 7'000) {
    MeterSample sample{.claimed = at};
    sample.energy_register = WattHours(energy_wh);
    sample.power = Watts(power_w);
    return sample;
}

class ViewsTest : public testing::Test {
protected:
    std::unique_ptr<SqliteViews> open(const std::string& name = "views.db", bool background = false,
                                      int batch = 20'000) {
        auto views =
            SqliteViews::open({.path = directory_ / name, .batch_events = batch, .background = background}, *journal_);
        EXPECT_TRUE(views.has_value()) << views.error().to_string();
        return std::move(*views);
    }
    /// Fresh tables that have taken in everything.
    std::unique_ptr<SqliteViews> rebuilt(const std::string& name = "fresh.db", int batch = 20'000) {
        sqlite::remove_database_files(directory_ / name);
        auto views = open(name, false, batch);
        EXPECT_TRUE(views->catch_up().has_value());
        return views;
    }
    void add(const charging::Event& event) { ASSERT_TRUE(journal_->append({record_of(event)}, {}).has_value()); }
    void add(TimePoint received, charging::EventBody body) { add(event_at(received, std::move(body))); }

    /// city < feeder < station A and B; DZ-1 stands at A, DZ-2 at B.
    void add_town() {
        grid::NetworkParts parts;
        const auto node = [&](const char* id, const char* parent, grid::NodeKind kind) {
            parts.nodes.push_back({.id = NodeId(id), .parent = NodeId(parent), .kind = kind, .limit = Watts(100'000)});
        };
        node("city", "", grid::NodeKind::city);
        node("feeder", "city", grid::NodeKind::feeder);
        node("A", "feeder", grid::NodeKind::station);
        node("B", "feeder", grid::NodeKind::station);
        parts.chargers.push_back(
            {.id = ChargerId("DZ-1"), .station = NodeId("A"), .connectors = {{.number = ConnectorNumber(1)}}});
        parts.chargers.push_back(
            {.id = ChargerId("DZ-2"), .station = NodeId("B"), .connectors = {{.number = ConnectorNumber(1)}}});
        add(noon, charging::NetworkImported{.parts = std::move(parts)});
    }

    charging::SessionStarted start(std::int64_t id, const char* charger, TimePoint at, std::int64_t meter_wh = 1'000) {
        charging::SessionStarted started{
            .session = SessionId(id), .charger = ChargerId(charger), .connector = ConnectorNumber(1)};
        started.token = TokenId("TAG-" + std::to_string(id));
        started.meter_start = WattHours(meter_wh);
        started.corrected = at;
        return started;
    }
    charging::SessionMetered metered(std::int64_t id, std::vector<MeterSample> samples) {
        return {.session = SessionId(id),
                .charger = ChargerId("DZ-1"),
                .connector = ConnectorNumber(1),
                .samples = std::move(samples)};
    }
    charging::SessionEnded stop(std::int64_t id, TimePoint at, std::int64_t meter_wh) {
        charging::SessionEnded ended{
            .session = SessionId(id), .charger = ChargerId("DZ-1"), .meter_stop = WattHours(meter_wh)};
        ended.corrected = at;
        ended.reason = "Local";
        return ended;
    }

    test::TemporaryDirectory directory_;
    std::optional<memory::MemoryJournal> journal_{std::in_place};
};

std::int64_t sum(const std::vector<ports::QuarterEnergy>& quarters) {
    std::int64_t total = 0;
    for (const auto& quarter : quarters) total += quarter.energy.count;
    return total;
}

TEST_F(ViewsTest, ASessionFromStartToStop) {
    add_town();
    auto started = event_at(minute(10), start(1, "DZ-1", minute(9)));
    started.claimed = minute(9);
    add(started);
    add(minute(10),
        charging::SessionTargetSet{
            .session = SessionId(1), .departure = minute(300), .energy = WattHours(9'000), .charge_now = true});
    // 3,000 Wh from 12:09 to 12:39: 600 before 12:15, 1,500 to 12:30, 900 after.
    add(minute(39), metered(1, {reading(minute(39), 4'000)}));
    add(minute(45), stop(1, minute(44), 4'500));

    const auto views = rebuilt();
    const auto session = views->session(SessionId(1)).value();
    EXPECT_EQ(session.charger, ChargerId("DZ-1"));
    EXPECT_EQ(session.station, NodeId("A"));
    EXPECT_EQ(session.token, TokenId("TAG-1"));
    EXPECT_EQ(session.verdict, "accepted");
    EXPECT_EQ(session.claimed_start, minute(9));
    EXPECT_EQ(session.received_start, minute(10));
    EXPECT_EQ(session.started, minute(9));
    EXPECT_EQ(session.ended, minute(44));
    EXPECT_EQ(session.received_end, minute(45));
    EXPECT_EQ(session.energy, WattHours(3'500));
    EXPECT_EQ(session.meter_stop, WattHours(4'500));
    EXPECT_EQ(session.target, WattHours(9'000));
    EXPECT_TRUE(session.charge_now);

    using Quarters = std::vector<ports::QuarterEnergy>;
    const Quarters expected{
        {minute(0), WattHours(600)}, {minute(15), WattHours(1'500)}, {minute(30), WattHours(1'400)}};
    EXPECT_EQ(views->session_energy(SessionId(1)).value(), expected);
    for (const auto* node : {"A", "feeder", "city"}) {
        EXPECT_EQ(views->node_energy(NodeId(node), noon, minute(1'440)).value(), expected) << node;
    }
    EXPECT_TRUE(views->node_energy(NodeId("B"), noon, minute(1'440)).value().empty());
    EXPECT_EQ(views->node_energy(NodeId("A"), minute(15), minute(30)).value().size(), 1U);
    const auto samples = views->samples(SessionId(1)).value();
    ASSERT_EQ(samples.size(), 1U);
    EXPECT_EQ(samples[0], (ports::SampleView{minute(39), WattHours(4'000), Watts(7'000)}));
    EXPECT_EQ(views->session(SessionId(2)).error().code, ErrorCode::not_found);
}

TEST_F(ViewsTest, TheStopsRegisterIsTheLastWordAlsoWhenItIsLower) {
    add_town();
    add(noon, start(1, "DZ-1", noon, 0));
    add(minute(20), metered(1, {reading(minute(20), 2'000)}));
    add(minute(30), stop(1, minute(30), 1'900));
    const auto views = rebuilt();
    EXPECT_EQ(views->session(SessionId(1)).value().energy, WattHours(1'900));
    EXPECT_EQ(sum(views->session_energy(SessionId(1)).value()), 1'900);
    EXPECT_EQ(sum(views->node_energy(NodeId("city"), noon, minute(60)).value()), 1'900);
}

TEST_F(ViewsTest, AChargerThatWasMovedCountsWhereTheSessionBegan) {
    add_town();
    add(noon, start(1, "DZ-1", noon, 0));
    add(minute(1), charging::ChargerPlaced{.site = {.id = ChargerId("DZ-1"), .station = NodeId("B")}});
    add(minute(10), metered(1, {reading(minute(10), 500)}));
    add(minute(11), stop(1, minute(11), 500));
    add(minute(12), start(2, "DZ-1", minute(12), 500));
    add(minute(14), metered(2, {reading(minute(14), 700)}));
    const auto views = rebuilt();
    EXPECT_EQ(sum(views->node_energy(NodeId("A"), noon, minute(60)).value()), 500);
    EXPECT_EQ(sum(views->node_energy(NodeId("B"), noon, minute(60)).value()), 200);
    EXPECT_EQ(sum(views->node_energy(NodeId("feeder"), noon, minute(60)).value()), 700);
    EXPECT_EQ(views->session(SessionId(2)).value().station, NodeId("B"));
}

TEST_F(ViewsTest, SpreadPartsAddUpExactlyAndStayInside) {
    std::mt19937_64 random(5);
    for (int i = 0; i < 2'000; ++i) {
        const WattHours energy{static_cast<std::int64_t>(random() % 50'000)};
        const auto from = noon + Milliseconds{static_cast<std::int64_t>(random() % 9'000'000)};
        const auto until = from + Milliseconds{static_cast<std::int64_t>(random() % 9'000'000)};
        WattHours given;
        sqlite::spread_energy(energy, from, until, [&](TimePoint slot, WattHours part) {
            EXPECT_EQ(slot, slot_start(slot, std::chrono::minutes{15}));
            EXPECT_GT(slot + std::chrono::minutes{15}, from);
            EXPECT_LE(slot, until);
            EXPECT_GT(part.count, 0);
            given += part;
        });
        EXPECT_EQ(given, energy);
    }
}

TEST_F(ViewsTest, PagesAndFilters) {
    add_town();
    for (int id = 1; id <= 10; ++id) {
        add(minute(id), start(id, id % 2 == 0 ? "DZ-2" : "DZ-1", minute(id)));
        if (id <= 6) add(minute(id), stop(id, minute(id), 1'000));
    }
    const auto views = rebuilt();
    const auto ids = [&](ports::SessionFilter filter) {
        std::vector<std::int64_t> found;
        for (const auto& session : views->sessions(filter).value().rows) found.push_back(session.id.value);
        return found;
    };
    using Ids = std::vector<std::int64_t>;
    EXPECT_EQ(ids({.limit = 3}), (Ids{10, 9, 8}));
    EXPECT_EQ(views->sessions({.limit = 3}).value().next, 8);
    EXPECT_EQ(ids({.after = 8, .limit = 3}), (Ids{7, 6, 5}));
    EXPECT_EQ(views->sessions({.after = 4, .limit = 3}).value().next, std::nullopt);
    EXPECT_EQ(ids({.active = true}), (Ids{10, 9, 8, 7}));
    EXPECT_EQ(ids({.charger = ChargerId("DZ-2"), .active = false}), (Ids{6, 4, 2}));
    EXPECT_EQ(ids({.node = NodeId("A")}), (Ids{9, 7, 5, 3, 1}));
    EXPECT_EQ(ids({.node = NodeId("feeder"), .active = true}).size(), 4U);
    EXPECT_EQ(ids({.node = NodeId("nowhere")}), Ids{});
    EXPECT_EQ(ids({.started_from = minute(3), .started_until = minute(5)}), (Ids{4, 3}));
    EXPECT_EQ(ids({.text = "tag-10"}), (Ids{10}));
    EXPECT_EQ(ids({.text = "%"}), Ids{});
    EXPECT_EQ(views->sessions({.limit = 0}).error().code, ErrorCode::invalid_input);
    EXPECT_EQ(views->sessions({.limit = 1'001}).error().code, ErrorCode::invalid_input);
}

TEST_F(ViewsTest, PeopleAlarmsFlagsAndTelemetry) {
    add(noon, charging::AlarmRaised{.alarm = AlarmId("overload:T-1"),
                                    .kind = "measured_overload",
                                    .node = NodeId("T-1"),
                                    .text_zh = "过载",
                                    .text_en = "overload"});
    add(minute(1), charging::AlarmCleared{.alarm = AlarmId("overload:T-1")});
    add(minute(2),
        charging::AlarmRaised{.alarm = AlarmId("overload:T-1"), .kind = "measured_overload", .node = NodeId("T-1")});
    add(minute(3), charging::MessageFlagged{.charger = ChargerId("DZ-1"),
                                            .action = "StopTransaction",
                                            .flags = {"unknown_field", "no_reason"},
                                            .raw = "{}"});
    add(minute(3), charging::UnknownStop{.charger = ChargerId("DZ-2"), .claimed_session = SessionId(99)});
    add(minute(4), charging::NodeMetered{.node = NodeId("T-1"), .power = Watts(5'000), .at = minute(4)});
    auto decided = event_at(minute(5), charging::RegistrationSet{.charger = ChargerId("DZ-9"),
                                                                 .registration = charging::Registration::approved});
    decided.principal = PrincipalId("user:li");
    decided.reason = "inspected";
    add(decided);

    const auto views = rebuilt();
    const auto alarms = views->alarms({}).value().rows;
    ASSERT_EQ(alarms.size(), 2U);
    EXPECT_EQ(alarms[0].cleared, std::nullopt);
    EXPECT_EQ(alarms[1].cleared, minute(1));
    EXPECT_EQ(alarms[1].text_zh, "过载");
    const auto flagged = views->flagged(std::nullopt, {}).value().rows;
    ASSERT_EQ(flagged.size(), 2U);
    EXPECT_EQ(flagged[1].flags, (std::vector<std::string>{"unknown_field", "no_reason"}));
    EXPECT_EQ(views->flagged(ChargerId("DZ-1"), {}).value().rows.size(), 1U);
    const auto audit = views->audit({}).value().rows;
    ASSERT_EQ(audit.size(), 1U);
    EXPECT_EQ(audit[0].principal, PrincipalId("user:li"));
    EXPECT_EQ(audit[0].reason, "inspected");
    EXPECT_EQ(audit[0].type, charging::RegistrationSet::type);
    EXPECT_EQ(views->telemetry(NodeId("T-1"), noon, minute(10)).value(),
              (std::vector<ports::TelemetryView>{{minute(4), Watts(5'000)}}));
    EXPECT_EQ(views->alarms({.limit = 1}).value().next, 3);
    EXPECT_EQ(views->audit({.after = audit[0].sequence}).value().rows.size(), 0U);
}

/// Chargers that start, meter (late, twice, backwards) and stop; events as the domain itself decides them.
class RandomTown {
public:
    explicit RandomTown(std::uint64_t seed) : random_(seed) {
        settings_.unknown_chargers = charging::UnknownChargers::accept;
    }

    std::vector<charging::Event> step() {
        now_ += Milliseconds{static_cast<std::int64_t>(below(400'000))};
        const ChargerId charger("DZ-" + std::to_string(1 + below(3)));
        if (!state_.chargers.contains(charger)) {
            return keep(
                charging::connect(state_, settings_,
                                  {.charger = charger, .address = "test", .protocol = "ocpp1.6", .received = now_})
                    .value());
        }
        charging::Inbound inbound{.charger = charger, .received = now_};
        const auto claimed = now_ - Milliseconds{static_cast<std::int64_t>(below(60'000))};
        const SessionId session{
            static_cast<std::int64_t>(1 + below(static_cast<std::uint64_t>(state_.next_session.value)))};
        meter_[charger] += static_cast<std::int64_t>(below(300));
        const WattHours reading_wh{std::max<std::int64_t>(0, meter_[charger] - (below(10) == 0 ? 200 : 0))};
        switch (below(6)) {
            case 0:
                inbound.message = charging::StartTransaction{.connector = ConnectorNumber(1),
                                                             .token = TokenId("T"),
                                                             .meter_start = reading_wh,
                                                             .claimed = claimed};
                break;
            case 1:
                inbound.message = charging::StopTransaction{.session = session,
                                                            .token = TokenId("T"),
                                                            .meter_stop = reading_wh,
                                                            .claimed = claimed,
                                                            .samples = {reading(claimed, reading_wh.count)}};
                break;
            default:
                inbound.message = charging::MeterValues{.connector = ConnectorNumber(1),
                                                        .session = session,
                                                        .samples = {reading(claimed, reading_wh.count)},
                                                        .content_hash = random_()};
        }
        return keep(charging::decide(state_, settings_, inbound).events);
    }
    [[nodiscard]] const charging::State& state() const { return state_; }

private:
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
    std::vector<charging::Event> keep(std::vector<charging::Event> events) {
        for (const auto& event : events) charging::apply(state_, event, ++sequence_);
        return events;
    }

    std::mt19937_64 random_;
    charging::Settings settings_;
    charging::State state_;
    std::map<ChargerId, std::int64_t> meter_;
    TimePoint now_ = noon;
    std::int64_t sequence_ = 0;
};

TEST_F(ViewsTest, AgreeWithTheDomainsOwnFoldWhateverTheBatches) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(seed);
        journal_.emplace();
        add_town();
        RandomTown town(seed);
        for (int i = 0; i < 400; ++i) {
            for (const auto& event : town.step()) add(event);
        }
        const auto whole = rebuilt("whole.db");
        int seen = 0;
        const auto check = [&](const charging::Session& session) {
            const auto view = whole->session(session.id).value();
            EXPECT_EQ(view.energy, session.energy) << "session " << session.id.value;
            EXPECT_EQ(view.ended, session.ended);
            EXPECT_EQ(view.meter_stop, session.meter_stop);
            EXPECT_EQ(view.flags, session.flags);
            EXPECT_EQ(sum(whole->session_energy(session.id).value()), session.energy.count);
            ++seen;
        };
        for (const auto& [id, session] : town.state().sessions) check(session);
        for (const auto& [id, charger] : town.state().chargers) {
            for (const auto& session : charger.recent) check(session);
        }
        EXPECT_GT(seen, 10);
        static_cast<void>(rebuilt("pieces.db", static_cast<int>(seed)));
        EXPECT_EQ(sqlite::compare_views(directory_ / "pieces.db", directory_ / "whole.db").value(), std::nullopt);
    }
}

TEST_F(ViewsTest, GoOnAfterARestartWhereTheyWere) {
    add_town();
    add(noon, start(1, "DZ-1", noon, 0));
    add(minute(10), metered(1, {reading(minute(10), 500)}));
    ASSERT_TRUE(open()->catch_up().has_value());
    add(minute(20), metered(1, {reading(minute(20), 900)}));
    add(minute(25), start(2, "DZ-2", minute(25), 0));
    add(minute(30), stop(1, minute(30), 1'000));
    auto views = open();
    EXPECT_EQ(views->applied_sequence(), 3);
    ASSERT_TRUE(views->catch_up().has_value());
    EXPECT_EQ(views->applied_sequence(), journal_->last_sequence());
    EXPECT_EQ(views->session(SessionId(2)).value().station, NodeId("B"));
    views.reset();
    static_cast<void>(rebuilt());
    EXPECT_EQ(sqlite::compare_views(directory_ / "views.db", directory_ / "fresh.db").value(), std::nullopt);
}

TEST_F(ViewsTest, ADamagedFileOrOneOfAnotherJournalIsMadeAnew) {
    add_town();
    add(noon, start(1, "DZ-1", noon, 0));
    std::ofstream(directory_ / "views.db") << std::string(5'000, 'x');
    auto views = open();
    ASSERT_TRUE(views->catch_up().has_value());
    EXPECT_TRUE(views->session(SessionId(1)).has_value());
    views.reset();

    memory::MemoryJournal other;
    views = SqliteViews::open({.path = directory_ / "views.db", .background = false}, other).value();
    EXPECT_EQ(views->applied_sequence(), 0);
    EXPECT_FALSE(views->session(SessionId(1)).has_value());
}

TEST_F(ViewsTest, AThreadOfTheirOwnFollowsTheJournal) {
    add_town();
    const auto views = open("views.db", true);
    for (int id = 1; id <= 50; ++id) {
        add(minute(id), start(id, "DZ-1", minute(id)));
        views->wake();
    }
    while (views->applied_sequence() < journal_->last_sequence()) std::this_thread::yield();
    EXPECT_EQ(views->sessions({.limit = 100}).value().rows.size(), 50U);
}

TEST_F(ViewsTest, AnEventOfANewerReleaseIsPassedOver) {
    add_town();
    ASSERT_TRUE(journal_->append({{.type = 59, .principal = PrincipalId("user:li"), .payload = "?"}}, {}).has_value());
    ASSERT_TRUE(journal_->append({{.type = charging::SessionStarted::type, .payload = "\xff\xff"}}, {}).has_value());
    add(noon, start(1, "DZ-1", noon));
    const auto views = rebuilt();
    EXPECT_EQ(views->applied_sequence(), 4);
    EXPECT_TRUE(views->session(SessionId(1)).has_value());
    EXPECT_EQ(views->audit({}).value().rows.size(), 1U);
}

TEST_F(ViewsTest, ADifferenceIsNamed) {
    add_town();
    add(noon, start(1, "DZ-1", noon, 0));
    static_cast<void>(rebuilt("views.db"));
    static_cast<void>(rebuilt("fresh.db"));
    auto database = sqlite::Database::open({.path = directory_ / "views.db"}).value();
    ASSERT_TRUE(database.execute("UPDATE session SET energy_wh=5 WHERE id=1").has_value());
    const auto difference = sqlite::compare_views(directory_ / "views.db", directory_ / "fresh.db").value();
    ASSERT_TRUE(difference.has_value());
    EXPECT_NE(difference->find("table session"), std::string::npos);
    EXPECT_NE(difference->find("energy_wh is 5 instead of 0"), std::string::npos);
}

}  // namespace
}  // namespace tianqu
