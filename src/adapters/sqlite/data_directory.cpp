#include "adapters/sqlite/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace tianqu::sqlite {

namespace {

std::unexpected<Error> cannot(const std::string& what, const std::filesystem::path& path, int error_number) {
    return fail(Error{ErrorCode::storage_failure,
                      what + " " + path.string() + ": " + std::generic_category().message(error_number),
                      {{"file", path.string()}}});
}

std::string format_speed(double speed) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), speed).ptr;
    return {text.data(), end};
}

}  // namespace

Result<DataDirectory::Lock> DataDirectory::Lock::take(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return cannot("cannot open the lock file", file, errno);
    Lock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return cannot("cannot lock", file, errno);
        std::array<char, 32> text{};
        const auto size = ::pread(descriptor, text.data(), text.size(), 0);
        std::string process(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        while (!process.empty() && process.back() == '\n') process.pop_back();
        const auto directory = file.parent_path().string();
        return fail(Error{ErrorCode::conflict,
                          "the data directory " + directory + " is in use by another Tianqu process" +
                              (process.empty() ? "" : " (process " + process + ")"),
                          {{"directory", directory}, {"process", process}}});
    }
    // For people and for the message above; the lock itself is the system's.
    const auto process = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, process.data(), process.size(), 0) < 0) {
        return cannot("cannot write the lock file", file, errno);
    }
    return lock;
}

DataDirectory::Lock::~Lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<DataDirectory> DataDirectory::open(DataDirectoryOptions options) {
    const auto file = journal_path(options.path);
    std::error_code error;
    if (options.use == DirectoryUse::as_found) {
        if (!std::filesystem::exists(file, error)) {
            return fail(Error{ErrorCode::not_found,
                              options.path.string() + " is not a data directory of Tianqu: it has no journal.db",
                              {{"directory", options.path.string()}}});
        }
    } else {
        std::filesystem::create_directories(options.path, error);
        if (error) return cannot("cannot make the data directory", options.path, error.value());
    }
    auto lock = Lock::take(options.path / "lock");
    if (!lock) return fail(lock.error());
    DataDirectory directory(options.path, std::move(*lock));
    options.journal.path = file;
    if (auto settled = directory.settle_use(options); !settled) return fail(settled.error());
    auto journal = SqliteJournal::open(options.journal);
    if (!journal) return fail(journal.error());
    directory.journal_ = std::move(*journal);
    return directory;
}

Status DataDirectory::settle_use(const DataDirectoryOptions& options) {
    auto database = open_journal_database(options.journal);
    if (!database) return fail(database.error());
    const auto kept_use = read_meta(*database, "simulated");
    if (!kept_use) return fail(kept_use.error());
    const auto kept_speed = read_meta(*database, "speed");
    if (!kept_speed) return fail(kept_speed.error());
    simulated_ = kept_use->empty() ? options.use == DirectoryUse::simulated : *kept_use == "true";
    std::from_chars(kept_speed->data(), kept_speed->data() + kept_speed->size(), speed_);
    if (options.use == DirectoryUse::as_found) return {};

    if (simulated_ != (options.use == DirectoryUse::simulated)) {
        return fail(Error{ErrorCode::conflict,
                          simulated_
                              ? "the data directory " + path_.string() +
                                    " holds a simulated city; real chargers need a directory of their own"
                              : "the data directory " + path_.string() +
                                    " holds real chargers' records; a simulated city needs a directory of its own",
                          {{"directory", path_.string()}}});
    }
    speed_ = simulated_ ? options.speed : 1;
    if (auto kept = write_meta(*database, "simulated", simulated_ ? "true" : "false"); !kept) return kept;
    return write_meta(*database, "speed", format_speed(speed_));
}

}  // namespace tianqu::sqlite
