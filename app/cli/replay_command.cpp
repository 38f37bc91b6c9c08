#include "app/cli/replay_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "base/csv.hpp"
#include "base/json_writer.hpp"
#include "city/city.hpp"
#include "replay/replay.hpp"

namespace tianqu::cli {

namespace {

constexpr Milliseconds period{replay::period_minutes * 60'000};

struct Input {
    std::vector<replay::RecordedSession> sessions;
    replay::ReplayOptions options;
    std::string tariff;      ///< id, empty without a city
    std::size_t placed = 0;  ///< sessions whose station is a charger or node of the network
    bool synthetic_network = false;
};

Result<std::string> read_text(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(ErrorCode::not_found, fmt::format("无法读取 cannot read {}", file.string()));
    return std::string{std::istreambuf_iterator<char>(stream), {}};
}

Result<std::vector<PricePerKwh>> prices_of(const tariff::Tariff& tariff, TimePoint midnight, int periods) {
    std::vector<PricePerKwh> prices;
    for (int i = 0; i < periods; ++i) {
        const auto price = tariff.price_at(midnight + period * i);
        if (!price) return fail(price.error());
        prices.push_back(*price);
    }
    return prices;
}

Status add_city(const ReplayCommandOptions& options, Input& input, std::optional<city::City>& city) {
    if (!options.city) return {};
    auto loaded = city::load_city(*options.city);
    if (!loaded) return fail(loaded.error());
    city = std::move(*loaded);
    const auto day = tariff::parse_date(options.first_day);
    if (!day) return fail(day.error());
    int periods = 0;
    for (const auto& session : input.sessions) periods = std::max(periods, session.departure);
    const auto& tariff = city->tariff_of(grid::StationKind::public_site);
    auto prices = prices_of(tariff, tariff::start_of(*day, city->offset), periods);
    if (!prices) return fail(prices.error());
    input.tariff = tariff.data().id;
    input.options.prices = std::move(*prices);
    return {};
}

// A node's id, Chinese or English name, or a charger's id.
void place_stations(const grid::Network& network, Input& input) {
    auto& stations = input.options.site.stations;
    for (std::size_t n = 0; n < network.node_count(); ++n) {
        const auto& node = network.nodes()[n];
        for (const auto& name : {node.id.value, node.name_zh, node.name_en}) {
            if (!name.empty()) stations.emplace(name, static_cast<int>(n));
        }
    }
    for (std::size_t c = 0; c < network.charger_count(); ++c) {
        const auto index = static_cast<grid::ChargerIndex>(c);
        stations.emplace(network.charger(index).id.value, static_cast<int>(network.node_of(index)));
    }
    for (const auto& session : input.sessions) input.placed += stations.contains(session.station) ? 1 : 0;
}

Status add_limits(const ReplayCommandOptions& options, Input& input, const std::optional<city::City>& city) {
    auto& nodes = input.options.site.nodes;
    if (options.limit_kw) {
        const auto limit = parse_kilowatts(*options.limit_kw);
        if (!limit || limit->count < 0) {
            return fail(input_error("--limit-kw", 0, "limit-kw", *options.limit_kw,
                                    "kW, 0 or more, with at most three decimals"));
        }
        nodes.front().limit = *limit;
    }
    if (!options.network) return {};
    const auto network = city::load_network(*options.network, city ? &*city : nullptr);
    if (!network) return fail(network.error());
    if (network->node_count() == 0) return fail(ErrorCode::invalid_input, "电网没有节点 the network has no node");
    nodes.clear();
    for (std::size_t n = 0; n < network->node_count(); ++n) {
        const auto index = static_cast<grid::NodeIndex>(n);
        const auto base = network->base_day(index);
        nodes.push_back({.parent = n == 0 ? -1 : static_cast<int>(network->parent(index)),
                         .limit = network->node(index).limit,
                         .base_day = {base.begin(), base.end()}});
    }
    input.synthetic_network = network->origin().synthetic;
    place_stations(*network, input);
    return {};
}

Result<Input> read_input(const ReplayCommandOptions& options) {
    Input input;
    const auto policy = dispatch::parse_policy(options.policy);
    if (!policy) return fail(policy.error());
    input.options.policy = *policy;
    const auto text = read_text(options.sessions);
    if (!text) return fail(text.error());
    auto sessions = replay::read_sessions_csv(options.sessions.string(), *text);
    if (!sessions) return fail(sessions.error());
    input.sessions = std::move(*sessions);
    std::optional<city::City> city;
    if (auto status = add_city(options, input, city); !status) return fail(status.error());
    if (auto status = add_limits(options, input, city); !status) return fail(status.error());
    return input;
}

std::string json_text(const Input& input, const replay::ReplayResult& result, const std::string& first_day) {
    JsonWriter json;
    json.begin_object();
    json.field("policy", dispatch::enum_name(input.options.policy));
    json.field("sessions", result.sessions).field("sessions_served", result.sessions_served);
    json.field("asked_kwh", result.asked_kwh()).field("delivered_kwh", result.delivered_kwh());
    json.field("delivered_percent", result.delivered_percent()).field("feasible_percent", result.feasible_percent());
    json.field("peak_kw", to_kilowatts(result.peak));
    json.key("cost_yuan");
    result.cost ? json.real(to_yuan(*result.cost)) : json.null();
    json.key("yuan_per_kwh");
    result.cost ? json.real(result.yuan_per_kwh()) : json.null();
    json.field("overloaded_node_periods", result.overloaded_node_periods).field("node_periods", result.node_periods);
    if (!input.tariff.empty()) json.field("tariff", input.tariff).field("priced_from", first_day);
    if (input.options.site.nodes.size() > 1)
        json.field("sessions_placed", input.placed).field("synthetic_network", input.synthetic_network);
    json.end_object();
    return json.take();
}

void print_text(const Input& input, const replay::ReplayResult& result, const std::string& first_day,
                std::ostream& out) {
    out << fmt::format("策略 policy            {}\n", dispatch::enum_name(input.options.policy));
    out << fmt::format("充电次数 sessions      {} (满足 in full: {})\n", result.sessions, result.sessions_served);
    out << fmt::format("需求 asked             {:.1f} kWh\n", result.asked_kwh());
    out << fmt::format("已充 delivered         {:.1f} kWh, {:.3f} %\n", result.delivered_kwh(),
                       result.delivered_percent());
    out << fmt::format("可行上限 feasible      {:.3f} % (预知全部到达 with perfect foresight)\n",
                       result.feasible_percent());
    out << fmt::format("峰值 peak              {:.3f} kW\n", to_kilowatts(result.peak));
    if (result.cost) {
        out << fmt::format("电费 cost              {:.2f} 元 yuan, {:.4f} 元/kWh ({}, {} 起 from)\n",
                           to_yuan(*result.cost), result.yuan_per_kwh(), input.tariff, first_day);
    } else {
        out << "电费 cost              无电价 no tariff: --city DIR\n";
    }
    if (result.node_periods > 0) {
        out << fmt::format("越限 above limits      {} / {} (节点×5分钟 node × 5 min)\n", result.overloaded_node_periods,
                           result.node_periods);
    }
    if (input.options.site.nodes.size() > 1) {
        out << fmt::format("接入 placed            {} / {} (其余在根节点 others at the root)\n", input.placed,
                           result.sessions);
        if (input.synthetic_network) out << "电网为合成数据 the network is synthetic\n";
    }
}

}  // namespace

int run_replay(const ReplayCommandOptions& options, std::ostream& out, std::ostream& error) {
    const auto refuse = [&](const Error& reason) {
        error << "错误 error: " << reason.text << '\n';
        return 1;
    };
    const auto input = read_input(options);
    if (!input) return refuse(input.error());
    const auto result = replay::replay(input->sessions, input->options);
    if (!result) return refuse(result.error());
    if (options.json) {
        out << json_text(*input, *result, options.first_day) << '\n';
    } else {
        print_text(*input, *result, options.first_day, out);
    }
    return 0;
}

void add_replay_command(CLI::App& app) {
    auto options = std::make_shared<ReplayCommandOptions>();
    auto* command = app.add_subcommand("replay", "重放记录的充电数据 replay recorded sessions under a charging policy");
    command
        ->add_option("sessions", options->sessions,
                     "CSV: session_id,station_id,arrival_5min,departure_5min,est_departure_5min,requested_kwh,max_kw")
        ->required();
    auto* network = command->add_option("--network", options->network,
                                        "电网目录 network folder; station_id names a charger or a node");
    command->add_option("--limit-kw", options->limit_kw, "总功率上限 one limit above all, kW")->excludes(network);
    command->add_option("--city", options->city, "城市目录 city pack, for prices");
    command->add_option("--first-day", options->first_day, "计价首日 local day that period 0 is priced as")
        ->capture_default_str();
    command->add_option("--policy", options->policy, "uncontrolled|fcfs|edf|llf|rr|orderly")->capture_default_str();
    command->add_flag("--json", options->json, "输出 JSON");
    command->callback([options] {
        if (const int code = run_replay(*options, std::cout, std::cerr); code != 0) throw CLI::RuntimeError(code);
    });
}

}  // namespace tianqu::cli
