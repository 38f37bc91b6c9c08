#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace tianqu {

namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return spdlog::level::debug;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::warning:
            return spdlog::level::warn;
        case LogLevel::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = spdlog::stderr_logger_mt("tianqu");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return *instance;
}

/// Quotes a value that would otherwise break the line into several or hide where it ends.
std::string quoted(const std::string& value) {
    if (!value.empty() && value.find_first_of(" \"=\n\r\t\\") == std::string::npos) return value;
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        text += (static_cast<unsigned char>(c) < 0x20) ? ' ' : c;
    }
    return text + '"';
}

}  // namespace

void log_event(LogLevel level, std::string_view event,
               std::initializer_list<std::pair<std::string_view, std::string>> fields) {
    if (!logger().should_log(to_spdlog(level))) return;
    std::string line{event};
    for (const auto& [name, value] : fields) line.append(" ").append(name).append("=").append(quoted(value));
    logger().log(to_spdlog(level), "{}", line);
}

void set_log_level(LogLevel level) { logger().set_level(to_spdlog(level)); }

}  // namespace tianqu
