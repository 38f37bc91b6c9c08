#include "app/cli/simulate_command.hpp"

#include <pthread.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <csignal>
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include "adapters/memory/clocks.hpp"
#include "app/simulator/fleet.hpp"
#include "base/json_writer.hpp"
#include "city/city.hpp"
#include "grid/network.hpp"

namespace tianqu::cli {

namespace {

constexpr std::int64_t most_chargers = 15'000;  // a process may open about 20,000 files

/// Without a network: chargers at two imaginary sites, one in ten of them fast.
Result<grid::Network> imaginary_network(const SimulateOptions& options) {
    grid::NetworkParts parts;
    parts.origin.source = "tianqu simulate";
    parts.origin.synthetic = true;
    parts.origin.seed = static_cast<std::int64_t>(options.seed);
    const auto node = [&](const char* id, const char* parent, const char* zh, const char* en, grid::NodeKind kind) {
        grid::Node made;
        made.id = NodeId(id);
        made.parent = NodeId(parent);
        made.kind = kind;
        made.name_zh = zh;
        made.name_en = en;
        made.limit = Watts{options.chargers * 60'000};
        made.synthetic = true;
        return made;
    };
    parts.nodes.push_back(node("sim-city", "", "虚拟城市", "Virtual city", grid::NodeKind::city));
    parts.nodes.push_back(node("sim-home", "sim-city", "虚拟小区", "Virtual housing estate", grid::NodeKind::station));
    parts.nodes.push_back(node("sim-public", "sim-city", "虚拟公共站", "Virtual public site", grid::NodeKind::station));
    parts.nodes[1].station_kind = grid::StationKind::residential;
    parts.nodes[2].station_kind = grid::StationKind::public_site;
    for (std::int64_t number = 1; number <= options.chargers; ++number) {
        const bool fast = number % 10 == 0;
        grid::ChargerSite site;
        site.id = ChargerId(fmt::format("{}{:05}", options.prefix, number));
        site.name = site.id.value;
        site.station = parts.nodes[fast ? 2 : 1].id;
        site.connectors.push_back(fast ? grid::ConnectorSpec{ConnectorNumber{1}, Watts{60'000}, grid::Current::dc, 3}
                                       : grid::ConnectorSpec{ConnectorNumber{1}, Watts{7'000}, grid::Current::ac, 1});
        parts.chargers.push_back(std::move(site));
    }
    return grid::Network::build(std::move(parts));
}

Result<grid::Network> network_of(const SimulateOptions& options) {
    if (!options.network) return imaginary_network(options);
    auto network = city::load_network(*options.network);
    if (!network || options.chargers == 0) return network;
    grid::NetworkParts parts = network->parts();
    if (static_cast<std::size_t>(options.chargers) < parts.chargers.size()) {
        parts.chargers.resize(static_cast<std::size_t>(options.chargers));
    }
    return grid::Network::build(std::move(parts));
}

int refuse(const Error& error, std::ostream& out) {
    out << "错误 error: " << error.to_string() << '\n';
    return 1;
}

/// Keeps SIGINT and SIGTERM from this thread and those it starts, so that they can be waited for.
class BlockedSignals {
public:
    BlockedSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    }
    ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;

    /// Whether one came within this time.
    [[nodiscard]] bool wait(std::chrono::milliseconds time) const {
        const timespec longest{time.count() / 1000, time.count() % 1000 * 1'000'000};
        return sigtimedwait(&signals_, nullptr, &longest) > 0;
    }

private:
    sigset_t signals_{};
    sigset_t before_{};
};

void print_line(const simulator::FleetCounts& counts, TimePoint now, std::ostream& out) {
    out << fmt::format("{}  在线 online {}/{}  插枪 plugged {}  充电 charging {}  {} kW  待确认 unconfirmed {}\n",
                       format_time(now), counts.connected, counts.chargers, counts.plugged, counts.charging,
                       format_kilowatts(Watts{counts.power_w}), counts.messages_waiting)
        << std::flush;
}

std::string result_json(const simulator::FleetCounts& counts, const simulation::Truth& truth) {
    std::int64_t departed = 0;
    WattHours asked;
    simulation::Energy delivered;
    for (const auto& record : truth.visits) {
        if (!record.departed) continue;
        ++departed;
        asked += record.visit.asked;
        delivered += record.delivered;
    }
    JsonWriter json;
    json.begin_object().field("synthetic", true);
    json.field("start", format_time(truth.start)).field("end", format_time(truth.end));
    json.field("chargers", counts.chargers).field("visits", truth.visits.size()).field("sessions", departed);
    json.key("asked_kwh").raw(format_kilowatt_hours(asked));
    json.key("delivered_kwh").raw(format_kilowatt_hours(simulation::to_watt_hours(delivered)));
    json.field("frames_sent", static_cast<std::int64_t>(counts.frames_sent));
    json.field("frames_received", static_cast<std::int64_t>(counts.frames_received));
    json.field("connections_lost", static_cast<std::int64_t>(counts.connections_lost));
    json.field("messages_unconfirmed", static_cast<std::int64_t>(counts.messages_waiting));
    json.field("messages_dropped", static_cast<std::int64_t>(counts.messages_dropped)).end_object();
    return json.take();
}

/// "90", "90s", "5m", "2h", "1500ms"
std::chrono::milliseconds parse_span(const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const double factor = unit == "ms"                  ? 1
                          : unit.empty() || unit == "s" ? 1'000
                          : unit == "m"                 ? 60'000
                          : unit == "h"                 ? 3'600'000
                                                        : 0;
    if (error != std::errc{} || factor == 0 || number <= 0 || number > 1e6) {
        throw CLI::ValidationError("--for", "'" + text + "': 应为如 90s、5m、2h expected a time such as 90s, 5m or 2h");
    }
    return std::chrono::milliseconds{static_cast<std::int64_t>(number * factor)};
}

}  // namespace

Result<ChargerUrl> parse_charger_url(const std::string& url) {
    const auto wrong = [&](const char* expected) {
        return fail(Error{ErrorCode::invalid_input,
                          "网址不可用 unusable address",
                          {{"field", "url"}, {"value", url}, {"expected", expected}}});
    };
    constexpr std::string_view scheme = "ws://";
    if (!url.starts_with(scheme)) return wrong("ws://host:port/path");
    const std::string_view rest = std::string_view(url).substr(scheme.size());
    const auto slash = rest.find('/');
    std::string_view authority = rest.substr(0, slash);
    ChargerUrl result;
    if (slash != std::string_view::npos) result.path = rest.substr(slash);
    while (result.path.ends_with('/')) result.path.pop_back();
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && !authority.ends_with(']')) {
        const std::string_view port = authority.substr(colon + 1);
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
        if (error != std::errc{} || end != port.data() + port.size() || result.port == 0) return wrong("port 1…65535");
        authority = authority.substr(0, colon);
    }
    if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
    if (authority.empty()) return wrong("ws://host:port/path");
    result.host = authority;
    return result;
}

int run_simulate(const SimulateOptions& options, std::ostream& out) {
    const auto url = parse_charger_url(options.url);
    if (!url) return refuse(url.error(), out);
    auto network = network_of(options);
    if (!network) return refuse(network.error(), out);
    const BlockedSignals signals;

    const memory::SystemClock system_clock;
    std::unique_ptr<ports::Clock> clock = std::make_unique<memory::SystemClock>();
    if (options.speed != 1) clock = std::make_unique<memory::AcceleratedClock>(system_clock.now(), options.speed);
    simulator::FleetOptions with;
    with.host = url->host;
    with.port = url->port;
    with.path = url->path;
    with.seed = options.seed;
    with.faults = options.faults;
    simulator::Fleet fleet(with, std::move(*network), *clock);
    if (auto started = fleet.start(); !started) return refuse(started.error(), out);

    const auto begin = std::chrono::steady_clock::now();
    while (true) {
        std::chrono::milliseconds pause{5'000};
        if (options.run_for) {
            const auto left = begin + *options.run_for - std::chrono::steady_clock::now();
            pause = std::min(pause, std::chrono::ceil<std::chrono::milliseconds>(left));
        }
        if (pause.count() <= 0) break;
        if (signals.wait(pause)) break;
        if (!options.json) print_line(fleet.counts(), clock->now(), out);
    }
    const simulator::FleetCounts counts = fleet.counts();
    fleet.stop();
    out << result_json(counts, fleet.truth()) << '\n';
    return 0;
}

void add_simulate_command(CLI::App& app) {
    auto* command = app.add_subcommand(
        "simulate",
        "虚拟充电桩连到任一 OCPP 1.6J 服务器（合成数据）。Virtual chargers and cars as clients of any OCPP 1.6J "
        "server\n"
        "(synthetic data). With --speed other than 1 their clock runs ahead: only for a server that expects it.");
    // The options live as long as the callback that reads them.
    const auto options = std::make_shared<SimulateOptions>();
    const auto network = std::make_shared<std::string>();
    const auto run_for = std::make_shared<std::string>();
    command->add_option("--url", options->url, "服务器地址 the server, ws://host:port/ocpp")->required();
    command->add_option("--chargers", options->chargers, "桩数 number of chargers; with --network the first N of it")
        ->check(CLI::Range(std::int64_t{1}, most_chargers));
    command->add_option("--prefix", options->prefix, "桩编号前缀 beginning of the chargers' ids")
        ->capture_default_str();
    command->add_option("--network", *network, "电网目录 network folder whose chargers to be");
    command->add_option("--seed", options->seed, "随机种子 seed")->capture_default_str();
    command->add_option("--speed", options->speed, "时钟倍速 clock seconds a second")
        ->check(CLI::Range(0.1, 100'000.0))
        ->capture_default_str();
    command->add_option("--for", *run_for, "运行时长 machine time to run, e.g. 5m; without it until stopped");
    command->add_option("--faults", options->faults, "每桩每日故障概率 chance of a trouble a charger a day")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_flag("--json", options->json, "只输出结果 JSON only the result, as JSON");
    command->callback([options, network, run_for] {
        if (!network->empty()) options->network = *network;
        if (!run_for->empty()) options->run_for = parse_span(*run_for);
        if (options->chargers == 0 && !options->network) {
            throw CLI::ValidationError("--chargers", "需要 --chargers 或 --network: needs --chargers or --network");
        }
        if (const int status = run_simulate(*options, std::cout); status != 0) throw CLI::RuntimeError(status);
    });
}

}  // namespace tianqu::cli
