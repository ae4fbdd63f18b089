#include "suggestion/extensions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "base/extensions.h"

namespace qalam::suggestion {
namespace {

absl::Status Read(const algorithms::Setting& setting, algorithms::Problem& problem) {
  static_cast<void>(problem);
  return absl::InvalidArgumentError(
      fmt::format("unknown setting {}; there are {}", setting.name, fmt::join(kExtensions, ", ")));
}

}  // namespace

absl::Status ReadExtensions(algorithms::Problem& problem) {
  const auto first = std::stable_partition(
      problem.settings.begin(), problem.settings.end(),
      [](const auto& s) { return !std::string_view(s.name).starts_with(kExtensionPrefix); });
  const algorithms::Settings extensions(first, problem.settings.end());
  problem.settings.erase(first, problem.settings.end());
  for (const algorithms::Setting& setting : extensions) QALAM_RETURN_IF_ERROR(Read(setting, problem));
  return absl::OkStatus();
}

}  // namespace qalam::suggestion
