#include "cli/extension_flags.h"

#include <algorithm>
#include <utility>

#include "base/extensions.h"

namespace qalam::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

}  // namespace

std::vector<std::string> ExtensionEntries(std::string_view text) {
  std::vector<std::string> entries;
  std::string entry;
  bool quoted = false;
  const auto end_entry = [&] {
    entry = Trimmed(entry);
    if (!entry.empty()) entries.push_back(std::exchange(entry, {}));
    entry.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\' && i + 1 < text.size()) entry += text[i++];
    if (!quoted && (text[i] == ';' || text[i] == '\n')) {
      end_entry();
    } else {
      entry += text[i];
    }
  }
  end_entry();
  return entries;
}

namespace {

void Add(std::string_view extension, const std::vector<std::string>& added, api::ObjectMeta& metadata) {
  if (added.empty()) return;
  std::string& text = metadata.annotations[std::string(extension)];
  std::vector<std::string> present = ExtensionEntries(text);
  for (const std::string& one : added) {
    for (const std::string& entry : ExtensionEntries(one)) {
      if (std::find(present.begin(), present.end(), entry) != present.end()) continue;
      text += (present.empty() ? "" : "; ") + entry;
      present.push_back(entry);
    }
  }
}

}  // namespace

void AddExtensions(const std::vector<std::string>& tries, const std::vector<std::string>& warm_start,
                   api::ObjectMeta& metadata) {
  Add(kEnqueueExtension, tries, metadata);
  Add(kWarmStartExtension, warm_start, metadata);
}

bool MergeExtensions(const api::ObjectMeta& wanted, api::ObjectMeta& existing) {
  const api::StringMap before = existing.annotations;
  for (const auto& [name, text] : wanted.annotations) {
    if (name == kEnqueueExtension || name == kWarmStartExtension) {
      Add(name, {text}, existing);
    } else if (IsExtension(name)) {
      existing.annotations[name] = text;
    }
  }
  return existing.annotations != before;
}

}  // namespace qalam::cli
