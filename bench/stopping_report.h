// What early stopping saves and costs: each way to stop trials beside the same runs without it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/catalog.h"
#include "bench/curve_run.h"
#include "bench/optimizer.h"
#include "bench/stopping.h"

namespace qalam::bench {

struct StoppingPlan {
  std::vector<Optimizer> optimizers;
  std::vector<ProblemChoice> problems;  // each with a fidelity
  std::vector<Stopping> stoppings;      // as ParseStoppings has them: "none" first
  std::vector<std::uint64_t> seeds;
  int trials = 200;
  int workers = 1;
  std::optional<double> target_regret;  // adds after how many epochs runs got there
  /// Called after every run. May be empty.
  std::function<void(int done, int total)> progress;
};

/// Mean over seeds of one way to stop; differences are paired by seed with the runs without stopping.
struct StoppingFigures {
  double epochs = 0, epochs_share = 0;  // run; as a share of those without stopping
  double stopped_share = 0;             // of the trials
  double winners_share = 0;   // of those stopped: would have become the best of all, had they gone on
  double regret = 0;          // lowest loss minus the lowest possible one
  double difference = 0;      // of the regret, to the runs without stopping; below 0 is better
  double standard_error = 0;  // of the difference
  int worse = 0, same = 0, better = 0;  // seeds
  double regret_of_as_many_epochs = 0;  // of the runs without stopping, cut after as many epochs
};

/// `runs` and `plain` are by seed, not empty; `best` is the lowest possible loss.
StoppingFigures Compare(const std::vector<CurveRun>& runs, const std::vector<CurveRun>& plain, double best);

struct StoppingReport {
  std::string text;  // one table for each problem and optimiser
  /// One row for each run: optimizer,problem,seed,batch,stop,trials,stopped,winners,epochs,best.
  std::string csv;
};

/// The same plan gives the same report. Errors name the optimiser, the problem and the seed.
absl::StatusOr<StoppingReport> MeasureStopping(const StoppingPlan& plan);

}  // namespace qalam::bench
