#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/http/server.hpp"
#include "app/server/access_part.hpp"
#include "app/server/runtime.hpp"

namespace tianqu::server {

struct ApiOptions {
    /// Called on the core thread; what it returns makes the report of a virtual city so far as JSON, on any thread.
    /// Empty when this is the real thing.
    std::function<std::function<Result<std::string>()>()> report;
};

/// HTTP in terms of `Runtime`: checks who asks, reads the request, calls, writes the answer (docs/api.md). Knows no
/// rule of charging. Runs on the core thread; queries of history run on a small pool and answer there later.
class Api {
public:
    Api(boost::asio::io_context& core, Runtime& runtime, const AccessPart& access, ApiOptions options);
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    /// Every request: API, metrics, health, event stream, and the embedded page for all else.
    void handle(const http::Request& request, const http::Responder& responder);
    /// Waits for queries under way.
    void stop();

    class Impl;

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace tianqu::server
