#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tianqu::test {

namespace json = boost::json;

/// Long enough for any machine: what has not come by then does not come.
inline constexpr std::chrono::seconds patience{60};

struct HttpQuestion {
    std::string method = "GET";
    std::string target;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string host = "127.0.0.1";
};

struct HttpAnswer {
    int status = 0;  ///< 0: no whole answer came
    std::string body;
    std::map<std::string, std::string> headers;  ///< names in lower case

    /// The body as JSON; null when it is none.
    [[nodiscard]] json::value value() const;
    /// error.code and one of error.fields of an error's body.
    [[nodiscard]] std::string error_code() const;
    [[nodiscard]] std::string error_field(std::string_view name) const;
};

/// One request on a connection of its own.
[[nodiscard]] HttpAnswer ask(std::uint16_t port, const HttpQuestion& question);
/// The beginning of an event stream, up to and with `until`.
[[nodiscard]] std::string read_stream(std::uint16_t port, const HttpQuestion& question, const std::string& until);

/// What the server answered to a call.
struct CallAnswer {
    std::string error;  ///< a CALLERROR's code; empty for a result
    json::object payload;
};

/// A charger as a WebSocket client that speaks OCPP-J text, one thing after the other, in the thread of its user.
class OcppClient {
public:
    OcppClient();
    ~OcppClient();
    OcppClient(const OcppClient&) = delete;
    OcppClient& operator=(const OcppClient&) = delete;

    /// False when refused; see `handshake_status`.
    bool connect(std::uint16_t port, const std::string& charger, const std::string& subprotocol = "ocpp1.6");
    void close();
    [[nodiscard]] int handshake_status() const { return handshake_status_; }
    [[nodiscard]] const std::string& subprotocol() const { return subprotocol_; }
    [[nodiscard]] bool open() const { return open_; }

    bool send(const std::string& text);
    /// The next message of the server as it came; nothing when the connection ended or nothing came in time.
    [[nodiscard]] std::optional<std::string> read(std::chrono::milliseconds wait = patience);

    /// Sends a call and handles what comes until its answer does. Nothing when the connection ended before.
    [[nodiscard]] std::optional<CallAnswer> call(const std::string& action, const std::string& payload);
    /// Sends a call without waiting; its message id.
    std::string start_call(const std::string& action, const std::string& payload);
    [[nodiscard]] std::optional<CallAnswer> await_answer(const std::string& message_id);
    [[nodiscard]] bool answered(const std::string& message_id) const { return answers_.contains(message_id); }

    /// The payload of the next call of the server with this action that `fits` (also one that came before and was not
    /// asked for yet); calls are answered as `answer_call` says.
    using Fits = std::function<bool(const json::object&)>;
    [[nodiscard]] std::optional<json::object> await_call(const std::string& action, const Fits& fits = {});

    /// Makes the payload of the answer to a call of the server; the default says "Accepted" to everything.
    std::function<std::string(const std::string& action, const json::object& payload)> answer_call;

private:
    struct Wire;

    void handle(const std::string& text);
    void run(const bool& done, std::chrono::milliseconds wait);
    void start_read();

    std::unique_ptr<Wire> wire_;
    int handshake_status_ = 0;
    std::string subprotocol_;
    bool open_ = false;
    std::int64_t next_id_ = 1;
    std::map<std::string, CallAnswer> answers_;
    std::deque<std::pair<std::string, json::object>> calls_;
};

}  // namespace tianqu::test
