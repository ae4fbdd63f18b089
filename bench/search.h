// The algorithm's part in a run: it is made for a problem and a seed, and asked for points until there are none.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/optimizer.h"
#include "bench/problem.h"

namespace qalam::bench {

struct SearchOptions {
  std::uint64_t seed = 0;
  int trials = 200;  // of the run; 0: it has no limit
  int workers = 1;   // >= 1
};

/// The metric that is minimised; of several, "loss", "loss2", "loss3", ...
inline constexpr char kLoss[] = "loss";

/// Optimiser and problem outlive it.
class Search {
 public:
  Search(const Optimizer& optimizer, const Problem& problem, const SearchOptions& options);

  /// Makes the algorithm, and runs the trials of an earlier problem that it is told. INVALID_ARGUMENT: settings it refuses.
  absl::Status Begin();

  struct Answer {
    std::vector<algorithms::Proposal> proposals;
    double seconds = 0;  // for each; this thread's processor time, of an outside service elapsed time
  };

  /// `count` points to follow the trials of `history`, all that were started. Fewer when the space has fewer left; none at
  /// last, and then exhausted() is true. INTERNAL: not the number of points asked, or a point outside the space. Other
  /// errors are the algorithm's.
  absl::StatusOr<Answer> Ask(const algorithms::History& history, int count);

  bool exhausted() const { return exhausted_; }
  /// What the algorithm was made for.
  const algorithms::Problem& definition() const { return definition_; }

 private:
  const Optimizer& optimizer_;
  const Problem& problem_;
  algorithms::Problem definition_;
  std::vector<algorithms::EarlierExperiment> earlier_;  // told with every history
  const std::uint64_t seed_;
  std::unique_ptr<algorithms::Algorithm> algorithm_;
  bool exhausted_ = false;
};

/// A trial that begins with the proposal at `now` on the simulated clock, in seconds. `number`: its place among all.
algorithms::Trial StartedTrial(algorithms::Proposal proposal, size_t number, double now);

/// How many times as long as others trial `number` takes: exp(Z / 2), Z a standard normal number of the seed and the trial.
double TrialSlowness(std::uint64_t seed, size_t number);

/// What the clock of the system with this id says, in seconds.
double Seconds(clockid_t clock);

}  // namespace qalam::bench
