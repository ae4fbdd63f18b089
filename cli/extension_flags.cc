#include "cli/extension_flags.h"

#include <algorithm>

#include "api/extension_text.h"
#include "base/extensions.h"
#include "base/trimmed.h"
#include "suggestion/extension_entries.h"

namespace qalam::cli {
namespace {

constexpr std::string_view kPointEnds = ";\n", kNameEnds = ";,\n";

// Parted outside of double quotes, without empty ones.
std::vector<std::string> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string> entries;
  std::string entry;
  bool quoted = false;
  const auto end_entry = [&] {
    const std::string_view trimmed = Trimmed(entry);
    if (!trimmed.empty()) entries.emplace_back(trimmed);
    entry.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted && text[i] == '\\' && i + 1 < text.size()) entry += text[i++];
    if (!quoted && separators.find(text[i]) != separators.npos) {
      end_entry();
    } else {
      entry += text[i];
    }
  }
  end_entry();
  return entries;
}

void Add(std::string_view extension, std::string_view separators, const std::vector<std::string>& added,
         api::Experiment& experiment) {
  std::string text(api::ExtensionText(experiment, extension));
  std::vector<std::string> present = Split(text, separators);
  const size_t before = present.size();
  for (const std::string& one : added) {
    for (const std::string& entry : Split(one, separators)) {
      if (std::find(present.begin(), present.end(), entry) != present.end()) continue;
      text += (present.empty() ? "" : "; ") + entry;
      present.push_back(entry);
    }
  }
  // What is empty is kept, too: the service says what is wrong with it.
  if (present.size() > before || (!added.empty() && text.empty()))
    experiment.metadata.annotations[std::string(extension)] = text;
}

}  // namespace

std::vector<std::string> EnqueuedPoints(std::string_view text) { return Split(text, kPointEnds); }

void AddExtensions(const std::vector<std::string>& tries, const std::vector<std::string>& warm_start,
                   api::Experiment& experiment) {
  Add(kEnqueueExtension, kPointEnds, tries, experiment);
  Add(kWarmStartExtension, kNameEnds, warm_start, experiment);
}

bool MergeExtensions(const api::ObjectMeta& wanted, api::Experiment& existing) {
  const api::StringMap before = existing.metadata.annotations;
  for (const auto& [name, text] : wanted.annotations) {
    if (name == kEnqueueExtension) {
      AddExtensions({text}, {}, existing);
    } else if (name == kWarmStartExtension) {
      AddExtensions({}, {text}, existing);
    } else if (IsExtension(name)) {
      existing.metadata.annotations[name] = text;
    }
  }
  return existing.metadata.annotations != before;
}

}  // namespace qalam::cli
