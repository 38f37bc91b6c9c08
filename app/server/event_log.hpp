#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "charging/events.hpp"
#include "ports/journal.hpp"

namespace boost::asio {
class io_context;
}

namespace tianqu::server {

/// An event as the journal keeps it, and back. Errors of reading: `unsupported` (a newer release wrote it), `corrupt`.
[[nodiscard]] ports::EventRecord to_record(const charging::Event& event);
[[nodiscard]] Result<charging::Event> to_event(const ports::EventRecord& record);

/// The one way into journal and state: an event is handed to the journal and folded into the state in the same order,
/// and whoever must wait until it is durable is called on the core thread. After a storage failure nothing is recorded
/// or confirmed any more.
class EventLog {
public:
    using Fold = std::function<void(const ports::EventRecord&, const charging::Event*)>;
    using Done = std::function<void(Status)>;

    /// `fold` applies a recorded event to the state; the domain event is given where there is one.
    EventLog(boost::asio::io_context& core, ports::Journal& journal, Fold fold);
    ~EventLog();

    /// Records events that follow from each other: all or none. `done` (may be empty) is called when they are durable.
    /// An empty list with `done` waits for everything recorded so far. Errors at once: `unavailable` (queue full),
    /// `storage_failure`.
    Status record(std::vector<charging::Event> events, Done done = {});
    /// The same for events of another module, already encoded (sequence is ignored).
    Status record_encoded(std::vector<ports::EventRecord> records, Done done = {});

    [[nodiscard]] std::int64_t recorded() const { return last_recorded_; }  ///< sequence of the newest event
    [[nodiscard]] const Status& health() const { return health_; }

private:
    struct Waiting {
        std::int64_t sequence;
        Done done;
    };
    struct Shared;

    Status append(std::vector<ports::EventRecord> records, std::vector<charging::Event>* bodies, Done done);
    void drain();

    boost::asio::io_context& core_;
    ports::Journal& journal_;
    Fold fold_;
    std::shared_ptr<Shared> shared_;
    std::deque<Waiting> waiting_;
    std::int64_t last_recorded_ = 0;
    Status health_;
};

}  // namespace tianqu::server
