#include "apiserver/json_path.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/number_text.h"

namespace qalam::apiserver {
namespace {

constexpr long long kMostElements = 1'000'000;

// The bytes of the JSON string that begins here, quotes included.
std::size_t StringLength(std::string_view json) {
  for (std::size_t i = 1; i < json.size(); ++i) {
    if (json[i] == '\\') {
      ++i;
    } else if (json[i] == '"') {
      return i + 1;
    }
  }
  return json.size();
}

// The bytes of the value that begins here.
std::size_t ValueLength(std::string_view json) {
  if (json.empty()) return 0;
  if (json[0] == '"') return StringLength(json);
  if (json[0] != '{' && json[0] != '[') return std::min(json.find_first_of(",]}"), json.size());
  int depth = 0;
  for (std::size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      i += StringLength(json.substr(i));
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++i;
    if (depth == 0) return i;
  }
  return json.size();
}

std::string_view Member(std::string_view json, std::string_view key) {
  if (!json.starts_with('{')) return {};
  json.remove_prefix(1);
  while (json.starts_with('"')) {
    const std::size_t name = StringLength(json);
    if (name < 2 || name >= json.size() || json[name] != ':') return {};
    const std::string_view found = json.substr(1, name - 2);
    json.remove_prefix(name + 1);
    const std::size_t length = ValueLength(json);
    if (found == key) return json.substr(0, length);
    json.remove_prefix(length);
    if (!json.starts_with(',')) return {};
    json.remove_prefix(1);
  }
  return {};
}

std::string_view Element(std::string_view json, int index) {
  if (!json.starts_with('[') || json.starts_with("[]")) return {};
  json.remove_prefix(1);
  std::vector<std::string_view> elements;
  while (!json.empty()) {
    const std::size_t length = ValueLength(json);
    elements.push_back(json.substr(0, length));
    json.remove_prefix(length);
    if (!json.starts_with(',')) break;
    json.remove_prefix(1);
  }
  const int count = static_cast<int>(elements.size());
  const int at = index < 0 ? count + index : index;
  return at >= 0 && at < count ? elements[static_cast<std::size_t>(at)] : std::string_view();
}

}  // namespace

JsonPath::JsonPath(std::string_view text) {
  while (readable_ && !text.empty()) {
    const std::size_t length = ReadStep(text);
    readable_ = length > 0;
    text.remove_prefix(length);
  }
}

std::size_t JsonPath::ReadStep(std::string_view text) {
  if (text[0] == '.') {
    const std::size_t end = std::min(text.find_first_of(".[", 1), text.size());
    if (end == 1) return 0;
    steps_.push_back({.key = std::string(text.substr(1, end - 1))});
    return end;
  }
  if (text.starts_with("['") || text.starts_with("[\"")) {
    const std::size_t end = text.find(text[1], 2);
    if (end == std::string_view::npos || !text.substr(end + 1).starts_with(']')) return 0;
    steps_.push_back({.key = std::string(text.substr(2, end - 2))});
    return end + 2;
  }
  const std::size_t end = text.find(']');
  if (text[0] != '[' || end == std::string_view::npos) return 0;
  std::string_view number = text.substr(1, end - 1);
  if (number.ends_with(':')) number.remove_suffix(1);
  const std::optional<long long> index = ParseInt(number);
  if (!index || std::abs(*index) > kMostElements) return 0;
  steps_.push_back({.is_index = true, .index = static_cast<int>(*index)});
  return end + 1;
}

std::string_view JsonPath::Find(std::string_view json) const {
  if (!readable_) return {};
  for (const Step& step : steps_) json = step.is_index ? Element(json, step.index) : Member(json, step.key);
  return json;
}

}  // namespace qalam::apiserver
