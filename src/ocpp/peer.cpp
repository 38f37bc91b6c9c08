#include "ocpp/peer.hpp"

#include <algorithm>
#include <utility>

#include "base/assertion.hpp"
#include "base/json_writer.hpp"

namespace tianqu::ocpp {

namespace {

constexpr std::size_t prefix_length = 20;

std::string details_of(const Refusal& refusal) {
    JsonWriter json;
    json.begin_object();
    if (!refusal.field.empty()) json.field("field", refusal.field);
    json.field("expected", refusal.expected);
    json.end_object();
    return json.take();
}

}  // namespace

std::string_view enum_name(CallOutcome outcome) {
    switch (outcome) {
        case CallOutcome::answered:
            return "answered";
        case CallOutcome::refused:
            return "refused";
        case CallOutcome::unreadable:
            return "unreadable";
        case CallOutcome::timed_out:
            return "timed_out";
        case CallOutcome::disconnected:
            return "disconnected";
    }
    return "disconnected";
}

template <class Version>
struct Peer<Version>::State {
    using Action = typename Version::Action;

    struct Waiting {
        CallNumber number = 0;
        Request request;
        bool urgent = false;
    };
    struct UnderWay {
        Waiting call;
        std::string message_id;
        TimePoint deadline;
    };
    struct Open {
        InboundNumber number = 0;
        std::string message_id;
        Action action;
    };

    explicit State(PeerOptions given) : options(std::move(given)) {
        if (options.message_id_prefix.size() > prefix_length) options.message_id_prefix.resize(prefix_length);
    }

    PeerOptions options;
    PeerCounters counters;
    std::vector<Waiting> queue;
    std::optional<UnderWay> current;
    std::vector<Open> open;
    CallNumber last_call = 0;
    InboundNumber last_inbound = 0;

    void handle(const CallFrame& frame, Output& output);
    void handle(const CallResultFrame& frame, Output& output);
    void handle(const CallErrorFrame& frame, Output& output);
    void handle(const BrokenFrame& frame, Output& output);

