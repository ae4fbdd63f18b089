// What every early-stopping rule looks like.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

enum class Comparison { kEqual, kLess, kGreater };

/// A running trial ends when its `metric` (of the objective: the best value so far) compares so with `value`, from its start_step-th report on (0: from
/// the first).
struct StoppingRule {
  std::string metric;
  double value = 0;
  Comparison comparison = Comparison::kLess;
  int start_step = 0;
};

/// Derives rules for trials about to start from the curves of earlier ones. A pure function, like Algorithm: made for
/// one problem, with nothing kept between calls.
///
/// Callers read as much of the trials' curves as UsesCurveOf and curve_length ask for, and no more.
///
/// Threads: const methods may run concurrently.
class EarlyStopper {
 public:
  virtual ~EarlyStopper() = default;

  /// Whether Rules looks at the curve of this trial; of the others it may be empty. Looks at neither curve nor point.
  virtual bool UsesCurveOf(const Trial& trial) const = 0;

  /// How many reports of a curve, from its first on, Rules looks at; >= 1.
  virtual int curve_length() const = 0;

  /// All rules must hold for a trial to be stopped; none: it runs to its end. The order of the trials does not matter.
  /// Values of a curve may be NaN: a report that was no number.
  virtual absl::StatusOr<std::vector<StoppingRule>> Rules(const History& history) const = 0;
};

}  // namespace qalam::algorithms
