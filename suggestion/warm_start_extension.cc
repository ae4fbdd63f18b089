#include "suggestion/warm_start_extension.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/extensions.h"
#include "suggestion/extension_entries.h"

namespace qalam::suggestion {
namespace {

bool IsName(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

bool IsPath(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return IsName(text);
  return IsName(text.substr(0, slash)) && IsName(text.substr(slash + 1));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseEarlierNames(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view name : SplitEntries(text, ";,\n")) {
    if (!IsPath(name)) {
      return absl::InvalidArgumentError(fmt::format(
          "{}: must be NAME or NAMESPACE/NAME of an experiment, got '{}'", kWarmStartExtension, name));
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return absl::InvalidArgumentError(fmt::format("{}: {} is given twice", kWarmStartExtension, name));
    }
    names.emplace_back(name);
  }
  if (!names.empty()) return names;
  return absl::InvalidArgumentError(fmt::format("{}: names no experiment", kWarmStartExtension));
}

absl::Status ReadWarmStart(std::string_view text, algorithms::Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(problem.earlier_experiments, ParseEarlierNames(text));
  return absl::OkStatus();
}

}  // namespace qalam::suggestion
