#include "app/cli/user_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <future>
#include <iostream>
#include <memory>

#include "access/state.hpp"
#include "adapters/memory/clocks.hpp"
#include "adapters/sqlite/data_directory.hpp"
#include "app/cli/control_client.hpp"
#include "app/server/access_part.hpp"
#include "app/server/snapshot.hpp"
#include "base/json_writer.hpp"
#include "base/record.hpp"
#include "base/url.hpp"

namespace tianqu::cli {

namespace {

constexpr Milliseconds link_lifetime = std::chrono::hours{24};

/// A data directory that no server uses at present, with the users its journal tells of.
class OwnDirectory {
public:
    static Result<OwnDirectory> open(const std::filesystem::path& path) {
        std::error_code problem;
        const bool exists = std::filesystem::exists(sqlite::DataDirectory::journal_path(path), problem);
        sqlite::DataDirectoryOptions options;
        options.path = path;
        options.use = exists ? sqlite::DirectoryUse::as_found : sqlite::DirectoryUse::real;
        auto directory = sqlite::DataDirectory::open(std::move(options));
        if (!directory) return std::unexpected(directory.error());
        OwnDirectory own(std::move(*directory));
        if (auto folded = own.fold(); !folded) return std::unexpected(folded.error());
        return own;
    }

    [[nodiscard]] const access::State& users() const { return access_.state(); }
    /// A virtual city's clock stands where its journal ended.
    [[nodiscard]] TimePoint now() const { return directory_.simulated() ? last_ : memory::SystemClock{}.now(); }

    /// Returns when the events are durable.
    [[nodiscard]] Status append(const std::vector<access::EventBody>& events) {
        const charging::Actor actor{PrincipalId{"user:local"}, now(), {}};
        auto durable = std::make_shared<std::promise<Status>>();
        auto waited = durable->get_future();
        const auto first = directory_.journal().append(
            server::access_records(events, actor), [durable](Status status) { durable->set_value(std::move(status)); });
        if (!first) return std::unexpected(first.error());
        return waited.get();
    }

private:
    explicit OwnDirectory(sqlite::DataDirectory directory) : directory_(std::move(directory)) {}

    Status fold() {
        const auto snapshot = directory_.journal().latest_snapshot();
        if (!snapshot) return std::unexpected(snapshot.error());
        std::int64_t from = 1;
        if (*snapshot) {
            const auto record = decode_record<server::SnapshotRecord>((*snapshot)->bytes);
            if (!record) return std::unexpected(record.error());
            if (auto decoded = access_.decode(record->access); !decoded) return decoded;
            from = (*snapshot)->last_sequence + 1;
        }
        // The last event tells where a virtual city's clock stands, also when it is in the snapshot.
        const std::int64_t last = directory_.journal().last_sequence();
        return directory_.journal().read(std::max<std::int64_t>(1, std::min(from, last)),
                                         [&](const ports::EventRecord& event) {
                                             if (event.sequence >= from) (void)access_.fold(event);
                                             last_ = std::max(last_, event.received);
                                             return true;
                                         });
    }

