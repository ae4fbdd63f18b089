#include "bench/resource_parameter.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace qalam::bench {
namespace {

algorithms::Point WithoutLast(algorithms::Point point) {
  point.pop_back();
  return point;
}

}  // namespace

absl::StatusOr<Problem> WithEpochsParameter(Problem problem) {
  std::vector<algorithms::Parameter> parameters(problem.space.parameters().begin(),
                                                problem.space.parameters().end());
  for (const algorithms::Parameter& parameter : parameters) {
    if (parameter.name() == kEpochs)
      return absl::InvalidArgumentError(fmt::format(
          "{}: a parameter has the name {}, which stands for how long a trial runs", problem.name, kEpochs));
  }
  QALAM_ASSIGN_OR_RETURN(
      algorithms::Parameter epochs,
      algorithms::Parameter::Int(kEpochs, {1, static_cast<double>(problem.fidelity->epochs), {}, {}}));
  parameters.push_back(std::move(epochs));
  QALAM_ASSIGN_OR_RETURN(problem.space, algorithms::SearchSpace::Make(std::move(parameters)));
  if (problem.optimum) problem.optimum->emplace_back(std::int64_t{problem.fidelity->epochs});
  problem.evaluate = [original = std::move(problem.evaluate)](const algorithms::Point& point) {
    return original(WithoutLast(point));
  };
  if (problem.earlier_loss) {
    problem.earlier_loss = [original = std::move(problem.earlier_loss)](const algorithms::Point& point) {
      return original(WithoutLast(point));
    };
  }
  problem.fidelity->loss = [original = std::move(problem.fidelity->loss)](const algorithms::Point& point,
                                                                          int epoch) {
    return original(WithoutLast(point), epoch);
  };
  return problem;
}

Optimizer WithResourceSettings(Optimizer optimizer, int epochs) {
  algorithms::Settings& settings = optimizer.settings;
  if (!algorithms::FindSetting(settings, "resource_name")) settings.push_back({"resource_name", kEpochs});
  if (!algorithms::FindSetting(settings, "r_l") && !algorithms::FindSetting(settings, "r_max"))
    settings.push_back({"r_l", std::to_string(epochs)});
  return optimizer;
}

}  // namespace qalam::bench
