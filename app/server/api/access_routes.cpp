#include <boost/asio/post.hpp>

#include "app/server/api/impl.hpp"

namespace tianqu::server {

namespace {

std::string user_json(const UserId& user, access::Role role) {
    JsonWriter json;
    json.begin_object().key("user").begin_object();
    json.field("name", user.value).field("role", enum_name(role));
    json.end_object().end_object();
    return json.take();
}

http::Response logged_in(const UserId& user, access::Role role, const std::string& cookie) {
    const auto lifetime_s = std::chrono::duration_cast<std::chrono::seconds>(access::login_lifetime).count();
    return http::Response{
        .body = user_json(user, role),
        .headers = {{"Set-Cookie", "tianqu=" + cookie +
                                       "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" + std::to_string(lifetime_s)}}};
}

/// Records access events and answers with what `finished` makes.
void commit(Api::Impl& api, const charging::Actor& actor, const std::vector<access::EventBody>& events,
            const Answer& answer, std::function<http::Response()> finished) {
    api.runtime.commit_encoded(access_records(events, actor),
                               [answer, finished = std::move(finished)](const Status& status) {
                                   if (status)
                                       answer.response(finished());
                                   else
                                       answer.error(status.error());
                               });
}

void use_link(Api::Impl& api, const Call& call, const Answer& answer, const std::string& token, const UserId& user,
              const std::string& password) {
    if (auto valid = access::check_password(password); !valid) {
        answer.error(valid.error());
        return;
    }
    const std::function<std::string()> hash = [password] { return access::hash_password(password, random_bytes(16)); };
    api.in_background<std::string>(hash, [&api, call, answer, token, user](const std::string& password_hash) {
        const auto used = access::use_link(api.access.state(), token, user, password_hash, random_bytes(32),
                                           api.runtime.now(), call.request.address);
        if (!used) {
            api.login_guard.failed(call.request.address, std::chrono::steady_clock::now());
            answer.error(used.error());
            return;
        }
        charging::Actor actor = call.actor;
        actor.principal = PrincipalId{"user:" + user.value};
        commit(api, actor, used->events, answer, [&api, user, cookie = used->secret] {
            return logged_in(user, api.access.state().users.at(user).role, cookie);
        });
    });
}

void log_in(Api::Impl& api, const Call& call, const Answer& answer, const UserId& user, const std::string& password) {
    const auto known = api.access.state().users.find(user);
    // An unknown name takes as long as a wrong password.
    static const std::string nobody = access::hash_password("nobody", std::string(16, 'n'));
    const std::string hash = known == api.access.state().users.end() || known->second.password_hash.empty()
                                 ? nobody
                                 : known->second.password_hash;
    const std::function<bool()> check = [hash, password] { return access::password_matches(hash, password); };
    api.in_background<bool>(check, [&api, call, answer, user](bool matches) {
        const auto found = api.access.state().users.find(user);
        if (!matches || found == api.access.state().users.end()) {
            api.login_guard.failed(call.request.address, std::chrono::steady_clock::now());
            answer.error(Error{ErrorCode::unauthorized, "the name or the password is wrong", {}});
            return;
        }
        charging::Actor actor = call.actor;
        actor.principal = PrincipalId{"user:" + user.value};
        const auto issued = access::log_in(random_bytes(32), user, api.runtime.now(), call.request.address);
        commit(api, actor, issued.events, answer,
               [user, role = found->second.role, cookie = issued.secret] { return logged_in(user, role, cookie); });
    });
}

void login(Api::Impl& api, const Call& call, const Answer& answer) {
    if (!api.login_guard.allowed(call.request.address, std::chrono::steady_clock::now())) {
        http::Response refused =
            error_response(Error{ErrorCode::unavailable, "too many failed logins; try again in a few minutes", {}});
        refused.status = 429;
        refused.headers.emplace_back("Retry-After", std::to_string(LoginGuard::window.count()));
        answer.response(std::move(refused));
        return;
    }
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    const auto token = body->text("one_time_token");
    const UserId user{body->required_text("name")};
    const std::string password = body->required_text("password");
    if (auto read = body->finish(); !read) {
        // The message would repeat the value: a password has no place in it.
        Error error = read.error();
        if (error.field("field") == "password") error.fields = {{"field", "password"}};
        answer.error(error);
        return;
    }
    if (token)
        use_link(api, call, answer, *token, user, password);
    else
        log_in(api, call, answer, user, password);
}

void logout(Api::Impl& api, const Call& call, const Answer& answer) {
    commit(api, call.actor, access::log_out(cookie_of(call.request)), answer, [] {
        return http::Response{.body = "{\"done\":true}", .headers = {{"Set-Cookie", "tianqu=; Path=/; Max-Age=0"}}};
    });
}

void add_user(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    const auto role = access::parse_role(body->text("role").value_or("operator"));
    const bool wants_key = body->boolean("api_key").value_or(false);
    // Who uses a link chooses the name.
    const UserId user{wants_key ? body->required_text("name") : body->text("name").value_or("")};
    call.actor.reason = body->text("reason").value_or("");
    if (auto read = body->finish(); !read || !role) {
        answer.error(read ? role.error() : read.error());
        return;
    }
    Result<access::Issued> issued = wants_key
                                        ? access::issue_key(api.access.state(), random_bytes(32), user, *role)
                                        : Result<access::Issued>{access::issue_link(
                                              random_bytes(32), *role, api.runtime.now(), std::chrono::hours{24})};
    if (!issued) {
        answer.error(issued.error());
        return;
    }
    commit(api, call.actor, issued->events, answer, [user, wants_key, secret = issued->secret] {
        JsonWriter json;
        json.begin_object()
            .field("name", user.value)
            .field(wants_key ? "api_key" : "one_time_token", secret)
            .end_object();
        return http::Response{.body = json.take(), .headers = {}};
    });
}

void remove_user(Api::Impl& api, const Call& call, const Answer& answer) {
    const UserId user{call.capture(0)};
    if (!api.access.state().users.contains(user)) {
        answer.error(Error{ErrorCode::not_found, "no such user", {{"name", user.value}}});
        return;
    }
    commit(api, call.actor, {access::EventBody{access::UserRemoved{user}}}, answer,
           [] { return http::Response{.body = "{\"done\":true}", .headers = {}}; });
}

}  // namespace

void add_access_routes(Api::Impl& api, std::vector<Route>& routes) {
    using access::Role;
    routes.push_back({"POST",
                      "/login",
                      Role::viewer,
                      "Log in by name and password, or for the first time by one-time link",
                      {},
                      R"({"name":"office","password":"…"})",
                      R"({"user":{"name":"office","role":"administrator"}})",
                      [&api](const Call& call, const Answer& answer) { login(api, call, answer); }});
    routes.push_back({"POST",
                      "/logout",
                      Role::viewer,
                      "End this login",
                      {},
                      "{}",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) { logout(api, call, answer); }});
    routes.push_back(
        {"GET",
         "/me",
         Role::viewer,
         "Who asks",
         {},
         "",
         R"({"user":{"name":"office","role":"administrator"}})",
         [](const Call& call, const Answer& answer) { answer.json(user_json(call.account.user, call.account.role)); }});
    routes.push_back({"GET",
                      "/users",
                      Role::administrator,
                      "Users",
                      {},
                      "",
                      R"({"users":[{"name":"office","role":"administrator","password":true,"api_keys":1}]})",
                      [&api](const Call&, const Answer& answer) { answer.json(users_json(api.access.state())); }});
    routes.push_back({"POST",
                      "/users",
                      Role::administrator,
                      "Add a user: with an API key, or a one-time link to set a password",
                      {},
                      R"({"name":"billing","role":"viewer","api_key":true})",
                      R"({"name":"billing","api_key":"tq_…"})",
                      [&api](const Call& call, const Answer& answer) { add_user(api, call, answer); }});
    routes.push_back({"DELETE",
                      "/users/{name}",
                      Role::administrator,
                      "Remove a user, their keys and logins",
                      {},
                      "",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) { remove_user(api, call, answer); }});
}

}  // namespace tianqu::server
