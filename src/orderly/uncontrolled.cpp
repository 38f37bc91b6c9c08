#include "orderly/uncontrolled.hpp"

#include <algorithm>

namespace tianqu::orderly {

Uncontrolled uncontrolled(const charging::Session& session, Watts maximum) {
    Uncontrolled result{.from = session.started, .until = session.started, .power = maximum};
    const auto wanted = session.ended ? session.energy : std::max(session.energy, session.target);
    if (maximum.count <= 0 || wanted.count <= 0) return result;
    result.energy = wanted;
    const Milliseconds needed{multiply_divide(wanted.count, 3'600'000, maximum.count)};
    result.until = result.from + std::max(needed, Milliseconds{1});
    return result;
}

Result<Money> uncontrolled_cost(const tariff::Tariff& tariff, const Uncontrolled& uncontrolled) {
    return tariff.cost_of(uncontrolled.from, uncontrolled.until, uncontrolled.energy);
}

void add_to_curve(const Uncontrolled& uncontrolled, TimePoint start, Milliseconds slot, std::span<Watts> by_slot) {
    for (std::size_t i = 0; i < by_slot.size(); ++i) {
        const auto begin = start + slot * static_cast<std::int64_t>(i);
        const auto from = std::max(begin, uncontrolled.from);
        const auto until = std::min(begin + slot, uncontrolled.until);
        if (from < until)
            by_slot[i] += Watts{multiply_divide(uncontrolled.power.count, (until - from).count(), slot.count())};
    }
}

}  // namespace tianqu::orderly
