#include <gtest/gtest.h>

#include "access/state.hpp"

namespace tianqu::access {
namespace {

const TimePoint now = from_milliseconds(1'800'000'000'000);
Random random_bytes(char fill) { return Random(32, fill); }

void apply_all(State& state, const std::vector<EventBody>& events) {
    for (const auto& event : events) access::apply(state, *decode_body(event_type(event), encode_body(event)));
}

TEST(Access, AOneTimeLinkWorksOnce) {
    State state;
    const auto link = issue_link(random_bytes('a'), Role::administrator, now, std::chrono::hours{1});
    apply_all(state, link.events);
    const auto used = use_link(state, link.secret, UserId{"office"}, "hash", random_bytes('b'), now, "127.0.0.1");
    ASSERT_TRUE(used);
    apply_all(state, used->events);
    EXPECT_EQ(find_by_cookie(state, used->secret, now)->role, Role::administrator);
    EXPECT_FALSE(find_by_cookie(state, used->secret, now + login_lifetime));
    EXPECT_EQ(use_link(state, link.secret, UserId{"other"}, "h", random_bytes('c'), now, "").error().code,
              ErrorCode::unauthorized);
}

TEST(Access, AnExpiredLinkIsRefused) {
    State state;
    const auto link = issue_link(random_bytes('a'), Role::administrator, now, std::chrono::hours{1});
    apply_all(state, link.events);
    EXPECT_FALSE(use_link(state, link.secret, UserId{"x"}, "h", random_bytes('b'), now + std::chrono::hours{2}, ""));
}

TEST(Access, AKeyFindsItsUserAndNoSecretIsKept) {
    State state;
    const auto issued = issue_key(state, random_bytes('k'), UserId{"控制台"}, Role::operator_role);
    ASSERT_TRUE(issued);
    apply_all(state, issued->events);
    EXPECT_EQ(find_by_key(state, issued->secret)->user, UserId{"控制台"});
    EXPECT_FALSE(find_by_key(state, issued->secret + "x"));
    EXPECT_EQ(encode_record(state).find(issued->secret), std::string::npos);
    for (const auto& event : issued->events) EXPECT_EQ(body_to_json(event).find("hash"), std::string::npos);
    const auto other = issue_key(state, random_bytes('q'), UserId{"控制台"}, Role::viewer);
    ASSERT_FALSE(other) << "a viewer's key of an operator would do what an operator may";
    EXPECT_EQ(other.error().code, ErrorCode::conflict);
    EXPECT_EQ(other.error().field("expected"), "operator");
    EXPECT_TRUE(issue_key(state, random_bytes('q'), UserId{"控制台"}, Role::operator_role));
    EXPECT_FALSE(issue_key(state, random_bytes('k'), UserId{"a b"}, Role::viewer));
}

TEST(Access, RemovingAUserEndsKeysAndLogins) {
    State state;
    const auto key = issue_key(state, random_bytes('k'), UserId{"u"}, Role::viewer);
    apply_all(state, key->events);
    const auto login = log_in(random_bytes('l'), UserId{"u"}, now, "");
    apply_all(state, login.events);
    ASSERT_TRUE(find_by_cookie(state, login.secret, now));
    access::apply(state, UserRemoved{UserId{"u"}});
    EXPECT_FALSE(find_by_key(state, key->secret));
    EXPECT_FALSE(find_by_cookie(state, login.secret, now));
}

TEST(Access, PasswordsAreHashedSlowlyAndMatched) {
    const std::string hash = hash_password("correct horse", std::string(16, 's'));
    EXPECT_TRUE(hash.starts_with("$argon2id$"));
    EXPECT_TRUE(password_matches(hash, "correct horse"));
    EXPECT_FALSE(password_matches(hash, "correct horsf"));
    EXPECT_FALSE(password_matches("", ""));
    EXPECT_FALSE(check_password("short"));
}

TEST(Access, StateSurvivesItsBytes) {
    State state;
    apply_all(state, issue_key(state, random_bytes('k'), UserId{"u"}, Role::viewer)->events);
    const auto again = decode_record<State>(encode_record(state));
    ASSERT_TRUE(again);
    EXPECT_EQ(encode_record(*again), encode_record(state));
}

}  // namespace
}  // namespace tianqu::access
