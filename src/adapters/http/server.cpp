#include "adapters/http/server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <set>

#include "base/assertion.hpp"
#include "base/url.hpp"

namespace tianqu::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = beast::http;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;

namespace {

std::map<std::string, std::string> parse_query(std::string_view text) {
    std::map<std::string, std::string> query;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto part = text.substr(0, end);
        const auto equals = part.find('=');
        std::string value{equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1)};
        for (char& c : value) {
            if (c == '+') c = ' ';
        }
        if (!part.empty()) query[percent_decoded(part.substr(0, equals))] = percent_decoded(value);
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return query;
}

std::string lower(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

Request to_request(bhttp::request<bhttp::string_body>& message, const std::string& address, bool local) {
    const std::string_view target{message.target().data(), message.target().size()};
    const auto question = target.find('?');
    Request request;
    const auto method = message.method_string();
    request.method.assign(method.data(), method.size());
    request.path = target.substr(0, question);
    if (question != std::string_view::npos) request.query = parse_query(target.substr(question + 1));
    for (const auto& field : message) {
        const auto name = field.name_string();
        const auto value = field.value();
        request.headers[lower({name.data(), name.size()})].assign(value.data(), value.size());
    }
    request.body = std::move(message.body());
    request.address = address;
    request.local = local;
    return request;
}

}  // namespace

std::string_view Request::header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::string_view Request::parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view{} : std::string_view{found->second};
}

std::vector<std::string> Request::segments() const {
    std::vector<std::string> parts;
    std::string_view rest = path;
    while (!rest.empty()) {
        const auto slash = rest.find('/');
        if (slash != 0) parts.push_back(percent_decoded(rest.substr(0, slash)));
        if (slash == std::string_view::npos) break;
        rest.remove_prefix(slash + 1);
    }
    return parts;
}

class Connection;

struct Server::Core : std::enable_shared_from_this<Server::Core> {
    using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

    Core(asio::io_context& io_context, ServerOptions server_options, Handler request_handler)
        : context(io_context),
          options(std::move(server_options)),
          handler(std::move(request_handler)),
          acceptor(io_context),
          pause(io_context) {}

    Status start();
    Status listen(const asio::generic::stream_protocol::endpoint& endpoint, const std::string& where);
    void accept_next();
    void stop();

    asio::io_context& context;
    ServerOptions options;
    Handler handler;
    Acceptor acceptor;
    asio::steady_timer pause;
    std::set<std::shared_ptr<Connection>> connections;
    std::uint16_t port = 0;
    bool stopping = false;
};

/// One client; requests are answered one after the other.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::generic::stream_protocol::socket socket, std::shared_ptr<Server::Core> core)
        : stream_(std::move(socket)), core_(std::move(core)) {
        const bool local = !core_->options.unix_socket.empty();
        address_ = local ? "local" : core_->options.address;
        if (!local) address_ = peer_address();
    }

    void read_next() {
        parser_.emplace();
        parser_->body_limit(core_->options.body_limit_bytes);
        parser_->header_limit(32 * 1024);
        stream_.expires_after(std::chrono::seconds(core_->options.idle_timeout_s));
        bhttp::async_read(stream_, buffer_, *parser_,
                          [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_read(error); });
    }

    void respond(Response response) {
        if (finished_ || answered_) return;
        answered_ = true;
        auto message = std::make_shared<bhttp::response<bhttp::string_body>>(
            static_cast<bhttp::status>(response.status), version_);
        message->set(bhttp::field::server, "tianqu");
        message->set(bhttp::field::content_type, response.content_type);
        for (const auto& [name, value] : response.headers) message->insert(name, value);
        message->body() = std::move(response.body);
        message->keep_alive(keep_alive_);
        message->prepare_payload();
        if (head_) {
            // A HEAD answer has the length of the body it does not carry.
            message->body().clear();
        }
        stream_.expires_after(std::chrono::seconds(core_->options.idle_timeout_s));
        bhttp::async_write(stream_, *message,
                           [self = shared_from_this(), message](beast::error_code error, std::size_t) {
                               if (error || !self->keep_alive_) {
                                   self->finish();
                                   return;
                               }
                               self->answered_ = false;
                               self->read_next();
                           });
    }

    void begin_stream() {
        if (finished_) return;
        answered_ = true;
        stream_.expires_never();
        queue_.emplace_back(
            "HTTP/1.1 200 OK\r\nServer: tianqu\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
            "X-Accel-Buffering: no\r\nConnection: close\r\n\r\n: hello\n\n");
        write_stream();
        // A read notices the client's going away.
        stream_.async_read_some(asio::buffer(nothing_),
                                [self = shared_from_this()](beast::error_code, std::size_t) { self->finish(); });
    }

    bool send_event(std::string_view event, std::string_view data) {
        if (finished_) return false;
        if (queued_bytes_ > core_->options.stream_queue_limit_bytes) {
            finish();
            return false;
        }
        std::string text = "event: ";
        text.append(event).append("\ndata: ").append(data).append("\n\n");
        queued_bytes_ += text.size();
        queue_.push_back(std::move(text));
        if (!writing_) write_stream();
        return true;
    }

    void finish() {
        if (finished_) return;
        finished_ = true;
        beast::error_code ignored;
        stream_.socket().close(ignored);
        core_->connections.erase(shared_from_this());
    }

    [[nodiscard]] bool open() const { return !finished_; }

