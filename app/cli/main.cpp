#include <CLI/CLI.hpp>
#include <iostream>

#include "app/cli/city_commands.hpp"
#include "app/cli/journal_commands.hpp"
#include "app/cli/replay_command.hpp"
#include "app/cli/serve_command.hpp"
#include "app/cli/simulate_command.hpp"
#include "app/cli/user_command.hpp"

int main(int argc, char** argv) {
    CLI::App app{
        "Tianqu 天衢: a city's electric vehicles, charged in an orderly way.\n"
        "新能源汽车有序充电一体化运营。每个命令都有 --help。",
        "tianqu"};
    app.set_version_flag("--version", TIANQU_VERSION);
    app.require_subcommand(1);
    tianqu::cli::add_serve_command(app);
    tianqu::cli::add_simulate_command(app);
    tianqu::cli::add_city_commands(app);
    tianqu::cli::add_replay_command(app);
    tianqu::cli::add_journal_commands(app);
    tianqu::cli::add_user_commands(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::cerr << "tianqu: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
