// A study over lr (double), layers (int), opt (categorical) and batch (discrete), asked of a service made up by the test.
#pragma once

#include <gtest/gtest.h>

#include "api/defaults.h"
#include "cli/study.h"
#include "fixtures.h"

namespace qalam::cli {

/// The experiment of fixtures.h, minimizing loss, with a list of numbers: batch in 16, 0.10.
inline api::Experiment StudyExperiment() {
  api::Experiment experiment = MakeExperiment("tune");
  experiment.spec.objective->type = api::ObjectiveType::kMinimize;
  experiment.spec.objective->objective_metric_name = "loss";
  experiment.spec.objective->additional_metric_names = {"accuracy"};
  experiment.spec.objective->metric_strategies.clear();
  experiment.spec.parameters.push_back({"batch", api::ParameterType::kDiscrete, {.list = {"16", "0.10"}}});
  api::SetDefaults(experiment);
  return experiment;
}

/// Answers (0.001 * k, k, adam, 16) for the k-th trial of four, and remembers what it was asked.
struct FakeService {
  int points = 4;
  std::string exhausted = "SpaceExhausted";
  api::StringMap labels = {};
  std::vector<size_t> trials_seen;
  std::vector<api::AlgorithmSetting> settings_seen, settings_given;

  absl::StatusOr<server::SuggestionBatch> Suggest(std::span<const std::string> trials,
                                                  const std::vector<api::AlgorithmSetting>& settings,
                                                  int count) {
    trials_seen.push_back(trials.size());
    settings_seen = settings;
    if (static_cast<int>(trials.size()) + count > points) return absl::OutOfRangeError(exhausted);
    server::SuggestionBatch batch{.assignments = {}, .settings = settings_given};
    for (int i = 0; i < count; ++i) {
      const int k = static_cast<int>(trials.size()) + i + 1;
      batch.assignments.push_back({.parameter_assignments = {{"lr", "0.00" + std::to_string(k)},
                                                             {"layers", std::to_string(k)},
                                                             {"opt", "adam"},
                                                             {"batch", "16"}},
                                   .labels = labels});
    }
    return batch;
  }
};

inline Study MakeStudy(FakeService& service) {
  return *Study::Make(StudyExperiment(), [&](const auto&, auto trials, const auto& settings, int count) {
    return service.Suggest(trials, settings, count);
  });
}

inline std::vector<std::string> Texts(const api::FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const api::FieldError& error : errors) texts.push_back(error.Text());
  return texts;
}

}  // namespace qalam::cli
