#include "tests/architecture/include_arrows.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace tianqu::architecture {
namespace {

// Seconds of compile time each; a header that shows them spreads the cost to everyone.
constexpr std::array<std::string_view, 7> heavy_headers = {"boost/beast", "sqlite3.h", "toml++", "spdlog",
                                                           "prometheus",  "CLI",       "openssl"};

constexpr std::array<std::string_view, 7> outside_world_headers = {
    "boost/beast", "boost/asio", "sqlite3.h", "sys/socket.h", "netinet", "arpa/inet.h", "thread"};

// The time and the dice come in as arguments.
constexpr std::array<std::string_view, 3> hidden_inputs = {"_clock::now(", "random_device", "std::time("};

// Written by the build, owned by the module that asks for it.
constexpr std::string_view generated_folder = "generated/";

// The one impure module that everyone may use (its log writes to the terminal).
constexpr std::string_view ground_module = "base";

struct Include {
    std::string path;
    bool angled = false;
};

std::string_view trim_left(std::string_view text) {
    const auto start = text.find_first_not_of(" \t");
    return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

std::optional<Include> parse_include(std::string_view line) {
    line = trim_left(line);
    if (!line.starts_with('#')) return std::nullopt;
    line = trim_left(line.substr(1));
    if (!line.starts_with("include")) return std::nullopt;
    line = trim_left(line.substr(std::string_view("include").size()));
    if (line.empty() || (line.front() != '"' && line.front() != '<')) return std::nullopt;
    const bool angled = line.front() == '<';
    const auto end = line.find(angled ? '>' : '"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    return Include{std::string(line.substr(1, end - 1)), angled};
}

bool is_below(std::string_view path, std::string_view directory) {
    return path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

const Module* owner_of(std::string_view path, const std::vector<Module>& modules) {
    const Module* owner = nullptr;
    for (const Module& module : modules) {
        const bool closer = owner == nullptr || module.directory.size() > owner->directory.size();
        if (is_below(path, module.directory) && closer) owner = &module;
    }
    return owner;
}

const Module* included_module(std::string_view include_path, const std::vector<Module>& modules) {
    const Module* below_app = owner_of(include_path, modules);
    if (below_app != nullptr) return below_app;
    return owner_of("src/" + std::string(include_path), modules);
}

bool is_header(std::string_view path) { return path.ends_with(".hpp") || path.ends_with(".h"); }

bool is_test(std::string_view path) { return path.find("/tests/") != std::string_view::npos; }

// "boost/beast" stands for <boost/beast.hpp> and everything below <boost/beast/>.
bool stands_for(std::string_view entry, std::string_view include_path) {
    if (!include_path.starts_with(entry)) return false;
    const std::string_view rest = include_path.substr(entry.size());
    return rest.empty() || rest.front() == '/' || rest.front() == '.';
}

bool matches_any(std::string_view include_path, std::span<const std::string_view> entries) {
    return std::ranges::any_of(entries, [=](std::string_view entry) { return stands_for(entry, include_path); });
}

std::optional<std::string> complaint_about(const Include& include, const SourceFile& file, const Module& owner,
                                           const std::vector<Module>& modules) {
    const Module* target = included_module(include.path, modules);
    if (target != nullptr) {
        const bool declared = std::ranges::find(owner.depends, target->name) != owner.depends.end();
        if (target->name == owner.name || declared) return std::nullopt;
        return "module " + owner.name + " includes \"" + include.path + "\" but does not declare DEPENDS " +
               target->name;
    }
    if (include.path.starts_with(generated_folder)) return std::nullopt;
    if (is_test(file.path) && include.path.starts_with("tests/")) return std::nullopt;  // shared among tests
    if (!include.angled) {
        return "\"" + include.path + "\" is in no module: write our headers from the include root, others in <>";
    }
    if (is_header(file.path) && matches_any(include.path, heavy_headers)) {
        return "heavy header <" + include.path + "> in a header: include it in a .cpp only";
    }
    if (owner.pure && !is_test(file.path) && matches_any(include.path, outside_world_headers)) {
        return "<" + include.path + "> in the pure module " + owner.name;
    }
    return std::nullopt;
}

std::optional<std::string> hidden_input_in(std::string_view line) {
    line = trim_left(line);
    if (line.starts_with("//")) return std::nullopt;
    for (std::string_view input : hidden_inputs) {
        if (line.find(input) != std::string_view::npos) {
            return "hidden input " + std::string(input) + " in a pure module: take it as an argument";
        }
    }
    return std::nullopt;
}

std::string at(const SourceFile& file, std::size_t line_number, const std::string& what) {
    return file.path + ":" + std::to_string(line_number) + ": " + what;
}

using ModulesByName = std::map<std::string, const Module*, std::less<>>;

// Returns the first path that comes back to where it began, "a -> b -> a".
std::optional<std::string> cycle_from(const Module& start, const ModulesByName& by_name) {
    std::set<std::string> seen;
    std::vector<std::pair<const Module*, std::string>> open = {{&start, start.name}};
    while (!open.empty()) {
        const auto [module, path] = open.back();
        open.pop_back();
        for (const std::string& used : module->depends) {
            if (used == start.name) return path + " -> " + used;
            const auto found = by_name.find(used);
            if (found != by_name.end() && seen.insert(used).second) {
                open.emplace_back(found->second, path + " -> " + used);
            }
        }
    }
    return std::nullopt;
}

}  // namespace

Complaints check_modules(const std::vector<Module>& modules) {
    Complaints complaints;
    ModulesByName by_name;
    for (const Module& module : modules) {
        if (!by_name.emplace(module.name, &module).second) {
            complaints.push_back(module.directory + ": a second module named " + module.name);
        }
    }
    for (const Module& module : modules) {
        for (const std::string& used : module.depends) {
            const auto found = by_name.find(used);
            if (found == by_name.end()) {
                complaints.push_back(module.directory + ": DEPENDS " + used + ", which does not exist");
            } else if (module.pure && !found->second->pure && used != ground_module) {
                complaints.push_back(module.directory + ": pure, but DEPENDS " + used + ", which is not");
            }
        }
        if (const auto cycle = cycle_from(module, by_name)) {
            complaints.push_back(module.directory + ": a cycle, " + *cycle);
        }
    }
    return complaints;
}

Complaints check_file(const SourceFile& file, const std::vector<Module>& modules) {
    const Module* owner = owner_of(file.path, modules);
    if (owner == nullptr) return {at(file, 1, "belongs to no module")};

    Complaints complaints;
    bool has_pragma_once = false;
    std::size_t line_number = 0;
    for (std::size_t start = 0; start < file.text.size();) {
        const std::size_t end = std::min(file.text.find('\n', start), file.text.size());
        const std::string_view line = std::string_view(file.text).substr(start, end - start);
        start = end + 1;
        ++line_number;
        has_pragma_once = has_pragma_once || line.starts_with("#pragma once");
        if (const auto include = parse_include(line)) {
            if (const auto what = complaint_about(*include, file, *owner, modules)) {
                complaints.push_back(at(file, line_number, *what));
            }
        } else if (owner->pure && !is_test(file.path)) {
            if (const auto what = hidden_input_in(line)) complaints.push_back(at(file, line_number, *what));
        }
    }
    if (is_header(file.path) && !has_pragma_once) complaints.push_back(at(file, 1, "no #pragma once"));
    return complaints;
}

}  // namespace tianqu::architecture
