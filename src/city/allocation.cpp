#include "city/allocation.hpp"

#include <algorithm>
#include <numeric>

#include "base/assertion.hpp"

namespace tianqu::city {

std::vector<std::int64_t> allocate(std::int64_t total, std::span<const std::int64_t> weights, std::int64_t minimum) {
    const auto count = static_cast<std::int64_t>(weights.size());
    const auto weight_sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    TIANQU_ASSERT(total >= 0 && weight_sum > 0);
    const auto first = total >= minimum * count ? minimum : 0;
    const auto shared = total - first * count;
    std::vector<std::int64_t> parts;
    std::vector<std::pair<std::int64_t, std::size_t>> remainders;
    auto left = shared;
    for (std::size_t at = 0; at < weights.size(); ++at) {
        const auto product = static_cast<__int128>(shared) * weights[at];
        const auto whole = static_cast<std::int64_t>(product / weight_sum);
        parts.push_back(first + whole);
        remainders.emplace_back(static_cast<std::int64_t>(product % weight_sum), at);
        left -= whole;
    }
    std::ranges::sort(remainders, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    for (std::size_t rank = 0; rank < static_cast<std::size_t>(left); ++rank) ++parts[remainders[rank].second];
    return parts;
}

}  // namespace tianqu::city
