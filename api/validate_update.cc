#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/checks.h"
#include "api/json_text.h"

namespace qalam::api {
namespace {

constexpr std::string_view kMaxTrialsReached = "ExperimentMaxTrialsReached";

// Clients send free-form objects back with their keys in another order.
void AlignJson(JsonText& text, const JsonText& other) {
  if (text == other) return;
  const absl::StatusOr<Document> a = ParseJson(text.text), b = ParseJson(other.text);
  if (a.ok() && b.ok() && SameJson(*a->root, *b->root)) text = other;
}

ExperimentSpec Aligned(ExperimentSpec spec, const ExperimentSpec& other) {
  if (spec.trial_template && other.trial_template) {
    AlignJson(spec.trial_template->trial_spec, other.trial_template->trial_spec);
  }
  if (spec.metrics_collector && other.metrics_collector) {
    AlignJson(spec.metrics_collector->custom_collector, other.metrics_collector->custom_collector);
  }
  return spec;
}

std::vector<std::string_view> FixedDifferences(const ExperimentSpec& a, const ExperimentSpec& b) {
  std::vector<std::string_view> fields;
  const auto compare = [&](bool same, std::string_view field) {
    if (!same) fields.push_back(field);
  };
  compare(a.parameters == b.parameters, "parameters");
  compare(a.objective == b.objective, "objective");
  compare(a.algorithm == b.algorithm, "algorithm");
  compare(a.early_stopping == b.early_stopping, "earlyStopping");
  compare(a.trial_template == b.trial_template, "trialTemplate");
  compare(a.metrics_collector == b.metrics_collector, "metricsCollectorSpec");
  compare(a.nas_config == b.nas_config, "nasConfig");
  compare(a.resume_policy == b.resume_policy, "resumePolicy");
  return fields;
}

void CheckRestart(const Experiment& next, const Experiment& old, Checks& checks) {
  const Condition* succeeded = FindCondition(old.status.conditions, "Succeeded");
  const bool budget_spent =
      IsTrue(old.status.conditions, "Succeeded") && succeeded->reason == kMaxTrialsReached;
  if (!budget_spent) {
    return checks.Invalid(
        "spec.resumePolicy", "",
        fmt::format("only an experiment that succeeded with {} can be restarted; this one {}. "
                    "Create a new one under another name",
                    kMaxTrialsReached,
                    IsTrue(old.status.conditions, "Failed")
                        ? "failed"
                        : fmt::format("ended with {}", succeeded->reason)));
  }
  if (old.spec.resume_policy != ResumePolicy::kLongRunning &&
      old.spec.resume_policy != ResumePolicy::kFromVolume) {
    return checks.Invalid("spec.resumePolicy", "Never",
                          "a completed experiment can be restarted only if it was created with resumePolicy: "
                          "LongRunning or FromVolume; create a new one with resumePolicy: LongRunning");
  }
  if (next.spec.max_trial_count && *next.spec.max_trial_count <= old.status.trials) {
    checks.Invalid(
        "spec.maxTrialCount", std::to_string(*next.spec.max_trial_count),
        fmt::format("must be greater than {}, the number of trials there are, for the experiment to go on",
                    old.status.trials));
  }
}

}  // namespace

FieldErrors ValidateUpdate(const Experiment& new_experiment, const Experiment& old_experiment) {
  FieldErrors errors;
  Checks checks(errors);
  const ExperimentSpec next = Aligned(new_experiment.spec, old_experiment.spec);
  const ExperimentSpec& old = old_experiment.spec;
  if (next == old) return errors;
  if (const std::vector<std::string_view> fields = FixedDifferences(next, old); !fields.empty()) {
    checks.Forbidden(
        "spec", fmt::format("only parallelTrialCount, maxTrialCount and maxFailedTrialCount are editable; "
                            "changed: {}",
                            fmt::join(fields, ", ")));
  }
  const Conditions& conditions = old_experiment.status.conditions;
  if (IsTrue(conditions, "Succeeded") || IsTrue(conditions, "Failed")) {
    CheckRestart(new_experiment, old_experiment, checks);
  } else if (next.max_trial_count && next.max_trial_count != old.max_trial_count &&
             *next.max_trial_count < old_experiment.status.trials) {
    checks.Invalid("spec.maxTrialCount", std::to_string(*next.max_trial_count),
                   fmt::format("must not be less than {}, the number of trials there are already",
                               old_experiment.status.trials));
  }
  return errors;
}

}  // namespace qalam::api
