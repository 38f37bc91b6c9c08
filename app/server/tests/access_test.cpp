/// Who may use the API, over a real connection.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/server/tests/test_server.hpp"

namespace tianqu::test {
namespace {

class Access : public testing::Test {
protected:
    HttpAnswer login(const std::string& body) {
        return ask(server_.http_port(),
                   {.method = "POST", .target = "/api/v1/login", .body = body, .headers = {{"X-Tianqu", "1"}}});
    }
    /// The login cookie of a first use of the one-time link.
    std::string first_login() {
        const auto answer =
            login(R"({"one_time_token":")" + server_.link_token() + R"(","name":"office","password":"correct horse"})");
        EXPECT_EQ(answer.status, 200) << answer.body;
        return cookie_of(answer);
    }
    static std::string cookie_of(const HttpAnswer& answer) {
        const auto found = answer.headers.find("set-cookie");
        if (found == answer.headers.end()) return {};
        EXPECT_THAT(found->second, testing::HasSubstr("HttpOnly"));
        EXPECT_THAT(found->second, testing::HasSubstr("SameSite=Strict"));
        return found->second.substr(0, found->second.find(';'));
    }
    HttpAnswer with_cookie(const std::string& cookie, const std::string& method, const std::string& path,
                           const std::string& body = {}, bool own_header = true) {
        HttpQuestion question{
            .method = method, .target = "/api/v1" + path, .body = body, .headers = {{"Cookie", cookie}}};
        if (own_header) question.headers.emplace_back("X-Tianqu", "1");
        return ask(server_.http_port(), question);
    }

    TestServer server_;
};

/// Every operation of the description, with something in place of the path's variables.
std::vector<std::pair<std::string, std::string>> operations(const TestServer& server) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto document = ask(server.http_port(), {.target = "/api/openapi.json",
                                                   .headers = {{"Authorization", "Bearer " + server.key("viewer")}}})
                              .value();
    for (const auto& [path, methods] : document.at("paths").as_object()) {
        std::string concrete(path);
        for (auto at = concrete.find('{'); at != std::string::npos; at = concrete.find('{'))
            concrete.replace(at, concrete.find('}') - at + 1, "none");
        for (const auto& [method, description] : methods.as_object()) {
            std::string upper(method);
            for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
            found.emplace_back(upper, concrete);
        }
    }
    return found;
}

TEST_F(Access, NobodyUnknownGetsAnythingButHealthAndThePage) {
    const auto all = operations(server_);
    EXPECT_GE(all.size(), 35u);
    for (const auto& [method, path] : all) {
        if (path == "/login") continue;
        const auto answer = ask(server_.http_port(), {.method = method, .target = "/api/v1" + path});
        EXPECT_EQ(answer.status, 401) << method << " " << path << ": " << answer.body;
        EXPECT_EQ(answer.error_code(), "unauthorized");
    }
    for (const char* path : {"/metrics", "/api/openapi.json", "/api/v1/events", "/api/v1/no-such-thing", "/api"})
        EXPECT_EQ(ask(server_.http_port(), {.target = path}).status, 401) << path;
    EXPECT_EQ(ask(server_.http_port(), {.target = "/healthz"}).status, 200);
    EXPECT_EQ(ask(server_.http_port(), {.target = "/"}).status, 200);
}

TEST_F(Access, AWrongKeyOrCookieIsNobody) {
    for (const char* header : {"Bearer ", "Bearer x", "Basic eDp5", "bearer"}) {
        EXPECT_EQ(ask(server_.http_port(), {.target = "/api/v1/me", .headers = {{"Authorization", header}}}).status,
                  401)
            << header;
    }
    EXPECT_EQ(with_cookie("tianqu=", "GET", "/me").status, 401);
    EXPECT_EQ(with_cookie("tianqu=made-up; other=1", "GET", "/me").status, 401);
}

TEST_F(Access, AOneTimeLinkWorksOnceAndNamesTheAccount) {
    const auto cookie = first_login();
    const auto me = with_cookie(cookie, "GET", "/me").value();
    EXPECT_EQ(me.at("user").at("name").as_string(), "office");
    EXPECT_EQ(me.at("user").at("role").as_string(), "administrator");
    const auto again =
        login(R"({"one_time_token":")" + server_.link_token() + R"(","name":"other","password":"correct horse"})");
    EXPECT_EQ(again.status, 401);
    EXPECT_TRUE(cookie_of(again).empty());
}

TEST_F(Access, PasswordsLogInAndOutAgain) {
    first_login();
    EXPECT_EQ(login(R"({"name":"office","password":"wrong password"})").status, 401);
    EXPECT_EQ(login(R"({"name":"nobody","password":"correct horse"})").status, 401);
    const auto answer = login(R"({"name":"office","password":"correct horse"})");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto cookie = cookie_of(answer);
    EXPECT_EQ(with_cookie(cookie, "GET", "/me").status, 200);
    EXPECT_EQ(with_cookie(cookie, "POST", "/logout").status, 200);
    EXPECT_EQ(with_cookie(cookie, "GET", "/me").status, 401);
}

TEST_F(Access, APasswordIsNeverRepeatedInAnError) {
    const auto answer = login(R"({"name":"office","password":12345678901})");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error_field("field"), "password");
    EXPECT_THAT(answer.error_field("value"), testing::IsEmpty());
}

