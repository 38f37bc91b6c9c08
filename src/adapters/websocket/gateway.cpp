#include "adapters/websocket/gateway.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <unordered_map>

#include "base/assertion.hpp"
#include "base/url.hpp"

namespace tianqu::websocket {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;

namespace {

constexpr std::size_t handshake_limit_bytes = 16 * 1024;

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto comma = text.find(',');
        std::string_view item = text.substr(0, comma);
        while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
        while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
        if (!item.empty()) items.emplace_back(item);
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    return items;
}

std::string address_text(const tcp::endpoint& endpoint) {
    return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

websocket::Handshake handshake_of(const http::request<http::empty_body>& request, const std::string& address) {
    const std::string_view target{request.target().data(), request.target().size()};
    const auto header = [&](http::field field) {
        const auto value = request[field];
        return std::string(value.data(), value.size());
    };
    return Handshake{.path = percent_decoded(target.substr(0, target.find('?'))),
                     .address = address,
                     .subprotocols = split_list(header(http::field::sec_websocket_protocol)),
                     .authorization = header(http::field::authorization)};
}

}  // namespace

class Connection;

class Gateway::Core : public std::enable_shared_from_this<Core> {
public:
    Core(asio::io_context& context, GatewayOptions options, GatewayHandler& handler)
        : options(std::move(options)), handler(handler), acceptor_(context), sweep_(context), context_(context) {}

    Status start();
    void stop();
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] Connection* find(ConnectionId id) const;
    void forget(ConnectionId id) { connections_.erase(id); }
    void remember(ConnectionId id, std::shared_ptr<Connection> connection) { connections_[id] = std::move(connection); }
    [[nodiscard]] bool full() const { return connections_.size() >= options.connection_limit; }
    ConnectionId next_id() { return ConnectionId{++last_id_}; }

    GatewayOptions options;
    GatewayHandler& handler;
    GatewayCounters counters;

private:
    void accept_next();
    void sweep_later();
    void sweep();

    tcp::acceptor acceptor_;
    asio::steady_timer sweep_;
    asio::io_context& context_;
    std::unordered_map<ConnectionId, std::shared_ptr<Connection>> connections_;
    std::int64_t last_id_ = 0;
    std::uint16_t port_ = 0;
    bool stopping_ = false;
};

/// One socket from handshake to close. Everything runs on the io_context's thread.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(tcp::socket socket, std::shared_ptr<Gateway::Core> core)
        : stream_(std::move(socket)), core_(std::move(core)) {}

    void start() {
        beast::error_code ignored;
        stream_.next_layer().socket().set_option(tcp::no_delay(true), ignored);
        const auto endpoint = stream_.next_layer().socket().remote_endpoint(ignored);
        address_ = address_text(endpoint);
        auto handshake = std::make_shared<HandshakeState>();
        handshake->parser.header_limit(handshake_limit_bytes);
        stream_.next_layer().expires_after(std::chrono::seconds(core_->options.handshake_timeout_s));
        http::async_read_header(stream_.next_layer(), handshake->buffer, handshake->parser,
                                [self = shared_from_this(), handshake](beast::error_code error, std::size_t) {
                                    if (!error) self->decide(*handshake);
                                });
    }

    bool send(std::string message) {
        if (finished_ || !open_) return false;
        if (queue_.size() >= core_->options.queue_limit_messages) {
            ++core_->counters.closed_queue_full;
            finish("write queue full");
            return false;
        }
        queue_.push_back(std::move(message));
        if (!writing_) write_next();
        return true;
    }

    void close(std::string_view cause) {
        if (finished_) return;
        close_requested_ = true;
        close_cause_ = cause;
        if (!writing_) close_now();
    }

    /// Ends at once and tells the handler.
    void finish(std::string_view cause) {
        if (finished_) return;
        finished_ = true;
        const auto self = shared_from_this();
        beast::error_code ignored;
        stream_.next_layer().socket().close(ignored);
        core_->forget(id_);
        if (open_) {
            --core_->counters.connections_open;
            core_->handler.closed(id_, close_requested_ ? std::string_view{close_cause_} : cause);
        }
    }

    void check_silence(SteadyTime now) {
        if (finished_ || !open_) return;
        const auto silence = now - last_heard_;
        if (silence >= std::chrono::seconds(core_->options.close_after_silence_s)) {
            ++core_->counters.closed_silent;
            finish("silent");
            return;
        }
        if (silence >= std::chrono::seconds(core_->options.ping_after_silence_s) && !pinging_) ping();
    }

