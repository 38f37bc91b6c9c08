#include "app/cli/serve_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "app/server/serve.hpp"

namespace tianqu::cli {

namespace {

/// What the command line says, before it is understood.
struct Raw {
    server::Options options;
    std::string http = "127.0.0.1:8080";
    std::string ocpp = "127.0.0.1:9000";
    std::string network;
    std::string unknown = "hold";
    std::string validation = "tolerant";
    std::string never_connected = "count";
    std::string run_for;
    std::string report;
    std::string start;
    double limits_scale = 1.0;
};

/// "90", "90s", "5m", "2h"
std::chrono::seconds parse_duration(const std::string& text) {
    std::size_t used = 0;
    double number = 0;
    try {
        number = std::stod(text, &used);
    } catch (const std::exception&) {
        used = 0;
    }
    const std::string unit = text.substr(used);
    const double factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (used == 0 || factor == 0 || number <= 0) {
        throw CLI::ValidationError("--for", "'" + text + "': expected a time such as 90s, 5m or 2h");
    }
    return std::chrono::seconds{static_cast<std::int64_t>(number * factor)};
}

server::Endpoint endpoint(const std::string& option, const std::string& text) {
    const auto parsed = server::parse_endpoint(text);
    if (!parsed) throw CLI::ValidationError(option, "'" + text + "': " + parsed.error().text);
    return *parsed;
}

server::Options understood(const Raw& raw) {
    server::Options options = raw.options;
    options.http = endpoint("--http", raw.http);
    options.ocpp = endpoint("--ocpp", raw.ocpp);
    if (!raw.network.empty()) options.network = raw.network;
    options.unknown_chargers = raw.unknown == "hold"     ? charging::UnknownChargers::hold
                               : raw.unknown == "reject" ? charging::UnknownChargers::reject
                                                         : charging::UnknownChargers::accept;
    options.validation = raw.validation == "strict" ? ocpp::Validation::strict : ocpp::Validation::tolerant;
    options.count_never_connected = raw.never_connected == "count";
    options.limits_scale = Permille{static_cast<std::int64_t>(raw.limits_scale * 1000 + 0.5)};
    if (!raw.run_for.empty()) options.run_for = parse_duration(raw.run_for);
    if (!raw.report.empty()) options.report = raw.report;
    if (!raw.start.empty()) options.start_date = raw.start;
    if (!options.simulated() && (options.speed != 1 || options.report || options.start_date)) {
        throw CLI::ValidationError("--speed, --report and --start", "need --fleet: the real world keeps its own time");
    }
    return options;
}

}  // namespace

void add_serve_command(CLI::App& app) {
    auto* command = app.add_subcommand(
        "serve",
        "Run the server: chargers on --ocpp, page and API on --http. With --fleet N a virtual city of N chargers\n"
        "lives beside it on one accelerated clock that starts at noon (synthetic data, marked as such).");
    auto raw = std::make_shared<Raw>();
    auto& options = raw->options;
    command->add_option("--city", options.city, "City pack")->capture_default_str();
    command->add_option("--data", options.data, "Data directory: journal and views; made when missing")
        ->capture_default_str();
    command->add_option("--http", raw->http, "Address and port of page and API")->capture_default_str();
    command->add_option("--ocpp", raw->ocpp, "Address and port for chargers: ws://…/ocpp/{charger id}")
        ->capture_default_str();
    command->add_option("--network", raw->network, "Network folder to import into a new data directory");
    command
        ->add_option("--unknown-chargers", raw->unknown,
                     "hold: connected, approved in the page before it may charge; reject; accept")
        ->check(CLI::IsMember({"hold", "reject", "accept"}))
        ->capture_default_str();
    command
        ->add_option("--never-connected", raw->never_connected,
                     "Chargers of the network that never connected: count, with their maximum, like any that is "
                     "offline; ignore, while a network is being connected charger by charger and what they draw is "
                     "base load")
        ->check(CLI::IsMember({"count", "ignore"}))
        ->capture_default_str();
    command->add_option("--validation", raw->validation, "tolerant: odd messages are kept and flagged; strict: refused")
        ->check(CLI::IsMember({"tolerant", "strict"}))
        ->capture_default_str();
    command->add_option("--limits-scale", raw->limits_scale, "Multiply every limit of the imported network, e.g. 0.6")
        ->check(CLI::Range(0.01, 10.0))
        ->capture_default_str();
    command->add_option("--fleet", options.fleet, "Virtual chargers; 0: none, the real thing")
        ->check(CLI::Range(0, 66800));
    command->add_option("--speed", options.speed, "Clock seconds a second, with --fleet")
        ->check(CLI::Range(1.0, 1000.0));
    command->add_option("--seed", options.seed, "Of the virtual city");
    command->add_option("--faults", options.faults, "Chance of a trouble a virtual charger and day, 0…1")
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("--start", raw->start,
                        "Day on which the virtual city's noon begins, e.g. 2026-01-15; today if absent");
    command->add_option("--for", raw->run_for, "Stop after this wall time, e.g. 5m");
    command->add_option("--report", raw->report,
                        "Write the comparison with uncontrolled charging here at the end (JSON, CSV beside it)");
    command->callback([raw] {
        const int status = server::serve(understood(*raw));
        if (status != 0) throw CLI::RuntimeError(status);
    });
}

}  // namespace tianqu::cli
