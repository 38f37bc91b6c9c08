/// What a durable event costs, one by one and in groups, and how fast views follow.

#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <system_error>

#include "adapters/memory/journal.hpp"
#include "adapters/sqlite/journal.hpp"
#include "adapters/sqlite/views.hpp"
#include "charging/events.hpp"

namespace {

using namespace tianqu;

constexpr TimePoint noon = from_milliseconds(1'764'000'000'000);

/// The directory is that of TMPDIR: a memory file system would make every sync free.
class Directory {
public:
    Directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tianqu-bench-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// A reading of one of 2,000 sessions, one a minute.
ports::EventRecord metered(std::int64_t number) {
    charging::SessionMetered body{.session = SessionId(1 + number % 2'000),
                                  .charger = ChargerId("DZ-371402-0001"),
                                  .connector = ConnectorNumber(1)};
    charging::MeterSample sample{.claimed = noon + std::chrono::minutes{number / 2'000}};
    sample.energy_register = WattHours(1'000 + number / 20);
    sample.power = Watts(7'000);
    sample.context = "Sample.Periodic";
    body.samples.push_back(sample);
    return {.type = charging::SessionMetered::type,
            .tenant = TenantId("city"),
            .principal = PrincipalId("charger:DZ-371402-0001"),
            .received = sample.claimed,
            .claimed = sample.claimed,
            .payload = encode_record(body)};
}

/// Appends groups and keeps at most `range(1)` of them waiting, like so many chargers that each wait for their
/// confirmation.
void append(benchmark::State& state) {
    const Directory directory;
    const auto journal = sqlite::SqliteJournal::open({.path = directory / "journal.db"}).value();
    std::mutex mutex;
    std::condition_variable confirmed;
    std::int64_t waiting = 0;
    std::int64_t number = 0;
    for (auto _ : state) {
        std::vector<ports::EventRecord> events;
        for (std::int64_t i = 0; i < state.range(0); ++i) events.push_back(metered(number++));
        std::unique_lock lock(mutex);
        confirmed.wait(lock, [&] { return waiting < state.range(1); });
        ++waiting;
        lock.unlock();
        const auto accepted = journal->append(std::move(events), [&](const Status& status) {
            if (!status) std::abort();
            const std::scoped_lock guard(mutex);
            --waiting;
            confirmed.notify_one();
        });
        if (!accepted) std::abort();
    }
    std::unique_lock lock(mutex);
    confirmed.wait(lock, [&] { return waiting == 0; });
    state.SetItemsProcessed(number);
    const auto counters = journal->counters();
    state.counters["events_a_commit"] =
        static_cast<double>(counters.events_written) / static_cast<double>(counters.batches_written);
}
BENCHMARK(append)->Args({1, 1})->Args({1, 100})->Args({1, 2'000})->UseRealTime();

void rebuild_views(benchmark::State& state) {
    memory::MemoryJournal journal;
    std::vector<ports::EventRecord> events;
    for (std::int64_t id = 1; id <= 2'000; ++id) {
        charging::SessionStarted started{
            .session = SessionId(id), .charger = ChargerId("DZ-371402-0001"), .connector = ConnectorNumber(1)};
        started.meter_start = WattHours(1'000);
        started.corrected = noon;
        events.push_back({.type = charging::SessionStarted::type, .received = noon, .payload = encode_record(started)});
    }
    for (std::int64_t number = 0; number < state.range(0); ++number) events.push_back(metered(number));
    const auto total = static_cast<std::int64_t>(events.size());
    for (auto& event : events) {
        if (!journal.append({std::move(event)}, {})) std::abort();
    }
    for (auto _ : state) {
        const Directory directory;
        const auto views =
            sqlite::SqliteViews::open({.path = directory / "views.db", .background = false}, journal).value();
        if (!views->catch_up()) std::abort();
    }
    state.SetItemsProcessed(total * static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(rebuild_views)->Arg(200'000)->Unit(benchmark::kMillisecond)->UseRealTime();

void verify(benchmark::State& state) {
    const Directory directory;
    const auto journal = sqlite::SqliteJournal::open({.path = directory / "journal.db"}).value();
    std::int64_t number = 0;
    while (number < state.range(0)) {
        std::vector<ports::EventRecord> events;
        for (int i = 0; i < 1'000; ++i) events.push_back(metered(number++));
        while (!journal->append(events, {})) std::this_thread::yield();
    }
    while (journal->last_sequence() < number) std::this_thread::yield();
    for (auto _ : state) {
        if (!journal->verify()) std::abort();
    }
    state.SetItemsProcessed(number * static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(verify)->Arg(200'000)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
