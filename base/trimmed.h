// Text without the blanks around it.
#pragma once

#include <string_view>

namespace qalam {

inline constexpr std::string_view kBlanks = " \t\r\n\f\v";

/// Without any of kBlanks at both ends; a part of `text`.
inline std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace qalam