    sqlite::DataDirectory directory_;
    server::AccessPart access_;
    TimePoint last_{};
};

/// A text of the server's answer.
Result<std::string> text_of(const std::string& body, std::string_view field) {
    boost::system::error_code problem;
    const auto parsed = boost::json::parse(body, problem);
    if (!problem && parsed.is_object()) {
        if (const auto* value = parsed.as_object().if_contains(field); value != nullptr && value->is_string())
            return std::string(value->as_string());
    }
    return fail(ErrorCode::internal, "the running server's answer has no " + std::string(field));
}

/// A new key of the user, or a link that lets its holder name an account.
Result<std::string> issue(const UserOptions& options) {
    const ControlClient server(options.data);
    if (server.server_runs()) {
        JsonWriter json;
        json.begin_object();
        if (!options.name.empty()) json.field("name", options.name);
        json.field("role", options.role).field("api_key", options.api_key).end_object();
        const auto answer = server.request("POST", "/users", json.str());
        if (!answer) return std::unexpected(answer.error());
        return text_of(*answer, options.api_key ? "api_key" : "one_time_token");
    }
    const auto role = access::parse_role(options.role);
    if (!role) return std::unexpected(role.error());
    auto own = OwnDirectory::open(options.data);
    if (!own) return std::unexpected(own.error());
    const auto random = server::random_bytes(32);
    const auto issued = options.api_key
                            ? access::issue_key(own->users(), random, UserId{options.name}, *role)
                            : Result<access::Issued>{access::issue_link(random, *role, own->now(), link_lifetime)};
    if (!issued) return std::unexpected(issued.error());
    if (auto kept = own->append(issued->events); !kept) return std::unexpected(kept.error());
    return issued->secret;
}

Result<std::string> users_json(const UserOptions& options) {
    const ControlClient server(options.data);
    if (server.server_runs()) return server.request("GET", "/users", "");
    if (std::error_code problem; !std::filesystem::exists(options.data, problem))
        return fail(ErrorCode::not_found, "there is no data directory " + options.data.string());
    const auto own = OwnDirectory::open(options.data);
    if (!own) return std::unexpected(own.error());
    return server::users_json(own->users());
}

void print_link(const std::string& token, const UserOptions& options, std::ostream& out) {
    out << "一次性链接，24 小时内有效，用于设置姓名和密码 one-time link, for 24 h: role " << options.role << '\n'
        << "在网页地址后加上 append it to the page's address, e.g. http://127.0.0.1:8080/\n"
        << "welcome#" << token << std::endl;
}

}  // namespace

Status run_user_add(const UserOptions& options, std::ostream& out) {
    if (auto valid = access::check_name(UserId{options.name}); !valid) return valid;
    const auto secret = issue(options);
    if (!secret) return std::unexpected(secret.error());
    if (options.api_key) {
        out << "接口密钥，只显示这一次 API key, shown only now: " << options.name << ", role " << options.role << '\n'
            << *secret << std::endl;
    } else {
        print_link(*secret, options, out);
    }
    return {};
}

Status run_user_link(const UserOptions& options, std::ostream& out) {
    UserOptions link = options;
    link.api_key = false;
    const auto secret = issue(link);
    if (!secret) return std::unexpected(secret.error());
    print_link(*secret, options, out);
    return {};
}

Status run_user_list(const UserOptions& options, std::ostream& out) {
    const auto body = users_json(options);
    if (!body) return std::unexpected(body.error());
    boost::system::error_code problem;
    const auto parsed = boost::json::parse(*body, problem);
    const auto* users = parsed.is_object() ? parsed.as_object().if_contains("users") : nullptr;
    if (users == nullptr || !users->is_array()) return fail(ErrorCode::internal, "the list of users cannot be read");
    const auto text = [](const boost::json::object& user, std::string_view field) -> std::string {
        const auto* value = user.if_contains(field);
        if (value == nullptr) return {};
        return value->is_string() ? std::string(value->as_string()) : boost::json::serialize(*value);
    };
    for (const auto& entry : users->as_array()) {
        if (!entry.is_object()) continue;
        const auto& user = entry.as_object();
        out << text(user, "name") << '\t' << text(user, "role") << "\tpassword " << text(user, "password")
            << "\tAPI keys " << text(user, "api_keys") << '\n';
    }
    out.flush();
    return {};
}

Status run_user_remove(const UserOptions& options, std::ostream& out) {
    const ControlClient server(options.data);
    if (server.server_runs()) {
        const auto answer = server.request("DELETE", "/users/" + percent_encoded(options.name), "");
        if (!answer) return std::unexpected(answer.error());
    } else {
        if (std::error_code problem; !std::filesystem::exists(options.data, problem))
            return fail(ErrorCode::not_found, "there is no data directory " + options.data.string());
        auto own = OwnDirectory::open(options.data);
        if (!own) return std::unexpected(own.error());
        if (!own->users().users.contains(UserId{options.name}))
            return fail(Error{ErrorCode::not_found, "no such user", {{"name", options.name}}});
        if (auto kept = own->append({access::UserRemoved{UserId{options.name}}}); !kept) return kept;
    }
    out << "已删除 removed: " << options.name << std::endl;
    return {};
}

namespace {

using Run = Status (*)(const UserOptions&, std::ostream&);

void on_call(CLI::App& command, const std::shared_ptr<UserOptions>& options, Run run) {
    command.add_option("--data", options->data, "数据目录 data directory (serve --data; ./run uses data/simulated)")
        ->capture_default_str();
    command.callback([options, run] {
        if (auto done = run(*options, std::cout); !done) {
            std::cerr << "错误 error: " << done.error().to_string() << '\n';
            throw CLI::RuntimeError(1);
        }
    });
}

void add_role(CLI::App& command, const std::shared_ptr<UserOptions>& options) {
    command
        .add_option("--role", options->role, "viewer 查看; operator 操作充电桩和会话; administrator 用户、电价、电网")
        ->check(CLI::IsMember({"viewer", "operator", "administrator"}))
        ->capture_default_str();
}

}  // namespace

void add_user_commands(CLI::App& app) {
    auto* user = app.add_subcommand("user", "用户和接口密钥 users and API keys; also while the server runs");
    user->require_subcommand(1);
    auto options = std::make_shared<UserOptions>();

    auto* add = user->add_subcommand("add", "添加用户或密钥 add a user, or a key of a user");
    add->add_option("NAME", options->name, "姓名 letters, digits, '.', '-', '_'")->required();
    add->add_flag("--api-key", options->api_key,
                  "打印接口密钥（最后一行） print an API key on the last line; without: a one-time link");
    add_role(*add, options);
    on_call(*add, options, run_user_add);

    auto* link = user->add_subcommand("link", "打印一次性登录链接 print a one-time link to a first login");
    add_role(*link, options);
    on_call(*link, options, run_user_link);

    on_call(*user->add_subcommand("list", "列出用户 list the users"), options, run_user_list);

    auto* remove = user->add_subcommand("remove", "删除用户及其密钥 remove a user with keys and logins");
    remove->add_option("NAME", options->name, "姓名 name")->required();
    on_call(*remove, options, run_user_remove);
}

}  // namespace tianqu::cli
