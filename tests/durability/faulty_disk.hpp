#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/durability/faulty_vfs.hpp"

namespace tianqu::test {

/// A change that no sync has made lasting yet; without bytes it is a truncation to `offset`.
struct PendingChange {
    std::size_t offset = 0;
    std::string bytes;
    bool truncation = false;
};

/// One file: what is read now, what would be there after a power cut at the worst, and the changes between the two.
struct DiskFile {
    std::string current;
    std::string durable;
    std::vector<PendingChange> pending;
    bool entry_durable = false;  ///< its name in the directory has been synced

    // Locks between connections of this process.
    int shared_locks = 0;
    const void* reserved_by = nullptr;
    const void* pending_by = nullptr;
    const void* exclusive_by = nullptr;

    std::vector<std::unique_ptr<std::array<char, 32'768>>> shared_memory;
    std::array<int, SQLITE_SHM_NLOCK> shared_memory_readers{};
    std::array<const void*, SQLITE_SHM_NLOCK> shared_memory_writer{};
    int shared_memory_users = 0;
};

/// The files and the moods of the disk; every member is used under `mutex`.
struct FaultyVfs::Disk {
    std::recursive_mutex mutex;
    sqlite3_vfs vfs{};
    std::string name;
    std::mt19937_64 random;
    std::map<std::string, std::shared_ptr<DiskFile>> files;
    /// Deleted without a sync of the directory: may be there again after a power cut.
    std::map<std::string, std::shared_ptr<DiskFile>> ghosts;
    std::int64_t operations_left = -1;
    std::int64_t free_bytes = -1;
    std::int64_t syncs_left = -1;
    std::int64_t syncs = 0;
    bool off = false;

    /// Counts one operation that changes the disk; false when the power is off or goes now.
    [[nodiscard]] bool operate();
    [[nodiscard]] int write(DiskFile& file, const char* data, std::size_t size, std::size_t offset);
    [[nodiscard]] int truncate(DiskFile& file, std::size_t size);
    [[nodiscard]] int sync(const std::string& path, DiskFile& file);
    [[nodiscard]] int remove(const std::string& path, bool synced);
    void survive(DiskFile& file);

    [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return random() % limit; }
};

/// The methods of an open file, for sqlite3_vfs::xOpen.
[[nodiscard]] const sqlite3_io_methods* faulty_file_methods();

/// An open file as SQLite sees it.
struct OpenFile {
    sqlite3_file base;
    FaultyVfs::Disk* disk;
    std::shared_ptr<DiskFile>* file;
    std::string* path;
    int lock;
    bool uses_shared_memory;
};

}  // namespace tianqu::test
