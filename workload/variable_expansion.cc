#include "workload/variable_expansion.h"

namespace qalam::workload {

std::string ExpandVariables(std::string_view text,
                            const std::function<std::optional<std::string_view>(std::string_view)>& lookup) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] == '$' && next == '$') {
      result += '$';
      ++i;
    } else if (const size_t end = text[i] == '$' && next == '(' ? text.find(')', i) : std::string_view::npos;
               end != std::string_view::npos) {
      const std::optional<std::string_view> value = lookup(text.substr(i + 2, end - i - 2));
      result += value ? *value : text.substr(i, end + 1 - i);
      i = end;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace qalam::workload
