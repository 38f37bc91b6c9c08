#include "tests/durability/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "base/assertion.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants the program to declare it

namespace tianqu::test {

ChildProcess::ChildProcess(std::vector<std::string> arguments) {
    std::array<int, 2> pipe_ends{};
    TIANQU_ASSERT(::pipe2(pipe_ends.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const int code = ::posix_spawn(&process_, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    TIANQU_ASSERT(code == 0);
    output_ = pipe_ends[0];
    running_ = true;
}

ChildProcess::~ChildProcess() {
    kill_now();
    ::close(output_);
}

std::optional<std::string> ChildProcess::read_line(std::chrono::milliseconds patience) {
    for (;;) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            auto line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        pollfd waiting{.fd = output_, .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return std::nullopt;
        std::array<char, 65'536> part{};
        const auto size = ::read(output_, part.data(), part.size());
        if (size <= 0) return std::nullopt;
        buffer_.append(part.data(), static_cast<std::size_t>(size));
    }
}

void ChildProcess::kill_now() {
    if (!running_) return;
    ::kill(process_, SIGKILL);
    wait();
}

int ChildProcess::terminate() {
    if (running_) {
        ::kill(process_, SIGTERM);
        wait();
    }
    return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
}

int ChildProcess::wait() {
    while (::waitpid(process_, &status_, 0) < 0 && errno == EINTR) {
    }
    running_ = false;
    return status_;
}

}  // namespace tianqu::test
