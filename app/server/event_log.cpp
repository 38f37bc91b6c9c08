#include "app/server/event_log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>

#include "base/log.hpp"

namespace tianqu::server {

ports::EventRecord to_record(const charging::Event& event) {
    return ports::EventRecord{.sequence = 0,
                              .type = charging::event_type(event.body),
                              .tenant = event.tenant,
                              .principal = event.principal,
                              .received = event.received,
                              .claimed = event.claimed,
                              .reason = event.reason,
                              .payload = charging::encode_body(event.body)};
}

Result<charging::Event> to_event(const ports::EventRecord& record) {
    auto body = charging::decode_body(record.type, record.payload);
    if (!body) return std::unexpected(body.error());
    return charging::Event{.tenant = record.tenant,
                           .principal = record.principal,
                           .received = record.received,
                           .claimed = record.claimed,
                           .reason = record.reason,
                           .body = std::move(*body)};
}

/// What the journal's thread tells the core thread.
struct EventLog::Shared {
    std::atomic<std::int64_t> durable{0};
    std::atomic<bool> drain_posted{false};
    std::atomic<bool> failed{false};
    std::mutex mutex;  // guards failure
    Error failure;
    EventLog* owner = nullptr;  // core thread only
};

EventLog::EventLog(boost::asio::io_context& core, ports::Journal& journal, Fold fold)
    : core_(core),
      journal_(journal),
      fold_(std::move(fold)),
      shared_(std::make_shared<Shared>()),
      last_recorded_(journal.last_sequence()) {
    shared_->durable = last_recorded_;
    shared_->owner = this;
}

EventLog::~EventLog() { shared_->owner = nullptr; }

Status EventLog::record(std::vector<charging::Event> events, Done done) {
    std::vector<ports::EventRecord> records;
    records.reserve(events.size());
    for (const auto& event : events) records.push_back(to_record(event));
    return append(std::move(records), &events, std::move(done));
}

Status EventLog::record_encoded(std::vector<ports::EventRecord> records, Done done) {
    return append(std::move(records), nullptr, std::move(done));
}

Status EventLog::append(std::vector<ports::EventRecord> records, std::vector<charging::Event>* bodies, Done done) {
    if (!health_) return health_;
    if (records.empty()) {
        if (!done) return {};
        if (shared_->durable >= last_recorded_) {
            boost::asio::post(core_, [done = std::move(done)] { done({}); });
        } else {
            waiting_.push_back({last_recorded_, std::move(done)});
        }
        return {};
    }
    const auto count = static_cast<std::int64_t>(records.size());
    auto kept = records;
    auto completion = [shared = shared_, count, &core = core_](Status status) {
        if (status) {
            // Completions come in append order, so the newest durable sequence is a running sum.
            shared->durable += count;
        } else {
            const std::lock_guard lock(shared->mutex);
            shared->failure = status.error();
            shared->failed = true;
        }
        if (shared->drain_posted.exchange(true)) return;
        boost::asio::post(core, [shared] {
            shared->drain_posted = false;
            if (shared->owner != nullptr) shared->owner->drain();
        });
    };
    const auto first = journal_.append(std::move(records), std::move(completion));
    if (!first) {
        if (first.error().code == ErrorCode::storage_failure) health_ = std::unexpected(first.error());
        return std::unexpected(first.error());
    }
    last_recorded_ = *first + count - 1;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        kept[i].sequence = *first + static_cast<std::int64_t>(i);
        fold_(kept[i], bodies == nullptr ? nullptr : &(*bodies)[i]);
    }
    if (done) waiting_.push_back({last_recorded_, std::move(done)});
    return {};
}

void EventLog::drain() {
    const std::int64_t durable = shared_->durable;
    while (!waiting_.empty() && waiting_.front().sequence <= durable) {
        const Done done = std::move(waiting_.front().done);
        waiting_.pop_front();
        done({});
    }
    if (!shared_->failed || !health_) return;
    {
        const std::lock_guard lock(shared_->mutex);
        health_ = std::unexpected(shared_->failure);
    }
    log_event(LogLevel::error, "journal_failed", {{"error", health_.error().to_string()}});
    auto abandoned = std::move(waiting_);
    waiting_.clear();
    for (const auto& entry : abandoned) entry.done(health_);
}

}  // namespace tianqu::server
