#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace tianqu::simulation {

/// Random numbers as a function of seed, stream and position: two streams never depend on each other or on the order in
/// which they are read, and the numbers are the same on every machine (whole numbers only, no standard-library
/// distributions).
class Random {
public:
    /// `stream` names what the numbers are for, e.g. {hash of the charger, connector, day}.
    Random(std::uint64_t seed, std::initializer_list<std::uint64_t> stream);

    [[nodiscard]] std::uint64_t next();
    /// A whole number from `low` to `high`, both included. Requires low <= high.
    [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high);
    /// The mean of two such numbers: triangular, most likely in the middle.
    [[nodiscard]] std::int64_t middling(std::int64_t low, std::int64_t high);
    /// True so many times in a thousand.
    [[nodiscard]] bool chance(std::int64_t permille);
    /// A position with likelihood proportional to its weight. Requires a positive sum.
    [[nodiscard]] std::size_t pick(std::span<const int> weights);

private:
    std::uint64_t key_;
    std::uint64_t position_ = 0;
};

/// A stable hash of a text, for naming streams.
[[nodiscard]] std::uint64_t hash_text(std::string_view text);

}  // namespace tianqu::simulation
