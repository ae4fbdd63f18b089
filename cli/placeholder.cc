#include "cli/placeholder.h"

#include <fmt/format.h>

namespace qalam::cli {
namespace {

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

// The name of the `{NAME}` that begins at `at`; empty when there is none.
std::string_view NameAt(std::string_view text, size_t at) {
  const size_t end = text.find_first_not_of(kNameCharacters, at + 1);
  return end != std::string_view::npos && text[end] == '}' ? text.substr(at + 1, end - at - 1)
                                                           : std::string_view{};
}

}  // namespace

PlaceholderText ReplacePlaceholders(std::string_view argument,
                                    const std::set<std::string, std::less<>>& declared) {
  PlaceholderText result;
  for (size_t at = 0; at < argument.size();) {
    const std::string_view rest = argument.substr(at);
    if (rest.front() != '{' || (at > 0 && argument[at - 1] == '$')) {
      result.text += rest.front();
      ++at;
      continue;
    }
    if (rest.substr(0, 2) == "{{") {
      const std::string_view escaped = NameAt(rest, 1);
      if (declared.count(escaped) > 0 && rest.substr(escaped.size() + 3, 1) == "}") {
        result.text += fmt::format("{{{}}}", escaped);
        at += escaped.size() + 4;
        continue;
      }
    }
    const std::string_view name = NameAt(rest, 0);
    if (declared.count(name) > 0) {
      result.text += fmt::format("${{trialParameters.{}}}", name);
      result.used.emplace(name);
      at += name.size() + 2;
      continue;
    }
    if (!name.empty()) result.unknown.emplace_back(name);
    result.text += rest.front();
    ++at;
  }
  return result;
}

}  // namespace qalam::cli
