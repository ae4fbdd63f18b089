#include "metrics/collector.h"

#include <algorithm>

namespace qalam::metrics {

std::vector<std::string> WantedMetrics(const api::ObjectiveSpec& objective) {
  std::vector<std::string> wanted = {objective.objective_metric_name};
  for (const std::string& name : objective.additional_metric_names) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(name);
  }
  return wanted;
}

}  // namespace qalam::metrics
