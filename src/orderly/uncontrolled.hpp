#pragma once

/// The same car without orderly charging: full power from the moment it is plugged in until it has its energy.

#include <span>

#include "charging/state.hpp"
#include "tariff/tariff.hpp"

namespace tianqu::orderly {

struct Uncontrolled {
    TimePoint from, until;
    Watts power;
    WattHours energy;
};

/// Of an ended session with the energy it got, of a running one with its target. `maximum` is its connector's.
[[nodiscard]] Uncontrolled uncontrolled(const charging::Session& session, Watts maximum);
/// What that energy would have cost. `not_found` where the tariff has no price.
[[nodiscard]] Result<Money> uncontrolled_cost(const tariff::Tariff& tariff, const Uncontrolled& uncontrolled);
/// Adds its mean power to each slot: by_slot[i] is [start + i × slot, start + (i + 1) × slot).
void add_to_curve(const Uncontrolled& uncontrolled, TimePoint start, Milliseconds slot, std::span<Watts> by_slot);

}  // namespace tianqu::orderly
