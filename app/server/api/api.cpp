#include "app/server/api/api.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "app/server/api/impl.hpp"

namespace tianqu::server {

namespace {

bool is_loopback(std::string_view address) {
    // A name such as 127.example.org is not an address.
    const bool numeric = address.find_first_not_of("0123456789.") == std::string_view::npos;
    return (numeric && address.starts_with("127.")) || address == "::1" || address == "localhost";
}

Error not_logged_in() {
    return Error{
        ErrorCode::unauthorized, "log in, or send Authorization: Bearer KEY (tianqu user add NAME --api-key)", {}};
}

std::string_view host_without_port(std::string_view host) {
    if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
    return host.substr(0, host.find(':'));
}

void add_security_headers(http::Response& response) {
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("X-Frame-Options", "DENY");
}

}  // namespace

std::string cookie_of(const http::Request& request) {
    static constexpr std::string_view name = "tianqu=";
    std::string_view rest = request.header("cookie");
    while (!rest.empty()) {
        while (rest.starts_with(' ')) rest.remove_prefix(1);
        const auto end = rest.find(';');
        const auto part = rest.substr(0, end);
        if (part.starts_with(name)) return std::string(part.substr(name.size()));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return {};
}

std::optional<access::Account> account_of(const AccessPart& access, const http::Request& request, TimePoint now) {
    // Only the owner of the data directory can open its socket.
    if (request.local) return access::Account{UserId{"local"}, access::Role::administrator};
    static constexpr std::string_view bearer = "Bearer ";
    const auto authorization = request.header("authorization");
    if (authorization.starts_with(bearer))
        return access::find_by_key(access.state(), authorization.substr(bearer.size()));
    const std::string cookie = cookie_of(request);
    if (cookie.empty()) return std::nullopt;
    return access::find_by_cookie(access.state(), cookie, now);
}

Api::Impl::Impl(boost::asio::io_context& core_context, Runtime& the_runtime, const AccessPart& access_part,
                ApiOptions api_options)
    : core(core_context),
      runtime(the_runtime),
      access(access_part),
      options(std::move(api_options)),
      day([this](std::function<void()> work, std::function<void()> then) {
          boost::asio::post(pool, [this, work = std::move(work), then = std::move(then)] {
              work();
              boost::asio::post(core, then);
          });
      }) {
    add_city_routes(*this, routes);
    add_node_routes(*this, routes);
    add_charger_routes(*this, routes);
    add_session_routes(*this, routes);
    add_map_routes(*this, routes);
    add_record_routes(*this, routes);
    add_access_routes(*this, routes);
    openapi = openapi_document(routes, TIANQU_VERSION);
}

/// A page elsewhere may point its own name at this address (DNS rebinding); a browser then still names the page's host.
bool Api::Impl::host_allowed(const http::Request& request) const {
    if (request.local || !is_loopback(runtime.options().http.address)) return true;
    return is_loopback(host_without_port(request.header("host")));
}

void Api::Impl::handle(const http::Request& request, const http::Responder& responder) {
    const auto respond = [&](http::Response response) {
        add_security_headers(response);
        responder.respond(std::move(response));
    };
    if (!host_allowed(request)) {
        respond(error_response(Error{ErrorCode::forbidden, "this host name is not served here", {}}));
        return;
    }
    auto path = request.segments();
    if (request.path == "/healthz") {
        const auto& health = runtime.health();
        const std::string text = health ? "" : health.error().to_string();
        respond({.status = health ? 200 : 503,
                 .body = health ? R"({"status":"ok"})" : R"({"status":"failed","why":)" + json_quoted(text) + "}",
                 .headers = {}});
        return;
    }
    const bool is_api = !path.empty() && (path.front() == "api" || path.front() == "metrics");
    if (is_api) {
        handle_api(request, std::move(path), responder);
        return;
    }
    if (request.method != "GET" && request.method != "HEAD") {
        respond(error_response(Error{ErrorCode::unsupported, "only GET is served here", {{"method", request.method}}}));
        return;
    }
    respond(page_response(request));
}

void Api::Impl::handle_api(const http::Request& request, std::vector<std::string> path,
                           const http::Responder& responder) {
    const Answer answer([responder](http::Response response) {
        add_security_headers(response);
        response.headers.emplace_back("Cache-Control", "no-store");
        responder.respond(std::move(response));
    });
    const bool versioned = path.size() >= 2 && path[0] == "api" && path[1] == "v1";
    if (versioned) path.erase(path.begin(), path.begin() + 2);
    const bool is_login = versioned && path == std::vector<std::string>{"login"} && request.method == "POST";
    const auto account = account_of(access, request, runtime.now());
    if (!account && !is_login) {
        answer.error(not_logged_in());
        return;
    }
    if (request.path == "/metrics") {
        answer.response({.content_type = "text/plain; version=0.0.4", .body = metrics_text(*this), .headers = {}});
        return;
    }
    if (request.path == "/api/openapi.json") {
        answer.json(openapi);
        return;
    }
    if (versioned && path == std::vector<std::string>{"events"} && request.method == "GET") {
        begin_event_stream(*this, responder);
        return;
    }
    // A form on another site can send the cookie along, but not a header of its own.
    const bool by_cookie = !request.local && request.header("authorization").empty();
    if (by_cookie && request.method != "GET" && request.method != "HEAD" && request.header("x-tianqu").empty()) {
        answer.error(Error{ErrorCode::forbidden, "a write with a login cookie needs the header X-Tianqu: 1", {}});
        return;
    }
    Call call{request, {}, account.value_or(access::Account{}), {}};
    call.actor = charging::Actor{PrincipalId{"user:" + call.account.user.value}, runtime.now(), {}};
    bool path_known = false;
    for (const auto& route : routes) {
        if (!versioned || !matches(route, path, call.captures)) continue;
        path_known = true;
        if (route.method != request.method) continue;
        if (!is_login && call.account.role < route.role) {
            answer.error(Error{ErrorCode::forbidden, "this needs the role " + std::string(enum_name(route.role)), {}});
            return;
        }
        route.handle(call, answer);
        return;
    }
    answer.error(Error{path_known ? ErrorCode::unsupported : ErrorCode::not_found,
                       path_known ? "this method is not served here" : "no such address; see /api/openapi.json",
                       {{"method", request.method}, {"path", request.path}}});
}

Api::Api(boost::asio::io_context& core, Runtime& runtime, const AccessPart& access, ApiOptions options)
    : impl_(std::make_unique<Impl>(core, runtime, access, std::move(options))) {}
Api::~Api() { stop(); }
void Api::handle(const http::Request& request, const http::Responder& responder) { impl_->handle(request, responder); }
void Api::stop() { impl_->pool.join(); }

}  // namespace tianqu::server
