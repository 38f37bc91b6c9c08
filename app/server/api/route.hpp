#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "access/state.hpp"
#include "adapters/http/server.hpp"
#include "charging/core.hpp"

namespace tianqu::server {

/// One authenticated request to the API.
struct Call {
    http::Request request;
    std::vector<std::string> captures;  ///< the pattern's {…} parts, in order
    access::Account account;
    charging::Actor actor;  ///< who and when; the reason comes from the body where there is one

    [[nodiscard]] const std::string& capture(std::size_t index) const { return captures.at(index); }
};

/// Answers a call, once, now or later, on the core thread.
class Answer {
public:
    using Send = std::function<void(http::Response)>;
    explicit Answer(Send send) : send_(std::move(send)) {}

    /// 200 with this JSON.
    void json(std::string body) const { send_(http::Response{.status = 200, .body = std::move(body), .headers = {}}); }
    void error(const Error& error) const;
    void result(const Result<std::string>& body) const {
        if (body)
            json(*body);
        else
            error(body.error());
    }
    /// {"done":true} or the error.
    void status(const Status& status) const {
        if (status)
            json("{\"done\":true}");
        else
            error(status.error());
    }
    void response(http::Response response) const { send_(std::move(response)); }

private:
    Send send_;
};

/// What OpenAPI says about one query parameter.
struct QueryParameter {
    std::string name;
    std::string type;  ///< "string", "integer", "boolean"
    std::string text;
};

struct Route {
    std::string method;
    std::string pattern;  ///< below /api/v1, e.g. "/nodes/{id}/curve"
    access::Role role = access::Role::viewer;
    std::string summary;
    std::vector<QueryParameter> query;
    std::string body_example;    ///< JSON; empty: no body
    std::string answer_example;  ///< JSON
    std::function<void(const Call&, const Answer&)> handle;
};

/// The captures when `path` (split, without /api/v1) fits the pattern.
[[nodiscard]] bool matches(const Route& route, const std::vector<std::string>& path,
                           std::vector<std::string>& captures);

/// The document made from the routes: what is served is what is described.
[[nodiscard]] std::string openapi_document(const std::vector<Route>& routes, std::string_view version);

/// The one form of an error body, Chinese and English.
[[nodiscard]] std::string error_json(const Error& error);
[[nodiscard]] http::Response error_response(const Error& error);

}  // namespace tianqu::server
