/// The methods of one open file on the faulty disk.

#include <algorithm>
#include <cstring>

#include "tests/durability/faulty_disk.hpp"

namespace tianqu::test {
namespace {

OpenFile& open_file(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
DiskFile& disk_file(sqlite3_file* file) { return **open_file(file).file; }
auto lock_disk(sqlite3_file* file) { return std::scoped_lock(open_file(file).disk->mutex); }

int unlock_file(sqlite3_file* base, int level);

int close_file(sqlite3_file* base) {
    {
        const auto lock = lock_disk(base);
        unlock_file(base, SQLITE_LOCK_NONE);
    }
    delete open_file(base).file;
    delete open_file(base).path;
    return SQLITE_OK;
}

int read_file(sqlite3_file* base, void* buffer, int amount, sqlite3_int64 offset) {
    const auto lock = lock_disk(base);
    if (open_file(base).disk->off) return SQLITE_IOERR_READ;
    const auto& bytes = disk_file(base).current;
    const auto start = std::min(bytes.size(), static_cast<std::size_t>(offset));
    const auto size = std::min(bytes.size() - start, static_cast<std::size_t>(amount));
    std::memcpy(buffer, bytes.data() + start, size);
    if (size == static_cast<std::size_t>(amount)) return SQLITE_OK;
    std::memset(static_cast<char*>(buffer) + size, 0, static_cast<std::size_t>(amount) - size);
    return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* base, const void* data, int amount, sqlite3_int64 offset) {
    const auto lock = lock_disk(base);
    return open_file(base).disk->write(disk_file(base), static_cast<const char*>(data),
                                       static_cast<std::size_t>(amount), static_cast<std::size_t>(offset));
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
    const auto lock = lock_disk(base);
    return open_file(base).disk->truncate(disk_file(base), static_cast<std::size_t>(size));
}

int sync_file(sqlite3_file* base, int) {
    const auto lock = lock_disk(base);
    return open_file(base).disk->sync(*open_file(base).path, disk_file(base));
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
    const auto lock = lock_disk(base);
    if (open_file(base).disk->off) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(disk_file(base).current.size());
    return SQLITE_OK;
}

/// Whether nobody but `self` is in the way of this level.
bool may_lock(const DiskFile& file, const void* self, int from, int level) {
    const auto free = [self](const void* owner) { return owner == nullptr || owner == self; };
    if (level == SQLITE_LOCK_SHARED) return file.pending_by == nullptr && file.exclusive_by == nullptr;
    if (level == SQLITE_LOCK_RESERVED)
        return free(file.reserved_by) && free(file.pending_by) && free(file.exclusive_by);
    const int own = from >= SQLITE_LOCK_SHARED ? 1 : 0;
    return free(file.reserved_by) && free(file.pending_by) && free(file.exclusive_by) && file.shared_locks == own;
}

int lock_file(sqlite3_file* base, int level) {
    const auto lock = lock_disk(base);
    auto& open = open_file(base);
    auto& file = disk_file(base);
    if (open.lock >= level) return SQLITE_OK;
    if (!may_lock(file, base, open.lock, level)) {
        // A writer that waits for readers to leave keeps new ones out.
        if (level == SQLITE_LOCK_EXCLUSIVE && file.pending_by == nullptr) file.pending_by = base;
        return SQLITE_BUSY;
    }
    if (level == SQLITE_LOCK_SHARED) ++file.shared_locks;
    if (level == SQLITE_LOCK_RESERVED) file.reserved_by = base;
    if (level == SQLITE_LOCK_EXCLUSIVE) file.exclusive_by = file.pending_by = base;
    open.lock = level;
    return SQLITE_OK;
}

int unlock_file(sqlite3_file* base, int level) {
    const auto lock = lock_disk(base);
    auto& open = open_file(base);
    auto& file = disk_file(base);
    for (auto* owner : {&file.reserved_by, &file.pending_by, &file.exclusive_by}) {
        if (*owner == base) *owner = nullptr;
    }
    if (level == SQLITE_LOCK_NONE && open.lock >= SQLITE_LOCK_SHARED) --file.shared_locks;
    open.lock = std::min(open.lock, level);
    return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* base, int* reserved) {
    const auto lock = lock_disk(base);
    *reserved = disk_file(base).reserved_by != nullptr || disk_file(base).exclusive_by != nullptr ? 1 : 0;
    return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_shared_memory(sqlite3_file* base, int region, int, int extend, volatile void** memory) {
    const auto lock = lock_disk(base);
    auto& file = disk_file(base);
    if (!open_file(base).uses_shared_memory) {
        open_file(base).uses_shared_memory = true;
        ++file.shared_memory_users;
    }
    *memory = nullptr;
    while (file.shared_memory.size() <= static_cast<std::size_t>(region)) {
        if (extend == 0) return SQLITE_OK;
        file.shared_memory.push_back(std::make_unique<std::array<char, 32'768>>());
        file.shared_memory.back()->fill(0);
    }
    *memory = file.shared_memory[static_cast<std::size_t>(region)]->data();
    return SQLITE_OK;
}

int lock_shared_memory(sqlite3_file* base, int offset, int count, int flags) {
    const auto lock = lock_disk(base);
    auto& file = disk_file(base);
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    const auto first = static_cast<std::size_t>(offset);
    const auto last = first + static_cast<std::size_t>(count);
    for (auto slot = first; slot < last && (flags & SQLITE_SHM_LOCK) != 0; ++slot) {
        if (file.shared_memory_writer[slot] != nullptr && file.shared_memory_writer[slot] != base) return SQLITE_BUSY;
        if (exclusive && file.shared_memory_readers[slot] > 0) return SQLITE_BUSY;
    }
    for (auto slot = first; slot < last; ++slot) {
        if ((flags & SQLITE_SHM_LOCK) != 0) {
            if (exclusive)
                file.shared_memory_writer[slot] = base;
            else
                ++file.shared_memory_readers[slot];
        } else if (exclusive) {
            file.shared_memory_writer[slot] = nullptr;
        } else {
            --file.shared_memory_readers[slot];
        }
    }
    return SQLITE_OK;
}

void shared_memory_barrier(sqlite3_file* base) { const auto lock = lock_disk(base); }

int unmap_shared_memory(sqlite3_file* base, int remove) {
    const auto lock = lock_disk(base);
    auto& file = disk_file(base);
    if (!open_file(base).uses_shared_memory) return SQLITE_OK;
    open_file(base).uses_shared_memory = false;
    if (--file.shared_memory_users == 0 && remove != 0) file.shared_memory.clear();
    return SQLITE_OK;
}

}  // namespace

const sqlite3_io_methods* faulty_file_methods() {
    static const sqlite3_io_methods methods = [] {
        sqlite3_io_methods table{};
        table.iVersion = 2;
        table.xClose = close_file;
        table.xRead = read_file;
        table.xWrite = write_file;
        table.xTruncate = truncate_file;
        table.xSync = sync_file;
        table.xFileSize = file_size;
        table.xLock = lock_file;
        table.xUnlock = unlock_file;
        table.xCheckReservedLock = check_reserved_lock;
        table.xFileControl = file_control;
        table.xSectorSize = sector_size;
        table.xDeviceCharacteristics = device_characteristics;
        table.xShmMap = map_shared_memory;
        table.xShmLock = lock_shared_memory;
        table.xShmBarrier = shared_memory_barrier;
        table.xShmUnmap = unmap_shared_memory;
        return table;
    }();
    return &methods;
}

}  // namespace tianqu::test
