// One optimiser on one problem that reports on its way, where the cost is what was trained: epochs, not trials.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bench/optimizer.h"
#include "bench/problem.h"
#include "bench/stopping.h"

namespace qalam::bench {

struct CurveRunOptions {
  std::uint64_t seed = 0;
  int trials = 0;   // at most; 0: no limit
  int epochs = 0;   // at most, of all trials together; 0: no limit. One of the two limits is needed.
  int workers = 1;  // >= 1
  bool from_scratch = false;  // promoted trials begin again, without a checkpoint, and pay for it
};

/// The lowest loss that had been reported when so many epochs had run, in all trials together.
struct Progress {
  std::int64_t epochs = 0;
  double best = 0;
  double time = 0;  // on the simulated clock
  bool operator==(const Progress&) const = default;
};

struct CurveRun {
  int trials = 0;
  int stopped = 0;                 // of the trials, by rules
  int stopped_winners = 0;         // of those: would have become the best of all, had they gone on
  int resumed = 0;                 // of the trials, from a checkpoint
  std::int64_t epochs = 0;         // that were run
  double time = 0;                 // when the last of them ended, on the simulated clock
  double best = 0;                 // lowest loss reported, in whatever epoch of whatever trial
  std::vector<Progress> progress;  // each improvement, in order

  /// The lowest loss after that many epochs; infinite before the first report.
  double BestAfter(std::int64_t limit) const;

  /// After how many epochs the lowest loss was at most `loss`; nothing when it never was.
  std::optional<std::int64_t> EpochsTo(double loss) const;
};

/// Runs trials of `problem`, which must have a fidelity, until the limits are reached or the space is exhausted; trials
/// under way are cut off where the epochs end. A trial reports its loss after each epoch and goes on to the last one
/// unless the rules end it: they are derived by the registered rule and checked by the class that stops real trials. A trial's
/// result is the lowest loss it has reported, as an experiment has it that minimises. The optimiser is told of trials that
/// were stopped as such.
///
/// An optimiser that takes a resource (optimizer.h) searches the space of resource_parameter.h, and says with each point
/// how many epochs it runs. Where it names the trial from whose checkpoint this one goes on (kParentLabel, as Qalam's controller has it),
/// and that one has ended before the epochs asked for, only the epochs after it are run, reported and counted.
///
/// Time is simulated: an epoch takes one unit; with several workers exp(Z / 2) units, Z a standard normal number of the trial, or of
/// the one it goes on from, the same whatever stops it. Each worker gets its next trial as soon as it is free.
///
/// A function of its arguments. INVALID_ARGUMENT: settings the algorithm or the rule refuses, or no limit. Other errors are the
/// algorithm's or the problem's.
absl::StatusOr<CurveRun> RunCurves(const Optimizer& optimizer, const Problem& problem,
                                   const Stopping& stopping, const CurveRunOptions& options);

}  // namespace qalam::bench
