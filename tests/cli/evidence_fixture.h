// Trials with their evidence, made by hand.
#pragma once

#include <string>
#include <utility>

#include "api/trial_attempts.h"
#include "cli/trial_evidence.h"
#include "fixtures.h"

namespace qalam::cli {

/// A trial, and what is known of it; the evidence points to both.
struct Scene {
  explicit Scene(api::Trial of) : trial(std::move(of)) {
    around.data_directory = "/data";
    around.path = "/nowhere";
    around.now = At(600);
  }

  TrialEvidence Evidence() const {
    TrialEvidence evidence{.experiment = &experiment, .trial = &trial, .objective = objective};
    evidence.output = output;
    evidence.metrics_file = metrics_file;
    evidence.processes = processes;
    evidence.warnings = warnings;
    return evidence;
  }

  Scene& Printed(const std::string& text, int changed = 10) {
    output = File(text, changed);
    return *this;
  }

  static WrittenFile File(const std::string& text, int changed = 10) {
    return {.path = "/data/trials/output.log",
            .exists = true,
            .bytes = static_cast<std::int64_t>(text.size()),
            .changed = At(changed),
            .end = text};
  }

  api::Experiment experiment = MakeExperiment();
  api::Trial trial;
  std::optional<WrittenFile> output, metrics_file;
  MetricReports objective;
  std::vector<TrialProcess> processes;
  std::vector<api::Event> warnings;
  Surroundings around;
};

/// A trial that failed as the controller writes it.
inline api::Trial FailedWith(const std::string& reason, const std::string& message,
                             api::TrialAttempts attempts = {}) {
  api::Trial trial = Started(MakeTrial("quick-a"), 1);
  trial.status.completion_time = At(20);
  AddCondition(trial.status.conditions, "Failed", At(20), "TrialFailed. Job reason: " + reason,
               "Trial has failed. Job message: " + message);
  if (attempts.started == 0) attempts.started = 1;
  api::SetAttempts(attempts, trial);
  return trial;
}

/// A trial that ended well without a value.
inline api::Trial WithoutMetrics(api::MetricsCollectorSpec collector = {
                                     .kind = api::CollectorKind::kStdOut}) {
  api::Trial trial = Started(MakeTrial("quick-m"), 1);
  trial.status.completion_time = At(20);
  trial.spec.metrics_collector = std::move(collector);
  AddCondition(trial.status.conditions, "MetricsUnavailable", At(20), "MetricsUnavailable",
               "Metrics are not available: objective accuracy was never reported in 3 lines of output");
  return trial;
}

}  // namespace qalam::cli
