#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace tianqu::test {

/// A disk for SQLite that lives in memory and can fail. Written bytes are visible at once, but only a sync makes them
/// last: at a power cut every write since the file's last sync is kept, dropped or torn, each on its own, as the seed
/// says. What SQLite may rely on holds: a synced byte stays, and bytes outside a write are not touched.
class FaultyVfs {
public:
    /// Registers itself with SQLite under `name()` until destroyed; every database on it must be closed by then.
    explicit FaultyVfs(std::uint64_t seed);
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;
    ~FaultyVfs();

    [[nodiscard]] const std::string& name() const;

    /// After this many more writes, syncs, truncations and deletions the power goes: from then on every call fails.
    void cut_power_after(std::int64_t operations);
    [[nodiscard]] bool power_is_off() const;
    /// What survived becomes what is there. The power must be off and every database closed.
    void power_on();

    /// The disk takes this many more bytes of growth, then it is full. Negative: endless.
    void set_free_bytes(std::int64_t bytes);
    /// After this many more syncs one fails, and what it should have written may be lost (as Linux does it).
    void fail_sync_after(std::int64_t syncs);

    [[nodiscard]] std::int64_t syncs() const;

    struct Disk;

private:
    std::unique_ptr<Disk> disk_;
};

}  // namespace tianqu::test
