// What the algorithms that promote configurations from level to level have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "algorithms/configuration_runs.h"
#include "algorithms/configuration_sampler.h"

namespace qalam::algorithms {

/// A configuration goes on: with the next level's resource.
struct Promotion {
  size_t configuration = 0;  // place in ConfigurationRuns::all()
  int level = 0;             // where it goes to
  int bracket = 0;
};

/// A new configuration begins.
struct Start {
  int level = 0;
  int bracket = 0;
};

/// What to do next, promotions first: ask.count together.
struct Plan {
  std::vector<Promotion> promotions;
  std::vector<Start> starts;
  Settings settings;  // Suggestions::settings
};

/// A pure function.
using Planner = std::function<Plan(const ConfigurationRuns& runs, const Ask& ask)>;

/// Suggests what a plan says. Promoted points carry the labels of trial_labels.h. When no configuration is left to begin,
/// the best of those that wait go on, and when none waits, some run again, with the largest resource.
///
/// Not every promotion becomes a trial that comes back: Katib's controller does not send trials without metrics. So the
/// setting "promotions" lists those that were suggested and have not been seen to end. Of these, one that is
/// no trial counts as running, and as failed when many more points were handed out. A lost reply loses its
/// settings too, and is suggested again.
///
/// Cost: O(n d + n log n) for n trials of d parameters, and the sampler's.
std::unique_ptr<Algorithm> NewHalvingSearch(Problem problem, FidelitySpace space, Planner planner,
                                            ConfigurationSampler sampler);

}  // namespace qalam::algorithms
