#include "cli/broken_bounds.h"

#include "controller/metric_bounds.h"

namespace qalam::cli {

std::string BrokenBounds(const api::Experiment& experiment) {
  const api::OptimalTrial& best = experiment.status.current_optimal_trial;
  return best.best_trial_name.empty() ? "" : controller::MetricBounds(experiment).Broken(best.observation);
}

}  // namespace qalam::cli
