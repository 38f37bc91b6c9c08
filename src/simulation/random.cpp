#include "simulation/random.hpp"

#include "base/assertion.hpp"

namespace tianqu::simulation {

namespace {

/// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58'476d'1ce4'e5b9U;
    value = (value ^ (value >> 27)) * 0x94d0'49bb'1331'11ebU;
    return value ^ (value >> 31);
}

constexpr std::uint64_t golden = 0x9e37'79b9'7f4a'7c15U;

}  // namespace

Random::Random(std::uint64_t seed, std::initializer_list<std::uint64_t> stream) : key_(mix(seed + golden)) {
    for (const std::uint64_t part : stream) key_ = mix(key_ + golden + mix(part + golden));
}

std::uint64_t Random::next() { return mix(key_ + golden * ++position_); }

std::int64_t Random::between(std::int64_t low, std::int64_t high) {
    TIANQU_ASSERT(low <= high);
    __extension__ using Wide = unsigned __int128;
    const auto range = static_cast<Wide>(high - low) + 1;
    return low + static_cast<std::int64_t>(static_cast<std::uint64_t>((static_cast<Wide>(next()) * range) >> 64));
}

std::int64_t Random::middling(std::int64_t low, std::int64_t high) {
    const std::int64_t first = between(low, high);
    return (first + between(low, high)) / 2;
}

bool Random::chance(std::int64_t permille) { return between(0, 999) < permille; }

std::size_t Random::pick(std::span<const int> weights) {
    std::int64_t sum = 0;
    for (const int weight : weights) sum += weight;
    TIANQU_ASSERT(sum > 0);
    std::int64_t rest = between(0, sum - 1);
    std::size_t position = 0;
    while (rest >= weights[position]) rest -= weights[position++];
    return position;
}

std::uint64_t hash_text(std::string_view text) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;  // FNV-1a
    for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x0000'0100'0000'01b3U;
    return mix(hash);
}

}  // namespace tianqu::simulation
