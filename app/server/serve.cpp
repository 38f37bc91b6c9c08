#include "app/server/serve.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <map>

#include "adapters/http/server.hpp"
#include "adapters/memory/clocks.hpp"
#include "adapters/sqlite/data_directory.hpp"
#include "adapters/sqlite/views.hpp"
#include "app/server/access_part.hpp"
#include "app/server/api/api.hpp"
#include "app/server/planning.hpp"
#include "app/server/runtime.hpp"
#include "app/simulator/fleet.hpp"
#include "base/log.hpp"
#include "tariff/tariff_data.hpp"

namespace tianqu::server {

namespace {

constexpr Milliseconds link_lifetime = std::chrono::hours{24};

int complain(const Error& error) {
    std::cerr << "tianqu serve: " << error.to_string() << '\n';
    return 1;
}

/// When a virtual city's clock begins: where its journal ended, else noon of the chosen day (today if none).
Result<TimePoint> virtual_start(const Options& options, const city::City& city, const ports::Journal& journal) {
    TimePoint last{};
    if (const auto sequence = journal.last_sequence(); sequence > 0) {
        const auto read = journal.read(sequence, [&](const ports::EventRecord& record) {
            last = record.received;
            return true;
        });
        if (!read) return std::unexpected(read.error());
        return last;
    }
    const TimePoint today = local_midnight(memory::SystemClock{}.now(), city.offset);
    if (!options.start_date) return today + std::chrono::hours{12};
    const auto date = tariff::parse_date(*options.start_date);
    if (!date) return std::unexpected(date.error());
    return tariff::start_of(*date, city.offset) + std::chrono::hours{12};
}

/// How often the core thread tells a virtual city's clock that it keeps pace.
constexpr std::chrono::milliseconds pace{10};

/// Everything that runs, in the order it is taken down in reverse.
class Serving {
public:
    explicit Serving(const Options& options) : options_(options) {}

    Status open();
    int run();

private:
    Status open_journal();
    Status open_fleet();
    Status listen();
    Status first_link();
    void stop();
    void announce() const;
    void keep_pace();
    Result<simulation::Report> report() const;
    Status write_report() const;

