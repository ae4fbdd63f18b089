// What the tests of rules on learning curves share.
#pragma once

#include <utility>
#include <vector>

#include "algorithms/algorithm.h"

namespace qalam::algorithms::testing {

/// One objective, "loss", and the rule's settings.
inline Problem CurveProblem(Settings settings, Direction direction = Direction::kMinimize) {
  Problem problem;
  problem.objectives = {{"loss", direction}};
  problem.settings = std::move(settings);
  return problem;
}

/// Its reports are `values`, at steps 1, 2, ...
inline Trial TrialWith(const std::vector<double>& values, TrialStatus status = TrialStatus::kSucceeded) {
  Trial trial;
  trial.status = status;
  for (const double value : values)
    trial.curve.push_back({static_cast<double>(trial.curve.size() + 1), value});
  return trial;
}

}  // namespace qalam::algorithms::testing
