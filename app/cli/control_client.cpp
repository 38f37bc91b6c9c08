#include "app/cli/control_client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>

namespace tianqu::cli {

namespace {

constexpr int patience_s = 10;

/// A connected socket, closed at the end.
class Connection {
public:
    static Result<Connection> open(const std::filesystem::path& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string text = path.string();
        if (text.size() >= sizeof(address.sun_path))
            return fail(ErrorCode::unavailable, "the socket's path is too long");
        std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
        Connection connection{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const timeval patience{.tv_sec = patience_s, .tv_usec = 0};
        if (connection.descriptor_ < 0 ||
            ::setsockopt(connection.descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
            ::setsockopt(connection.descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
            ::connect(connection.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
            return system_error();
        }
        return connection;
    }
    Connection(Connection&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    Connection& operator=(Connection&&) = delete;
    ~Connection() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    [[nodiscard]] Status write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto written = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (written <= 0) return system_error();
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }
    [[nodiscard]] Result<std::string> read_all() const {
        std::string bytes;
        char part[16384];
        for (;;) {
            const auto count = ::recv(descriptor_, part, sizeof(part), 0);
            if (count < 0) return system_error();
            if (count == 0) return bytes;
            bytes.append(part, static_cast<std::size_t>(count));
        }
    }

private:
    explicit Connection(int descriptor) : descriptor_(descriptor) {}
    static std::unexpected<Error> system_error() {
        return fail(ErrorCode::unavailable, std::string("the running server does not answer: ") + std::strerror(errno));
    }
    int descriptor_ = -1;
};

/// The server's error in our own form again.
Error error_of(unsigned status, const std::string& body) {
    Error error{ErrorCode::internal, "the server answered " + std::to_string(status), {}};
    boost::system::error_code problem;
    const auto parsed = boost::json::parse(body, problem);
    if (problem || !parsed.is_object()) return error;
    const auto* described = parsed.as_object().if_contains("error");
    if (described == nullptr || !described->is_object()) return error;
    if (const auto* text = described->as_object().if_contains("text_en"); text != nullptr && text->is_string())
        error.text = std::string(text->as_string());
    if (const auto* fields = described->as_object().if_contains("fields"); fields != nullptr && fields->is_object()) {
        for (const auto& [name, value] : fields->as_object()) {
            if (value.is_string()) error.fields.emplace_back(std::string(name), std::string(value.as_string()));
        }
    }
    return error;
}

}  // namespace

bool ControlClient::server_runs() const {
    std::error_code problem;
    return std::filesystem::exists(socket_, problem) && Connection::open(socket_).has_value();
}

Result<std::string> ControlClient::request(std::string_view method, std::string_view path,
                                           std::string_view body) const {
    const auto connection = Connection::open(socket_);
    if (!connection) return std::unexpected(connection.error());
    std::string request;
    request.append(method).append(" /api/v1").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
    request.append("Content-Type: application/json\r\nConnection: close\r\nContent-Length: ");
    request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    if (auto written = connection->write(request); !written) return std::unexpected(written.error());
    const auto bytes = connection->read_all();
    if (!bytes) return std::unexpected(bytes.error());

    boost::beast::http::response_parser<boost::beast::http::string_body> parser;
    parser.eager(true);
    boost::system::error_code problem;
    parser.put(boost::asio::buffer(*bytes), problem);
    if (!problem && !parser.is_done()) parser.put_eof(problem);
    if (problem || !parser.is_done()) return fail(ErrorCode::unavailable, "the running server's answer was cut off");
    const auto& answer = parser.get();
    if (answer.result_int() != 200) return fail(error_of(answer.result_int(), answer.body()));
    return answer.body();
}

}  // namespace tianqu::cli
