// kubeflow.org/v1beta1 Suggestion: the assignments asked for and received so far, and the algorithm's
// settings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/shared.h"
#include "api/trial.h"

namespace qalam::api {

struct SuggestionSpec {
  AlgorithmSpec algorithm;
  std::optional<AlgorithmSpec> early_stopping;
  std::int32_t requests = 0;  // assignments wanted since the beginning
  ResumePolicy resume_policy = ResumePolicy::kUnset;
  bool operator==(const SuggestionSpec&) const = default;
};

/// One future or existing trial; `name` is the trial's name.
struct TrialAssignment {
  std::string name;
  std::vector<ParameterAssignment> parameter_assignments;
  std::vector<EarlyStoppingRule> early_stopping_rules;
  StringMap labels;
  bool operator==(const TrialAssignment&) const = default;
};

struct SuggestionStatus {
  std::vector<AlgorithmSetting>
      algorithm_settings;  // returned by the algorithm, sent back with the next request
  std::vector<Shared<TrialAssignment>> suggestions;  // suggestionCount is their number
  std::optional<absl::Time> start_time;
  Conditions conditions;
  bool operator==(const SuggestionStatus&) const = default;
};

class Suggestion final : public ResourceWithStatus<Suggestion, Kind::kSuggestion> {
 public:
  SuggestionSpec spec;
  SuggestionStatus status;
};

}  // namespace qalam::api
