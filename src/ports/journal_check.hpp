#pragma once

#include <cstddef>
#include <vector>

#include "ports/journal.hpp"

namespace tianqu::ports {

/// What every adapter's `append` checks first: `invalid_input` for no event, `too_large` for more than the queue can
/// ever hold.
[[nodiscard]] Status check_append(std::size_t events, std::size_t limit);

/// Walks over a journal once and names the first thing that is wrong.
class ChainCheck {
public:
    explicit ChainCheck(std::vector<Segment> segments) : segments_(std::move(segments)) {}

    /// The next event with the hash stored beside it. `corrupt` with the field "sequence" or "segment".
    [[nodiscard]] Status next(const EventRecord& event, const Sha256& stored);
    [[nodiscard]] Result<VerifyReport> finish() const;

private:
    [[nodiscard]] Status check_segment_end(std::int64_t sequence);

    std::vector<Segment> segments_;
    std::size_t segments_done_ = 0;
    std::int64_t segment_start_ = 1;
    VerifyReport report_;
};

}  // namespace tianqu::ports