private:
    struct HandshakeState {
        beast::flat_buffer buffer;
        http::request_parser<http::empty_body> parser;
    };

    void decide(HandshakeState& state) {
        const auto& request = state.parser.get();
        if (!beast::websocket::is_upgrade(request)) {
            refuse(426, "a WebSocket upgrade is expected here");
            return;
        }
        handshake_ = handshake_of(request, address_);
        if (core_->full()) {
            refuse(503, "too many connections");
            return;
        }
        const auto acceptance = core_->handler.accept(handshake_);
        if (!acceptance) {
            refuse(error_traits(acceptance.error().code).http_status, acceptance.error().text);
            return;
        }
        upgrade(request, *acceptance);
    }

    void refuse(int status, const std::string& text) {
        ++core_->counters.handshakes_refused;
        auto response = std::make_shared<http::response<http::string_body>>(static_cast<http::status>(status), 11);
        response->set(http::field::content_type, "text/plain; charset=utf-8");
        response->set(http::field::connection, "close");
        response->body() = text + "\n";
        response->prepare_payload();
        http::async_write(stream_.next_layer(), *response,
                          [self = shared_from_this(), response](beast::error_code, std::size_t) {
                              beast::error_code ignored;
                              self->stream_.next_layer().socket().shutdown(tcp::socket::shutdown_both, ignored);
                          });
    }

    void upgrade(const http::request<http::empty_body>& request, const Acceptance& acceptance) {
        stream_.next_layer().expires_never();  // the sweep watches over silence
        stream_.read_message_max(core_->options.message_limit_bytes);
        beast::websocket::permessage_deflate deflate;
        deflate.server_enable = true;
        // Without kept windows a compressed connection costs no memory between messages.
        deflate.server_no_context_takeover = true;
        deflate.client_no_context_takeover = true;
        deflate.memLevel = 4;
        stream_.set_option(deflate);
        stream_.auto_fragment(false);
        stream_.write_buffer_bytes(4096);
        stream_.set_option(beast::websocket::stream_base::decorator(
            [subprotocol = acceptance.subprotocol](beast::websocket::response_type& response) {
                response.set(http::field::server, "tianqu");
                if (!subprotocol.empty()) response.set(http::field::sec_websocket_protocol, subprotocol);
            }));
        stream_.control_callback([this](beast::websocket::frame_type, beast::string_view) { heard(); });
        stream_.async_accept(request, [self = shared_from_this()](beast::error_code error) {
            if (!error) self->begin();
        });
    }

    void begin() {
        if (finished_) return;
        open_ = true;
        heard();
        id_ = core_->next_id();
        core_->remember(id_, shared_from_this());
        ++core_->counters.connections_open;
        ++core_->counters.connections_accepted;
        stream_.text(true);
        core_->handler.opened(id_, handshake_);
        handshake_ = {};
        read_next();
    }

    void read_next() {
        if (finished_) return;
        stream_.async_read(buffer_, [self = shared_from_this()](beast::error_code error, std::size_t size) {
            self->on_read(error, size);
        });
    }

    void on_read(beast::error_code error, std::size_t size) {
        if (finished_) return;
        if (error) {
            finish(error == beast::websocket::error::closed ? "closed by peer" : error.message());
            return;
        }
        heard();
        ++core_->counters.messages_received;
        core_->counters.bytes_received += static_cast<std::int64_t>(size);
        const auto data = buffer_.cdata();
        core_->handler.received(id_, {static_cast<const char*>(data.data()), data.size()});
        buffer_.consume(buffer_.size());
        if (buffer_.capacity() > 8192) buffer_ = beast::flat_buffer{};
        read_next();
    }

    void write_next() {
        writing_ = true;
        stream_.async_write(
            asio::buffer(queue_.front()),
            [self = shared_from_this()](beast::error_code error, std::size_t size) { self->on_written(error, size); });
    }

    void on_written(beast::error_code error, std::size_t size) {
        writing_ = false;
        if (finished_) return;
        if (error) {
            finish(error.message());
            return;
        }
        queue_.pop_front();
        ++core_->counters.messages_sent;
        core_->counters.bytes_sent += static_cast<std::int64_t>(size);
        if (!queue_.empty()) {
            write_next();
        } else if (close_requested_) {
            close_now();
        }
    }

    void ping() {
        pinging_ = true;
        stream_.async_ping({}, [self = shared_from_this()](beast::error_code error) {
            self->pinging_ = false;
            if (error) self->finish(error.message());
        });
    }

    void close_now() {
        // The peer's closing frame is not waited for: a charger that hangs must not keep its place.
        stream_.async_close({beast::websocket::close_code::normal, close_cause_},
                            [self = shared_from_this()](beast::error_code) { self->finish(self->close_cause_); });
        last_heard_ = std::chrono::steady_clock::now() -
                      std::chrono::seconds(
                          core_->options.close_after_silence_s > 5 ? core_->options.close_after_silence_s - 5 : 0);
    }

    void heard() { last_heard_ = std::chrono::steady_clock::now(); }

    beast::websocket::stream<beast::tcp_stream> stream_;
    std::shared_ptr<Gateway::Core> core_;
    beast::flat_buffer buffer_;
    std::deque<std::string> queue_;
    Handshake handshake_;
    std::string address_;
    std::string close_cause_;
    ConnectionId id_;
    SteadyTime last_heard_{};
    bool open_ = false;
    bool writing_ = false;
    bool pinging_ = false;
    bool close_requested_ = false;
    bool finished_ = false;
};

