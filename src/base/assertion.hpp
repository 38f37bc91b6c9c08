#pragma once

namespace tianqu::detail {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}

/// Guards our own logic, in release builds too; never used on input from outside.
#define TIANQU_ASSERT(expression) \
    ((expression) ? static_cast<void>(0) : ::tianqu::detail::assertion_failed(#expression, __FILE__, __LINE__))
