#pragma once

#include "orderly/head_room.hpp"
#include "orderly/need.hpp"
#include "orderly/permissions.hpp"

namespace tianqu::orderly {

/// Everything known at `now` as a dispatch problem with the sessions that a plan can decide on.
[[nodiscard]] std::shared_ptr<const Snapshot> build_problem(const charging::State& state, const tariff::Tariff& tariff,
                                                            const Settings& settings, const Observations& observations,
                                                            const HeadRoom& head_room, const Permissions& permissions,
                                                            TimePoint now);

/// Index into `Problem::prices`.
inline constexpr int tariff_group = 0;
/// For cars that shall charge at once: later is always dearer.
inline constexpr int at_once_group = 1;

}  // namespace tianqu::orderly
