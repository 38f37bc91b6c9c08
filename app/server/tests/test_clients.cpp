#include "app/server/tests/test_clients.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace tianqu::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
using ErrorCode = boost::system::error_code;

namespace {

const json::object* error_of(const json::value& body) {
    if (!body.is_object()) return nullptr;
    const auto* error = body.as_object().if_contains("error");
    return error != nullptr && error->is_object() ? &error->as_object() : nullptr;
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string{};
}

beast::http::request<beast::http::string_body> request_of(const HttpQuestion& question) {
    beast::http::request<beast::http::string_body> request(beast::http::string_to_verb(question.method),
                                                           question.target, 11);
    request.set(beast::http::field::host, question.host);
    request.set(beast::http::field::connection, "close");
    for (const auto& [name, value] : question.headers) request.set(name, value);
    request.body() = question.body;
    request.prepare_payload();
    return request;
}

bool connect(asio::io_context& context, beast::tcp_stream& stream, std::uint16_t port) {
    bool connected = false;
    stream.expires_after(patience);
    stream.async_connect(asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), port),
                         [&](ErrorCode error) { connected = !error; });
    context.run();
    context.restart();
    return connected;
}

}  // namespace

json::value HttpAnswer::value() const {
    ErrorCode error;
    auto parsed = json::parse(body, error);
    return error ? json::value() : parsed;
}

std::string HttpAnswer::error_code() const {
    const auto parsed = value();
    const auto* error = error_of(parsed);
    return error == nullptr ? std::string{} : text_of(*error, "code");
}

std::string HttpAnswer::error_field(std::string_view name) const {
    const auto parsed = value();
    const auto* error = error_of(parsed);
    const auto* fields = error == nullptr ? nullptr : error->if_contains("fields");
    return fields == nullptr || !fields->is_object() ? std::string{} : text_of(fields->as_object(), name);
}

HttpAnswer ask(std::uint16_t port, const HttpQuestion& question) {
    asio::io_context context;
    beast::tcp_stream stream(context);
    if (!connect(context, stream, port)) return {};
    const auto request = request_of(question);
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(256UL * 1024 * 1024);
    bool whole = false;
    beast::http::async_write(stream, request, [](ErrorCode, std::size_t) {});
    beast::http::async_read(stream, buffer, parser, [&](ErrorCode error, std::size_t) { whole = !error; });
    context.run();
    if (!whole) return {};
    HttpAnswer answer;
    const auto& response = parser.get();
    answer.status = static_cast<int>(response.result_int());
    answer.body = response.body();
    for (const auto& field : response) {
        std::string name(field.name_string());
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        answer.headers[name] = std::string(field.value());
    }
    return answer;
}

std::string read_stream(std::uint16_t port, const HttpQuestion& question, const std::string& until) {
    asio::io_context context;
    beast::tcp_stream stream(context);
    if (!connect(context, stream, port)) return {};
    const auto request = request_of(question);
    beast::http::async_write(stream, request, [](ErrorCode, std::size_t) {});
    std::string text;
    std::array<char, 16384> part{};
    const std::function<void()> more = [&] {
        stream.async_read_some(asio::buffer(part), [&](ErrorCode error, std::size_t size) {
            text.append(part.data(), size);
            if (!error && text.find(until) == std::string::npos) more();
        });
    };
    more();
    context.run();
    return text;
}

struct OcppClient::Wire {
    asio::io_context context;
    beast::websocket::stream<beast::tcp_stream> socket{context};
    beast::flat_buffer buffer;
    std::deque<std::string> messages;
    bool reading = false;
};

OcppClient::OcppClient()
    : answer_call([](const std::string&, const json::object&) { return std::string(R"({"status":"Accepted"})"); }) {}
OcppClient::~OcppClient() { close(); }

bool OcppClient::connect(std::uint16_t port, const std::string& charger, const std::string& subprotocol) {
    close();
    wire_ = std::make_unique<Wire>();
    auto& socket = wire_->socket;
    if (!test::connect(wire_->context, beast::get_lowest_layer(socket), port)) return false;
    beast::get_lowest_layer(socket).expires_never();
    socket.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
        if (!subprotocol.empty()) request.set(beast::http::field::sec_websocket_protocol, subprotocol);
    }));
    socket.read_message_max(8UL * 1024 * 1024);
    beast::websocket::response_type response;
    bool done = false;
    socket.async_handshake(response, "127.0.0.1", "/ocpp/" + charger, [&](ErrorCode error) {
        done = true;
        open_ = !error;
    });
    run(done, patience);
    handshake_status_ = static_cast<int>(response.result_int());
    subprotocol_ = std::string(response[beast::http::field::sec_websocket_protocol]);
    return open_;
}

