#include "apiserver/accept.h"

#include <algorithm>

#include "base/number_text.h"

namespace qalam::apiserver {
namespace {

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\"");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\"") - first + 1);
}

// The text up to the separator, which is taken off `rest`.
std::string_view Next(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return Trimmed(part);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

std::string_view MediaType::Parameter(std::string_view name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : found->second;
}

std::vector<MediaType> ReadAccept(std::string_view header) {
  std::vector<std::pair<double, MediaType>> ranked;
  while (!header.empty()) {
    std::string_view part = Next(header, ',');
    MediaType type{.type = Lower(Next(part, ';'))};
    while (!part.empty()) {
      std::string_view value = Next(part, ';');
      const std::string name = Lower(Next(value, '='));
      type.parameters.try_emplace(name, Trimmed(value));
    }
    double quality = 1;
    if (const auto q = type.parameters.find("q"); q != type.parameters.end()) {
      quality = ParseDouble(q->second).value_or(1);
      type.parameters.erase(q);
    }
    if (!type.type.empty() && quality > 0) ranked.emplace_back(quality, std::move(type));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<MediaType> types;
  for (auto& [quality, type] : ranked) types.push_back(std::move(type));
  return types;
}

}  // namespace qalam::apiserver
