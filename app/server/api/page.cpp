#include <array>

#include "app/server/api/impl.hpp"
#include "base/sha256.hpp"
#include "generated/web.hpp"

namespace tianqu::server {

namespace {

std::string_view content_type(std::string_view path) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> types{{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
        {".geojson", "application/geo+json"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".webmanifest", "application/manifest+json"},
        {".txt", "text/plain; charset=utf-8"},
    }};
    for (const auto& [ending, type] : types) {
        if (path.ends_with(ending)) return type;
    }
    return "application/octet-stream";
}

const generated::EmbeddedFile* find_file(std::string_view path) {
    for (const auto& file : generated::web()) {
        if (file.path == path) return &file;
    }
    return nullptr;
}

constexpr std::string_view page_not_built =
    "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>Tianqu 天衢</title>"
    "<p>网页没有编译进这个程序：先在 web/ 里运行 npm ci 和 npm run build，再重新编译。</p>"
    "<p>The page was not built into this program: run npm ci and npm run build in web/, then build again. The API is "
    "at "
    "/api/v1.</p>";

// Scripts and styles only from here; the map draws from a worker made of a blob.
constexpr const char* content_policy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src "
    "'self' blob:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

}  // namespace

http::Response page_response(const http::Request& request) {
    std::string_view path = request.path;
    while (path.starts_with('/')) path.remove_prefix(1);
    const auto* file = find_file(path);
    const bool asset = file != nullptr && path.starts_with("assets/");
    // A missing asset is a mistake; any other path is one of the page's own.
    if (file == nullptr && path.starts_with("assets/")) {
        return http::Response{.status = 404, .content_type = "text/plain", .body = "no such file\n", .headers = {}};
    }
    if (file == nullptr) file = find_file("index.html");
    http::Response response;
    response.content_type = file == nullptr ? "text/html; charset=utf-8" : std::string(content_type(file->path));
    response.headers.emplace_back("Content-Security-Policy", content_policy);
    if (file == nullptr) {
        response.body = page_not_built;
        return response;
    }
    // Names of assets contain their hash, so they never change.
    response.headers.emplace_back("Cache-Control", asset ? "public, max-age=31536000, immutable" : "no-cache");
    const std::string tag = "\"" + to_hex(sha256(file->content)).substr(0, 20) + "\"";
    response.headers.emplace_back("ETag", tag);
    if (request.header("if-none-match") == tag) {
        response.status = 304;
        return response;
    }
    response.body = file->content;
    return response;
}

}  // namespace tianqu::server
