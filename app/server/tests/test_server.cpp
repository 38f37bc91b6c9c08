#include "app/server/tests/test_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fstream>

#include "adapters/http/server.hpp"
#include "adapters/memory/clocks.hpp"
#include "adapters/sqlite/views.hpp"
#include "app/server/access_part.hpp"
#include "app/server/api/api.hpp"
#include "app/server/runtime.hpp"
#include "base/assertion.hpp"
#include "city/city.hpp"
#include "tests/contract/temporary_directory.hpp"

namespace tianqu::test {

namespace {

const city::City& dezhou() {
    static const city::City city = [] {
        auto loaded = city::load_city(TIANQU_SOURCE_DIR "/cities/dezhou");
        TIANQU_ASSERT(loaded.has_value());
        return std::move(*loaded);
    }();
    return city;
}

grid::Node node(const std::string& id, const std::string& parent, grid::NodeKind kind, Watts limit) {
    grid::Node made;
    made.id = NodeId{id};
    made.parent = NodeId{parent};
    made.kind = kind;
    made.name_zh = "测试" + id;
    made.name_en = "Test " + id;
    made.limit = limit;
    made.county = "371402";
    return made;
}

grid::ChargerSite site(const std::string& id, const std::string& station, Watts power, grid::Current current,
                       int connectors) {
    grid::ChargerSite made{ChargerId{id}, NodeId{station}, id, {}};
    for (int number = 1; number <= connectors; ++number) {
        made.connectors.push_back({ConnectorNumber{number}, power, current, current == grid::Current::dc ? 3 : 1});
    }
    return made;
}

grid::NetworkParts small_network() {
    using grid::NodeKind;
    grid::NetworkParts parts;
    parts.origin.source = "made by hand for tests";
    parts.origin.synthetic = true;
    parts.origin.made_by = "app/server/tests";
    parts.profiles.push_back({"flat", std::vector<Permille>(grid::slots_per_day, Permille{500})});
    auto city = node("371400", "", NodeKind::city, Watts{1'000'000});
    city.county.clear();
    auto transformer = node("T1", "F1", NodeKind::transformer, Watts{200'000});
    transformer.base_profile = "flat";
    transformer.base_peak = Watts{40'000};
    auto home = node("S1", "T1", NodeKind::station, Watts{100'000});
    home.station_kind = grid::StationKind::residential;
    auto site_public = node("P1", "T1", NodeKind::station, Watts{130'000});
    site_public.station_kind = grid::StationKind::public_site;
    parts.nodes = {city, node("F1", "371400", NodeKind::feeder, Watts{500'000}), transformer, home, site_public};
    parts.chargers = {site("A1", "S1", Watts{7'000}, grid::Current::ac, 1),
                      site("A2", "S1", Watts{7'000}, grid::Current::ac, 1),
                      site("D1", "P1", Watts{60'000}, grid::Current::dc, 2)};
    for (auto& each : parts.nodes) each.synthetic = true;
    return parts;
}

std::filesystem::path write_network(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    for (const auto& [name, text] : city::write_network_folder(small_network())) std::ofstream(folder / name) << text;
    return folder;
}

server::Options options_of(const TestServerOptions& wanted, const std::filesystem::path& folder) {
    server::Options options;
    options.data = folder;
    options.http = {"127.0.0.1", 0};
    options.ocpp = {"127.0.0.1", 0};
    options.network = write_network(folder / "network");
    options.unknown_chargers = wanted.unknown_chargers;
    options.validation = wanted.validation;
    return options;
}

template <class Value>
Value must(Result<Value> result) {
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
        std::abort();
    }
    return std::move(*result);
}
void must(const Status& status) {
    if (status) return;
    std::fprintf(stderr, "%s\n", status.error().to_string().c_str());
    std::abort();
}

}  // namespace

void WithholdingJournal::withhold() {
    const std::lock_guard lock(mutex_);
    withholding_ = true;
}

void WithholdingJournal::release() {
    std::vector<std::pair<Completion, Status>> due;
    {
        const std::lock_guard lock(mutex_);
        withholding_ = false;
        due.swap(withheld_);
    }
    for (auto& [completion, status] : due) completion(std::move(status));
}

Result<std::int64_t> WithholdingJournal::append(std::vector<ports::EventRecord> events, Completion completion) {
    return memory_.append(std::move(events), [this, completion = std::move(completion)](Status status) {
        {
            const std::lock_guard lock(mutex_);
            if (withholding_) {
                withheld_.emplace_back(completion, std::move(status));
                return;
            }
        }
        if (completion) completion(std::move(status));
    });
}

struct TestServer::Parts {
    explicit Parts(const TestServerOptions& wanted) : options(options_of(wanted, directory.path())) {}

    TemporaryDirectory directory;
    server::Options options;
    boost::asio::io_context core{1};
    memory::SystemClock clock;
    std::unique_ptr<sqlite::SqliteViews> views;
    server::AccessPart access;
    std::unique_ptr<server::Runtime> runtime;
    std::unique_ptr<server::Api> api;
    std::unique_ptr<http::Server> http;

    std::string record(const access::Issued& issued) {
        const charging::Actor actor{PrincipalId{"system:test"}, runtime->now(), {}};
        runtime->commit_encoded(server::access_records(issued.events, actor), [](const Status&) {});
        return issued.secret;
    }
};

TestServer::TestServer(TestServerOptions options) : parts_(std::make_unique<Parts>(options)) {
    auto& parts = *parts_;
    parts.views = must(sqlite::SqliteViews::open({.path = parts.directory / "views.db"}, journal_));
    parts.runtime = must(server::Runtime::open({&parts.core, &parts.clock, &journal_, parts.views.get(), &parts.access},
                                               parts.options, dezhou()));
    must(parts.runtime->start());
    parts.api = std::make_unique<server::Api>(parts.core, *parts.runtime, parts.access, server::ApiOptions{});
    parts.http =
        std::make_unique<http::Server>(parts.core, http::ServerOptions{.port = 0},
                                       [&parts](const http::Request& request, const http::Responder& responder) {
                                           parts.api->handle(request, responder);
                                       });
    must(parts.http->start());
    http_port_ = parts.http->port();
    ocpp_port_ = parts.runtime->ocpp_port();
    link_token_ = parts.record(access::issue_link(server::random_bytes(32), access::Role::administrator,
                                                  parts.runtime->now(), std::chrono::hours{1}));
    for (const auto role : {access::Role::viewer, access::Role::operator_role, access::Role::administrator}) {
        const std::string name(enum_name(role));
        keys_[name] = parts.record(
            must(access::issue_key(parts.access.state(), server::random_bytes(32), UserId{name + "-key"}, role)));
    }
    thread_ = std::thread([&parts] { parts.core.run(); });
}

TestServer::~TestServer() {
    journal_.release();
    boost::asio::post(parts_->core, [this] {
        parts_->runtime->stop();
        parts_->http->stop();
        parts_->api->stop();
    });
    thread_.join();
}

HttpAnswer TestServer::api(const std::string& method, const std::string& path, const std::string& body,
                           const std::string& role) const {
    return ask(http_port_, {.method = method,
                            .target = "/api/v1" + path,
                            .body = body,
                            .headers = {{"Authorization", "Bearer " + keys_.at(role)}}});
}

void TestServer::on_core(const std::function<void(server::Runtime&)>& work) {
    std::promise<void> done;
    boost::asio::post(parts_->core, [&] {
        work(*parts_->runtime);
        done.set_value();
    });
    done.get_future().wait();
}

std::vector<std::string> TestServer::events(std::string_view name) const {
    std::vector<std::string> found;
    (void)journal_.read(1, [&](const ports::EventRecord& record) {
        if (charging::event_name(record.type) != name) return true;
        const auto body = charging::decode_body(record.type, record.payload);
        found.push_back(body ? charging::body_to_json(*body) : "unreadable");
        return true;
    });
    return found;
}

HttpAnswer ask_until(const std::function<HttpAnswer()>& question, const std::function<bool(const HttpAnswer&)>& fits) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto answer = question();
        if (fits(answer) || std::chrono::steady_clock::now() > end) return answer;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

std::string boot(OcppClient& charger) {
    const auto answer = charger.call(
        "BootNotification", R"({"chargePointVendor":"Vendor","chargePointModel":"Model","firmwareVersion":"1"})");
    if (!answer || !answer->payload.contains("status")) return {};
    return std::string(answer->payload.at("status").as_string());
}

std::string start_payload(const std::string& token, std::int64_t meter_start_wh, const std::string& time,
                          int connector) {
    return json::serialize(json::object{
        {"connectorId", connector}, {"idTag", token}, {"meterStart", meter_start_wh}, {"timestamp", time}});
}

std::string now_text() { return format_time(memory::SystemClock{}.now()); }

}  // namespace tianqu::test
