#include "app/cli/user_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <sstream>
#include <thread>

#include "adapters/http/server.hpp"
#include "adapters/sqlite/data_directory.hpp"
#include "app/server/access_part.hpp"
#include "tests/contract/temporary_directory.hpp"

namespace tianqu::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class UserCommand : public testing::Test {
protected:
    using Run = Status (*)(const UserOptions&, std::ostream&);
    std::string said(Run run, UserOptions options) {
        options.data = data_;
        std::ostringstream out;
        const auto done = run(options, out);
        EXPECT_TRUE(done) << done.error().to_string();
        return out.str();
    }
    Error refused(Run run, UserOptions options) {
        options.data = data_;
        std::ostringstream out;
        const auto done = run(options, out);
        EXPECT_FALSE(done) << out.str();
        return done ? Error{} : done.error();
    }
    static std::string last_line(const std::string& text) {
        const auto end = text.find_last_not_of('\n');
        const auto begin = text.rfind('\n', end);
        return text.substr(begin + 1, end - begin);
    }
    /// The users as a start of the server would find them.
    access::State users() const {
        auto directory = sqlite::DataDirectory::open({.path = data_, .use = sqlite::DirectoryUse::real});
        server::AccessPart access;
        (void)directory->journal().read(1, [&](const ports::EventRecord& record) { return access.fold(record); });
        return access.state();
    }

    test::TemporaryDirectory temporary_;
    std::filesystem::path data_ = temporary_ / "data";
};

TEST_F(UserCommand, AKeyIsAloneOnTheLastLineAndWorks) {
    const auto key = last_line(said(run_user_add, {.name = "billing", .role = "viewer", .api_key = true}));
    const auto account = access::find_by_key(users(), key);
    ASSERT_TRUE(account);
    EXPECT_EQ(account->user.value, "billing");
    EXPECT_EQ(account->role, access::Role::viewer);
}

TEST_F(UserCommand, ASecondKeyIsOfTheSameUser) {
    const auto first = last_line(said(run_user_add, {.name = "billing", .role = "viewer", .api_key = true}));
    const auto second = last_line(said(run_user_add, {.name = "billing", .role = "viewer", .api_key = true}));
    EXPECT_NE(first, second);
    const auto state = users();
    EXPECT_EQ(state.users.size(), 1u);
    EXPECT_TRUE(access::find_by_key(state, first));
    EXPECT_TRUE(access::find_by_key(state, second));
    EXPECT_THAT(said(run_user_list, {}), HasSubstr("billing\tviewer\tpassword false\tAPI keys 2"));
}

TEST_F(UserCommand, ALinkLetsItsHolderIn) {
    const auto fragment = last_line(said(run_user_link, {.role = "operator"}));
    ASSERT_TRUE(fragment.starts_with("welcome#")) << fragment;
    const auto now = TimePoint{std::chrono::floor<Milliseconds>(std::chrono::system_clock::now())};
    const auto used =
        access::use_link(users(), fragment.substr(8), UserId{"office"}, "hash", std::string(32, 'r'), now, "");
    EXPECT_TRUE(used) << used.error().to_string();
}

TEST_F(UserCommand, RemovedMeansTheKeyIsWorthless) {
    const auto key = last_line(said(run_user_add, {.name = "billing", .api_key = true}));
    EXPECT_EQ(refused(run_user_remove, {.name = "other"}).code, ErrorCode::not_found);
    said(run_user_remove, {.name = "billing"});
    EXPECT_FALSE(access::find_by_key(users(), key));
    EXPECT_THAT(said(run_user_list, {}), Not(HasSubstr("billing")));
}

TEST_F(UserCommand, WrongNamesAndMissingDirectoriesAreRefused) {
    EXPECT_EQ(refused(run_user_add, {.name = "two words", .api_key = true}).field("field"), "name");
    EXPECT_EQ(refused(run_user_add, {.name = "", .api_key = true}).field("field"), "name");
    EXPECT_EQ(refused(run_user_list, {}).code, ErrorCode::not_found);
    EXPECT_EQ(refused(run_user_remove, {.name = "billing"}).code, ErrorCode::not_found);
    EXPECT_FALSE(std::filesystem::exists(data_)) << "a refused command makes nothing";
}

TEST_F(UserCommand, ARunningServerIsAsked) {
    std::filesystem::create_directories(data_);
    boost::asio::io_context core;
    std::vector<std::string> asked;
    http::Server server(
        core, http::ServerOptions{.unix_socket = (data_ / "control.sock").string()},
        [&](const http::Request& request, const http::Responder& responder) {
            asked.push_back(request.method + " " + request.path + " " + request.body);
            if (request.method == "DELETE") {
                responder.respond({.status = 404,
                                   .body = R"({"error":{"text_en":"no such user","fields":{"name":"x y"}}})",
                                   .headers = {}});
                return;
            }
            responder.respond({.body = R"({"name":"billing","api_key":"tq_secret"})", .headers = {}});
        });
    ASSERT_TRUE(server.start());
    std::thread client([&] {
        EXPECT_EQ(last_line(said(run_user_add, {.name = "billing", .role = "viewer", .api_key = true})), "tq_secret");
        EXPECT_THAT(refused(run_user_remove, {.name = "x y"}).to_string(), HasSubstr("no such user (name=x y)"));
        boost::asio::post(core, [&] { server.stop(); });
    });
    core.run();
    client.join();
    EXPECT_THAT(asked, testing::ElementsAre(R"(POST /api/v1/users {"name":"billing","role":"viewer","api_key":true})",
                                            "DELETE /api/v1/users/x%20y "));
    EXPECT_FALSE(std::filesystem::exists(data_ / "journal.db"));
}

TEST_F(UserCommand, ASocketThatNobodyListensOnIsNoServer) {
    std::filesystem::create_directories(data_);
    {
        boost::asio::io_context core;
        http::Server server(core, http::ServerOptions{.unix_socket = (data_ / "control.sock").string()},
                            [](const http::Request&, const http::Responder&) {});
        ASSERT_TRUE(server.start());
        // What a killed server leaves behind.
        std::filesystem::create_hard_link(data_ / "control.sock", temporary_ / "kept");
        server.stop();
    }
    std::filesystem::rename(temporary_ / "kept", data_ / "control.sock");
    EXPECT_FALSE(last_line(said(run_user_add, {.name = "billing", .api_key = true})).empty());
}

}  // namespace
}  // namespace tianqu::cli
