#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "access/events.hpp"

namespace tianqu::access {

/// A fold over access events.
struct State {
    std::map<UserId, UserSet> users;
    std::map<std::string, ApiKeySet> keys;           ///< by hash
    std::map<std::string, OneTimeLinkIssued> links;  ///< unused, by hash
    std::map<std::string, LoginStarted> logins;      ///< by hash

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "users", self.users);
        visit(2, "keys", self.keys);
        visit(3, "links", self.links);
        visit(4, "logins", self.logins);
    }
};

void apply(State& state, const EventBody& event);

struct Account {
    UserId user;
    Role role = Role::viewer;
};

/// Secrets as the client holds them; only their hash is compared.
[[nodiscard]] std::optional<Account> find_by_key(const State& state, std::string_view key);
[[nodiscard]] std::optional<Account> find_by_cookie(const State& state, std::string_view cookie, TimePoint now);
[[nodiscard]] bool has_administrator_with_password(const State& state);

/// A secret and the events that make it valid.
struct Issued {
    std::string secret;
    std::vector<EventBody> events;
};

/// 32 random bytes come in as an argument.
using Random = std::string;

[[nodiscard]] Issued issue_link(const Random& random, Role role, TimePoint now, Milliseconds valid_for);
/// Adds the user when it is new. Error `invalid_input` for a name that is not 1–40 letters, digits, '.', '-', '_' (any
/// script).
[[nodiscard]] Result<Issued> issue_key(const State& state, const Random& random, const UserId& user, Role role);
/// First use of a link: names the account, sets its password and logs in. Errors: `unauthorized` (unknown, used,
/// expired), `invalid_input` (name, password shorter than 8 characters), `conflict` (the name is taken by someone with
/// a password).
[[nodiscard]] Result<Issued> use_link(const State& state, std::string_view token, const UserId& user,
                                      std::string password_hash, const Random& random, TimePoint now,
                                      std::string address);
/// The login after a password was checked.
[[nodiscard]] Issued log_in(const Random& random, const UserId& user, TimePoint now, std::string address);
[[nodiscard]] std::vector<EventBody> log_out(std::string_view cookie);

[[nodiscard]] Status check_name(const UserId& user);
[[nodiscard]] Status check_password(std::string_view password);

/// Slow on purpose (argon2id, 19 MiB, 2 passes: tens of milliseconds); run it off the core thread. `salt`: 16 random
/// bytes.
[[nodiscard]] std::string hash_password(std::string_view password, const std::string& salt);
[[nodiscard]] bool password_matches(const std::string& password_hash, std::string_view password);

inline constexpr Milliseconds login_lifetime = std::chrono::hours{24 * 14};

}  // namespace tianqu::access