    Options options_;
    boost::asio::io_context core_{1};
    std::optional<city::City> city_;
    std::optional<sqlite::DataDirectory> directory_;
    std::unique_ptr<ports::Clock> clock_;
    memory::AcceleratedClock* accelerated_ = nullptr;  // clock_, in a virtual city
    memory::AcceleratedClock::Participant core_pace_ = 0;
    memory::AcceleratedClock::Participant fleet_pace_ = 0;
    boost::asio::steady_timer pace_timer_{core_};
    std::unique_ptr<sqlite::SqliteViews> views_;
    AccessPart access_;
    std::unique_ptr<Runtime> runtime_;
    std::unique_ptr<Api> api_;
    std::unique_ptr<http::Server> http_;
    std::unique_ptr<http::Server> control_;
    std::unique_ptr<simulator::Fleet> fleet_;
    std::string link_token_;
    bool stopped_ = false;
};

Status Serving::open_journal() {
    sqlite::DataDirectoryOptions directory;
    directory.path = options_.data;
    directory.use = options_.simulated() ? sqlite::DirectoryUse::simulated : sqlite::DirectoryUse::real;
    directory.speed = options_.speed;
    auto opened = sqlite::DataDirectory::open(std::move(directory));
    if (!opened) return std::unexpected(opened.error());
    directory_.emplace(std::move(*opened));
    const auto start = virtual_start(options_, *city_, directory_->journal());
    if (!start) return std::unexpected(start.error());
    if (options_.simulated()) {
        auto accelerated = std::make_unique<memory::AcceleratedClock>(*start, options_.speed);
        accelerated_ = accelerated.get();
        clock_ = std::move(accelerated);
    } else {
        clock_ = std::make_unique<memory::SystemClock>();
    }
    auto views = sqlite::SqliteViews::open({.path = directory_->views_path()}, directory_->journal());
    if (!views) return std::unexpected(views.error());
    views_ = std::move(*views);
    return {};
}

/// A run of minutes must not end with a report that cannot be written.
Status check_report_folder(const Options& options) {
    if (!options.report) return {};
    const auto folder = options.report->has_parent_path() ? options.report->parent_path() : std::filesystem::path{"."};
    std::error_code error;
    if (std::filesystem::is_directory(folder, error)) return {};
    return fail(Error{ErrorCode::invalid_input,
                      "--report: expected a file in a folder that exists",
                      {{"value", options.report->string()}}});
}

Status Serving::open() {
    if (auto writable = check_report_folder(options_); !writable) return writable;
    auto city = city::load_city(options_.city);
    if (!city) return std::unexpected(city.error());
    city_.emplace(std::move(*city));
    if (auto opened = open_journal(); !opened) return opened;
    RuntimeParts parts{&core_, clock_.get(), &directory_->journal(), views_.get(), &access_};
    auto runtime = Runtime::open(parts, options_, *city_);
    if (!runtime) return std::unexpected(runtime.error());
    runtime_ = std::move(*runtime);
    if (auto started = runtime_->start(); !started) return started;
    if (auto made = open_fleet(); !made) return made;
    return listen();
}

Status Serving::open_fleet() {
    if (!options_.simulated()) return {};
    simulator::FleetOptions fleet;
    fleet.host = options_.ocpp.address;
    fleet.port = runtime_->ocpp_port();
    fleet.seed = options_.seed;
    fleet.offset = city_->offset;
    fleet.faults = options_.faults;
    fleet_pace_ = accelerated_->join();
    fleet.on_tick = [clock = accelerated_, place = fleet_pace_] { clock->beat(place); };
    fleet_ = std::make_unique<simulator::Fleet>(fleet, runtime_->state().network, *clock_);
    return {};
}

Status Serving::listen() {
    ApiOptions api;
    if (fleet_) {
        api.report = [this]() -> std::function<Result<std::string>()> {
            // Tariffs may change while the report is made: it works on those of now.
            const auto tariffs = std::make_shared<std::map<grid::StationKind, tariff::Tariff>>();
            for (const auto& [kind, id] : city_->tariff_by_station_kind)
                tariffs->emplace(kind, runtime_->tariff_of(kind));
            return [this, tariffs]() -> Result<std::string> {
                const auto made = fleet_->report(
                    options_.speed,
                    [tariffs](grid::StationKind kind) -> const tariff::Tariff& { return tariffs->at(kind); });
                if (!made) return std::unexpected(made.error());
                return simulation::to_json(*made);
            };
        };
    }
    api_ = std::make_unique<Api>(core_, *runtime_, access_, std::move(api));
    const auto handler = [this](const http::Request& request, const http::Responder& responder) {
        api_->handle(request, responder);
    };
    http::ServerOptions open_to_network;
    open_to_network.address = options_.http.address;
    open_to_network.port = options_.http.port;
    http_ = std::make_unique<http::Server>(core_, open_to_network, handler);
    if (auto started = http_->start(); !started) return started;
    http::ServerOptions owner_only;
    owner_only.unix_socket = (options_.data / "control.sock").string();
    control_ = std::make_unique<http::Server>(core_, owner_only, handler);
    if (auto started = control_->start(); !started) return started;
    return first_link();
}

/// As long as no administrator has a password, every start prints a way in.
Status Serving::first_link() {
    if (access::has_administrator_with_password(access_.state())) return {};
    auto link = access::issue_link(random_bytes(32), access::Role::administrator, runtime_->now(), link_lifetime);
    const charging::Actor actor{PrincipalId{"system:server"}, runtime_->now(), "no administrator yet"};
    runtime_->commit_encoded(access_records(link.events, actor), [](const Status&) {});
    link_token_ = link.secret;
    return {};
}

/// The core thread answers for itself and for the planner.
void Serving::keep_pace() {
    if (!runtime_->planning().late()) accelerated_->beat(core_pace_);
    pace_timer_.expires_after(pace);
    pace_timer_.async_wait([this](boost::system::error_code error) {
        if (!error && !stopped_) keep_pace();
    });
}

void Serving::announce() const {
    const std::string page = fmt::format("http://{}:{}/", options_.http.address, http_->port());
    std::cout << "Tianqu 天衢 " << TIANQU_VERSION << " · " << city_->name_zh << " " << city_->name_en << '\n';
    if (options_.simulated()) {
        std::cout << fmt::format("模拟数据 simulated: {} virtual chargers, clock ×{}\n", options_.fleet,
                                 options_.speed);
    }
    if (link_token_.empty()) {
        std::cout << "网页 page:      " << page << '\n';
    } else {
        std::cout << "首次登录 first login (once, within 24 h): " << page << "welcome#" << link_token_ << '\n';
    }
    std::cout << fmt::format("充电桩 chargers: ws://{}:{}/ocpp/{{charger id}}  (OCPP 1.6J)\n", options_.ocpp.address,
                             runtime_->ocpp_port())
              << "停止 stop:      Ctrl-C" << std::endl;
}

Result<simulation::Report> Serving::report() const {
    return fleet_->report(
        options_.speed, [this](grid::StationKind kind) -> const tariff::Tariff& { return runtime_->tariff_of(kind); });
}

Status Serving::write_report() const {
    if (!options_.report || !fleet_) return {};
    const auto made = report();
    if (!made) return std::unexpected(made.error());
    return simulator::write_report(*options_.report, *made, fleet_->network());
}

void Serving::stop() {
    if (stopped_) return;
    stopped_ = true;
    pace_timer_.cancel();
    if (accelerated_ != nullptr) {
        accelerated_->leave(core_pace_);
        accelerated_->leave(fleet_pace_);
    }
    std::cout << "正在停止 stopping…" << std::endl;
    if (fleet_) fleet_->stop();
    runtime_->stop();
    http_->stop();
    control_->stop();
    api_->stop();
}

int Serving::run() {
    boost::asio::signal_set signals(core_, SIGINT, SIGTERM);
    boost::asio::steady_timer end(core_);
    signals.async_wait([&](boost::system::error_code error, int) {
        end.cancel();
        if (!error) stop();
    });
    if (options_.run_for) {
        end.expires_after(*options_.run_for);
        end.async_wait([&](boost::system::error_code error) {
            signals.cancel();
            if (!error) stop();
        });
    }
    if (fleet_) {
        if (auto started = fleet_->start(); !started) return complain(started.error());
        core_pace_ = accelerated_->join();
        keep_pace();
    }
    announce();
    core_.run();
    if (auto written = write_report(); !written) return complain(written.error());
    if (!runtime_->health()) return complain(runtime_->health().error());
    return 0;
}

}  // namespace

int serve(const Options& options) {
    Serving serving(options);
    if (auto opened = serving.open(); !opened) return complain(opened.error());
    return serving.run();
}

}  // namespace tianqu::server
