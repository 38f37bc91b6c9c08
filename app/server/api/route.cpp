#include "app/server/api/route.hpp"

#include <array>
#include <map>

#include "base/json_writer.hpp"

namespace tianqu::server {

namespace {

std::string_view chinese(ErrorCode code) {
    static constexpr std::array<std::string_view, 12> texts{
        "输入的内容不符合要求",   "没有找到", "与当前状态冲突", "请先登录", "没有权限",
        "超出了规定的大小或数量", "不支持",   "暂时不可用",     "等待超时", "存储写入失败",
        "存储的数据已损坏",       "内部错误",
    };
    return texts.at(static_cast<std::size_t>(code));
}

std::vector<std::string> split(std::string_view pattern) {
    http::Request request;
    request.path = pattern;
    return request.segments();
}

bool is_capture(const std::string& part) { return part.starts_with('{') && part.ends_with('}'); }

void write_parameters(JsonWriter& json, const Route& route) {
    json.key("parameters").begin_array();
    for (const auto& part : split(route.pattern)) {
        if (!is_capture(part)) continue;
        json.begin_object().field("name", part.substr(1, part.size() - 2)).field("in", "path").field("required", true);
        json.key("schema").raw(R"({"type":"string"})").end_object();
    }
    for (const auto& parameter : route.query) {
        json.begin_object().field("name", parameter.name).field("in", "query").field("description", parameter.text);
        json.key("schema").begin_object().field("type", parameter.type).end_object().end_object();
    }
    json.end_array();
}

void write_operation(JsonWriter& json, const Route& route) {
    json.begin_object().field("summary", route.summary);
    json.field("description", "Needs the role " + std::string(enum_name(route.role)) + " or higher.");
    write_parameters(json, route);
    if (!route.body_example.empty()) {
        json.key("requestBody").begin_object().key("content").begin_object().key("application/json").begin_object();
        json.key("schema").raw(R"({"type":"object"})").key("example").raw(route.body_example);
        json.end_object().end_object().end_object();
    }
    json.key("responses").begin_object().key("200").begin_object().field("description", "the answer");
    json.key("content").begin_object().key("application/json").begin_object().key("schema").raw(R"({"type":"object"})");
    if (!route.answer_example.empty()) json.key("example").raw(route.answer_example);
    json.end_object().end_object().end_object();
    json.key("default").raw(R"({"$ref":"#/components/responses/Error"})").end_object().end_object();
}

}  // namespace

bool matches(const Route& route, const std::vector<std::string>& path, std::vector<std::string>& captures) {
    const auto parts = split(route.pattern);
    if (parts.size() != path.size()) return false;
    captures.clear();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (is_capture(parts[i])) {
            captures.push_back(path[i]);
        } else if (parts[i] != path[i]) {
            return false;
        }
    }
    return true;
}

std::string openapi_document(const std::vector<Route>& routes, std::string_view version) {
    JsonWriter json;
    json.begin_object().field("openapi", "3.1.0");
    json.key("info").begin_object().field("title", "Tianqu 天衢").field("version", version).end_object();
    json.key("servers").raw(R"([{"url":"/api/v1"}])");
    json.key("security").raw(R"([{"key":[]},{"cookie":[]}])");
    std::map<std::string, std::vector<const Route*>> by_path;
    for (const auto& route : routes) by_path[route.pattern].push_back(&route);
    json.key("paths").begin_object();
    for (const auto& [path, operations] : by_path) {
        json.key(path).begin_object();
        for (const Route* route : operations) {
            std::string method = route->method;
            for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
            json.key(method);
            write_operation(json, *route);
        }
        json.end_object();
    }
    json.end_object();
    json.key("components")
        .raw(
            R"({"securitySchemes":{"key":{"type":"http","scheme":"bearer"},"cookie":{"type":"apiKey","in":"cookie","name":"tianqu"}},)"
            R"("responses":{"Error":{"description":"what went wrong, in Chinese and English","content":{"application/json":{"schema":)"
            R"({"type":"object","properties":{"error":{"type":"object","properties":{"code":{"type":"string"},"text_zh":{"type":"string"},)"
            R"("text_en":{"type":"string"},"fields":{"type":"object"}}}}}}}}}})");
    json.end_object();
    return json.take();
}

std::string error_json(const Error& error) {
    JsonWriter json;
    std::string zh{chinese(error.code)};
    if (const auto field = error.field("field"); !field.empty()) {
        zh.append("：字段 ").append(field);
        if (const auto value = error.field("value"); !value.empty()) zh.append(" 的值是 ").append(value);
    }
    json.begin_object().key("error").begin_object();
    json.field("code", error_traits(error.code).label).field("text_zh", zh).field("text_en", error.text);
    json.key("fields").begin_object();
    for (const auto& [name, value] : error.fields) json.field(name, value);
    json.end_object().end_object().end_object();
    return json.take();
}

http::Response error_response(const Error& error) {
    return http::Response{.status = error_traits(error.code).http_status, .body = error_json(error), .headers = {}};
}

void Answer::error(const Error& error) const { send_(error_response(error)); }

}  // namespace tianqu::server
