#include "api/objectives.h"

#include "api/extension_text.h"
#include "base/extensions.h"

namespace qalam::api {

std::vector<MetricDirection> FurtherObjectives(const Experiment& experiment) {
  const std::string_view text = ExtensionText(experiment, kObjectivesExtension);
  return ParseMetricDirections(text).value_or(std::vector<MetricDirection>());
}

}  // namespace qalam::api
