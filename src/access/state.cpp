#include "access/state.hpp"

#include <argon2.h>

#include <algorithm>

#include "base/assertion.hpp"
#include "base/sha256.hpp"

namespace tianqu::access {

namespace {

constexpr std::size_t shortest_password = 8;
constexpr std::size_t longest_password = 200;
constexpr std::size_t longest_name = 40;
constexpr std::uint32_t argon2_memory_kib = 19 * 1024;
constexpr std::uint32_t argon2_passes = 2;
constexpr std::uint32_t argon2_hash_bytes = 32;
constexpr std::size_t hint_length = 7;

std::string hash_of(std::string_view secret) { return to_hex(sha256(secret)); }

/// 64 URL-safe characters: letters and digits, '-' and '_'.
std::string secret_text(std::string_view prefix, const Random& random) {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    TIANQU_ASSERT(random.size() >= 32);
    std::string text{prefix};
    for (const char byte : random) text += alphabet[static_cast<unsigned char>(byte) & 63];
    return text;
}

std::optional<Account> account_of(const State& state, const UserId& user) {
    const auto found = state.users.find(user);
    if (found == state.users.end()) return std::nullopt;
    return Account{user, found->second.role};
}

template <class Map>
void erase_of_user(Map& map, const UserId& user) {
    std::erase_if(map, [&](const auto& entry) { return entry.second.user == user; });
}

struct Fold {
    State& state;
    void operator()(const UserSet& event) const {
        const auto found = state.users.find(event.user);
        // A new password ends the logins made with the old one.
        if (found != state.users.end() && found->second.password_hash != event.password_hash) {
            erase_of_user(state.logins, event.user);
        }
        state.users[event.user] = event;
    }
    void operator()(const UserRemoved& event) const {
        state.users.erase(event.user);
        erase_of_user(state.keys, event.user);
        erase_of_user(state.logins, event.user);
    }
    void operator()(const ApiKeySet& event) const { state.keys[event.key_hash] = event; }
    void operator()(const ApiKeyRevoked& event) const { state.keys.erase(event.key_hash); }
    void operator()(const OneTimeLinkIssued& event) const { state.links[event.token_hash] = event; }
    void operator()(const OneTimeLinkUsed& event) const { state.links.erase(event.token_hash); }
    void operator()(const LoginStarted& event) const { state.logins[event.cookie_hash] = event; }
    void operator()(const LoginEnded& event) const { state.logins.erase(event.cookie_hash); }
};

}  // namespace

void apply(State& state, const EventBody& event) { std::visit(Fold{state}, event); }

std::optional<Account> find_by_key(const State& state, std::string_view key) {
    const auto found = state.keys.find(hash_of(key));
    return found == state.keys.end() ? std::nullopt : account_of(state, found->second.user);
}

std::optional<Account> find_by_cookie(const State& state, std::string_view cookie, TimePoint now) {
    const auto found = state.logins.find(hash_of(cookie));
    if (found == state.logins.end() || found->second.expires <= now) return std::nullopt;
    return account_of(state, found->second.user);
}

bool has_administrator_with_password(const State& state) {
    return std::any_of(state.users.begin(), state.users.end(), [](const auto& entry) {
        return entry.second.role == Role::administrator && !entry.second.password_hash.empty();
    });
}

Status check_name(const UserId& user) {
    const bool plain = std::all_of(user.value.begin(), user.value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
               c == '-' || c == '_';
    });
    if (!user.empty() && user.value.size() <= longest_name && plain) return {};
    return fail(Error{ErrorCode::invalid_input,
                      "expected a name of 1 to 40 bytes: letters, digits, '.', '-' and '_'",
                      {{"field", "name"}, {"value", user.value.substr(0, longest_name)}}});
}

Status check_password(std::string_view password) {
    if (password.size() >= shortest_password && password.size() <= longest_password) return {};
    return fail(Error{ErrorCode::invalid_input, "expected a password of 8 to 200 characters", {{"field", "password"}}});
}

Issued issue_link(const Random& random, Role role, TimePoint now, Milliseconds valid_for) {
    Issued issued{secret_text("", random), {}};
    issued.events.emplace_back(OneTimeLinkIssued{hash_of(issued.secret), role, now + valid_for});
    return issued;
}

Result<Issued> issue_key(const State& state, const Random& random, const UserId& user, Role role) {
    if (auto valid = check_name(user); !valid) return std::unexpected(valid.error());
    Issued issued{secret_text("tq_", random), {}};
    const auto known = state.users.find(user);
    if (known == state.users.end()) {
        issued.events.emplace_back(UserSet{user, role, {}});
    } else if (known->second.role != role) {
        // A key can do what its user can: one that was meant to do less, or more, must not come out of this.
        return fail(Error{ErrorCode::conflict,
                          "'" + user.value + "' has another role, and a key has its user's role",
                          {{"field", "role"},
                           {"value", std::string(enum_name(role))},
                           {"expected", std::string(enum_name(known->second.role))}}});
    }
    issued.events.emplace_back(ApiKeySet{hash_of(issued.secret), user, issued.secret.substr(0, hint_length)});
    return issued;
}

Result<Issued> use_link(const State& state, std::string_view token, const UserId& user, std::string password_hash,
                        const Random& random, TimePoint now, std::string address) {
    const auto link = state.links.find(hash_of(token));
    if (link == state.links.end() || link->second.expires <= now) {
        return fail(ErrorCode::unauthorized,
                    "the link was used already or has expired; start the server again for a new one");
    }
    if (auto valid = check_name(user); !valid) return std::unexpected(valid.error());
    // Whoever holds a link makes a new account: a name that exists, with or without a password, stays its owner's.
    if (state.users.contains(user)) {
        return fail(Error{ErrorCode::conflict, "this name is taken", {{"field", "name"}, {"value", user.value}}});
    }
    Issued issued = log_in(random, user, now, std::move(address));
    issued.events.insert(issued.events.begin(),
                         {EventBody{OneTimeLinkUsed{link->first, user}},
                          EventBody{UserSet{user, link->second.role, std::move(password_hash)}}});
    return issued;
}

Issued log_in(const Random& random, const UserId& user, TimePoint now, std::string address) {
    Issued issued{secret_text("", random), {}};
    issued.events.emplace_back(LoginStarted{hash_of(issued.secret), user, now + login_lifetime, std::move(address)});
    return issued;
}

std::vector<EventBody> log_out(std::string_view cookie) { return {EventBody{LoginEnded{hash_of(cookie)}}}; }

std::string hash_password(std::string_view password, const std::string& salt) {
    TIANQU_ASSERT(salt.size() >= 16);
    std::string encoded(argon2_encodedlen(argon2_passes, argon2_memory_kib, 1, static_cast<std::uint32_t>(salt.size()),
                                          argon2_hash_bytes, Argon2_id),
                        '\0');
    const int result =
        argon2id_hash_encoded(argon2_passes, argon2_memory_kib, 1, password.data(), password.size(), salt.data(),
                              salt.size(), argon2_hash_bytes, encoded.data(), encoded.size());
    TIANQU_ASSERT(result == ARGON2_OK);
    encoded.resize(encoded.find('\0') == std::string::npos ? encoded.size() : encoded.find('\0'));
    return encoded;
}

bool password_matches(const std::string& password_hash, std::string_view password) {
    if (password_hash.empty()) return false;
    return argon2id_verify(password_hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

}  // namespace tianqu::access
