#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "base/time.hpp"
#include "ocpp/peer.hpp"

namespace tianqu::simulation {

/// Numbers a transaction at its charger before the operator has given it an id.
using LocalTransaction = std::uint64_t;

/// What a charger still has to say. Transactional messages outlive the connection, go out in their order with the times
/// at which they happened, and again when they are not answered; the others are lost with the connection.
class Outbox {
public:
    struct Entry {
        ocpp::v16::Request request;
        bool transactional = false;
        LocalTransaction transaction = 0;  ///< of a transactional message
        std::int64_t connector = 0;        ///< what an ordinary message is about
        int attempts = 0;
        std::uint64_t order = 0;
        TimePoint not_before{};
    };
    struct Limits {
        std::size_t transactional = 5'000;  ///< above it meter values are dropped, oldest first
        std::size_t ordinary = 200;         ///< above it nothing is added
    };

    Outbox() = default;
    explicit Outbox(Limits limits) : limits_(limits) {}

    void add(ocpp::v16::Request request, std::int64_t connector = 0);
    /// Goes before everything that waits.
    void add_first(ocpp::v16::Request request, std::int64_t connector = 0);
    void add_transactional(ocpp::v16::Request request, LocalTransaction transaction);
    /// The operator's id of a transaction; messages of it that wait will carry it.
    void set_transaction_id(LocalTransaction transaction, std::int64_t id);

    /// The message to send now, which is then under way, or nothing. One is under way at a time.
    [[nodiscard]] std::optional<ocpp::v16::Request> next(TimePoint now, bool transactional_allowed);
    /// When `next` may have more to say than now; nothing while a message is under way.
    [[nodiscard]] std::optional<TimePoint> next_due() const;
    [[nodiscard]] const Entry* under_way() const { return under_way_ ? &*under_way_ : nullptr; }

    enum class Fate : std::uint8_t { delivered, try_again, give_up };
    /// The message under way is over. `try_again` keeps a transactional one, for `retry_at` at the earliest.
    void settle(Fate fate, TimePoint retry_at = {});
    /// The connection is gone: ordinary messages are lost, the transactional one under way waits again.
    void connection_lost();

    [[nodiscard]] std::size_t transactional_waiting() const;
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

private:
    [[nodiscard]] bool fill_transaction_id(Entry& entry) const;

    Limits limits_;
    std::deque<Entry> transactional_;
    std::deque<Entry> ordinary_;
    std::optional<Entry> under_way_;
    std::map<LocalTransaction, std::int64_t> ids_;
    std::uint64_t order_ = 1;
    std::uint64_t dropped_ = 0;
};

}  // namespace tianqu::simulation
