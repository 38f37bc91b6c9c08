#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>

#include "city/make_network.hpp"

namespace CLI {
class App;
}

namespace tianqu::cli {

struct CityMakeOptions {
    std::filesystem::path city = "cities/dezhou";
    std::filesystem::path out = "network";
    city::MakeOptions make;
};

struct CheckOptions {
    std::filesystem::path folder;
    std::optional<std::filesystem::path> network;
    bool json = false;
};

/// Writes a synthetic network folder. 0, or 1 with the reason on `out`.
[[nodiscard]] int run_city_make(const CityMakeOptions& options, std::ostream& out);
/// Prints every problem of a pack (and network) on `out`. 0 when there is none, otherwise 1.
[[nodiscard]] int run_check(const CheckOptions& options, std::ostream& out);

/// Adds `city make` and `check`. A failing command ends parsing with CLI::RuntimeError, whose exit code app.exit()
/// returns.
void add_city_commands(CLI::App& app);

}  // namespace tianqu::cli
