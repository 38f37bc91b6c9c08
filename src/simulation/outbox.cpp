#include "simulation/outbox.hpp"

#include <algorithm>

#include "base/assertion.hpp"

namespace tianqu::simulation {

namespace v16 = ocpp::v16;

void Outbox::add(v16::Request request, std::int64_t connector) {
    if (ordinary_.size() >= limits_.ordinary) return;
    Entry entry;
    entry.request = std::move(request);
    entry.connector = connector;
    entry.order = order_++;
    ordinary_.push_back(std::move(entry));
}

void Outbox::add_first(v16::Request request, std::int64_t connector) {
    if (ordinary_.size() >= limits_.ordinary) return;
    Entry entry;
    entry.request = std::move(request);
    entry.connector = connector;
    ordinary_.push_front(std::move(entry));
}

void Outbox::add_transactional(v16::Request request, LocalTransaction transaction) {
    if (transactional_.size() >= limits_.transactional) {
        const auto oldest = std::ranges::find_if(transactional_, [](const Entry& entry) {
            return std::holds_alternative<v16::MeterValuesRequest>(entry.request);
        });
        if (oldest != transactional_.end()) {
            transactional_.erase(oldest);
            ++dropped_;
        }
    }
    Entry entry;
    entry.request = std::move(request);
    entry.transactional = true;
    entry.transaction = transaction;
    entry.order = order_++;
    transactional_.push_back(std::move(entry));
}

void Outbox::set_transaction_id(LocalTransaction transaction, std::int64_t id) { ids_[transaction] = id; }

bool Outbox::fill_transaction_id(Entry& entry) const {
    if (std::holds_alternative<v16::StartTransactionRequest>(entry.request)) return true;
    const auto id = ids_.find(entry.transaction);
    if (id == ids_.end()) return false;
    if (auto* meter = std::get_if<v16::MeterValuesRequest>(&entry.request)) meter->transaction_id = id->second;
    if (auto* stop = std::get_if<v16::StopTransactionRequest>(&entry.request)) stop->transaction_id = id->second;
    return true;
}

std::optional<v16::Request> Outbox::next(TimePoint now, bool transactional_allowed) {
    if (under_way_) return std::nullopt;
    // A message of a transaction whose start was given up belongs to nothing.
    while (!transactional_.empty() && !fill_transaction_id(transactional_.front())) {
        transactional_.pop_front();
        ++dropped_;
    }
    const bool transactional =
        transactional_allowed && !transactional_.empty() && transactional_.front().not_before <= now;
    const bool ordinary = !ordinary_.empty();
    if (!transactional && !ordinary) return std::nullopt;
    const bool take_transactional =
        transactional && (!ordinary || transactional_.front().order < ordinary_.front().order);
    auto& queue = take_transactional ? transactional_ : ordinary_;
    under_way_ = std::move(queue.front());
    queue.pop_front();
    return under_way_->request;
}

std::optional<TimePoint> Outbox::next_due() const {
    if (under_way_) return std::nullopt;
    if (!ordinary_.empty()) return TimePoint{};
    if (transactional_.empty()) return std::nullopt;
    return transactional_.front().not_before;
}

void Outbox::settle(Fate fate, TimePoint retry_at) {
    TIANQU_ASSERT(under_way_.has_value());
    Entry entry = std::move(*under_way_);
    under_way_.reset();
    if (std::holds_alternative<v16::StopTransactionRequest>(entry.request) && fate != Fate::try_again) {
        ids_.erase(entry.transaction);
    }
    if (!entry.transactional || fate == Fate::delivered) return;
    if (fate == Fate::give_up) {
        ++dropped_;
        return;
    }
    ++entry.attempts;
    entry.not_before = retry_at;
    transactional_.push_front(std::move(entry));
}

void Outbox::connection_lost() {
    ordinary_.clear();
    if (!under_way_) return;
    if (under_way_->transactional) {
        transactional_.push_front(std::move(*under_way_));
        transactional_.front().not_before = {};
    }
    under_way_.reset();
}

std::size_t Outbox::transactional_waiting() const {
    return transactional_.size() + (under_way_ && under_way_->transactional ? 1 : 0);
}

}  // namespace tianqu::simulation
