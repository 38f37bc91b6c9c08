#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace tianqu::websocket {

using ConnectionId = NumberId<struct ConnectionTag>;  ///< never reused within a process

/// What a client asked for in its handshake.
struct Handshake {
    std::string path;                       ///< percent-decoded, without query: "/ocpp/DZ-001"
    std::string address;                    ///< "127.0.0.1:40112"
    std::vector<std::string> subprotocols;  ///< offered, in the client's order; may be empty
    std::string authorization;              ///< the header's value; never logged
};

/// The handshake is answered with this subprotocol (empty: none is named).
struct Acceptance {
    std::string subprotocol;
};

/// Called on the io_context's thread only.
class GatewayHandler {
public:
    virtual ~GatewayHandler() = default;
    /// Decides about a handshake; an error becomes the HTTP status of its code with the error's text as body.
    virtual Result<Acceptance> accept(const Handshake& handshake) = 0;
    virtual void opened(ConnectionId connection, const Handshake& handshake) = 0;
    /// One whole text message.
    virtual void received(ConnectionId connection, std::string_view message) = 0;
    /// Exactly once for every `opened`; `cause` is a plain word or two.
    virtual void closed(ConnectionId connection, std::string_view cause) = 0;
};

struct GatewayOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 9000;  ///< 0: the system chooses; see `port()`
    std::size_t message_limit_bytes = 512 * 1024;
    std::size_t queue_limit_messages = 512;  ///< waiting to be written to one charger; one more closes the connection
    std::size_t connection_limit = 100'000;
    int handshake_timeout_s = 15;
    /// A connection that brought nothing (message, ping or pong) for this long is asked with a ping…
    int ping_after_silence_s = 60;
    /// …and closed when it stays silent for this long altogether. Any traffic counts, no single pong is needed.
    int close_after_silence_s = 240;
};

struct GatewayCounters {
    std::int64_t connections_open = 0;
    std::int64_t connections_accepted = 0;
    std::int64_t handshakes_refused = 0;
    std::int64_t messages_received = 0;
    std::int64_t messages_sent = 0;
    std::int64_t bytes_received = 0;
    std::int64_t bytes_sent = 0;
    std::int64_t closed_silent = 0;
    std::int64_t closed_queue_full = 0;
};

/// Listens for chargers. All functions are called on the io_context's thread.
class Gateway {
public:
    Gateway(boost::asio::io_context& context, GatewayOptions options, GatewayHandler& handler);
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    /// Starts to listen; an error names address, port and what the system said.
    [[nodiscard]] Status start();
    /// Refuses new connections and closes all; `closed` is called for each before this returns.
    void stop();
    [[nodiscard]] std::uint16_t port() const;

    /// Queues a text message; false when the connection is gone or its queue was full (then it is closed).
    bool send(ConnectionId connection, std::string message);
    void close(ConnectionId connection, std::string_view cause);
    [[nodiscard]] GatewayCounters counters() const;

    class Core;

private:
    std::shared_ptr<Core> core_;
};

}  // namespace tianqu::websocket
