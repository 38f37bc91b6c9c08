/// Appends to a journal as fast as it can and prints "confirmed N" for each append once it is confirmed. It ends only
/// by a signal.
///
///     journal_appender FILE RUN

#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "adapters/sqlite/journal.hpp"

namespace {

using namespace tianqu;

/// Straight to the pipe: a line that the test has read was confirmed before the kill.
void print_line(const std::string& line) {
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(3);
}

ports::EventRecord event(const std::string& run, std::int64_t number) {
    return {.type = 21,
            .tenant = TenantId("city"),
            .principal = PrincipalId("charger:DZ-1"),
            .received = from_milliseconds(1'764'000'000'000 + number),
            .claimed = std::nullopt,
            .reason = "",
            .payload = run + "/" + std::to_string(number) + "/" +
                       std::string(static_cast<std::size_t>(number * 37 % 900), 'x')};
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) return 2;
    const std::string run = arguments[2];
    auto journal =
        sqlite::SqliteJournal::open({.path = arguments[1], .queue_limit_events = 2'000, .checkpoint_pages = 100});
    if (!journal) {
        print_line("cannot open: " + journal.error().to_string() + "\n");
        return 1;
    }
    for (std::int64_t number = 0;; number += 2) {
        auto sequence = std::make_shared<std::atomic<std::int64_t>>(0);
        const auto accepted =
            (*journal)->append({event(run, number), event(run, number + 1)}, [sequence](const Status& status) {
                while (sequence->load() == 0) std::this_thread::yield();
                if (status) print_line("confirmed " + std::to_string(sequence->load()) + "\n");
            });
        if (accepted) {
            sequence->store(*accepted + 1);
            if (number % 1'000 == 0) static_cast<void>((*journal)->seal("state " + std::to_string(number), {}));
        } else {
            number -= 2;
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }
}
