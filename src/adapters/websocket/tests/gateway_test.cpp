#include "adapters/websocket/gateway.hpp"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <functional>
#include <thread>

namespace tianqu::websocket {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Client = beast::websocket::stream<asio::ip::tcp::socket>;

/// Answers every message with itself in brackets; refuses the charger "stranger".
class Echo : public GatewayHandler {
public:
    Gateway* gateway = nullptr;
    std::vector<std::string> closings;
    Handshake last;

    Result<Acceptance> accept(const Handshake& handshake) override {
        last = handshake;
        if (handshake.path == "/ocpp/stranger") return fail(ErrorCode::not_found, "unknown charger");
        return Acceptance{handshake.subprotocols.empty() ? "" : handshake.subprotocols.back()};
    }
    void opened(ConnectionId, const Handshake&) override {}
    void received(ConnectionId connection, std::string_view message) override {
        if (message == "flood") {
            for (int i = 0; i < 2000; ++i) gateway->send(connection, std::string(10'000, 'x'));
            return;
        }
        if (message == "close") {
            gateway->close(connection, "asked to");
            return;
        }
        gateway->send(connection, "[" + std::string(message) + "]");
    }
    void closed(ConnectionId, std::string_view cause) override { closings.emplace_back(cause); }
};

class GatewayTest : public testing::Test {
protected:
    void SetUp() override {
        echo_.gateway = &gateway_;
        ASSERT_TRUE(gateway_.start());
    }
    /// Runs blocking client code beside the server's loop.
    void run_client(const std::function<void()>& body) {
        std::thread client([&] {
            body();
            asio::post(context_, [&] { gateway_.stop(); });
        });
        context_.run();
        client.join();
    }
    void connect(Client& client, const std::string& path, const std::string& subprotocols, bool deflate = false) {
        client.next_layer().connect({asio::ip::make_address("127.0.0.1"), gateway_.port()});
        if (deflate) {
            beast::websocket::permessage_deflate option;
            option.client_enable = true;
            client.set_option(option);
        }
        client.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
            if (!subprotocols.empty()) request.set(beast::http::field::sec_websocket_protocol, subprotocols);
        }));
        client.handshake(response_, "localhost", path);
    }
    static std::string exchange(Client& client, const std::string& message) {
        client.write(asio::buffer(message));
        beast::flat_buffer buffer;
        client.read(buffer);
        return beast::buffers_to_string(buffer.data());
    }

    asio::io_context context_;
    Echo echo_;
    Gateway gateway_{context_, GatewayOptions{.port = 0, .queue_limit_messages = 64}, echo_};
    beast::websocket::response_type response_;
};

TEST_F(GatewayTest, NegotiatesSubprotocolAndDecodesThePath) {
    run_client([&] {
        asio::io_context mine;
        Client client(mine);
        connect(client, "/ocpp/%E5%BE%B7%E5%B7%9E-1?x=1", "ocpp2.0.1, ocpp1.6");
        EXPECT_EQ(std::string(response_[beast::http::field::sec_websocket_protocol]), "ocpp1.6");
        EXPECT_EQ(exchange(client, "hello"), "[hello]");
    });
    EXPECT_EQ(echo_.last.path, "/ocpp/德州-1");
    EXPECT_EQ(echo_.last.subprotocols, (std::vector<std::string>{"ocpp2.0.1", "ocpp1.6"}));
    EXPECT_EQ(echo_.closings.size(), 1U);
}

TEST_F(GatewayTest, AcceptsCompression) {
    run_client([&] {
        asio::io_context mine;
        Client client(mine);
        connect(client, "/ocpp/a", "ocpp1.6", true);
        EXPECT_NE(std::string(response_["Sec-WebSocket-Extensions"]).find("permessage-deflate"), std::string::npos);
        const std::string text(50'000, 'a');
        EXPECT_EQ(exchange(client, text), "[" + text + "]");
    });
}

TEST_F(GatewayTest, RefusesWithTheStatusOfTheError) {
    run_client([&] {
        asio::io_context mine;
        Client client(mine);
        EXPECT_THROW(connect(client, "/ocpp/stranger", ""), boost::system::system_error);
        EXPECT_EQ(response_.result_int(), 404U);
    });
    EXPECT_EQ(gateway_.counters().handshakes_refused, 1);
}

TEST_F(GatewayTest, AChargerThatDoesNotReadLosesItsConnectionOnly) {
    run_client([&] {
        asio::io_context mine;
        Client slow(mine);
        Client other(mine);
        connect(slow, "/ocpp/slow", "");
        connect(other, "/ocpp/other", "");
        slow.write(asio::buffer(std::string("flood")));
        EXPECT_EQ(exchange(other, "still here"), "[still here]");
    });
    EXPECT_EQ(gateway_.counters().closed_queue_full, 1);
}

TEST_F(GatewayTest, ClosesPolitelyWhenAsked) {
    run_client([&] {
        asio::io_context mine;
        Client client(mine);
        connect(client, "/ocpp/a", "");
        client.write(asio::buffer(std::string("close")));
        beast::flat_buffer buffer;
        beast::error_code error;
        client.read(buffer, error);
        EXPECT_EQ(error, beast::websocket::error::closed);
        EXPECT_EQ(std::string(client.reason().reason.c_str()), "asked to");
    });
    EXPECT_EQ(echo_.closings, std::vector<std::string>{"asked to"});
}

TEST(Gateway, SaysWhyItCannotListen) {
    asio::io_context context;
    Echo echo;
    Gateway first(context, GatewayOptions{.port = 0}, echo);
    ASSERT_TRUE(first.start());
    Gateway second(context, GatewayOptions{.port = first.port()}, echo);
    const auto status = second.start();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().field("port"), std::to_string(first.port()));
}

}  // namespace
}  // namespace tianqu::websocket
