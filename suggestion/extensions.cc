#include "suggestion/extensions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "algorithms/first_points.h"
#include "base/extensions.h"
#include "suggestion/conditions_extension.h"
#include "suggestion/constraints_extension.h"
#include "suggestion/end_when_extension.h"
#include "suggestion/enqueue_extension.h"
#include "suggestion/objectives_extension.h"
#include "suggestion/warm_start_extension.h"

namespace qalam::suggestion {
namespace {

absl::Status Read(const algorithms::Setting& setting, const std::vector<std::string>& additional_metrics,
                  algorithms::Problem& problem) {
  if (setting.name == kObjectivesExtension)
    return ReadObjectives(setting.value, additional_metrics, problem.objectives);
  if (setting.name == kConstraintsExtension)
    return ReadConstraints(setting.value, additional_metrics, problem);
  if (setting.name == kConditionsExtension) {
    QALAM_ASSIGN_OR_RETURN(problem.space, ReadConditions(setting.value, problem.space));
    return absl::OkStatus();
  }
  if (setting.name == kEndWhenExtension) return ReadEndWhen(setting.value, problem);
  if (setting.name == kEnqueueExtension) return ReadEnqueued(setting.value, problem);
  if (setting.name == kWarmStartExtension) return ReadWarmStart(setting.value, problem);
  return absl::InvalidArgumentError(
      fmt::format("unknown setting {}; there are {}", setting.name, fmt::join(kExtensions, ", ")));
}

}  // namespace

absl::Status ReadExtensions(const std::vector<std::string>& additional_metrics,
                            algorithms::Problem& problem) {
  const auto first =
      std::stable_partition(problem.settings.begin(), problem.settings.end(), [](const auto& s) {
        return !std::string_view(s.name).starts_with(kExtensionPrefix) ||
               algorithms::IsFirstPointsState(s.name);
      });
  const algorithms::Settings extensions(first, problem.settings.end());
  problem.settings.erase(first, problem.settings.end());
  for (auto setting = extensions.begin(); setting != extensions.end(); ++setting) {
    const bool again = std::any_of(setting + 1, extensions.end(),
                                   [&](const auto& later) { return later.name == setting->name; });
    if (!again) QALAM_RETURN_IF_ERROR(Read(*setting, additional_metrics, problem));
  }
  return absl::OkStatus();
}

}  // namespace qalam::suggestion
