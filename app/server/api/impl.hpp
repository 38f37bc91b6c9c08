#pragma once

/// What the route files share; private to this folder.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/server/api/api.hpp"
#include "app/server/api/body.hpp"
#include "app/server/api/day.hpp"
#include "app/server/api/login.hpp"
#include "app/server/api/route.hpp"
#include "app/server/planning.hpp"
#include "base/json_writer.hpp"

namespace tianqu::server {

class Api::Impl {
public:
    Impl(boost::asio::io_context& core, Runtime& runtime, const AccessPart& access, ApiOptions options);

    void handle(const http::Request& request, const http::Responder& responder);

    /// Runs `query` on the pool (views, files, hashing) and `answer` with its result back on the core thread.
    template <class Value>
    void in_background(std::function<Value()> query, std::function<void(Value)> answer);

    boost::asio::io_context& core;
    Runtime& runtime;
    const AccessPart& access;
    ApiOptions options;
    boost::asio::thread_pool pool{2};
    std::vector<Route> routes;
    std::string openapi;
    LoginGuard login_guard;
    Days day;

private:
    void handle_api(const http::Request& request, std::vector<std::string> path, const http::Responder& responder);
    [[nodiscard]] bool host_allowed(const http::Request& request) const;
};

template <class Value>
void Api::Impl::in_background(std::function<Value()> query, std::function<void(Value)> answer) {
    boost::asio::post(pool, [this, query = std::move(query), answer = std::move(answer)] {
        auto value = std::make_shared<Value>(query());
        boost::asio::post(core, [value, answer] { answer(std::move(*value)); });
    });
}

// One function a resource; each adds its routes.
void add_city_routes(Api::Impl& api, std::vector<Route>& routes);
void add_node_routes(Api::Impl& api, std::vector<Route>& routes);
void add_charger_routes(Api::Impl& api, std::vector<Route>& routes);
void add_session_routes(Api::Impl& api, std::vector<Route>& routes);
void add_map_routes(Api::Impl& api, std::vector<Route>& routes);
void add_record_routes(Api::Impl& api, std::vector<Route>& routes);
void add_access_routes(Api::Impl& api, std::vector<Route>& routes);

/// An open event stream: `overview` each second, notices as they come.
void begin_event_stream(Api::Impl& api, const http::Responder& responder);
[[nodiscard]] std::string metrics_text(const Api::Impl& api);
/// A file of the embedded page, or the page itself for any other path.
[[nodiscard]] http::Response page_response(const http::Request& request);
/// The city in one look, as `GET /overview` gives it.
[[nodiscard]] std::string overview_json(const Api::Impl& api);

/// Account of a request, if it proves one.
[[nodiscard]] std::optional<access::Account> account_of(const AccessPart& access, const http::Request& request,
                                                        TimePoint now);
[[nodiscard]] std::string cookie_of(const http::Request& request);

}  // namespace tianqu::server
