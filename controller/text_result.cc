#include "controller/text_result.h"

#include "api/trial_facts.h"
#include "base/number_text.h"

namespace qalam::controller {

void AllowTextResult(const api::Experiment& experiment, api::Trial& trial) {
  if (experiment.spec.nas_config) trial.metadata.annotations.emplace(kTextResultAnnotation, "allowed");
}

bool HasTextResult(const api::Trial& trial, const api::Observation& observation) {
  if (trial.metadata.annotations.count(std::string(kTextResultAnnotation)) == 0) return false;
  const api::ObjectiveSpec& objective = trial.spec.objective;
  const std::string_view text = api::MetricText(objective, observation, objective.objective_metric_name);
  return !text.empty() && text != api::kUnavailable && !ParseDouble(text);
}

}  // namespace qalam::controller
