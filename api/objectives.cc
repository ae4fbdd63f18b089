#include "api/objectives.h"

#include "base/extensions.h"

namespace qalam::api {

std::vector<MetricDirection> FurtherObjectives(const Experiment& experiment) {
  const std::string* text = nullptr;
  if (experiment.spec.algorithm) {
    for (const AlgorithmSetting& setting : experiment.spec.algorithm->algorithm_settings) {
      if (setting.name == kObjectivesExtension) text = &setting.value;
    }
  }
  const StringMap& annotations = experiment.metadata.annotations;
  if (const auto found = annotations.find(std::string(kObjectivesExtension)); found != annotations.end())
    text = &found->second;
  if (text == nullptr) return {};
  return ParseMetricDirections(*text).value_or(std::vector<MetricDirection>());
}

}  // namespace qalam::api