private:
    void on_read(beast::error_code error) {
        if (error == bhttp::error::body_limit || error == bhttp::error::header_limit) {
            keep_alive_ = false;
            respond(Response{
                .status = 413, .content_type = "text/plain", .body = "the request is too large\n", .headers = {}});
            return;
        }
        if (error) {
            finish();
            return;
        }
        auto message = parser_->release();
        keep_alive_ = message.keep_alive();
        version_ = message.version();
        head_ = message.method() == bhttp::verb::head;
        const Request request = to_request(message, address_, !core_->options.unix_socket.empty());
        stream_.expires_never();
        core_->handler(request, Responder{std::make_shared<Responder::Impl>(shared_from_this())});
    }

    void write_stream() {
        writing_ = true;
        asio::async_write(stream_, asio::buffer(queue_.front()),
                          [self = shared_from_this()](beast::error_code error, std::size_t size) {
                              self->writing_ = false;
                              self->queued_bytes_ -= std::min(self->queued_bytes_, size);
                              if (error) {
                                  self->finish();
                                  return;
                              }
                              self->queue_.pop_front();
                              if (!self->queue_.empty()) self->write_stream();
                          });
    }

    std::string peer_address() {
        beast::error_code error;
        const auto endpoint = stream_.socket().remote_endpoint(error);
        if (error || endpoint.size() > sizeof(sockaddr_storage)) return "unknown";
        asio::ip::tcp::endpoint tcp;
        if (endpoint.size() > tcp.capacity()) return "unknown";
        std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
        return tcp.address().to_string();
    }

    Stream stream_;
    std::shared_ptr<Server::Core> core_;
    beast::flat_buffer buffer_;
    std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
    std::deque<std::string> queue_;
    std::size_t queued_bytes_ = 0;
    std::string address_;
    unsigned version_ = 11;
    std::array<char, 1> nothing_{};
    bool keep_alive_ = true;
    bool head_ = false;
    bool answered_ = false;
    bool writing_ = false;
    bool finished_ = false;
};

struct Responder::Impl {
    explicit Impl(std::shared_ptr<Connection> made_for) : connection(std::move(made_for)) {}
    std::shared_ptr<Connection> connection;
};

struct EventStream::Impl {
    explicit Impl(std::shared_ptr<Connection> made_for) : connection(std::move(made_for)) {}
    std::shared_ptr<Connection> connection;
};

void Responder::respond(Response response) const { impl_->connection->respond(std::move(response)); }

EventStream Responder::stream() const {
    impl_->connection->begin_stream();
    return EventStream{std::make_shared<EventStream::Impl>(impl_->connection)};
}

bool EventStream::send(std::string_view event, std::string_view data) {
    return impl_->connection->send_event(event, data);
}
bool EventStream::open() const { return impl_->connection->open(); }

Status Server::Core::listen(const asio::generic::stream_protocol::endpoint& endpoint, const std::string& where) {
    beast::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error && options.unix_socket.empty()) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(1024, error);
    if (error) {
        return fail(Error{ErrorCode::unavailable, "cannot listen for HTTP: " + error.message(), {{"address", where}}});
    }
    return {};
}

Status Server::Core::start() {
    beast::error_code error;
    Status listening;
    if (!options.unix_socket.empty()) {
        ::unlink(options.unix_socket.c_str());
        const auto before = ::umask(0177);
        listening = listen(asio::local::stream_protocol::endpoint(options.unix_socket), options.unix_socket);
        ::umask(before);
    } else {
        const auto address = asio::ip::make_address(options.address, error);
        if (error) {
            return fail(
                Error{ErrorCode::invalid_input, "not an IP address to listen on", {{"address", options.address}}});
        }
        listening = listen(asio::ip::tcp::endpoint(address, options.port),
                           options.address + ":" + std::to_string(options.port));
    }
    if (!listening) return listening;
    if (options.unix_socket.empty()) {
        asio::ip::tcp::endpoint bound;
        const auto endpoint = acceptor.local_endpoint(error);
        if (!error && endpoint.size() <= bound.capacity()) {
            std::memcpy(bound.data(), endpoint.data(), endpoint.size());
            port = bound.port();
        }
    }
    accept_next();
    return {};
}

void Server::Core::accept_next() {
    acceptor.async_accept(
        [self = shared_from_this()](beast::error_code error, asio::generic::stream_protocol::socket socket) {
            if (self->stopping) return;
            if (error) {
                self->pause.expires_after(std::chrono::milliseconds(100));
                self->pause.async_wait([self](beast::error_code) {
                    if (!self->stopping) self->accept_next();
                });
                return;
            }
            if (self->connections.size() < self->options.connection_limit) {
                const auto connection = std::make_shared<Connection>(std::move(socket), self);
                self->connections.insert(connection);
                connection->read_next();
            }
            self->accept_next();
        });
}

void Server::Core::stop() {
    if (stopping) return;
    stopping = true;
    beast::error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    const auto all = connections;
    for (const auto& connection : all) connection->finish();
    if (!options.unix_socket.empty()) ::unlink(options.unix_socket.c_str());
}

Server::Server(asio::io_context& context, ServerOptions options, Handler handler)
    : core_(std::make_shared<Core>(context, std::move(options), std::move(handler))) {}
Server::~Server() { stop(); }
Status Server::start() { return core_->start(); }
void Server::stop() { core_->stop(); }
std::uint16_t Server::port() const { return core_->port; }

}  // namespace tianqu::http
