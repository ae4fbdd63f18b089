// A history as most optimisers want it: what was measured, what is under way, what went wrong.
#pragma once

#include <vector>

#include "algorithms/algorithm.h"
#include "algorithms/pareto.h"

namespace qalam::algorithms {

struct Observation {
  Point point;
  double value = 0;            // of the first objective, finite; lower is better whatever its direction
  bool early_stopped = false;  // the trial was ended by a rule: the value is its last, not its final one
  double seconds = 0;          // from start to completion; 0: unknown
  double violation = 0;        // of the constraints on metrics (metric_constraints.h)
  std::vector<double> constraint_values = {};  // one per Problem::metric_constraints; NaN: unknown
  Losses losses = {};                          // of every objective, as `value`
};

/// Of two results: one that violates less is better, and of such that violate the same, the lower value.
inline bool IsBetter(const Observation& a, const Observation& b) {
  return a.violation != b.violation ? a.violation < b.violation : a.value < b.value;
}

/// The trials whose point is known, by what they teach, their points in canonical form (search_space.h). Each list is in
/// order of completion, of creation, of start, of name, of the point's text, of status and of values (the
/// first that differs decides; what is missing comes last), so that it does not depend on the order of the
/// history and grows at its end while an experiment runs.
/// Times are often whole seconds: where creation is known, trials one after another keep their order in all runs.
struct Observations {
  std::vector<Observation> finished;  // succeeded or early stopped, with a finite value for every objective
  std::vector<Point> pending;         // their results will come
  std::vector<Point> failed;          // the program failed there, or reported nothing usable
  std::vector<size_t> failed_after;   // of each failed point: how many of `finished` come before it
  std::vector<bool> infeasible;       // of each failed point: the program itself says that it cannot work
  // Killed and unknown trials are left out: how they ended says nothing about their points.
};

Observations Observe(const Problem& problem, const History& history);

}  // namespace qalam::algorithms
