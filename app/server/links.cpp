#include "app/server/links.hpp"

#include <algorithm>
#include <cctype>

#include "base/assertion.hpp"
#include "base/log.hpp"

namespace tianqu::server {

namespace {

constexpr std::size_t charger_id_limit = 48;
constexpr Milliseconds warning_interval = std::chrono::minutes{1};

bool offers(const std::vector<std::string>& subprotocols, std::string_view wanted) {
    return std::any_of(subprotocols.begin(), subprotocols.end(), [&](const std::string& offered) {
        return std::equal(offered.begin(), offered.end(), wanted.begin(), wanted.end(), [](char a, char b) {
            return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
        });
    });
}

std::string offered_spelling(const std::vector<std::string>& subprotocols, std::string_view wanted) {
    for (const auto& offered : subprotocols) {
        if (offers({offered}, wanted)) return offered;
    }
    return {};
}

}  // namespace

struct Links::Link {
    websocket::ConnectionId connection;
    ChargerId charger;
    std::string address;
    ocpp::v16::Peer peer;
    ocpp::v16::ProfileDialect dialect;
    std::unordered_map<ocpp::CallNumber, Waiting> waiting;
    std::optional<ocpp::CallNumber> configuration_call;
    bool configuration_asked = false;
    TimePoint last_heard{};
    std::optional<Milliseconds> last_warning;
    std::int64_t warnings_withheld = 0;
};

Links::Links(LinkOwner& owner, const ports::Clock& clock, LinkOptions options)
    : owner_(owner), clock_(clock), options_(options) {}
Links::~Links() = default;

Result<ChargerId> charger_of_path(std::string_view path) {
    static constexpr std::string_view prefix = "/ocpp/";
    std::string_view id = path.starts_with(prefix) ? path.substr(prefix.size()) : path.substr(path.rfind('/') + 1);
    while (id.ends_with('/')) id.remove_suffix(1);
    const bool printable =
        std::all_of(id.begin(), id.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
    if (id.empty() || id.size() > charger_id_limit || !printable) {
        return fail(Error{ErrorCode::not_found,
                          "expected the path /ocpp/{charger id} with an id of 1 to 48 printable characters",
                          {{"path", std::string(path.substr(0, 100))}}});
    }
    return ChargerId{id};
}

Result<websocket::Acceptance> Links::accept(const websocket::Handshake& handshake) {
    const auto charger = charger_of_path(handshake.path);
    if (!charger) return std::unexpected(charger.error());
    if (auto admitted = owner_.admit(*charger, handshake.address); !admitted) {
        log_event(LogLevel::warning, "charger_refused",
                  {{"charger", charger->value}, {"address", handshake.address}, {"why", admitted.error().text}});
        return std::unexpected(admitted.error());
    }
    return websocket::Acceptance{offered_spelling(handshake.subprotocols, ocpp::v16::Protocol::subprotocol)};
}

void Links::opened(websocket::ConnectionId connection, const websocket::Handshake& handshake) {
    const auto charger = charger_of_path(handshake.path);
    TIANQU_ASSERT(charger.has_value());
    if (!handshake.subprotocols.empty() && !offers(handshake.subprotocols, ocpp::v16::Protocol::subprotocol)) {
        // OCPP-J 1.6 §3.1.2: complete the handshake without a subprotocol, then close at once.
        log_event(LogLevel::warning, "charger_refused",
                  {{"charger", charger->value}, {"why", "no common subprotocol"}});
        gateway_->close(connection, "no common subprotocol");
        return;
    }
    if (const auto old = by_charger_.find(*charger); old != by_charger_.end()) {
        const auto replaced = old->second;
        gateway_->close(replaced, "replaced by a new connection");
        closed(replaced, "replaced by a new connection");
    }
    ocpp::PeerOptions options;
    options.validation = options_.validation;
    options.call_timeout = options_.call_timeout;
    options.message_id_prefix = std::to_string(connection.value) + "-";
    auto link = std::make_unique<Link>(Link{.connection = connection,
                                            .charger = *charger,
                                            .address = handshake.address,
                                            .peer = ocpp::v16::Peer(std::move(options)),
                                            .dialect = {},
                                            .waiting = {},
                                            .configuration_call = {},
                                            .last_heard = clock_.now(),
                                            .last_warning = {}});
    by_charger_[*charger] = connection;
    links_[connection] = std::move(link);
    owner_.connected(*charger, handshake.address, std::string(ocpp::v16::Protocol::subprotocol));
}

void Links::received(websocket::ConnectionId connection, std::string_view message) {
    Link* link = find(connection);
    if (link == nullptr) return;
    link->last_heard = clock_.now();
    handle(connection, link->peer.on_frame(message, link->last_heard));
}

void Links::closed(websocket::ConnectionId connection, std::string_view cause) {
    const auto found = links_.find(connection);
    if (found == links_.end()) return;
    const auto link = std::move(found->second);
    links_.erase(found);
    if (const auto current = by_charger_.find(link->charger);
        current != by_charger_.end() && current->second == connection) {
        by_charger_.erase(current);
    }
    const auto output = link->peer.on_close();
    for (const auto& completed : output.completed) handle_completed(*link, completed);
    retire(*link);
    owner_.disconnected(link->charger, cause);
}

Links::Link* Links::find(websocket::ConnectionId connection) const {
    const auto found = links_.find(connection);
    return found == links_.end() ? nullptr : found->second.get();
}

Links::Link* Links::find(const ChargerId& charger) const {
    const auto found = by_charger_.find(charger);
    return found == by_charger_.end() ? nullptr : find(found->second);
}

// Any step below may end in the connection being closed and the link forgotten: it is looked up anew after each.
void Links::handle(websocket::ConnectionId connection, ocpp::v16::PeerOutput output) {
    for (auto& frame : output.frames) {
        if (!gateway_->send(connection, std::move(frame))) return;
    }
    for (const auto& refused : output.refused) {
        Link* link = find(connection);
        if (link == nullptr) return;
        warn(*link, refused);
    }
    for (const auto& call : output.calls) handle_call(connection, call);
    for (const auto& completed : output.completed) {
        Link* link = find(connection);
        if (link == nullptr) return;
        handle_completed(*link, completed);
    }
}

void Links::handle_call(websocket::ConnectionId connection, const ocpp::v16::InboundCall& call) {
    Link* link = find(connection);
    if (link == nullptr) return;
    const auto action = ocpp::v16::action_of(call.request);
    ++retired_.calls_by_action[std::string(ocpp::v16::action_name(action))];
    const TimePoint now = clock_.now();
    auto message = ocpp::v16::to_domain(call.request, call.payload_json, now);
    if (!message) {
        warn(*link, ocpp::RefusedCall{std::string(ocpp::v16::action_name(action)), message.error()});
        handle(connection, link->peer.refuse(call.number, message.error().code, message.error().text()));
        return;
    }
    charging::Inbound inbound{.charger = link->charger,
                              .message = std::move(*message),
                              .action = std::string(ocpp::v16::action_name(action)),
                              .flags = {},
                              .raw = {},
                              .received = now};
    for (const auto& flag : call.flags)
        inbound.flags.push_back(flag.field + ": " + std::string(enum_name(flag.problem)));
    if (!inbound.flags.empty()) inbound.raw = call.payload_json;
    owner_.message(inbound, [this, connection, number = call.number, action](const charging::Reply& reply) {
        Link* waiting = find(connection);
        if (waiting == nullptr) return;
        handle(connection, waiting->peer.answer(number, ocpp::v16::to_response(action, reply)));
        if (action == ocpp::v16::Action::boot_notification) ask_configuration(connection);
    });
}

void Links::ask_configuration(websocket::ConnectionId connection) {
    Link* link = find(connection);
    if (link == nullptr || link->configuration_asked) return;
    link->configuration_asked = true;
    ocpp::v16::GetConfigurationRequest request;
    request.key = {"ChargingScheduleAllowedChargingRateUnit", "ChargingScheduleMaxPeriods",
                   "ChargeProfileMaxStackLevel"};
    const auto number = link->peer.call(std::move(request));
    if (!number) return;
    link->configuration_call = *number;
    handle(connection, link->peer.flush(clock_.now()));
}

void Links::handle_completed(Link& link, const ocpp::v16::CompletedCall& completed) {
    if (link.configuration_call == completed.number) {
        link.configuration_call.reset();
        if (!completed.response) return;
        if (const auto* answer = std::get_if<ocpp::v16::GetConfigurationResponse>(&*completed.response)) {
            link.dialect = ocpp::v16::dialect_of(*answer, link.dialect);
        }
        return;
    }
    const auto found = link.waiting.find(completed.number);
    if (found == link.waiting.end()) return;
    const Waiting waiting = std::move(found->second);
    link.waiting.erase(found);
    waiting.answered(ocpp::v16::to_answer(waiting.command.id, waiting.command.body, completed));
}

Status Links::send(const charging::Command& command, bool urgent, Answered answered) {
    Link* link = find(charging::charger_of(command.body));
    // A wrong payload is the caller's mistake whether or not the charger is there.
    auto request = ocpp::v16::to_request(command.body, link == nullptr ? ocpp::v16::ProfileDialect{} : link->dialect,
                                         clock_.now());
    if (!request) return std::unexpected(request.error());
    if (link == nullptr) {
        answered(charging::CommandAnswer{command.id, charging::CommandOutcome::not_sent, "NotConnected", {}});
        return {};
    }
    const auto number = link->peer.call(std::move(*request), urgent);
    if (!number) {
        if (number.error().code == ErrorCode::invalid_input) return std::unexpected(number.error());
        answered(charging::CommandAnswer{command.id, charging::CommandOutcome::not_sent, "QueueFull", {}});
        return {};
    }
    link->waiting.emplace(*number, Waiting{command, std::move(answered)});
    handle(link->connection, link->peer.flush(clock_.now()));
    return {};
}

void Links::expire() {
    const TimePoint now = clock_.now();
    std::vector<websocket::ConnectionId> due;
    for (const auto& [connection, link] : links_) {
        const auto deadline = link->peer.next_deadline();
        if (deadline && *deadline <= now) due.push_back(connection);
    }
    for (const auto connection : due) {
        if (Link* link = find(connection)) handle(connection, link->peer.on_time(now));
    }
}

void Links::disconnect(const ChargerId& charger, std::string_view cause) {
    if (const Link* link = find(charger)) gateway_->close(link->connection, cause);
}

std::optional<TimePoint> Links::last_heard(const ChargerId& charger) const {
    const Link* link = find(charger);
    return link == nullptr ? std::nullopt : std::optional{link->last_heard};
}

void Links::warn(Link& link, const ocpp::RefusedCall& refused) {
    const Milliseconds now = clock_.steady();
    if (link.last_warning && now - *link.last_warning < warning_interval) {
        ++link.warnings_withheld;
        return;
    }
    link.last_warning = now;
    log_event(LogLevel::warning, "message_refused",
              {{"charger", link.charger.value},
               {"action", refused.action},
               {"why", refused.refusal.text()},
               {"withheld", std::to_string(link.warnings_withheld)}});
    link.warnings_withheld = 0;
}

namespace {

void add(LinkCounters& sum, const ocpp::PeerCounters& peer) {
    sum.calls_in += static_cast<std::int64_t>(peer.calls_in);
    sum.calls_refused += static_cast<std::int64_t>(peer.calls_refused);
    sum.broken_frames += static_cast<std::int64_t>(peer.broken_frames);
    sum.flagged_calls += static_cast<std::int64_t>(peer.flagged_calls);
    sum.calls_out += static_cast<std::int64_t>(peer.calls_out);
    sum.calls_timed_out += static_cast<std::int64_t>(peer.timed_out);
    sum.late_answers += static_cast<std::int64_t>(peer.unexpected_answers);
}

}  // namespace

void Links::retire(const Link& link) { add(retired_, link.peer.counters()); }

LinkCounters Links::counters() const {
    LinkCounters sum = retired_;
    for (const auto& [connection, link] : links_) add(sum, link->peer.counters());
    return sum;
}

}  // namespace tianqu::server
