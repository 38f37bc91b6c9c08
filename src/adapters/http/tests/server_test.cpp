#include "adapters/http/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <optional>
#include <thread>

namespace tianqu::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

class HttpServer : public testing::Test {
protected:
    void run(ServerOptions options, const Handler& handler, const std::function<void(std::uint16_t)>& client) {
        asio::io_context context;
        Server server(context, std::move(options), handler);
        const auto started = server.start();
        ASSERT_TRUE(started) << started.error().to_string();
        std::thread thread([&] {
            client(server.port());
            asio::post(context, [&] { server.stop(); });
        });
        context.run();
        thread.join();
    }
    template <class Socket>
    static std::string read_some(Socket& socket, const std::string& until) {
        std::string text;
        std::array<char, 4096> part{};
        beast::error_code error;
        while (text.find(until) == std::string::npos) {
            const auto size = socket.read_some(asio::buffer(part), error);
            if (error) break;
            text.append(part.data(), size);
        }
        return text;
    }
    static std::string ask(std::uint16_t port, const std::string& request, const std::string& until) {
        asio::io_context context;
        asio::ip::tcp::socket socket(context);
        socket.connect({asio::ip::make_address("127.0.0.1"), port});
        asio::write(socket, asio::buffer(request));
        return read_some(socket, until);
    }
};

Response text(std::string body) {
    return Response{.status = 200, .content_type = "text/plain", .body = std::move(body), .headers = {}};
}

TEST_F(HttpServer, GivesPathQueryHeadersAndBody) {
    const Handler handler = [](const Request& request, const Responder& responder) {
        responder.respond(text(request.method + "|" + request.segments().at(1) + "|" +
                               std::string(request.parameter("q")) + "|" + std::string(request.header("x-one")) + "|" +
                               request.body));
    };
    run({.port = 0}, handler, [](std::uint16_t port) {
        const auto answer = ask(
            port, "POST /a/b%2Fc?q=%E5%BE%B7+1 HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nhi", "hi");
        EXPECT_NE(answer.find("POST|b/c|德 1|1|hi"), std::string::npos) << answer;
    });
}

TEST_F(HttpServer, AnswersLaterAndKeepsTheConnection) {
    std::optional<Responder> kept;
    int calls = 0;
    const Handler handler = [&](const Request&, const Responder& responder) {
        if (++calls == 1) {
            kept = responder;
            kept->respond(text("first."));
            return;
        }
        responder.respond(text("second."));
    };
    run({.port = 0}, handler, [](std::uint16_t port) {
        asio::io_context context;
        asio::ip::tcp::socket socket(context);
        socket.connect({asio::ip::make_address("127.0.0.1"), port});
        for (const char* expected : {"first.", "second."}) {
            asio::write(socket, asio::buffer(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n")));
            EXPECT_NE(read_some(socket, expected).find(expected), std::string::npos);
        }
    });
}

TEST_F(HttpServer, RefusesABodyThatIsTooLarge) {
    const Handler handler = [](const Request&, const Responder& responder) { responder.respond(text("no")); };
    run({.port = 0, .body_limit_bytes = 10}, handler, [](std::uint16_t port) {
        const auto answer = ask(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n12345678901", "large");
        EXPECT_NE(answer.find("413"), std::string::npos) << answer;
    });
}

TEST_F(HttpServer, StreamsEvents) {
    const Handler handler = [](const Request&, const Responder& responder) {
        EventStream stream = responder.stream();
        EXPECT_TRUE(stream.send("overview", "{\"a\":1}"));
    };
    run({.port = 0}, handler, [](std::uint16_t port) {
        const auto answer = ask(port, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n", "\"a\":1}\n\n");
        EXPECT_NE(answer.find("text/event-stream"), std::string::npos);
        EXPECT_NE(answer.find("event: overview\ndata: {\"a\":1}\n\n"), std::string::npos);
    });
}

TEST_F(HttpServer, ListensOnAUnixSocketOfItsOwner) {
    const std::string path = testing::TempDir() + "/tianqu-http-test.sock";
    const Handler handler = [](const Request& request, const Responder& responder) {
        responder.respond(text(request.local ? "local." : "remote."));
    };
    run({.unix_socket = path}, handler, [&](std::uint16_t) {
        asio::io_context context;
        asio::local::stream_protocol::socket socket(context);
        socket.connect(asio::local::stream_protocol::endpoint(path));
        asio::write(socket, asio::buffer(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n")));
        EXPECT_NE(read_some(socket, "local.").find("local."), std::string::npos);
    });
}

}  // namespace
}  // namespace tianqu::http
