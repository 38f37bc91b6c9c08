#include "simulation/trouble.hpp"

#include <array>
#include <chrono>

#include "simulation/random.hpp"

namespace tianqu::simulation {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::uint64_t trouble_stream = 0x7472'6f75;

/// Offline spells are the commonest, a dead charger the rarest.
constexpr std::array<int, 3> kind_weights{6, 3, 1};
constexpr std::array<ocpp::v16::ChargePointErrorCode, 4> errors{
    ocpp::v16::ChargePointErrorCode::ground_failure, ocpp::v16::ChargePointErrorCode::high_temperature,
    ocpp::v16::ChargePointErrorCode::over_current_failure, ocpp::v16::ChargePointErrorCode::connector_lock_failure};

}  // namespace

Trouble next_trouble(std::uint64_t seed, std::uint64_t charger, std::size_t connectors, std::int64_t chance_permille,
                     TimePoint from) {
    Trouble trouble;
    trouble.begin = trouble.end = never;
    if (chance_permille <= 0 || connectors == 0) return trouble;
    const std::int64_t first_day = to_milliseconds(from) / day_ms;
    for (std::int64_t day = first_day; day < first_day + 3'660; ++day) {
        Random random(seed, {charger, trouble_stream, static_cast<std::uint64_t>(day)});
        if (!random.chance(chance_permille)) continue;
        const TimePoint begin = from_milliseconds(day * day_ms + random.between(0, day_ms - 1));
        if (begin < from) continue;
        trouble.kind = static_cast<Trouble::Kind>(random.pick(kind_weights));
        trouble.begin = begin;
        trouble.end = begin + Milliseconds{random.middling(2 * minute_ms, 60 * minute_ms)};
        trouble.connector = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(connectors) - 1));
        trouble.error = errors[static_cast<std::size_t>(random.between(0, errors.size() - 1))];
        return trouble;
    }
    return trouble;
}

}  // namespace tianqu::simulation
