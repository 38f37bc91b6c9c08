#pragma once

#include <string>
#include <string_view>

namespace tianqu {

/// "%E5%BE%B7" → "德"; a broken escape stays as it is. '+' is left alone: these are paths, not forms.
[[nodiscard]] std::string percent_decoded(std::string_view text);

/// One segment of a path or a query value: everything but letters, digits and "-._~" escaped.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace tianqu
