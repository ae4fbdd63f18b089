// What is measured: an algorithm with settings, ours or that of an outside service.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/algorithm.h"

namespace qalam::bench {

/// Makes a fresh algorithm for one run. The settings of the problem hold the run's seed as `seed`.
using AlgorithmFactory =
    std::function<absl::StatusOr<std::unique_ptr<algorithms::Algorithm>>(const algorithms::Problem&)>;

struct Optimizer {
  std::string name;  // as results are labelled
  algorithms::Settings settings;
  AlgorithmFactory create;
  bool is_remote = false;       // time per suggestion is then elapsed time, not this thread's processor time
  bool takes_resource = false;  // it says how many epochs a trial runs: see TakesResource
};

/// Whether a registered algorithm has Katib's settings `resource_name` and `r_l`, as successive halving has. Its own
/// validation says so. False for unknown names.
bool TakesResource(std::string_view algorithm);

/// Reads names of registered algorithms, each with its settings or without:
///
///   tpe,cmaes(sigma=0.3,restart_strategy=ipop),best=tpe(gamma=0.1)
///
/// LABEL= in front changes the label under which results stand. "all" stands for every registered algorithm
/// except grid, which needs a finite space. INVALID_ARGUMENT: an unknown algorithm, text of another form, a
/// label given twice. Settings are checked when a run begins, by the algorithm.
absl::StatusOr<std::vector<Optimizer>> ParseOptimizers(std::string_view text);

/// One of them, taken apart; the name need not be that of a registered algorithm.
struct OptimizerText {
  std::string label, algorithm;
  algorithms::Settings settings;
};
absl::StatusOr<OptimizerText> ParseOptimizerText(std::string_view text);

/// Splits at commas that are not within parentheses. Blanks around parts are dropped, empty parts too.
std::vector<std::string> SplitList(std::string_view text);

}  // namespace qalam::bench
