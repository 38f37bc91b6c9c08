#include "tests/durability/faulty_vfs.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/assertion.hpp"
#include "tests/durability/faulty_disk.hpp"

namespace tianqu::test {

namespace {

constexpr std::size_t sector_bytes = 512;

FaultyVfs::Disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs::Disk*>(vfs->pAppData); }

int open_on_disk(sqlite3_vfs* vfs, const char* path, sqlite3_file* base, int flags, int* out_flags) {
    auto& disk = disk_of(vfs);
    const std::scoped_lock lock(disk.mutex);
    base->pMethods = nullptr;
    if (disk.off) return SQLITE_CANTOPEN;
    static std::atomic<int> temporary_files{0};
    const std::string name = path != nullptr ? path : "temporary-" + std::to_string(++temporary_files);
    auto found = disk.files.find(name);
    if (found == disk.files.end()) {
        if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
        if (!disk.operate()) return SQLITE_IOERR;
        found = disk.files.emplace(name, std::make_shared<DiskFile>()).first;
    }
    auto& open = *reinterpret_cast<OpenFile*>(base);
    open.disk = &disk;
    open.file = new std::shared_ptr<DiskFile>(found->second);
    open.path = new std::string(name);
    open.lock = SQLITE_LOCK_NONE;
    open.uses_shared_memory = false;
    base->pMethods = faulty_file_methods();
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
}

int delete_on_disk(sqlite3_vfs* vfs, const char* path, int sync_directory) {
    auto& disk = disk_of(vfs);
    const std::scoped_lock lock(disk.mutex);
    return disk.remove(path, sync_directory != 0);
}

int access_on_disk(sqlite3_vfs* vfs, const char* path, int, int* result) {
    auto& disk = disk_of(vfs);
    const std::scoped_lock lock(disk.mutex);
    if (disk.off) return SQLITE_IOERR_ACCESS;
    *result = disk.files.contains(path) ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
    if (std::strlen(path) >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(out, path, std::strlen(path) + 1);
    return SQLITE_OK;
}

}  // namespace

bool FaultyVfs::Disk::operate() {
    if (!off && operations_left == 0) off = true;
    if (operations_left > 0) --operations_left;
    return !off;
}

int FaultyVfs::Disk::write(DiskFile& file, const char* data, std::size_t size, std::size_t offset) {
    const auto growth = static_cast<std::int64_t>(std::max(file.current.size(), offset + size) - file.current.size());
    if (free_bytes >= 0 && growth > free_bytes && !off) return SQLITE_FULL;
    // The write that the power cut interrupts may have reached the disk in part, so it is noted before it fails.
    if (!off) file.pending.push_back({.offset = offset, .bytes = std::string(data, size)});
    if (!operate()) return SQLITE_IOERR_WRITE;
    if (free_bytes >= 0) free_bytes -= growth;
    if (file.current.size() < offset + size) file.current.resize(offset + size, '\0');
    std::copy_n(data, size, file.current.begin() + static_cast<std::ptrdiff_t>(offset));
    return SQLITE_OK;
}

int FaultyVfs::Disk::truncate(DiskFile& file, std::size_t size) {
    if (!operate()) return SQLITE_IOERR_TRUNCATE;
    file.pending.push_back({.offset = size, .bytes = "", .truncation = true});
    if (file.current.size() > size) file.current.resize(size);
    return SQLITE_OK;
}

int FaultyVfs::Disk::sync(const std::string& path, DiskFile& file) {
    if (!operate()) return SQLITE_IOERR_FSYNC;
    if (syncs_left == 0) {
        // The bytes stay readable from the page cache, but nothing will ever write them again.
        syncs_left = -1;
        const auto shown = file.current;
        survive(file);
        file.current = shown;
        return SQLITE_IOERR_FSYNC;
    }
    if (syncs_left > 0) --syncs_left;
    ++syncs;
    file.durable = file.current;
    file.pending.clear();
    file.entry_durable = true;
    ghosts.erase(path);
    return SQLITE_OK;
}

int FaultyVfs::Disk::remove(const std::string& path, bool synced) {
    if (!operate()) return SQLITE_IOERR_DELETE;
    const auto found = files.find(path);
    if (found == files.end()) return SQLITE_IOERR_DELETE_NOENT;
    if (!synced && found->second->entry_durable) ghosts[path] = found->second;
    if (synced) ghosts.erase(path);
    files.erase(found);
    return SQLITE_OK;
}

void FaultyVfs::Disk::survive(DiskFile& file) {
    for (const auto& change : file.pending) {
        if (change.truncation) {
            if (below(2) == 0 && file.durable.size() > change.offset) file.durable.resize(change.offset);
            continue;
        }
        const auto fate = below(3);  // kept, dropped, torn
        const auto end = change.offset + change.bytes.size();
        for (auto at = change.offset; at < end && fate != 1;) {
            const auto sector_end = std::min(end, (at / sector_bytes + 1) * sector_bytes);
            auto size = sector_end - at;
            if (fate == 2) size = below(3) == 0 ? below(size + 1) : (below(2) == 0 ? size : 0);
            if (size > 0) {
                if (file.durable.size() < at + size) file.durable.resize(at + size, '\0');
                file.durable.replace(at, size, change.bytes, at - change.offset, size);
            }
            at = sector_end;
        }
    }
    file.current = file.durable;
    file.pending.clear();
}

FaultyVfs::FaultyVfs(std::uint64_t seed) : disk_(std::make_unique<Disk>()) {
    static std::atomic<int> made{0};
    disk_->name = "faulty-" + std::to_string(++made);
    disk_->random.seed(seed);
    const auto* system = sqlite3_vfs_find(nullptr);
    auto& vfs = disk_->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(OpenFile);
    vfs.mxPathname = 512;
    vfs.zName = disk_->name.c_str();
    vfs.pAppData = disk_.get();
    vfs.xOpen = open_on_disk;
    vfs.xDelete = delete_on_disk;
    vfs.xAccess = access_on_disk;
    vfs.xFullPathname = full_path;
    vfs.xRandomness = system->xRandomness;
    vfs.xSleep = system->xSleep;
    vfs.xCurrentTime = system->xCurrentTime;
    vfs.xCurrentTimeInt64 = system->xCurrentTimeInt64;
    vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
    const int code = sqlite3_vfs_register(&vfs, 0);
    TIANQU_ASSERT(code == SQLITE_OK);
}

FaultyVfs::~FaultyVfs() { sqlite3_vfs_unregister(&disk_->vfs); }

const std::string& FaultyVfs::name() const { return disk_->name; }

void FaultyVfs::cut_power_after(std::int64_t operations) {
    const std::scoped_lock lock(disk_->mutex);
    disk_->operations_left = operations;
}

bool FaultyVfs::power_is_off() const {
    const std::scoped_lock lock(disk_->mutex);
    return disk_->off;
}

void FaultyVfs::power_on() {
    const std::scoped_lock lock(disk_->mutex);
    TIANQU_ASSERT(disk_->off);
    for (auto& [path, ghost] : disk_->ghosts) {
        const auto found = disk_->files.find(path);
        const bool replaced = found != disk_->files.end() && disk_->below(2) == 0;
        if (!replaced && disk_->below(2) == 0) disk_->files[path] = ghost;
    }
    disk_->ghosts.clear();
    for (auto file = disk_->files.begin(); file != disk_->files.end();) {
        disk_->survive(*file->second);
        file->second->shared_memory.clear();
        const bool vanishes = !file->second->entry_durable && disk_->below(2) == 0;
        file->second->entry_durable = true;
        file = vanishes ? disk_->files.erase(file) : std::next(file);
    }
    disk_->operations_left = -1;
    disk_->off = false;
}

void FaultyVfs::set_free_bytes(std::int64_t bytes) {
    const std::scoped_lock lock(disk_->mutex);
    disk_->free_bytes = bytes;
}

void FaultyVfs::fail_sync_after(std::int64_t syncs) {
    const std::scoped_lock lock(disk_->mutex);
    disk_->syncs_left = syncs;
}

std::int64_t FaultyVfs::syncs() const {
    const std::scoped_lock lock(disk_->mutex);
    return disk_->syncs;
}

}  // namespace tianqu::test
