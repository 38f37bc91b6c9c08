#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace tianqu::http {

struct Request {
    std::string method;                          ///< "GET", "POST", …
    std::string path;                            ///< as sent, still percent-encoded, without query
    std::map<std::string, std::string> query;    ///< decoded; the last of a repeated name wins
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
    std::string address;  ///< of the peer; "local" on the Unix socket
    bool local = false;   ///< came over the Unix socket, which only its owner may open

    [[nodiscard]] std::string_view header(const std::string& lower_case_name) const;
    [[nodiscard]] std::string_view parameter(const std::string& name) const;
    /// Path split at '/', each part percent-decoded: "/api/v1/chargers/a%2Fb" → {"api","v1","chargers","a/b"}.
    [[nodiscard]] std::vector<std::string> segments() const;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// An open `text/event-stream`. Copies share the connection. Used on the io_context's thread.
class EventStream {
public:
    /// False when the client is gone or does not read (it is then closed).
    bool send(std::string_view event, std::string_view data);
    [[nodiscard]] bool open() const;

    struct Impl;
    explicit EventStream(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

private:
    std::shared_ptr<Impl> impl_;
};

/// How a handler answers: exactly one of the two, now or later, on the io_context's thread.
class Responder {
public:
    void respond(Response response) const;
    /// Turns the connection into an event stream.
    [[nodiscard]] EventStream stream() const;

    struct Impl;
    explicit Responder(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

private:
    std::shared_ptr<Impl> impl_;
};

using Handler = std::function<void(const Request&, Responder)>;

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;  ///< 0: the system chooses
    std::string unix_socket;    ///< listen here instead when not empty; made with mode 0600
    std::size_t body_limit_bytes = 64UL * 1024 * 1024;
    std::size_t connection_limit = 2000;
    int idle_timeout_s = 60;
    std::size_t stream_queue_limit_bytes = 4UL * 1024 * 1024;
};

class Server {
public:
    Server(boost::asio::io_context& context, ServerOptions options, Handler handler);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// An error names the address and what the system said.
    [[nodiscard]] Status start();
    void stop();
    [[nodiscard]] std::uint16_t port() const;

    struct Core;

private:
    std::shared_ptr<Core> core_;
};

}  // namespace tianqu::http
