#pragma once

#include "dispatch/flow_state.hpp"

namespace tianqu::dispatch {

/// Makes every amount of a session with a least power either zero or at least that power, without passing any limit.
/// Going through the slots in time, a session's debt is what the plan had given it so far less what it really got;
/// debts are paid in whole powers, the largest first, so that cars below their minimum take turns and none is left out
/// for good.
void keep_minimum_power(FlowState& state);

}  // namespace tianqu::dispatch
