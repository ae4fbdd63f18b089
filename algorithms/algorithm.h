// What every optimiser looks like.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "algorithms/architecture_space.h"
#include "algorithms/end_rule.h"
#include "algorithms/search_space.h"
#include "algorithms/settings.h"
#include "algorithms/trial.h"

namespace qalam::algorithms {

enum class Direction { kMinimize, kMaximize };

struct Objective {
  std::string metric;
  Direction direction = Direction::kMinimize;
};

/// A metric that a good trial keeps on one side of a bound.
struct MetricConstraint {
  std::string metric;
  bool at_most = true;  // else: at least
  double bound = 0;     // finite
};

/// A point of which some values are not said yet; one entry per parameter.
using PartialPoint = std::vector<std::optional<Value>>;

/// What stays the same during an experiment, except that settings an algorithm returned come back within
/// `settings`.
struct Problem {
  std::string experiment_name;
  SearchSpace space;
  std::vector<Objective> objectives;  // the first one is what early stopping and curves are about
  std::vector<MetricConstraint> metric_constraints;
  std::optional<ArchitectureSpace>
      architecture;  // of an architecture search, whose `space` has no parameters
  std::optional<EndRule> end_rule;
  Settings settings;
  int parallel_trial_count = 0;                  // trials that run at once; 0: unknown
  int max_trial_count = 0;                       // 0: no limit
  std::vector<PartialPoint> enqueued;            // to be tried first, in this order
  std::vector<std::string> earlier_experiments;  // whose trials History::earlier has, as far as there are any
};

/// A wish for points number handed_out, ..., handed_out + count - 1 of the experiment.
struct Ask {
  static constexpr std::int64_t kMaxHandedOut = 1'000'000'000'000'000;

  std::int64_t handed_out = 0;  // points handed out since the experiment began, whatever became of them; >= 0
  int count = 1;                // >= 0
  /// Polled by long computations; true (cancelled, deadline near) makes Suggest return CANCELLED. It never
  /// changes what is suggested. May be empty.
  std::function<bool()> stop_requested;
};

struct Proposal {
  Point point;
  std::string trial_name;                                  // empty: the caller names the trial
  std::map<std::string, std::string> labels;               // come back with the trial
  std::vector<std::pair<std::string, std::string>> texts;  // assigned besides the point: names and values
};

struct Suggestions {
  std::vector<Proposal> proposals;  // exactly Ask::count
  Settings settings;                // to be laid over Problem::settings from the next request on
};

/// An optimiser, made for one problem.
///
/// Suggest is a pure function of the problem, the history and the ask: nothing is kept between calls except
/// caches that change speed only. A restarted or copied service answers as the old one would have. Where the
/// history is not used (uses_history() is false) points depend on their number alone, so asking 1 + 1 + 1 or
/// 3 gives the same.
///
/// Threads: const methods may run concurrently.
class Algorithm {
 public:
  virtual ~Algorithm() = default;

  /// False lets callers pass an empty history and spare themselves its decoding.
  virtual bool uses_history() const = 0;

  /// Exactly ask.count proposals inside the space, or an error:
  /// OUT_OF_RANGE "SpaceExhausted: ..." when fewer points are left than asked (only algorithms that never
  /// repeat), "EndRuleMet: ..." when more points are not worth their cost (end_when.h);
  /// CANCELLED after stop_requested; INVALID_ARGUMENT for a negative count or number.
  virtual absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const = 0;
};

/// INVALID_ARGUMENT for a negative count, or a number below 0 or above kMaxHandedOut.
absl::Status CheckAsk(const Ask& ask);

/// CANCELLED when the caller does not want the answer any more.
absl::Status CheckStop(const Ask& ask);

/// INVALID_ARGUMENT when the space has no parameters.
absl::Status RequireParameters(const Problem& problem);

}  // namespace qalam::algorithms
