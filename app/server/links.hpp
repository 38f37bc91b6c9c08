#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "adapters/websocket/gateway.hpp"
#include "charging/core.hpp"
#include "ocpp/peer.hpp"
#include "ocpp/v16_domain.hpp"
#include "ports/clock.hpp"

namespace tianqu::server {

/// What the links need from the service.
class LinkOwner {
public:
    virtual ~LinkOwner() = default;
    /// A charger asks to connect: success lets it in.
    virtual Status admit(const ChargerId& charger, const std::string& address) = 0;
    virtual void connected(const ChargerId& charger, const std::string& address, const std::string& protocol) = 0;
    virtual void disconnected(const ChargerId& charger, std::string_view cause) = 0;
    /// A message of the charger. `confirm` is called when the reply may go out, or never after a storage failure.
    virtual void message(const charging::Inbound& inbound, std::function<void(const charging::Reply&)> confirm) = 0;
};

struct LinkOptions {
    ocpp::Validation validation = ocpp::Validation::tolerant;
    Milliseconds call_timeout{30'000};  ///< of the clock
};

struct LinkCounters {
    std::int64_t calls_in = 0;
    std::int64_t calls_refused = 0;  ///< answered with a CALLERROR
    std::int64_t broken_frames = 0;
    std::int64_t flagged_calls = 0;
    std::int64_t calls_out = 0;
    std::int64_t calls_timed_out = 0;
    std::int64_t late_answers = 0;
    std::map<std::string, std::int64_t> calls_by_action;
};

/// Every charger's connection: frames to domain messages and back, commands and their answers. Runs on the core thread.
class Links final : public websocket::GatewayHandler {
public:
    using Answered = std::function<void(const charging::CommandAnswer&)>;

    Links(LinkOwner& owner, const ports::Clock& clock, LinkOptions options);
    ~Links() override;
    void attach(websocket::Gateway& gateway) { gateway_ = &gateway; }

    /// Hands a command to its charger; `answered` is called exactly once (at once when it is not connected).
    /// An error (wrong payload, unknown action) means that nothing was sent and `answered` is not called.
    Status send(const charging::Command& command, bool urgent, Answered answered);
    /// Commands that got no answer in time complete; call about once a second of the clock.
    void expire();
    void disconnect(const ChargerId& charger, std::string_view cause);

    [[nodiscard]] bool connected(const ChargerId& charger) const { return by_charger_.contains(charger); }
    /// When the last frame of a connected charger arrived.
    [[nodiscard]] std::optional<TimePoint> last_heard(const ChargerId& charger) const;
    [[nodiscard]] LinkCounters counters() const;

    // GatewayHandler
    Result<websocket::Acceptance> accept(const websocket::Handshake& handshake) override;
    void opened(websocket::ConnectionId connection, const websocket::Handshake& handshake) override;
    void received(websocket::ConnectionId connection, std::string_view message) override;
    void closed(websocket::ConnectionId connection, std::string_view cause) override;

private:
    struct Link;
    struct Waiting {
        charging::Command command;
        Answered answered;
    };

    Link* find(websocket::ConnectionId connection) const;
    Link* find(const ChargerId& charger) const;
    void handle(websocket::ConnectionId connection, ocpp::v16::PeerOutput output);
    void handle_call(websocket::ConnectionId connection, const ocpp::v16::InboundCall& call);
    void handle_completed(Link& link, const ocpp::v16::CompletedCall& completed);
    void warn(Link& link, const ocpp::RefusedCall& refused);
    void ask_configuration(websocket::ConnectionId connection);
    void retire(const Link& link);

    LinkOwner& owner_;
    const ports::Clock& clock_;
    LinkOptions options_;
    websocket::Gateway* gateway_ = nullptr;
    std::unordered_map<websocket::ConnectionId, std::unique_ptr<Link>> links_;
    std::unordered_map<ChargerId, websocket::ConnectionId> by_charger_;
    LinkCounters retired_;  ///< of connections that are gone
};

/// The charger id of a handshake's path: what follows "/ocpp/", else the last segment. Error `not_found` when empty or
/// too long.
[[nodiscard]] Result<ChargerId> charger_of_path(std::string_view path);

}  // namespace tianqu::server
