// When an experiment ends although it may still run trials.
#pragma once

namespace qalam::algorithms {

/// More trials are not worth their cost once, with the given confidence, none of all that are possible would improve
/// the best value of the first objective by `improvement`, and the last `patience` trials that finished did not.
struct EndRule {
  double improvement = 0;    // > 0; in the user's units, or a share of the best value's size
  bool relative = false;     // it is such a share
  double confidence = 0.95;  // in [0.5, 1)
  int patience = 0;          // >= 0
  int min_trials = 0;        // that finished before the rule is asked; 0: as many as the space needs
};

}  // namespace qalam::algorithms
