#pragma once

#include "orderly/orderly.hpp"

namespace tianqu::orderly {

/// A session of a plan, and what the plan says of it.
struct Planned {
    const Snapshot& snapshot;
    const dispatch::Plan& plan;
    std::size_t index;
    dispatch::Reason reason;
};

/// Sentences about a session that is in the plan.
[[nodiscard]] Explanation explain_planned(const charging::State& state, const charging::Session& session,
                                          const Planned& planned, const Settings& settings, TimePoint now);
/// About one that is not.
[[nodiscard]] Explanation explain_outside(std::string reason, Watts permitted);

}  // namespace tianqu::orderly
