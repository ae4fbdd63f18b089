#include "algorithms/auto_search.h"

#include <algorithm>

#include "algorithms/front_model.h"
#include "algorithms/registry.h"

namespace qalam::algorithms::auto_search {
namespace {

constexpr int kManyTrials = 1'500;
constexpr int kManyAtOnce = 64;
constexpr size_t kManyParameters = 20;

}  // namespace

std::string_view Choose(const Problem& problem) {
  const auto parameters = problem.space.parameters();
  if (problem.max_trial_count > kManyTrials || problem.parallel_trial_count >= kManyAtOnce) {
    if (problem.objectives.size() > 1) return "nsga2";
    const bool numeric =
        std::all_of(parameters.begin(), parameters.end(), [](const Parameter& p) { return p.is_numeric(); });
    return numeric && parameters.size() >= 2 ? "cmaes" : "tpe";
  }
  if (problem.objectives.size() > 1)
    return problem.objectives.size() > kMaxModelledObjectives ? "nsga2" : "bayesianoptimization";
  return parameters.size() >= kManyParameters ? "turbo" : "bayesianoptimization";
}

absl::Status Validate(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const AlgorithmInfo* chosen, FindAlgorithm(Choose(problem)));
  QALAM_RETURN_IF_ERROR(CheckSettingNames(problem.settings, "auto", {"seed", "random_state"}));
  return chosen->validate(problem);
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_ASSIGN_OR_RETURN(const AlgorithmInfo* chosen, FindAlgorithm(Choose(problem)));
  return chosen->create(problem);
}

}  // namespace qalam::algorithms::auto_search
