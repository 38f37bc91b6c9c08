#include "app/cli/city_commands.hpp"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "base/json_writer.hpp"
#include "city/city.hpp"

namespace tianqu::cli {

namespace {

namespace fs = std::filesystem;

/// One line for people: place, field, value and what was expected, in both languages.
std::string problem_line(const Error& problem) {
    if (problem.field("expected").empty()) return problem.to_string();
    std::string line{problem.field("file")};
    if (problem.field("line") != "0") line.append(":").append(problem.field("line"));
    line.append(": 字段 field '").append(problem.field("field"));
    line.append("' = '").append(problem.field("value"));
    return line.append("'; 应为 expected: ").append(problem.field("expected"));
}

int refuse(const Error& error, std::ostream& out) {
    out << "错误 error: " << problem_line(error) << '\n';
    return 1;
}

std::string problems_json(const std::vector<Error>& problems) {
    JsonWriter json;
    json.begin_object().field("ok", problems.empty()).field("count", problems.size()).key("problems").begin_array();
    for (const auto& problem : problems) {
        json.begin_object().field("text", problem.text);
        for (const auto& [name, value] : problem.fields) {
            if (name == "line")
                json.field("line", static_cast<std::int64_t>(std::strtoll(value.c_str(), nullptr, 10)));
            else
                json.field(name, value);
        }
        json.end_object();
    }
    json.end_array().end_object();
    return json.take();
}

/// A network that someone surveyed must not be lost to a synthetic one.
bool holds_real_network(const fs::path& folder) {
    std::ifstream stream(folder / "network.toml");
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    return text.find("\"real\"") != std::string::npos;
}

Status write_files(const fs::path& folder, const city::FileTexts& files) {
    std::error_code error;
    fs::create_directories(folder, error);
    for (const auto& [name, text] : files) {
        std::ofstream stream(folder / name, std::ios::binary | std::ios::trunc);
        stream << text;
        stream.close();
        if (!stream) return fail(ErrorCode::storage_failure, "无法写入 cannot write " + (folder / name).string());
    }
    return {};
}

}  // namespace

int run_city_make(const CityMakeOptions& options, std::ostream& out) {
    const auto city = city::load_city(options.city);
    if (!city) return refuse(city.error(), out);
    const auto parts = city::make_network(*city, options.make);
    if (!parts) return refuse(parts.error(), out);
    if (holds_real_network(options.out)) {
        out << "错误 error: " << options.out.string()
            << " 中是真实电网，不予覆盖 holds a real network and is not overwritten\n";
        return 1;
    }
    if (const auto written = write_files(options.out, city::write_network_folder(*parts)); !written) {
        return refuse(written.error(), out);
    }
    out << "已生成合成电网 synthetic network written: " << options.out.string() << "\n  节点 nodes "
        << parts->nodes.size() << ", 充电桩 chargers " << parts->chargers.size() << ", 种子 seed " << options.make.seed
        << '\n';
    return 0;
}

int run_check(const CheckOptions& options, std::ostream& out) {
    const auto problems = city::check_city(options.folder, options.network);
    if (options.json) {
        out << problems_json(problems) << '\n';
        return problems.empty() ? 0 : 1;
    }
    for (const auto& problem : problems) out << problem_line(problem) << '\n';
    if (problems.empty()) {
        out << "没有问题 no problems: " << options.folder.string() << '\n';
        return 0;
    }
    out << problems.size() << " 个问题 problem" << (problems.size() == 1 ? "" : "s") << '\n';
    return 1;
}

void add_city_commands(CLI::App& app) {
    auto* const city = app.add_subcommand("city", "城市数据包 city pack");
    city->require_subcommand(1);
    auto* const make = city->add_subcommand("make", "生成合成电网 make a synthetic charging network");
    // The options live as long as the callbacks that read them.
    const auto options = std::make_shared<CityMakeOptions>();
    const auto scale = std::make_shared<std::string>("1");
    make->add_option("--city", options->city, "城市数据包目录 folder of the city pack")->capture_default_str();
    make->add_option("--out", options->out, "输出目录 folder to write")->capture_default_str();
    make->add_option("--public", options->make.public_chargers, "公共充电桩（台） public chargers")
        ->capture_default_str();
    make->add_option("--residential", options->make.residential_chargers, "居民充电桩（台） residential chargers")
        ->capture_default_str();
    make->add_option("--seed", options->make.seed, "随机种子 seed")->capture_default_str();
    make->add_option("--limits-scale", *scale, "限值倍数 factor on all limits")->capture_default_str();
    make->callback([options, scale] {
        const auto factor = parse_decimal(*scale, 3);
        if (!factor)
            throw CLI::ValidationError("--limits-scale", "应为小数 expected a decimal number, not '" + *scale + "'");
        options->make.limits_scale = Permille{*factor};
        if (const int status = run_city_make(*options, std::cout); status != 0) throw CLI::RuntimeError(status);
    });

    auto* const check = app.add_subcommand("check", "检查城市数据包和电网 check a city pack and its network");
    const auto checked = std::make_shared<CheckOptions>();
    check->add_option("folder", checked->folder, "城市数据包目录 folder of the city pack")->required();
    check->add_option("--network", checked->network, "电网目录 folder of a network to check with it");
    check->add_flag("--json", checked->json, "输出 JSON print JSON");
    check->callback([checked] {
        if (const int status = run_check(*checked, std::cout); status != 0) throw CLI::RuntimeError(status);
    });
}

}  // namespace tianqu::cli
