#include "suggestion/extension_entries.h"

#include "base/trimmed.h"

namespace qalam::suggestion {
namespace {

bool IsOfWord(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::vector<std::string_view> SplitEntries(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> entries;
  bool quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    const bool end = i == text.size();
    if (!end && text[i] == '"') quoted = !quoted;
    if (!end && (quoted || separators.find(text[i]) == std::string_view::npos)) continue;
    const std::string_view entry = Trimmed(text.substr(begin, i - begin));
    if (!entry.empty()) entries.push_back(entry);
    begin = i + 1;
  }
  return entries;
}

std::string_view LeadingName(std::string_view text, std::span<const std::string> names) {
  std::string_view longest;
  for (const std::string& name : names) {
    if (name.size() <= longest.size() || !text.starts_with(name)) continue;
    const bool goes_on = text.size() > name.size() && IsOfWord(text[name.size()]) && IsOfWord(name.back());
    if (!goes_on) longest = text.substr(0, name.size());
  }
  return longest;
}

std::string_view LeadingWord(std::string_view text) {
  size_t size = 0;
  while (size < text.size() && (IsOfWord(text[size]) || text[size] == '-' || text[size] == '.')) ++size;
  return text.substr(0, size);
}

}  // namespace qalam::suggestion
