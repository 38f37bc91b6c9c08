/// A process that appends under load is killed at random moments, again and again on the same file.

#include <gtest/gtest.h>

#include <charconv>
#include <random>
#include <set>
#include <thread>

#include "adapters/sqlite/journal.hpp"
#include "tests/contract/temporary_directory.hpp"
#include "tests/durability/child_process.hpp"
#include "tests/durability/long_run.hpp"

namespace tianqu {
namespace {

/// The sequence in "confirmed N"; −1 for anything else.
std::int64_t confirmed_sequence(const std::string& line) {
    static constexpr std::string_view word = "confirmed ";
    if (!line.starts_with(word)) return -1;
    std::int64_t sequence = -1;
    std::from_chars(line.data() + word.size(), line.data() + line.size(), sequence);
    return sequence;
}

/// Runs the appender for a random while after its first confirmation, kills it, and returns the last sequence it had
/// confirmed.
std::int64_t run_and_kill(const std::filesystem::path& file, int run, std::mt19937& random) {
    test::ChildProcess child({TIANQU_BINARY_DIR "/tests/journal_appender", file.string(), std::to_string(run)});
    auto line = child.read_line();
    EXPECT_TRUE(line.has_value());
    std::int64_t confirmed = 0;
    // Killed after so many lines, or in the middle of its first write.
    for (auto lines = random() % 2'000; line && lines > 0; --lines) {
        confirmed = confirmed_sequence(*line);
        EXPECT_GT(confirmed, 0) << *line;
        line = child.read_line();
    }
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 20'000});
    child.kill_now();
    for (; line; line = child.read_line()) confirmed = confirmed_sequence(*line);
    return confirmed;
}

TEST(Kill, NothingConfirmedIsLostAndNothingIsThereTwice) {
    const test::TemporaryDirectory directory;
    const auto file = directory / "journal.db";
    std::mt19937 random(20'261'123);
    std::int64_t confirmed = 0;
    const int kills = test::repetitions(20, 1'000);
    for (int run = 1; run <= kills; ++run) {
        const auto last_confirmed = run_and_kill(file, run, random);
        ASSERT_GT(last_confirmed, confirmed);
        confirmed = last_confirmed;
        const auto journal = sqlite::SqliteJournal::open({.path = file});
        ASSERT_TRUE(journal.has_value()) << journal.error().to_string();
        ASSERT_GE((*journal)->last_sequence(), confirmed) << "run " << run;
    }
    const auto journal = sqlite::SqliteJournal::open({.path = file}).value();
    const auto report = journal->verify();
    ASSERT_TRUE(report.has_value()) << report.error().to_string();
    EXPECT_GE(report->events, confirmed);
    std::set<std::string> seen;
    ASSERT_TRUE(journal
                    ->read(1,
                           [&](const ports::EventRecord& record) {
                               const bool is_new = seen.insert(record.payload).second;
                               EXPECT_TRUE(is_new) << "event " << record.sequence << " was written before";
                               return is_new;
                           })
                    .has_value());
    EXPECT_EQ(static_cast<std::int64_t>(seen.size()), report->events);
}

}  // namespace
}  // namespace tianqu
