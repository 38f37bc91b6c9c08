#pragma once

#include <cstdint>

#include "base/assertion.hpp"

namespace tianqu::city {

/// SplitMix64: the same numbers on any machine, unlike the distributions of the standard library.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }
    /// A whole number from low to high, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        TIANQU_ASSERT(low <= high);
        const auto span = static_cast<std::uint64_t>(high - low) + 1;
        return low + static_cast<std::int64_t>((static_cast<unsigned __int128>(next()) * span) >> 64);
    }
    bool chance(std::int64_t permille) { return between(0, 999) < permille; }

private:
    std::uint64_t state_;
};

}  // namespace tianqu::city
