#pragma once

/// Who may use the system, as events of the one journal (types 60–69). No secret is in them, only hashes.

#include <string>
#include <variant>

#include "base/record.hpp"

namespace tianqu::access {

/// Each role may do what the ones before it may. viewer: look; operator: act on chargers and sessions; administrator:
/// users, tariffs, the network.
enum class Role : std::uint8_t { viewer, operator_role, administrator };
[[nodiscard]] std::string_view enum_name(Role role);
[[nodiscard]] Result<Role> parse_role(std::string_view text);

struct UserSet {
    static constexpr std::int32_t type = 60;
    static constexpr const char* name = "user_set";
    UserId user;
    Role role = Role::viewer;
    std::string password_hash;  ///< argon2id in its encoded form; empty: no password, keys or links only
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "user", self.user);
        visit(2, "role", self.role);
        visit(3, "password_hash", self.password_hash);
    }
};
struct UserRemoved {
    static constexpr std::int32_t type = 61;
    static constexpr const char* name = "user_removed";
    UserId user;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "user", self.user);
    }
};
struct ApiKeySet {
    static constexpr std::int32_t type = 62;
    static constexpr const char* name = "api_key_set";
    std::string key_hash;  ///< SHA-256 of the key, hexadecimal
    UserId user;
    std::string hint;  ///< the key's first characters, to recognise it
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "key_hash", self.key_hash);
        visit(2, "user", self.user);
        visit(3, "hint", self.hint);
    }
};
struct ApiKeyRevoked {
    static constexpr std::int32_t type = 63;
    static constexpr const char* name = "api_key_revoked";
    std::string key_hash;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "key_hash", self.key_hash);
    }
};
/// Lets its holder once name an account and set its password.
struct OneTimeLinkIssued {
    static constexpr std::int32_t type = 64;
    static constexpr const char* name = "one_time_link_issued";
    std::string token_hash;
    Role role = Role::administrator;
    TimePoint expires;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "token_hash", self.token_hash);
        visit(2, "role", self.role);
        visit(3, "expires", self.expires);
    }
};
struct OneTimeLinkUsed {
    static constexpr std::int32_t type = 65;
    static constexpr const char* name = "one_time_link_used";
    std::string token_hash;
    UserId user;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "token_hash", self.token_hash);
        visit(2, "user", self.user);
    }
};
struct LoginStarted {
    static constexpr std::int32_t type = 66;
    static constexpr const char* name = "login_started";
    std::string cookie_hash;
    UserId user;
    TimePoint expires;
    std::string address;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "cookie_hash", self.cookie_hash);
        visit(2, "user", self.user);
        visit(3, "expires", self.expires);
        visit(4, "address", self.address);
    }
};
struct LoginEnded {
    static constexpr std::int32_t type = 67;
    static constexpr const char* name = "login_ended";
    std::string cookie_hash;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "cookie_hash", self.cookie_hash);
    }
};

using EventBody = std::variant<UserSet, UserRemoved, ApiKeySet, ApiKeyRevoked, OneTimeLinkIssued, OneTimeLinkUsed,
                               LoginStarted, LoginEnded>;

[[nodiscard]] std::int32_t event_type(const EventBody& body);
/// Empty when the type is not one of access.
[[nodiscard]] std::string_view event_name(std::int32_t type);
[[nodiscard]] std::string encode_body(const EventBody& body);
[[nodiscard]] Result<EventBody> decode_body(std::int32_t type, std::string_view payload);
/// For people: without the hashes.
[[nodiscard]] std::string body_to_json(const EventBody& body);

}  // namespace tianqu::access
