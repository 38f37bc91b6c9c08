#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tianqu {

enum class LogLevel { debug, info, warning, error };

/// One structured line on standard error: time, level, event name, then name=value pairs. Never pass secrets.
/// `event` is a stable snake_case name that can be searched for, e.g. "charger_connected".
void log_event(LogLevel level, std::string_view event,
               std::initializer_list<std::pair<std::string_view, std::string>> fields = {});

/// Lines below this level are dropped; info by default.
void set_log_level(LogLevel level);

}  // namespace tianqu
