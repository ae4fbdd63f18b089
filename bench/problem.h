// What is minimised: a space, a loss, and what is known of its lowest value.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "algorithms/algorithm.h"
#include "algorithms/search_space.h"
#include "base/status.h"

namespace qalam::bench {

/// An evaluation that can be watched on its way, and ended there.
struct Fidelity {
  int epochs = 0;  // of a whole evaluation; >= 1
  /// The loss after `epoch`, from 1 to `epochs`; after the last one it is that of the whole evaluation. Otherwise as
  /// Problem::evaluate.
  std::function<absl::StatusOr<double>(const algorithms::Point&, int epoch)> loss;
  std::optional<double> best;  // the lowest loss in the space after any epoch
};

/// Several losses instead of one. What counts is the hypervolume that all evaluations together dominate.
struct Front {
  std::vector<double> reference;  // of the hypervolume; its size is the number of losses
  /// The losses without noise, otherwise as Problem::evaluate.
  std::function<absl::StatusOr<std::vector<double>>(const algorithms::Point&)> losses;
};

/// Immutable once made; copies share what is big. `evaluate` may be called from several threads.
struct Problem {
  std::string name;
  std::string group;  // averages are also taken by group: "continuous", "mixed", "table", "bbob", ...
  algorithms::SearchSpace space;
  /// The loss without noise; lower is better. An error ends the run.
  std::function<absl::StatusOr<double>(const algorithms::Point&)> evaluate;

  /// Bounds on what an evaluation also measures: one number per bound.
  std::vector<algorithms::MetricConstraint> metric_constraints = {};
  std::function<std::vector<double>(const algorithms::Point&)> metrics = nullptr;
  /// Of another problem on this space, whose trials an optimiser is told beforehand; empty: it is told none.
  std::function<absl::StatusOr<double>(const algorithms::Point&)> earlier_loss;

  /// Where there are several losses: `evaluate` is then minus the hypervolume that the point alone dominates, and `best` minus
  /// that of the whole front, so that regrets are what is missing of it.
  std::optional<Front> front;
  std::optional<Fidelity> fidelity;  // where losses on the way are known

  std::optional<double> best;                // the lowest loss in the space
  std::optional<algorithms::Point> optimum;  // a point that has it, up to rounding
  std::optional<double> scale;  // median of loss - best over points drawn from the space's distributions; > 0
  double noise = 0;             // standard deviation of what is added to the loss an optimiser is told

  /// Whether `evaluate` also takes doubles outside their bounds, nothing there is lower than `best`, and it
  /// does not grow so fast that it would dwarf the rest: then moving the optimum is a translation, which
  /// keeps the shape of the landscape.
  bool extends = false;
  bool is_costly = false;  // not to be evaluated but in runs: no scale is estimated
};

/// Of value - best; never below 0. The value itself where the lowest one is not known.
double Regret(const Problem& problem, double value);

/// Whether the point keeps the rules of the space but for canonical form, and the bounds on metrics.
bool KeepsConstraints(const Problem& problem, const algorithms::Point& point);

/// Median regret of those of 4,096 random points that keep all constraints, the same at every call. Nothing when the best value is not known, an
/// evaluation fails, or the median is 0.
std::optional<double> MedianRegret(const Problem& problem);

/// The problem with its optimum moved to a random place; the lowest loss stays the same. Requires an optimum,
/// else returns the problem as it is. Coordinate by coordinate, from `seed` and the problem's name:
///
///   double       to a uniform quantile in [0.1, 0.9]: by translation where the function extends beyond the
///                box, else by sliding the axis, which is reflected where it leaves [0, 1]
///   int, discrete  to a uniform index, sliding likewise in whole steps
///   categorical  the entries are permuted
///
/// The scale is kept, so that scores of moved and unmoved problems use the same yardstick.
Problem WithMovedOptimum(Problem problem, std::uint64_t seed);

}  // namespace qalam::bench
