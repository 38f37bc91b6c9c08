#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace tianqu::simulator {

/// One charger's WebSocket. Lives on one thread; tells its owner what happens until it is closed.
class Client : public std::enable_shared_from_this<Client> {
public:
    class Owner {
    public:
        virtual ~Owner() = default;
        virtual void on_open(std::size_t charger) = 0;
        virtual void on_frame(std::size_t charger, std::string_view text) = 0;
        /// At most once, and never after `close`.
        virtual void on_closed(std::size_t charger) = 0;
    };

    Client(boost::asio::io_context& context, Owner& owner, std::size_t charger);

    void open(const boost::asio::ip::tcp::endpoint& endpoint, std::string host, std::string target);
    void send(std::string frame);
    /// At once, without a word to the owner.
    void close();

private:
    using Stream = boost::beast::websocket::stream<boost::asio::ip::tcp::socket>;

    void handshake(std::string host, std::string target);
    void read();
    void write();
    void lost();

    Stream stream_;
    Owner* owner_;
    std::size_t charger_;
    boost::beast::flat_buffer buffer_;
    std::deque<std::string> out_;
    bool ready_ = false;
};

}  // namespace tianqu::simulator
