#pragma once

namespace CLI {
class App;
}

namespace tianqu::cli {

/// `tianqu serve`
void add_serve_command(CLI::App& app);

}  // namespace tianqu::cli
