#include "api/validate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "api/checks.h"
#include "api/did_you_mean.h"
#include "api/early_stopping.h"
#include "base/extensions.h"

namespace qalam::api {
namespace {

constexpr std::size_t kLongestName = 40;  // trial and service names are made from it
constexpr std::size_t kGeneratedCharacters = 5;

// Katib's ^[a-z]([-a-z0-9]*[a-z0-9])? has no end anchor, so dots pass; what remains is Kubernetes' rule for
// any name.
bool IsName(std::string_view name, bool prefix) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name[0] < 'a' || name[0] > 'z' || (!prefix && !alphanumeric(name.back()))) return false;
  if (name.find("..") != std::string_view::npos || name.find(".-") != std::string_view::npos ||
      name.find("-.") != std::string_view::npos) {
    return false;
  }
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

void CheckCounts(const ExperimentSpec& spec, Checks& checks) {
  const auto text = [](std::int32_t value) { return std::to_string(value); };
  const std::optional<std::int32_t>& max = spec.max_trial_count;
  if (spec.max_failed_trial_count && *spec.max_failed_trial_count < 0) {
    checks.Invalid("spec.maxFailedTrialCount", text(*spec.max_failed_trial_count),
                   "should not be less than 0");
  }
  if (max && *max <= 0) checks.Invalid("spec.maxTrialCount", text(*max), "must be greater than 0");
  if (spec.parallel_trial_count && *spec.parallel_trial_count <= 0) {
    checks.Invalid("spec.parallelTrialCount", text(*spec.parallel_trial_count), "must be greater than 0");
  }
  if (!max) return;
  if (spec.max_failed_trial_count && *spec.max_failed_trial_count > *max) {
    checks.Invalid("spec.maxFailedTrialCount", text(*spec.max_failed_trial_count),
                   fmt::format("should be less than or equal to spec.maxTrialCount, which is {}", *max));
  }
  if (spec.parallel_trial_count && *spec.parallel_trial_count > *max) {
    checks.Invalid("spec.parallelTrialCount", text(*spec.parallel_trial_count),
                   fmt::format("should be less than or equal to spec.maxTrialCount, which is {}", *max));
  }
}

void CheckAlgorithm(const AlgorithmSpec& algorithm, const std::string& field, std::string_view service,
                    const std::vector<std::string>& known, Checks& checks) {
  const std::string name_field = field + ".algorithmName";
  if (algorithm.algorithm_name.empty()) {
    return checks.Required(name_field,
                           fmt::format("must be specified; there are {}", fmt::join(known, ", ")));
  }
  if (std::find(known.begin(), known.end(), algorithm.algorithm_name) != known.end()) return;
  const std::vector<std::string_view> names(known.begin(), known.end());
  const std::string_view nearest = Nearest(algorithm.algorithm_name, names);
  checks.Invalid(name_field, algorithm.algorithm_name,
                 fmt::format("there is no {} service for it{}; known are {}", service,
                             nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest),
                             known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
}

// What they say is for the suggestion service to judge.
void CheckExtensions(const ObjectMeta& metadata, Checks& checks) {
  for (const auto& [name, value] : metadata.annotations) {
    if (!name.starts_with(kExtensionPrefix) || IsExtension(name) || name.ends_with(kReportSuffix)) continue;
    checks.Invalid("metadata.annotations", name, NameHint(name, {kExtensions.begin(), kExtensions.end()}));
  }
}

}  // namespace

void CheckName(const ObjectMeta& metadata, Checks& checks) {
  const bool generated = metadata.name.empty() && !metadata.generate_name.empty();
  const std::string& name = generated ? metadata.generate_name : metadata.name;
  const std::string_view field = generated ? "metadata.generateName" : "metadata.name";
  const std::size_t length = name.size() + (generated ? kGeneratedCharacters : 0);
  if (!IsName(name, generated)) {
    checks.Invalid(
        std::string(field), name,
        "must be lower-case letters, digits, '-' and '.', begin with a letter and end with a letter or "
        "digit, such as \"digits-random\"");
  } else if (length > kLongestName) {
    checks.Invalid(std::string(field), name,
                   fmt::format("must have at most {} characters, not {}", kLongestName, length));
  }
}

FieldErrors Validate(const Experiment& experiment, const ValidationContext& context) {
  FieldErrors errors;
  Checks checks(errors);
  const ExperimentSpec& spec = experiment.spec;
  CheckName(experiment.metadata, checks);
  CheckExtensions(experiment.metadata, checks);
  CheckCounts(spec, checks);
  if (!spec.objective) {
    checks.Required("spec.objective", "must be specified: type and objectiveMetricName");
    return errors;
  }
  const std::size_t before = checks.count();
  CheckObjective(*spec.objective, checks);
  if (checks.count() > before) return errors;

  if (!spec.algorithm) {
    checks.Required("spec.algorithm", fmt::format("must be specified: algorithmName, one of {}",
                                                  fmt::join(context.algorithms, ", ")));
  } else {
    CheckAlgorithm(*spec.algorithm, "spec.algorithm", "suggestion", context.algorithms, checks);
  }
  if (spec.early_stopping) {
    CheckAlgorithm(*spec.early_stopping, "spec.earlyStopping", "early-stopping",
                   context.early_stopping_algorithms, checks);
    if (const auto evaluation = RuleEvaluationOf(*spec.early_stopping); !evaluation.ok()) {
      checks.Invalid("spec.earlyStopping.algorithmSettings", std::string(kEvaluateSetting),
                     std::string(MessageOf(evaluation.status())));
    }
  }
  CheckTemplate(spec, context, checks);
  CheckParameters(spec, checks);
  if (spec.metrics_collector) CheckCollector(*spec.metrics_collector, checks);
  return errors;
}

}  // namespace qalam::api
