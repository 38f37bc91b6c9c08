/// Whatever order, repeats and restarts messages come with, what is counted is the same.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "charging/tests/town.hpp"

namespace tianqu::charging::test {
namespace {

/// What a charger does next at one of two connectors.
struct Step {
    int kind = 0;           ///< 0 start, 1 reading, 2 stop, 3 status, 4 boot, 5 restart of the server, 6 reconnect
    int connector = 1;      ///< 1 or 2
    int minutes = 0;        ///< passed since the step before
    int register_step = 0;  ///< Wh; sometimes negative
    int repeats = 0;        ///< times this message is sent again at once
    int repeat_later = 0;   ///< position (backwards) of an earlier message that is sent again, 0 = none
};

rc::Gen<Step> any_step() {
    return rc::gen::build<Step>(
        rc::gen::set(&Step::kind,
                     rc::gen::weightedElement<int>({{3, 0}, {8, 1}, {3, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}})),
        rc::gen::set(&Step::connector, rc::gen::inRange(1, 3)), rc::gen::set(&Step::minutes, rc::gen::inRange(1, 30)),
        rc::gen::set(&Step::register_step,
                     rc::gen::weightedOneOf<int>({{9, rc::gen::inRange(0, 1'500)}, {1, rc::gen::inRange(-3'000, 0)}})),
        rc::gen::set(&Step::repeats, rc::gen::weightedElement<int>({{4, 0}, {1, 1}, {1, 2}})),
        rc::gen::set(&Step::repeat_later,
                     rc::gen::weightedOneOf<int>({{3, rc::gen::just(0)}, {1, rc::gen::inRange(1, 12)}})));
}

/// The slow obvious count: all readings of a session in a list.
struct Counted {
    std::int64_t start = 0;
    std::vector<std::int64_t> readings;
    std::optional<std::int64_t> stop;

    [[nodiscard]] std::int64_t energy() const {
        std::int64_t highest = 0;
        for (const auto reading : readings) highest = std::max(highest, reading - start);
        return stop && *stop >= start ? *stop - start : highest;
    }
};

struct ChargerLife {
    Town town = Town::ready();
    bool with_repeats;
    std::vector<ChargerMessage> sent;
    std::map<std::int64_t, Counted> oracle;
    std::map<int, std::int64_t> registers{{1, 50'000}, {2, 80'000}};
    std::map<int, std::optional<SessionId>> running;

    explicit ChargerLife(bool repeats) : with_repeats(repeats) {}