    void reject(std::string_view message_id, std::string_view action, Refusal refusal, Output& output);
    void accept(const CallFrame& frame, Action action, Reading<Request> reading, Output& output);
    void complete(CompletedCall<Version> completed, Output& output);
    void send_next(TimePoint now, Output& output);
    std::optional<Open> take_open(InboundNumber number);
};

template <class Version>
void Peer<Version>::State::reject(std::string_view message_id, std::string_view action, Refusal refusal,
                                  Output& output) {
    ++counters.calls_refused;
    output.frames.push_back(write_call_error(message_id, refusal.code, refusal.text(), details_of(refusal)));
    output.refused.push_back(RefusedCall{std::string(action), std::move(refusal)});
}

template <class Version>
void Peer<Version>::State::handle(const CallFrame& frame, Output& output) {
    ++counters.calls_in;
    const auto action = Version::find_action(frame.action);
    const Refusal not_ours{CallErrorCode::not_supported, "action", json_quoted(frame.action),
                           "an action this side answers"};
    if (!action) {
        const bool known = Version::known_elsewhere(frame.action);
        reject(frame.message_id, frame.action,
               known ? not_ours
                     : Refusal{CallErrorCode::not_implemented, "action", json_quoted(frame.action),
                               "an action of the standard"},
               output);
        return;
    }
    if (!may_send(other_side(options.role), *action)) return reject(frame.message_id, frame.action, not_ours, output);
    auto reading = read_request(*action, *frame.payload, options.validation);
    if (!reading) return reject(frame.message_id, frame.action, std::move(reading.error()), output);
    if (open.size() >= options.open_inbound_limit) {
        ++counters.inbound_full;
        return reject(frame.message_id, frame.action,
                      Refusal{CallErrorCode::generic_error, {}, "one call too many", "an answer before the next call"},
                      output);
    }
    accept(frame, *action, std::move(*reading), output);
}

template <class Version>
void Peer<Version>::State::accept(const CallFrame& frame, Action action, Reading<Request> reading, Output& output) {
    if (frame.long_message_id) {
        reading.flags.push_back(Flag{"messageId", Problem::too_long, std::string(frame.message_id)});
    }
    if (!reading.flags.empty()) ++counters.flagged_calls;
    open.push_back(Open{++last_inbound, std::string(frame.message_id), action});
    output.calls.push_back(InboundCall<Version>{.number = last_inbound,
                                                .message_id = std::string(frame.message_id),
                                                .request = std::move(reading.message),
                                                .flags = std::move(reading.flags),
                                                .payload_json = std::string(frame.payload->source)});
}

template <class Version>
void Peer<Version>::State::complete(CompletedCall<Version> completed, Output& output) {
    TIANQU_ASSERT(current.has_value());
    completed.number = current->call.number;
    completed.request = std::move(current->call.request);
    current.reset();
    output.completed.push_back(std::move(completed));
}

template <class Version>
void Peer<Version>::State::handle(const CallResultFrame& frame, Output& output) {
    if (!current || current->message_id != frame.message_id) {
        ++counters.unexpected_answers;
        return;
    }
    CompletedCall<Version> completed{.payload_json = std::string(frame.payload->source)};
    auto reading = read_response(action_of(current->call.request), *frame.payload, options.validation);
    if (reading) {
        completed.response = std::move(reading->message);
        completed.flags = std::move(reading->flags);
    } else {
        ++counters.broken_answers;
        completed.outcome = CallOutcome::unreadable;
        completed.error_code = enum_name(reading.error().code);
        completed.error_text = reading.error().text();
    }
    complete(std::move(completed), output);
}

template <class Version>
void Peer<Version>::State::handle(const CallErrorFrame& frame, Output& output) {
    if (!current || current->message_id != frame.message_id) {
        ++counters.unexpected_answers;
        return;
    }
    complete(CompletedCall<Version>{.outcome = CallOutcome::refused,
                                    .payload_json = std::string(frame.details_json),
                                    .error_code = std::string(frame.code),
                                    .error_text = std::string(frame.description)},
             output);
}

template <class Version>
void Peer<Version>::State::handle(const BrokenFrame& frame, Output& output) {
    if (frame.unknown_type) {
        ++counters.unknown_types;
        return;
    }
    if (frame.answer == BrokenFrame::Answer::call_error) {
        ++counters.broken_frames;
        reject(frame.message_id, {}, Refusal{frame.code, "frame", "broken", frame.text}, output);
        return;
    }
    ++counters.broken_answers;
    if (!frame.names_our_call || !current || current->message_id != frame.message_id) return;
    complete(CompletedCall<Version>{.outcome = CallOutcome::unreadable,
                                    .error_code = std::string(enum_name(frame.code)),
                                    .error_text = frame.text},
             output);
}

template <class Version>
void Peer<Version>::State::send_next(TimePoint now, Output& output) {
    if (current || queue.empty()) return;
    UnderWay next{.call = std::move(queue.front()), .message_id = {}, .deadline = now + options.call_timeout};
    queue.erase(queue.begin());
    next.message_id = options.message_id_prefix + std::to_string(next.call.number);
    output.frames.push_back(
        write_call(next.message_id, action_name(action_of(next.call.request)), write_payload(next.call.request)));
    current = std::move(next);
    ++counters.calls_out;
}

template <class Version>
std::optional<typename Peer<Version>::State::Open> Peer<Version>::State::take_open(InboundNumber number) {
    const auto at = std::ranges::find(open, number, &Open::number);
    if (at == open.end()) return std::nullopt;
    Open found = std::move(*at);
    open.erase(at);
    return found;
}

template <class Version>
Peer<Version>::Peer(PeerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
template <class Version>
Peer<Version>::~Peer() = default;
template <class Version>
Peer<Version>::Peer(Peer&&) noexcept = default;
template <class Version>
Peer<Version>& Peer<Version>::operator=(Peer&&) noexcept = default;

template <class Version>
typename Peer<Version>::Output Peer<Version>::on_frame(std::string_view text, TimePoint now) {
    ++state_->counters.frames_in;
    Output output;
    JsonDocument document;
    const Frame frame = read_frame(text, document, state_->options.validation, state_->options.limits);
    std::visit([&](const auto& kind) { state_->handle(kind, output); }, frame);
    state_->send_next(now, output);
    return output;
}

template <class Version>
typename Peer<Version>::Output Peer<Version>::on_time(TimePoint now) {
    Output output;
    if (state_->current && now >= state_->current->deadline) {
        ++state_->counters.timed_out;
        state_->complete(CompletedCall<Version>{.outcome = CallOutcome::timed_out, .error_text = "no answer in time"},
                         output);
    }
    state_->send_next(now, output);
    return output;
}

template <class Version>
std::optional<TimePoint> Peer<Version>::next_deadline() const {
    if (!state_->current) return std::nullopt;
    return state_->current->deadline;
}

template <class Version>
typename Peer<Version>::Output Peer<Version>::on_close() {
    Output output;
    const auto ended = [] {
        return CompletedCall<Version>{.outcome = CallOutcome::disconnected, .error_text = "the connection ended"};
    };
    if (state_->current) state_->complete(ended(), output);
    for (auto& waiting : state_->queue) {
        auto completed = ended();
        completed.number = waiting.number;
        completed.request = std::move(waiting.request);
        completed.sent = false;
        output.completed.push_back(std::move(completed));
    }
    state_->queue.clear();
    state_->open.clear();
    return output;
}

template <class Version>
Result<CallNumber> Peer<Version>::call(Request request, bool urgent) {
    if (!may_send(state_->options.role, action_of(request))) {
        return fail(Error{ErrorCode::invalid_input,
                          "this side of a connection does not send the action",
                          {{"action", std::string(action_name(action_of(request)))}}});
    }
    if (const auto refusal = check(request)) return fail(refusal->to_error());
    if (state_->queue.size() >= state_->options.queue_limit) {
        ++state_->counters.queue_full;
        return fail(Error{ErrorCode::too_large,
                          "too many calls wait for this connection",
                          {{"limit", std::to_string(state_->options.queue_limit)}}});
    }
    auto& queue = state_->queue;
    const auto at = urgent ? std::ranges::find(queue, false, &State::Waiting::urgent) : queue.end();
    queue.insert(at, typename State::Waiting{++state_->last_call, std::move(request), urgent});
    return state_->last_call;
}

template <class Version>
typename Peer<Version>::Output Peer<Version>::flush(TimePoint now) {
    Output output;
    state_->send_next(now, output);
    return output;
}

template <class Version>
typename Peer<Version>::Output Peer<Version>::answer(InboundNumber number, const Response& response) {
    Output output;
    const auto open = state_->take_open(number);
    if (!open) return output;
    TIANQU_ASSERT(action_of(response) == open->action);
    if (const auto refusal = check(response)) {
        ++state_->counters.invalid_answers;
        output.frames.push_back(write_call_error(open->message_id, CallErrorCode::internal_error, refusal->text()));
        return output;
    }
    output.frames.push_back(write_call_result(open->message_id, write_payload(response)));
    return output;
}

template <class Version>
typename Peer<Version>::Output Peer<Version>::refuse(InboundNumber number, CallErrorCode code, std::string_view text) {
    Output output;
    const auto open = state_->take_open(number);
    if (open) output.frames.push_back(write_call_error(open->message_id, code, text));
    return output;
}

template <class Version>
const PeerCounters& Peer<Version>::counters() const {
    return state_->counters;
}

template <class Version>
std::size_t Peer<Version>::calls_pending() const {
    return state_->queue.size() + (state_->current ? 1 : 0);
}

template class Peer<v16::Protocol>;

}  // namespace tianqu::ocpp