TEST_F(Access, GuessingIsStoppedAfterTenFailures) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(login(R"({"name":"office","password":"guess number"})").status, 401);
    const auto refused = login(R"({"name":"office","password":"guess number"})");
    EXPECT_EQ(refused.status, 429);
    EXPECT_TRUE(refused.headers.contains("retry-after"));
    // Keys go on working from the same address.
    EXPECT_EQ(server_.api("GET", "/me").status, 200);
}

TEST_F(Access, AWriteByCookieNeedsTheHeaderThatAFormCannotSend) {
    const auto cookie = first_login();
    const char* limit = R"({"limit_w":90000,"until":"2099-01-01T00:00:00Z"})";
    EXPECT_EQ(with_cookie(cookie, "PUT", "/nodes/S1/temporary-limit", limit, false).status, 403);
    EXPECT_EQ(with_cookie(cookie, "PUT", "/nodes/S1/temporary-limit", limit, true).status, 200);
    EXPECT_EQ(with_cookie(cookie, "GET", "/nodes/S1", {}, false).status, 200);
}

TEST_F(Access, RolesMayDoWhatTheDescriptionSays) {
    EXPECT_EQ(server_.api("GET", "/overview", {}, "viewer").status, 200);
    const auto refused = server_.api("POST", "/chargers/A1/registration", R"({"registration":"approved"})", "viewer");
    EXPECT_EQ(refused.status, 403);
    EXPECT_THAT(refused.body, testing::HasSubstr("operator"));
    const char* limit = R"({"limit_w":90000,"until":"2099-01-01T00:00:00Z"})";
    EXPECT_EQ(server_.api("PUT", "/nodes/S1/temporary-limit", limit, "operator").status, 200);
    EXPECT_EQ(server_.api("PUT", "/nodes/S1", R"({"limit_w":90000})", "operator").status, 403);
    EXPECT_EQ(server_.api("GET", "/users", {}, "operator").status, 403);
    EXPECT_EQ(server_.api("PUT", "/nodes/S1", R"({"limit_w":90000})", "administrator").status, 200);
}

TEST_F(Access, AnAdministratorGivesAndTakesKeys) {
    const auto added = server_.api("POST", "/users", R"({"name":"billing","role":"viewer","api_key":true})");
    ASSERT_EQ(added.status, 200) << added.body;
    const std::string key(added.value().at("api_key").as_string());
    const HttpQuestion question{.target = "/api/v1/overview", .headers = {{"Authorization", "Bearer " + key}}};
    EXPECT_EQ(ask(server_.http_port(), question).status, 200);
    EXPECT_THAT(server_.api("GET", "/users").body, testing::HasSubstr("billing"));
    EXPECT_THAT(server_.api("GET", "/users").body, testing::Not(testing::HasSubstr(key)));
    EXPECT_EQ(server_.api("DELETE", "/users/billing").status, 200);
    EXPECT_EQ(ask(server_.http_port(), question).status, 401);
    EXPECT_EQ(server_.api("DELETE", "/users/billing").status, 404);
}

TEST_F(Access, NoSecretIsInTheJournal) {
    const auto cookie = first_login();
    std::string all;
    (void)server_.journal().read(1, [&](const ports::EventRecord& record) {
        all += record.payload;
        return true;
    });
    for (const auto& secret : {server_.link_token(), server_.key("viewer"), cookie.substr(cookie.find('=') + 1),
                               std::string("correct horse")}) {
        EXPECT_EQ(all.find(secret), std::string::npos);
    }
}

TEST_F(Access, ANameThatPointsHereFromElsewhereIsRefused) {
    const HttpQuestion question{.target = "/api/v1/me",
                                .headers = {{"Authorization", "Bearer " + server_.key("viewer")}}};
    for (const char* host : {"127.0.0.1", "localhost", "127.0.0.1:8080", "[::1]:8080", "localhost:8080"}) {
        auto local = question;
        local.host = host;
        EXPECT_EQ(ask(server_.http_port(), local).status, 200) << host;
    }
    for (const char* host : {"evil.example", "evil.example:8080", "localhost.evil.example", "127.evil.example", ""}) {
        auto elsewhere = question;
        elsewhere.host = host;
        EXPECT_EQ(ask(server_.http_port(), elsewhere).status, 403) << host;
    }
}

}  // namespace
}  // namespace tianqu::test
