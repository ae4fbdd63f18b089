#include "cli/diagnose_experiment.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/diagnose_trial.h"
#include "cli/diagnose_waiting.h"
#include "cli/failure_groups.h"
#include "cli/progress_model.h"
#include "cli/region_cause.h"
#include "cli/resource_facts.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

constexpr size_t kShownGroups = 5;
constexpr size_t kWatchedTrials = 32;  // running trials whose files are looked at

bool IsFailure(TrialState state) {
  return state == TrialState::kFailed || state == TrialState::kMetricsUnavailable;
}

std::string Plural(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string_view EndWords(TrialState state) {
  return state == TrialState::kFailed ? "failed" : "ended without metrics";
}

std::string SummaryOf(const ExperimentEvidence& evidence, const Surroundings& around) {
  const api::Experiment& experiment = *evidence.experiment;
  std::string text = StatusInWords(experiment);
  if (!evidence.trials.empty()) text += "; trials: " + CountsText(experiment.status);
  if (IsFinished(experiment) || !around.session) return text;
  ProgressModel progress(around.now);
  std::vector<const api::Trial*> known;
  for (const TrialPtr& trial : evidence.trials) known.push_back(trial.get());
  progress.Load(experiment, known);
  if (progress.total()) text += fmt::format("; {} of {} done", progress.done(), *progress.total());
  if (const auto left = progress.TimeLeft(around.now))
    text += fmt::format(", about {} left", RoughDurationText(*left));
  const size_t busy = experiment.status.running.size() + experiment.status.pending.size();
  text += fmt::format("; {} of {} slots busy", busy, progress.parallel());
  return text;
}

std::optional<Cause> MaxFailed(const api::Experiment& experiment) {
  const std::optional<std::int32_t>& limit = experiment.spec.max_failed_trial_count;
  if (!limit || !api::IsTrue(experiment.status.conditions, "Failed")) return std::nullopt;
  const size_t failures = experiment.status.failed.size() + experiment.status.metrics_unavailable.size();
  if (failures == 0 || failures < static_cast<size_t>(std::max(0, *limit))) return std::nullopt;
  return Cause{
      .key = "max-failed-trials",
      .text = fmt::format("it ended because {} failed or had no metrics, and maxFailedTrialCount is {}",
                          Plural(failures, "trial"), *limit),
      .remedy = "remove the reasons below, or raise maxFailedTrialCount",
      .facts = {{"failures", static_cast<std::int64_t>(failures)},
                {"maxFailedTrialCount", std::int64_t{*limit}}}};
}

// The causes of one trial stand for all of its group.
void AddGroups(const ExperimentEvidence& evidence, const Surroundings& around, std::vector<Cause>& causes) {
  std::vector<TrialPtr> failures;
  for (const TrialPtr& trial : evidence.trials) {
    if (IsFailure(StateOf(*trial))) failures.push_back(trial);
  }
  std::vector<FailureGroup> groups = GroupFailures(failures);
  // Infeasible parameters are what a search is there to find: no fault.
  std::stable_partition(groups.begin(), groups.end(), [](const FailureGroup& group) {
    return api::FailureReason(*group.trials.front()) != api::kReasonInfeasible;
  });
  const std::string& name = evidence.experiment->metadata.name;
  for (size_t i = 0; i < groups.size() && i < kShownGroups; ++i) {
    const std::vector<TrialPtr>& trials = groups[i].trials;
    std::vector<Cause> found = DiagnoseEnd(evidence.gather(*trials.back()), around);
    for (size_t k = 0; k < found.size(); ++k) {
      Cause& cause = found[k];
      if (k == 0) {
        const std::string how = std::string(EndWords(StateOf(*trials.back())));
        cause.text = fmt::format("{} of {} {}: {}", trials.size(), Plural(evidence.trials.size(), "trial"),
                                 how, cause.text);
        cause.facts.emplace_back("count", static_cast<std::int64_t>(trials.size()));
        if (cause.remedy.empty() && trials.size() == 1)
          cause.remedy =
              fmt::format("see its whole output: qalam logs {}/{}", name, trials.back()->metadata.name);
      }
      for (const TrialPtr& trial : trials) cause.trials.push_back(trial->metadata.name);
      causes.push_back(std::move(cause));
    }
  }
  if (groups.size() > kShownGroups) {
    size_t rest = 0;
    for (size_t i = kShownGroups; i < groups.size(); ++i) rest += groups[i].trials.size();
    causes.push_back({.key = "more-failures",
                      .text = fmt::format("{} more failed for {} other reasons", Plural(rest, "trial"),
                                          groups.size() - kShownGroups),
                      .remedy = fmt::format("list them with their messages: qalam show {} -o wide", name)});
  }
}

void AddUnfinished(const ExperimentEvidence& evidence, const Surroundings& around,
                   std::vector<Cause>& causes) {
  size_t watched = 0;
  for (const TrialPtr& trial : evidence.trials) {
    if (IsFinished(StateOf(*trial)) || ++watched > kWatchedTrials) continue;
    const TrialEvidence found = evidence.gather(*trial);
    for (Cause& cause : DiagnoseTrial(found, around).causes) {
      if (cause.key == "not-started-yet") continue;  // true of every trial for a moment
      const auto same = std::find_if(causes.begin(), causes.end(), [&](const Cause& known) {
        return known.key == cause.key && known.key == "near-miss" && known.paste == cause.paste;
      });
      if (same != causes.end()) {
        same->trials.push_back(trial->metadata.name);
        continue;
      }
      cause.text = fmt::format("trial {}: {}", trial->metadata.name, cause.text);
      cause.trials.push_back(trial->metadata.name);
      causes.push_back(std::move(cause));
    }
  }
}

}  // namespace

Diagnosis DiagnoseExperiment(const ExperimentEvidence& evidence, const Surroundings& around) {
  const api::Experiment& experiment = *evidence.experiment;
  Diagnosis diagnosis{.experiment = experiment.metadata.name,
                      .state = ExperimentStatusName(experiment),
                      .summary = SummaryOf(evidence, around)};
  std::vector<Cause>& causes = diagnosis.causes;
  if (auto cause = DiagnoseRunner(experiment, around)) causes.push_back(*std::move(cause));
  if (auto cause = MaxFailed(experiment)) causes.push_back(*std::move(cause));
  const bool ended_by_suggestion = api::IsTrue(experiment.status.conditions, "Failed") && causes.empty();
  if (!IsFinished(experiment) || ended_by_suggestion) {
    for (Cause& cause : DiagnoseSuggestion(evidence.suggestion, around)) causes.push_back(std::move(cause));
  }
  AddGroups(evidence, around, causes);
  for (Cause& cause : RegionCauses(experiment, evidence.trials)) causes.push_back(std::move(cause));
  if (!IsFinished(experiment) && around.session && around.session->Runs(experiment.key()))
    AddUnfinished(evidence, around, causes);
  return diagnosis;
}

}  // namespace qalam::cli
