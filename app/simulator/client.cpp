#include "app/simulator/client.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/websocket/stream_base.hpp>
#include <chrono>
#include <deque>
#include <utility>

namespace tianqu::simulator {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

namespace {

class WebSocketClient final : public Client, public std::enable_shared_from_this<WebSocketClient> {
public:
    WebSocketClient(asio::io_context& context, Owner& owner, std::size_t charger)
        : stream_(context), owner_(&owner), charger_(charger) {}

    void connect(const asio::ip::tcp::endpoint& endpoint, std::string host, std::string target);
    void send(std::string frame) override;
    void close() override;

private:
    void handshake(const std::string& host, const std::string& target);
    void read();
    void write();
    void lost();

    websocket::stream<asio::ip::tcp::socket> stream_;
    Owner* owner_;
    std::size_t charger_;
    beast::flat_buffer buffer_;
    std::deque<std::string> out_;
    bool ready_ = false;
};

void WebSocketClient::connect(const asio::ip::tcp::endpoint& endpoint, std::string host, std::string target) {
    beast::get_lowest_layer(stream_).async_connect(
        endpoint, [self = shared_from_this(), host = std::move(host), target = std::move(target)](error_code error) {
            if (self->owner_ == nullptr) return;
            if (error) return self->lost();
            self->handshake(host, target);
        });
}

void WebSocketClient::handshake(const std::string& host, const std::string& target) {
    error_code ignored;
    beast::get_lowest_layer(stream_).set_option(asio::ip::tcp::no_delay(true), ignored);
    websocket::stream_base::timeout limits{};
    limits.handshake_timeout = std::chrono::seconds(30);
    limits.idle_timeout = websocket::stream_base::none();
    limits.keep_alive_pings = false;
    stream_.set_option(limits);
    stream_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
        request.set(beast::http::field::sec_websocket_protocol, "ocpp1.6");
        request.set(beast::http::field::user_agent, "tianqu-simulator");
    }));
    stream_.text(true);
    stream_.auto_fragment(false);
    stream_.async_handshake(host, target, [self = shared_from_this()](error_code error) {
        if (self->owner_ == nullptr) return;
        if (error) return self->lost();
        self->ready_ = true;
        self->read();
        self->owner_->on_open(self->charger_);
    });
}

void WebSocketClient::read() {
    stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
        if (self->owner_ == nullptr) return;
        if (error) return self->lost();
        const auto data = self->buffer_.cdata();
        self->owner_->on_frame(self->charger_, {static_cast<const char*>(data.data()), data.size()});
        if (self->owner_ == nullptr) return;
        self->buffer_.consume(self->buffer_.size());
        self->read();
    });
}

void WebSocketClient::send(std::string frame) {
    out_.push_back(std::move(frame));
    if (ready_ && out_.size() == 1) write();
}

void WebSocketClient::write() {
    stream_.async_write(asio::buffer(out_.front()), [self = shared_from_this()](error_code error, std::size_t) {
        if (self->owner_ == nullptr) return;
        if (error) return self->lost();
        self->out_.pop_front();
        if (!self->out_.empty()) self->write();
    });
}

void WebSocketClient::lost() {
    Owner* owner = std::exchange(owner_, nullptr);
    error_code ignored;
    beast::get_lowest_layer(stream_).close(ignored);
    owner->on_closed(charger_);
}

void WebSocketClient::close() {
    owner_ = nullptr;
    error_code ignored;
    auto& socket = beast::get_lowest_layer(stream_);
    socket.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
}

}  // namespace

std::shared_ptr<Client> Client::open(asio::io_context& context, Owner& owner, std::size_t charger,
                                     const asio::ip::tcp::endpoint& endpoint, std::string host, std::string target) {
    auto client = std::make_shared<WebSocketClient>(context, owner, charger);
    client->connect(endpoint, std::move(host), std::move(target));
    return client;
}

}  // namespace tianqu::simulator
