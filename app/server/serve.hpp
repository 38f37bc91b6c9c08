#pragma once

#include "app/server/options.hpp"

namespace tianqu::server {

/// `tianqu serve`: runs until a signal, until `run_for` has passed, or until it cannot go on. Returns the exit status;
/// problems are printed in plain words.
[[nodiscard]] int serve(const Options& options);

}  // namespace tianqu::server
