#pragma once

#include <filesystem>
#include <memory>

#include "adapters/sqlite/journal.hpp"
#include "base/result.hpp"

namespace tianqu::sqlite {

/// What a data directory holds may only be used for what it was made for: bills of real chargers never mix with a
/// virtual city's.
enum class DirectoryUse {
    real,       ///< real chargers; a simulated directory is refused
    simulated,  ///< a virtual city; a real directory is refused
    as_found,   ///< whatever it is; it must exist
};

struct DataDirectoryOptions {
    std::filesystem::path path;
    DirectoryUse use = DirectoryUse::real;
    double speed = 1;              ///< of the virtual city's clock; kept for those that open it as found
    SqliteJournalOptions journal;  ///< its path is filled in
};

/// The one place a server keeps everything, locked against a second server as long as this object lives.
class DataDirectory {
public:
    /// Makes the directory if it is missing. Errors: `conflict` when another process uses it (field "process") or when
    /// it was made for the other use, `not_found` for as_found, and those of `SqliteJournal::open`.
    [[nodiscard]] static Result<DataDirectory> open(DataDirectoryOptions options);

    [[nodiscard]] SqliteJournal& journal() const { return *journal_; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path views_path() const { return path_ / "views.db"; }
    [[nodiscard]] bool simulated() const { return simulated_; }
    [[nodiscard]] double speed() const { return speed_; }

    [[nodiscard]] static std::filesystem::path journal_path(const std::filesystem::path& directory) {
        return directory / "journal.db";
    }

private:
    /// An advisory lock on a file; the system lets go of it when the process ends, however it ends.
    class Lock {
    public:
        [[nodiscard]] static Result<Lock> take(const std::filesystem::path& file);
        Lock(Lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
        Lock& operator=(Lock&& other) noexcept {
            std::swap(descriptor_, other.descriptor_);
            return *this;
        }
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;
        ~Lock();

    private:
        explicit Lock(int descriptor) : descriptor_(descriptor) {}
        int descriptor_ = -1;
    };

    DataDirectory(std::filesystem::path path, Lock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    [[nodiscard]] Status settle_use(const DataDirectoryOptions& options);

    std::filesystem::path path_;
    Lock lock_;
    bool simulated_ = false;
    double speed_ = 1;
    std::unique_ptr<SqliteJournal> journal_;
};

}  // namespace tianqu::sqlite
