#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "dispatch/planner.hpp"

namespace tianqu::dispatch {

/// The classical on-line rules, for comparison. In every slot each rule orders the present sessions and gives the first
/// ones their maximum while the limits hold; as planners they are stepped through the horizon slot by slot.
enum class Policy : std::uint8_t {
    uncontrolled,       ///< everyone at maximum at once; knows no node limits
    first_come,         ///< earlier arrival first
    earliest_deadline,  ///< earlier departure first
    least_laxity,       ///< least (time left − time needed at maximum) first
    round_robin,        ///< small equal increments in turn until limits or maxima are reached
    orderly             ///< make_orderly_planner
};

/// "uncontrolled", "fcfs", "edf", "llf", "rr", "orderly"
[[nodiscard]] std::string_view enum_name(Policy policy);
[[nodiscard]] Result<Policy> parse_policy(std::string_view name);

[[nodiscard]] std::unique_ptr<Planner> make_policy(Policy policy);

}  // namespace tianqu::dispatch
