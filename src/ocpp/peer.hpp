#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "ocpp/fields.hpp"
#include "ocpp/frame.hpp"
#include "ocpp/v16/messages.hpp"

namespace tianqu::ocpp {

struct PeerOptions {
    Role role = Role::central_system;
    Validation validation = Validation::tolerant;
    FrameLimits limits;
    Milliseconds call_timeout{30'000};
    std::size_t queue_limit = 64;         ///< our calls waiting for their turn
    std::size_t open_inbound_limit = 32;  ///< calls of the other side we have not answered yet
    std::string message_id_prefix;        ///< makes our message ids unique across connections; at most 20 characters
};

/// Each counts since the connection was made.
struct PeerCounters {
    std::uint64_t frames_in = 0;
    std::uint64_t calls_in = 0;
    std::uint64_t calls_refused = 0;       ///< answered with a CALLERROR by the peer itself
    std::uint64_t broken_frames = 0;       ///< no frame at all, or too large
    std::uint64_t unknown_types = 0;       ///< message type numbers the standard does not know
    std::uint64_t flagged_calls = 0;       ///< accepted with flags
    std::uint64_t unexpected_answers = 0;  ///< late answers and answers to nothing, ignored
    std::uint64_t broken_answers = 0;      ///< answers to our calls that could not be read
    std::uint64_t calls_out = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t queue_full = 0;       ///< our calls refused because too many were waiting
    std::uint64_t inbound_full = 0;     ///< their calls refused because too many were open
    std::uint64_t invalid_answers = 0;  ///< answers of our own side that the schema would not allow
};

/// Names an unanswered call of the other side.
using InboundNumber = std::uint64_t;
/// Names a call of ours until it completes.
using CallNumber = std::uint64_t;

template <class Protocol>
struct InboundCall {
    InboundNumber number = 0;
    std::string message_id;
    typename Protocol::Request request;
    std::vector<Flag> flags;
    std::string payload_json;  ///< as received
};

enum class CallOutcome : std::uint8_t {
    answered,
    refused,     ///< with a CALLERROR
    unreadable,  ///< answered with something that is no answer to this call
    timed_out,
    disconnected,
};
[[nodiscard]] std::string_view enum_name(CallOutcome outcome);

template <class Protocol>
struct CompletedCall {
    CallNumber number = 0;
    typename Protocol::Request request;
    CallOutcome outcome = CallOutcome::answered;
    bool sent = true;                                     ///< false: the connection ended while it waited for its turn
    std::optional<typename Protocol::Response> response;  ///< when answered
    std::vector<Flag> flags;
    std::string payload_json;  ///< the answer as received; for a CALLERROR its details, empty when it has none
    std::string error_code;    ///< of a CALLERROR, as received
    std::string error_text;
};

/// A call of the other side that the peer refused by itself, for the log.
struct RefusedCall {
    std::string action;  ///< empty when it could not be read
    Refusal refusal;
};

/// What a step of the peer leads to, in order.
template <class Protocol>
struct PeerOutput {
    std::vector<std::string> frames;  ///< to send
    std::vector<InboundCall<Protocol>> calls;
    std::vector<CompletedCall<Protocol>> completed;
    std::vector<RefusedCall> refused;
};

/// One side of an OCPP-J connection, for the server and for virtual chargers alike. Pure: bytes and the time come in,
/// frames to send and typed calls come out. At most one call of ours is unanswered at a time, as the standard demands;
/// the other side's calls go on meanwhile in both directions; a call without an answer times out and makes room for the
/// next.
template <class Version>
class Peer {
public:
    using Protocol = Version;
    using Request = typename Version::Request;
    using Response = typename Version::Response;
    using Output = PeerOutput<Version>;

    explicit Peer(PeerOptions options);
    ~Peer();
    Peer(Peer&&) noexcept;
    Peer& operator=(Peer&&) noexcept;

    /// A text frame arrived.
    [[nodiscard]] Output on_frame(std::string_view text, TimePoint now);
    /// Some time passed: completes a call that waited too long. `next_deadline` says when this is due.
    [[nodiscard]] Output on_time(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> next_deadline() const;
    /// The connection is gone: everything of ours that is under way or waiting completes as disconnected.
    [[nodiscard]] Output on_close();

    /// Queues a call. Errors: invalid_input (the schema does not allow it, or this side may not send it), too_large
    /// (the queue is full). `urgent` puts it before those that wait (a lowering of power before a raise).
    [[nodiscard]] Result<CallNumber> call(Request request, bool urgent = false);
    /// The frames of calls that may be sent now; call after `call`.
    [[nodiscard]] Output flush(TimePoint now);

    /// Answers an inbound call, once. An unknown number is ignored: the answer was already given.
    [[nodiscard]] Output answer(InboundNumber number, const Response& response);
    [[nodiscard]] Output refuse(InboundNumber number, CallErrorCode code, std::string_view text);

    [[nodiscard]] const PeerCounters& counters() const;
    /// Our calls that wait or are under way.
    [[nodiscard]] std::size_t calls_pending() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

extern template class Peer<v16::Protocol>;

namespace v16 {
using Peer = ocpp::Peer<Protocol>;
using PeerOutput = ocpp::PeerOutput<Protocol>;
using InboundCall = ocpp::InboundCall<Protocol>;
using CompletedCall = ocpp::CompletedCall<Protocol>;
}  // namespace v16

}  // namespace tianqu::ocpp
