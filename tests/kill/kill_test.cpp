/// The whole server, killed again and again while chargers charge: whatever was confirmed is kept, exactly once.

#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <random>

#include "adapters/sqlite/data_directory.hpp"
#include "adapters/sqlite/views.hpp"
#include "charging/events.hpp"
#include "tests/contract/temporary_directory.hpp"
#include "tests/durability/child_process.hpp"
#include "tests/durability/long_run.hpp"
#include "tests/kill/fleet.hpp"

namespace tianqu::test {
namespace {

constexpr int chargers = 8;

/// A server on free ports; says where it listens for chargers.
std::unique_ptr<ChildProcess> serve(const std::filesystem::path& data, std::uint16_t& port) {
    port = 0;
    auto server = std::make_unique<ChildProcess>(std::vector<std::string>{
        TIANQU_BINARY_DIR "/tianqu", "serve", "--city", TIANQU_SOURCE_DIR "/cities/dezhou", "--data", data.string(),
        "--http", "127.0.0.1:0", "--ocpp", "127.0.0.1:0", "--unknown-chargers", "accept"});
    static constexpr std::string_view before = "ws://127.0.0.1:";
    while (const auto line = server->read_line()) {
        const auto at = line->find(before);
        if (at == std::string::npos) continue;
        const char* digits = line->data() + at + before.size();
        std::from_chars(digits, line->data() + line->size(), port);
        break;
    }
    return server;
}

/// Waits until so many more messages were confirmed; false when nothing came for a minute.
bool await_confirmed(const Fleet& fleet, std::int64_t more) {
    const auto wanted = fleet.confirmed() + more;
    auto last = fleet.confirmed();
    auto end = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (fleet.confirmed() < wanted) {
        if (fleet.confirmed() != last) {
            last = fleet.confirmed();
            end = std::chrono::steady_clock::now() + std::chrono::minutes{1};
        }
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
}

/// What the journal tells of one session.
struct KeptSession {
    int starts = 0;
    std::string charger, token;
    std::int64_t meter_start_wh = 0;
    std::vector<std::int64_t> registers_wh;
    int ends = 0;
    std::int64_t meter_stop_wh = 0;
    std::string end_reason;
};

Result<std::map<std::int64_t, KeptSession>> read_journal(const ports::Journal& journal) {
    std::map<std::int64_t, KeptSession> kept;
    Status decoded;
    const auto read = journal.read(1, [&](const ports::EventRecord& record) {
        if (charging::event_name(record.type).empty()) return true;
        const auto body = charging::decode_body(record.type, record.payload);
        if (!body) {
            decoded = std::unexpected(body.error());
            return false;
        }
        if (const auto* started = std::get_if<charging::SessionStarted>(&*body)) {
            auto& session = kept[started->session.value];
            ++session.starts;
            session.charger = started->charger.value;
            session.token = started->token.value;
            session.meter_start_wh = started->meter_start.count;
        } else if (const auto* metered = std::get_if<charging::SessionMetered>(&*body)) {
            for (const auto& sample : metered->samples) {
                if (sample.energy_register)
                    kept[metered->session.value].registers_wh.push_back(sample.energy_register->count);
            }
        } else if (const auto* ended = std::get_if<charging::SessionEnded>(&*body)) {
            auto& session = kept[ended->session.value];
            ++session.ends;
            session.meter_stop_wh = ended->meter_stop.count;
            session.end_reason = ended->reason;
        }
        return true;
    });
    if (!read) return std::unexpected(read.error());
    if (!decoded) return std::unexpected(decoded.error());
    return kept;
}

void expect_kept_once(const std::vector<SentSession>& sent, const std::filesystem::path& data) {
    const auto directory = sqlite::DataDirectory::open({.path = data, .use = sqlite::DirectoryUse::as_found});
    ASSERT_TRUE(directory) << directory.error().to_string();
    const auto kept = read_journal(directory->journal());
    ASSERT_TRUE(kept) << kept.error().to_string();
    auto views =
        sqlite::SqliteViews::open({.path = directory->views_path(), .background = false}, directory->journal());
    ASSERT_TRUE(views) << views.error().to_string();
    ASSERT_TRUE((*views)->catch_up());
    EXPECT_EQ(kept->size(), sent.size()) << "sessions that no charger knows of, or that are lost";
    std::map<std::int64_t, int> ids;
    for (const auto& session : sent) {
        EXPECT_EQ(++ids[session.id], 1) << "the id " << session.id << " was given twice";
        const auto found = kept->find(session.id);
        ASSERT_NE(found, kept->end()) << session.token << " is lost";
        EXPECT_EQ(found->second.starts, 1) << session.token;
        EXPECT_EQ(found->second.charger, session.charger);
        EXPECT_EQ(found->second.token, session.token);
        EXPECT_EQ(found->second.meter_start_wh, session.meter_start_wh);
        EXPECT_EQ(found->second.registers_wh, session.registers_wh) << session.token;
        EXPECT_EQ(found->second.ends, 1) << session.token;
        EXPECT_EQ(found->second.meter_stop_wh, session.meter_stop_wh);
        EXPECT_EQ(found->second.end_reason, "Local");
        const auto view = (*views)->session(SessionId{session.id});
        ASSERT_TRUE(view) << view.error().to_string();
        EXPECT_EQ(view->energy.count, session.meter_stop_wh - session.meter_start_wh) << session.token;
        EXPECT_TRUE(view->ended.has_value());
    }
}

TEST(Kill, WhateverWasConfirmedIsKeptExactlyOnce) {
    const TemporaryDirectory directory;
    const auto data = directory / "data";
    const int kills = repetitions(20, 200);
    std::mt19937_64 random(1);
    Fleet fleet(chargers, 1);
    for (int i = 0; i < kills; ++i) {
        std::uint16_t port = 0;
        const auto server = serve(data, port);
        ASSERT_NE(port, 0) << "the server did not start after kill " << i;
        fleet.set_port(port);
        ASSERT_TRUE(await_confirmed(fleet, std::uniform_int_distribution<std::int64_t>(1, 150)(random))) << i;
        std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(0, 5'000)(random)));
        // An orderly end now and then seals a segment, so that later starts begin from a snapshot.
        if (i % 7 == 6) {
            EXPECT_EQ(server->terminate(), 0);
        } else {
            server->kill_now();
        }
        fleet.set_port(0);
    }
    std::uint16_t port = 0;
    const auto server = serve(data, port);
    ASSERT_NE(port, 0);
    fleet.set_port(port);
    const auto sent = fleet.finish();
    EXPECT_EQ(server->terminate(), 0);
    EXPECT_EQ(fleet.complaints(), std::vector<std::string>{});
    EXPECT_GE(fleet.repeated(), 1) << "the kills met nothing under way";
    EXPECT_GE(sent.size(), static_cast<std::size_t>(kills));
    expect_kept_once(sent, data);
    ChildProcess verify({TIANQU_BINARY_DIR "/tianqu", "journal", "verify", data.string()});
    std::string said;
    while (const auto line = verify.read_line()) said += *line + "\n";
    EXPECT_EQ(verify.terminate(), 0) << said;
    RecordProperty("messages", static_cast<int>(fleet.confirmed()));
}

}  // namespace
}  // namespace tianqu::test
