#include "ports/journal_check.hpp"

namespace tianqu::ports {

namespace {
std::unexpected<Error> wrong(std::string text, const char* what, std::int64_t number) {
    return fail(Error{ErrorCode::corrupt, std::move(text), {{what, std::to_string(number)}}});
}
}  // namespace

Status check_append(std::size_t events, std::size_t limit) {
    if (events == 0) return fail(ErrorCode::invalid_input, "no event to append");
    if (events <= limit) return {};
    return fail(Error{ErrorCode::too_large,
                      "more events in one append than the journal's queue holds",
                      {{"events", std::to_string(events)}, {"limit", std::to_string(limit)}}});
}

Status ChainCheck::next(const EventRecord& event, const Sha256& stored) {
    const auto expected = report_.events + 1;
    if (event.sequence != expected) {
        return wrong("event " + std::to_string(expected) + " is missing: after " + std::to_string(expected - 1) +
                         " comes " + std::to_string(event.sequence),
                     "sequence", expected);
    }
    report_.last_hash = chain_hash(report_.last_hash, event);
    if (report_.last_hash != stored) {
        return wrong(
            "the hash of event " + std::to_string(expected) + " does not match: it was changed after it was written",
            "sequence", expected);
    }
    ++report_.events;
    return check_segment_end(expected);
}

Status ChainCheck::check_segment_end(std::int64_t sequence) {
    if (segments_done_ == segments_.size() || segments_[segments_done_].last_sequence != sequence) return {};
    const auto& segment = segments_[segments_done_];
    const auto name = "segment " + std::to_string(segment.number);
    if (segment.number != static_cast<std::int64_t>(segments_done_) + 1 || segment.first_sequence != segment_start_) {
        return wrong(name + " does not follow the one before it", "segment", segment.number);
    }
    if (segment.last_hash != report_.last_hash) {
        return wrong(name + " was sealed with another hash than its last event has", "segment", segment.number);
    }
    ++segments_done_;
    ++report_.segments;
    segment_start_ = sequence + 1;
    return {};
}

Result<VerifyReport> ChainCheck::finish() const {
    if (segments_done_ != segments_.size()) {
        const auto& segment = segments_[segments_done_];
        return wrong("segment " + std::to_string(segment.number) + " ends at event " +
                         std::to_string(segment.last_sequence) + ", which is not there or inside another segment",
                     "segment", segment.number);
    }
    return report_;
}

}  // namespace tianqu::ports
