/// The reading of API bodies and the matching of paths: any bytes give a value or an error, never harm.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/server/api/body.hpp"
#include "app/server/api/paging.hpp"
#include "app/server/api/route.hpp"
#include "base/assertion.hpp"

namespace {

using namespace tianqu;

void read_body(std::string_view text) {
    auto body = server::Body::parse(text);
    if (!body) {
        TIANQU_ASSERT(body.error().code == ErrorCode::invalid_input);
        return;
    }
    (void)body->text("name");
    (void)body->whole("limit_w");
    (void)body->boolean("api_key");
    (void)body->real("lon");
    (void)body->time("until");
    (void)body->required_text("registration");
    (void)body->required_whole("power_w");
    (void)body->texts("files");
    for (auto& part : body->objects("connectors")) {
        (void)part.whole("number");
        (void)part.required_whole("maximum_w");
        (void)part.finish();
    }
    if (const auto read = body->finish(); !read) {
        TIANQU_ASSERT(!read.error().field("field").empty());
        const auto shown = server::error_json(read.error());
        TIANQU_ASSERT(server::Body::parse(shown).has_value());
    }
}

void match_path(std::string_view text) {
    http::Request request;
    const auto question = text.find('?');
    request.path = std::string(text.substr(0, question));
    if (question != std::string_view::npos) request.query["limit"] = std::string(text.substr(question + 1));
    const auto path = request.segments();
    (void)server::page_of(request);
    (void)server::contains_text(text, request.path);
    for (const char* pattern : {"/nodes/{id}/curve", "/chargers/{id}/commands/{action}", "/overview", "/tokens/{id}"}) {
        server::Route route;
        route.pattern = pattern;
        std::vector<std::string> captures;
        if (server::matches(route, path, captures)) {
            const std::string_view all(pattern);
            TIANQU_ASSERT(captures.size() == static_cast<std::size_t>(std::count(all.begin(), all.end(), '{')));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_body(text);
    match_path(text);
    return 0;
}
