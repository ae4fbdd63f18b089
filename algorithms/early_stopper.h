// What every early-stopping rule looks like.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

enum class Comparison { kEqual, kLess, kGreater };

/// A running trial ends when its `metric` compares so with `value`, from its start_step-th report on (0: from
/// the first).
struct StoppingRule {
  std::string metric;
  double value = 0;
  Comparison comparison = Comparison::kLess;
  int start_step = 0;
};

/// Derives rules for trials about to start from those that ended. A pure function, like Algorithm.
/// Threads: const methods may run concurrently.
class EarlyStopper {
 public:
  virtual ~EarlyStopper() = default;

  /// `history` has the curves of the trials. All rules must hold for a trial to be stopped; none: it runs to
  /// its end.
  virtual absl::StatusOr<std::vector<StoppingRule>> Rules(const History& history) const = 0;
};

}  // namespace qalam::algorithms
