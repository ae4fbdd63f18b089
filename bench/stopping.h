// Runs in which early stopping ends trials, on problems that report on their way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/settings.h"
#include "bench/optimizer.h"
#include "bench/problem.h"
#include "bench/search.h"

namespace qalam::bench {

/// One way to stop trials.
struct Stopping {
  std::string name;       // as results are labelled
  std::string algorithm;  // a registered early-stopping rule; empty: none is stopped
  algorithms::Settings settings;
  /// Whether running trials get the rules that follow from trials that have ended since they began, as Qalam's
  /// controller does it; else they keep those they began with, as in a stock Katib.
  bool refresh = true;
};

/// Reads names of rules, each with its settings or without, and with the label under which results stand:
///
///   medianstop,katib=medianstop(statistic=mean,evaluate=once,refresh=no),patience(patience=3)
///
/// refresh=no is the only setting that is not the rule's own. "none" always comes first, given or not. INVALID_ARGUMENT: an
/// unknown rule, settings it refuses, text of another form, a label given twice.
absl::StatusOr<std::vector<Stopping>> ParseStoppings(std::string_view text);

/// The lowest loss that had been reported when so many epochs had run, in all trials together.
struct EpochsAndBest {
  std::int64_t epochs = 0;
  double best = 0;
  bool operator==(const EpochsAndBest&) const = default;
};

struct StoppedRun {
  int trials = 0;
  int stopped = 0;                      // of the trials
  std::int64_t epochs = 0;              // that were run
  double best = 0;                      // lowest loss reported, in whatever epoch of whatever trial
  std::vector<EpochsAndBest> progress;  // each improvement, in order

  /// The lowest loss after that many epochs; infinite before the first report.
  double BestAfter(std::int64_t limit) const;
};

/// Runs `options.trials` trials of `problem`, which must have a fidelity. A trial reports its loss after each epoch and goes on to the last
/// one unless the rules end it: they are derived by the registered rule and checked by the class that stops real trials.
/// A trial's result is the lowest loss it has reported, as an experiment has it that minimises. The optimiser is
/// told of trials that were stopped as such.
///
/// Time is simulated: an epoch takes one unit; with several workers exp(Z / 2) units, Z a standard normal number of the trial, the
/// same whatever stops it. Each worker gets its next trial as soon as it is free.
///
/// A function of its arguments. INVALID_ARGUMENT: settings the algorithm or the rule refuses. Other errors are the algorithm's
/// or the problem's.
absl::StatusOr<StoppedRun> RunWithStopping(const Optimizer& optimizer, const Problem& problem,
                                           const Stopping& stopping, const SearchOptions& options);

}  // namespace qalam::bench
