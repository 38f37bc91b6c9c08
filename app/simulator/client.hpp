#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tianqu::simulator {

/// One charger's WebSocket. Lives on one thread; tells its owner what happens until it is closed.
class Client {
public:
    class Owner {
    public:
        virtual ~Owner() = default;
        virtual void on_open(std::size_t charger) = 0;
        virtual void on_frame(std::size_t charger, std::string_view text) = 0;
        /// At most once, and never after `close`.
        virtual void on_closed(std::size_t charger) = 0;
    };

    /// Connects at once; what comes of it the owner hears later, from `context`.
    static std::shared_ptr<Client> open(boost::asio::io_context& context, Owner& owner, std::size_t charger,
                                        const boost::asio::ip::tcp::endpoint& endpoint, std::string host,
                                        std::string target);

    virtual ~Client() = default;
    virtual void send(std::string frame) = 0;
    /// At once, without a word to the owner.
    virtual void close() = 0;
};

}  // namespace tianqu::simulator