void OcppClient::close() {
    if (!wire_) return;
    ErrorCode ignored;
    beast::get_lowest_layer(wire_->socket).socket().close(ignored);
    wire_->context.restart();
    wire_->context.run_for(std::chrono::seconds(1));
    wire_.reset();
    open_ = false;
}

void OcppClient::run(const bool& done, std::chrono::milliseconds wait) {
    const auto end = std::chrono::steady_clock::now() + wait;
    wire_->context.restart();
    while (!done && wire_->context.run_one_until(end) > 0) {
    }
}

bool OcppClient::send(const std::string& text) {
    if (!open_) return false;
    bool done = false;
    bool sent = false;
    wire_->socket.text(true);
    wire_->socket.async_write(asio::buffer(text), [&](ErrorCode error, std::size_t) {
        done = true;
        sent = !error;
    });
    run(done, patience);
    if (!done) {
        // The write refers to `text` and to this frame: it must not go on.
        close();
    }
    return sent;
}

void OcppClient::start_read() {
    if (wire_->reading) return;
    wire_->reading = true;
    wire_->socket.async_read(wire_->buffer, [this](ErrorCode error, std::size_t) {
        wire_->reading = false;
        if (error) {
            open_ = false;
            return;
        }
        wire_->messages.push_back(beast::buffers_to_string(wire_->buffer.data()));
        wire_->buffer.consume(wire_->buffer.size());
    });
}

std::optional<std::string> OcppClient::read(std::chrono::milliseconds wait) {
    if (!wire_) return std::nullopt;
    const auto end = std::chrono::steady_clock::now() + wait;
    while (wire_->messages.empty() && open_) {
        start_read();
        wire_->context.restart();
        if (wire_->context.run_one_until(end) == 0) return std::nullopt;
    }
    if (wire_->messages.empty()) return std::nullopt;
    auto message = std::move(wire_->messages.front());
    wire_->messages.pop_front();
    return message;
}

void OcppClient::handle(const std::string& text) {
    ErrorCode error;
    const auto parsed = json::parse(text, error);
    if (error || !parsed.is_array() || parsed.as_array().size() < 3) return;
    const auto& frame = parsed.as_array();
    const std::string id(frame[1].as_string());
    if (frame[0] == 3) {
        answers_[id] = CallAnswer{{}, frame[2].as_object()};
    } else if (frame[0] == 4) {
        answers_[id] = CallAnswer{std::string(frame[2].as_string()), frame[4].as_object()};
    } else if (frame[0] == 2) {
        const std::string action(frame[2].as_string());
        calls_.emplace_back(action, frame[3].as_object());
        const auto payload = answer_call(action, calls_.back().second);
        if (!payload.empty()) send("[3," + json::serialize(json::value(id)) + "," + payload + "]");
    }
}

std::string OcppClient::start_call(const std::string& action, const std::string& payload) {
    const std::string id = "m" + std::to_string(next_id_++);
    send("[2,\"" + id + "\",\"" + action + "\"," + payload + "]");
    return id;
}

std::optional<CallAnswer> OcppClient::await_answer(const std::string& message_id) {
    while (!answers_.contains(message_id)) {
        const auto message = read();
        if (!message) return std::nullopt;
        handle(*message);
    }
    auto answer = std::move(answers_.at(message_id));
    answers_.erase(message_id);
    return answer;
}

std::optional<CallAnswer> OcppClient::call(const std::string& action, const std::string& payload) {
    return await_answer(start_call(action, payload));
}

std::optional<json::object> OcppClient::await_call(const std::string& action, const Fits& fits) {
    for (;;) {
        for (auto entry = calls_.begin(); entry != calls_.end(); ++entry) {
            if (entry->first != action || (fits && !fits(entry->second))) continue;
            auto payload = std::move(entry->second);
            calls_.erase(entry);
            return payload;
        }
        const auto message = read();
        if (!message) return std::nullopt;
        handle(*message);
    }
}

}  // namespace tianqu::test
