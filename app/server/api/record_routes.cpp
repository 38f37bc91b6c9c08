#include "app/server/api/impl.hpp"
#include "app/server/api/paging.hpp"

namespace tianqu::server {

namespace {

void write_token(JsonWriter& json, const charging::TokenSet& token) {
    json.begin_object().field("id", token.token.value).field("verdict", charging::enum_name(token.verdict));
    write_time(json, "expires", token.expires);
    json.field("parent", token.parent.value).field("note", token.note).end_object();
}

void list_tokens(const Api::Impl& api, const Answer& answer) {
    JsonWriter json;
    json.begin_object().key("tokens").begin_array();
    for (const auto& [id, token] : api.runtime.state().tokens) write_token(json, token);
    json.end_array().end_object();
    answer.json(json.take());
}

void put_token(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    charging::TokenSet token;
    token.token = TokenId{call.capture(0)};
    const std::string verdict = body->text("verdict").value_or("accepted");
    if (verdict == "blocked")
        token.verdict = charging::Verdict::blocked;
    else if (verdict != "accepted")
        body->reject("verdict", verdict, "accepted or blocked");
    token.expires = body->time("expires");
    token.parent = TokenId{body->text("parent").value_or("")};
    token.note = body->text("note").value_or("");
    call.actor.reason = body->text("reason").value_or("");
    if (auto read = body->finish(); !read) {
        answer.error(read.error());
        return;
    }
    api.runtime.commit(charging::set_token(api.runtime.state(), call.actor, std::move(token)),
                       [answer](const Status& status) { answer.status(status); });
}

void show_token(const Api::Impl& api, const Call& call, const Answer& answer) {
    const auto found = api.runtime.state().tokens.find(TokenId{call.capture(0)});
    if (found == api.runtime.state().tokens.end()) {
        answer.error(Error{ErrorCode::not_found, "no such token", {{"token", call.capture(0)}}});
        return;
    }
    JsonWriter json;
    write_token(json, found->second);
    answer.json(json.take());
}

std::string event_body_json(std::int32_t type, const std::string& payload) {
    if (!access::event_name(type).empty()) {
        const auto body = access::decode_body(type, payload);
        return body ? access::body_to_json(*body) : "null";
    }
    // An imported network is shown by its size, not by its megabytes.
    if (type == charging::NetworkImported::type) return "{\"bytes\":" + std::to_string(payload.size()) + "}";
    const auto body = charging::decode_body(type, payload);
    return body ? charging::body_to_json(*body) : "null";
}

std::string audit_json(const ports::Page<ports::AuditView>& page) {
    JsonWriter json;
    json.begin_object().key("audit").begin_array();
    for (const auto& row : page.rows) {
        const auto access_name = access::event_name(row.type);
        json.begin_object()
            .field("sequence", row.sequence)
            .field("at", format_time(row.at))
            .field("who", row.principal.value);
        json.field("why", row.reason).field("what", access_name.empty() ? charging::event_name(row.type) : access_name);
        json.key("body").raw(event_body_json(row.type, row.payload)).end_object();
    }
    json.end_array();
    write_next(json, page.next);
    json.end_object();
    return json.take();
}

Result<ports::PageFilter> history_page(const http::Request& request) {
    const auto after = whole_parameter(request, "after");
    if (!after) return std::unexpected(after.error());
    const auto page = page_of(request);
    if (!page) return std::unexpected(page.error());
    return ports::PageFilter{*after, page->limit};
}

/// A page of history from the views, made into JSON off the core thread.
void history(Api::Impl& api, const Call& call, const Answer& answer,
             const std::function<Result<std::string>(const ports::Views&, const ports::PageFilter&)>& query) {
    const auto filter = history_page(call.request);
    if (!filter || api.runtime.views() == nullptr) {
        answer.error(filter ? Error{ErrorCode::unavailable, "there is no history here", {}} : filter.error());
        return;
    }
    const auto* views = api.runtime.views();
    const std::function<Result<std::string>()> work = [views, query, page = *filter] { return query(*views, page); };
    api.in_background<Result<std::string>>(work, [answer](const Result<std::string>& body) { answer.result(body); });
}

Result<std::string> audit(const ports::Views& views, const ports::PageFilter& filter) {
    const auto page = views.audit(filter);
    if (!page) return std::unexpected(page.error());
    return audit_json(*page);
}

Result<std::string> alarms(const ports::Views& views, const ports::PageFilter& filter) {
    const auto page = views.alarms(filter);
    if (!page) return std::unexpected(page.error());
    JsonWriter json;
    json.begin_object().key("alarms").begin_array();
    for (const auto& alarm : page->rows) {
        json.begin_object().field("id", alarm.alarm.value).field("kind", alarm.kind).field("node", alarm.node.value);
        json.field("charger", alarm.charger.value).field("text_zh", alarm.text_zh).field("text_en", alarm.text_en);
        json.field("raised", format_time(alarm.raised));
        write_time(json, "cleared", alarm.cleared);
        json.end_object();
    }
    json.end_array();
    write_next(json, page->next);
    json.end_object();
    return json.take();
}

Result<std::string> flagged(const ports::Views& views, const ports::PageFilter& filter) {
    const auto page = views.flagged(std::nullopt, filter);
    if (!page) return std::unexpected(page.error());
    JsonWriter json;
    json.begin_object().key("messages").begin_array();
    for (const auto& row : page->rows) {
        json.begin_object()
            .field("at", format_time(row.at))
            .field("charger", row.charger.value)
            .field("action", row.action);
        json.key("flags");
        write_json(json, row.flags);
        json.field("raw", row.raw).end_object();
    }
    json.end_array();
    write_next(json, page->next);
    json.end_object();
    return json.take();
}

}  // namespace

void add_record_routes(Api::Impl& api, std::vector<Route>& routes) {
    using access::Role;
    const std::vector<QueryParameter> paging{{"after", "integer", "the page after this row"},
                                             {"limit", "integer", "rows, 1 to 1000"}};
    routes.push_back({"GET",
                      "/tokens",
                      Role::viewer,
                      "Drivers' tokens",
                      {},
                      "",
                      R"({"tokens":[]})",
                      [&api](const Call&, const Answer& answer) { list_tokens(api, answer); }});
    routes.push_back({"GET",
                      "/tokens/{id}",
                      Role::viewer,
                      "One token",
                      {},
                      "",
                      R"({"id":"CARD-1","verdict":"accepted"})",
                      [&api](const Call& call, const Answer& answer) { show_token(api, call, answer); }});
    routes.push_back({"PUT",
                      "/tokens/{id}",
                      Role::operator_role,
                      "Add, block or change a token",
                      {},
                      R"({"verdict":"blocked","reason":"lost card"})",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) { put_token(api, call, answer); }});
    routes.push_back({"DELETE",
                      "/tokens/{id}",
                      Role::operator_role,
                      "Remove a token",
                      {},
                      "",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) {
                          api.runtime.commit(
                              charging::remove_token(api.runtime.state(), call.actor, TokenId{call.capture(0)}),
                              [answer](const Status& status) { answer.status(status); });
                      }});
    routes.push_back({"GET", "/alarms", Role::viewer, "Alarms, newest first; standing ones have no cleared time",
                      paging, "", R"({"alarms":[],"next":null})",
                      [&api](const Call& call, const Answer& answer) { history(api, call, answer, alarms); }});
    routes.push_back({"GET", "/audit", Role::viewer, "What people and keys decided: who, when, why", paging, "",
                      R"({"audit":[],"next":null})",
                      [&api](const Call& call, const Answer& answer) { history(api, call, answer, audit); }});
    routes.push_back({"GET", "/flagged", Role::viewer,
                      "Messages that were accepted although they were not as the standard says", paging, "",
                      R"({"messages":[],"next":null})",
                      [&api](const Call& call, const Answer& answer) { history(api, call, answer, flagged); }});
}

}  // namespace tianqu::server
