#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tianqu::test {

/// A program of ours that a test starts, listens to and kills. Used by every kill test, also that of the whole server.
class ChildProcess {
public:
    /// Starts `arguments[0]` with the rest as its arguments; its standard output comes to `read_line`.
    explicit ChildProcess(std::vector<std::string> arguments);
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    /// Kills it if it still runs.
    ~ChildProcess();

    /// The next line without its end; waits for it. Nothing at the end of the output (or after `patience` without a
    /// line). A last line that was cut off is not given.
    [[nodiscard]] std::optional<std::string> read_line(std::chrono::milliseconds patience = std::chrono::minutes{1});
    /// SIGKILL: no destructor runs, nothing is flushed. Then waits for its end; what it had written can still be read.
    void kill_now();
    /// Asks it to end in good order (SIGTERM) and returns its exit status; 128 + signal when a signal ended it.
    int terminate();
    [[nodiscard]] int process_id() const { return process_; }

private:
    int wait();

    int process_ = -1;
    int output_ = -1;
    bool running_ = false;
    int status_ = 0;
    std::string buffer_;
};

}  // namespace tianqu::test