    Reply send(const ChargerMessage& message, int repeats) {
        const auto reply = town.send("A", message).reply;
        sent.push_back(message);
        for (int i = 0; with_repeats && i < repeats; ++i) send_again(message, reply);
        return reply;
    }
    void send_again(const ChargerMessage& message, const std::optional<Reply>& first) {
        const auto again = town.send("A", message);
        if (!first) return;
        if (const auto* start = std::get_if<StartReply>(&*first)) {
            RC_ASSERT(std::get<StartReply>(again.reply).session == start->session);
            RC_ASSERT(again.events.empty());
        }
        if (const auto* stop = std::get_if<StopReply>(&*first)) {
            RC_ASSERT(std::get<StopReply>(again.reply).token == stop->token);
        }
    }
    void step(const Step& step) {
        town.now += std::chrono::minutes{step.minutes};
        auto& meter = registers[step.connector];
        auto& session = running[step.connector];
        switch (step.kind) {
            case 0: {
                const auto reply = send(town.start_message(meter, step.connector), step.repeats);
                session = std::get<StartReply>(reply).session;
                oracle[session->value].start = meter;
                break;
            }
            case 1: {
                if (!session) break;
                meter += step.register_step;
                auto message = town.meter_message(*session, meter);
                message.connector = ConnectorNumber{step.connector};
                send(message, step.repeats);
                oracle[session->value].readings.push_back(meter);
                break;
            }
            case 2: {
                if (!session) break;
                meter += step.register_step;
                send(StopTransaction{.session = *session,
                                     .token = TokenId{"TAG"},
                                     .meter_stop = WattHours{meter},
                                     .claimed = town.now},
                     step.repeats);
                oracle[session->value].stop = meter;
                session.reset();
                break;
            }
            case 3:
                send(StatusReport{.connector = ConnectorNumber{step.connector},
                                  .status = static_cast<ConnectorStatus>(step.minutes % 10)},
                     step.repeats);
                break;
            case 4:
                send(Boot{.vendor = "V", .model = "M"}, step.repeats);
                break;
            case 5:
                town.restart();
                break;
            default:
                town.take(disconnect(town.state, ChargerId{"A"}, "lost", town.now));
                town.connect("A");
        }
        const auto back = static_cast<std::size_t>(step.repeat_later);
        if (with_repeats && back > 0 && back <= sent.size()) send_again(sent[sent.size() - back], std::nullopt);
    }
    [[nodiscard]] std::map<std::int64_t, std::int64_t> energies() const {
        std::map<std::int64_t, std::int64_t> energies;
        for (const auto& event : town.history) {
            const auto* started = std::get_if<SessionStarted>(&event.body);
            if (started == nullptr) continue;
            // A session may be too old to be remembered: then the journal's last word on it is its end.
            if (const auto* session = find_session(town.state, ChargerId{"A"}, started->session))
                energies[started->session.value] = session->energy.count;
        }
        return energies;
    }
};

State folded(const std::vector<Event>& history) {
    State state;
    std::int64_t sequence = 0;
    for (auto event : history) {
        event.body = decode_body(event_type(event.body), encode_body(event.body)).value();
        apply(state, event, ++sequence);
    }
    return state;
}

TEST(Replay, RepeatsNeverChangeWhatIsCounted) {
    EXPECT_TRUE(rc::check("any messages with and without repeats", [] {
        const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
        ChargerLife once(false);
        ChargerLife repeated(true);
        for (const auto& step : steps) {
            once.step(step);
            repeated.step(step);
        }
        RC_ASSERT(once.energies() == repeated.energies());
        for (const auto& [session, energy] : repeated.energies())
            RC_ASSERT(energy == repeated.oracle.at(session).energy());
    }));
}

TEST(Replay, TheFoldOfTheJournalIsTheLiveStateAndSnapshotsKeepAll) {
    EXPECT_TRUE(rc::check("fold and snapshot", [] {
        const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
        ChargerLife run(true);
        for (const auto& step : steps) run.step(step);
        const auto live = encode_state(run.town.state);
        RC_ASSERT(encode_state(folded(run.town.history)) == live);
        const auto again = decode_state(live).value();
        RC_ASSERT(encode_state(again) == live);
        RC_ASSERT(again.running_by_token == run.town.state.running_by_token);
    }));
}

TEST(Replay, TheOrderOfReadingsNeverChangesWhatIsCounted) {
    EXPECT_TRUE(rc::check("shuffled readings, lost and doubled ones", [] {
        const auto rises = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 900));
        auto town = Town::ready();
        const auto id = town.start("A", 10'000);
        std::vector<MeterValues> readings;
        std::int64_t meter = 10'000;
        for (const auto rise : rises) {
            town.now += std::chrono::minutes{10};
            meter += rise;
            readings.push_back(town.meter_message(id, meter));
        }
        const auto picks =
            *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, readings.size() + 1));
        std::int64_t highest = 10'000;
        for (const auto pick : picks) {
            if (pick >= readings.size()) continue;
            town.send("A", readings[pick]);
            highest = std::max(highest, readings[pick].samples.front().energy_register->count);
        }
        RC_ASSERT(town.session(id).energy.count == highest - 10'000);
        town.stop("A", id, meter + 50);
        RC_ASSERT(town.session(id).energy.count == meter + 50 - 10'000);
    }));
}

}  // namespace
}  // namespace tianqu::charging::test