Status Gateway::Core::start() {
    beast::error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    const auto problem = [&](std::string_view step) {
        return fail(Error{ErrorCode::unavailable,
                          "cannot listen for chargers: " + std::string(step) + ": " + error.message(),
                          {{"address", options.address}, {"port", std::to_string(options.port)}}});
    };
    if (error) return problem("address");
    const tcp::endpoint endpoint{address, options.port};
    acceptor_.open(endpoint.protocol(), error);
    if (error) return problem("open");
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    acceptor_.bind(endpoint, error);
    if (error) return problem("bind");
    acceptor_.listen(4096, error);
    if (error) return problem("listen");
    port_ = acceptor_.local_endpoint(error).port();
    accept_next();
    sweep_later();
    return {};
}

void Gateway::Core::accept_next() {
    acceptor_.async_accept([self = shared_from_this()](beast::error_code error, tcp::socket socket) {
        if (self->stopping_) return;
        if (!error) {
            std::make_shared<Connection>(std::move(socket), self)->start();
            self->accept_next();
            return;
        }
        // Out of file descriptors, most likely: wait a little instead of spinning.
        self->sweep_.expires_after(std::chrono::milliseconds(100));
        self->sweep_.async_wait([self](beast::error_code) {
            if (self->stopping_) return;
            self->accept_next();
            self->sweep_later();
        });
    });
}

void Gateway::Core::sweep_later() {
    sweep_.expires_after(std::chrono::seconds(5));
    sweep_.async_wait([self = shared_from_this()](beast::error_code error) {
        if (error || self->stopping_) return;
        self->sweep();
        self->sweep_later();
    });
}

void Gateway::Core::sweep() {
    const auto now = std::chrono::steady_clock::now();
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(connections_.size());
    for (const auto& [id, connection] : connections_) all.push_back(connection);
    for (const auto& connection : all) connection->check_silence(now);
}

void Gateway::Core::stop() {
    stopping_ = true;
    beast::error_code ignored;
    acceptor_.close(ignored);
    sweep_.cancel();
    std::vector<std::shared_ptr<Connection>> all;
    for (const auto& [id, connection] : connections_) all.push_back(connection);
    for (const auto& connection : all) connection->finish("server stops");
    TIANQU_ASSERT(connections_.empty());
}

Connection* Gateway::Core::find(ConnectionId id) const {
    const auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second.get();
}

Gateway::Gateway(asio::io_context& context, GatewayOptions options, GatewayHandler& handler)
    : core_(std::make_shared<Core>(context, std::move(options), handler)) {}
Gateway::~Gateway() { stop(); }
Status Gateway::start() { return core_->start(); }
void Gateway::stop() { core_->stop(); }
std::uint16_t Gateway::port() const { return core_->port(); }

bool Gateway::send(ConnectionId connection, std::string message) {
    Connection* found = core_->find(connection);
    return found != nullptr && found->send(std::move(message));
}

void Gateway::close(ConnectionId connection, std::string_view cause) {
    if (Connection* found = core_->find(connection)) found->close(cause);
}

GatewayCounters Gateway::counters() const { return core_->counters; }

}  // namespace tianqu::websocket
