// The point at which a model promises most.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <vector>

#include "algorithms/feature_encoding.h"
#include "algorithms/gain.h"
#include "algorithms/row_set.h"
#include "algorithms/surrogate.h"
#include "base/status.h"

namespace qalam::algorithms {

/// What is maximised, and where it is looked for.
struct AcquisitionSearch {
  const FeatureEncoding& encoding;
  const Gain& gain;
  std::vector<const Surrogate*> log_costs;  // their means are taken off the gain (trial_cost.h)
  const SearchSpace* space = nullptr;       // whose rules rows must keep; null: there are none
  const Eigen::MatrixXd& centres;  // good points, best first; the search also looks around them; may be empty
  const RowSet& tried;             // not to be proposed
  const Eigen::RowVectorXd* lower = nullptr;  // box of the kSmooth and kOrdered columns; null: all of it
  const Eigen::RowVectorXd* upper = nullptr;
  bool climb = true;              // false: the best of the samples is the answer
  int samples = 512;              // draws from the space; a quarter as many are added around the centres
  int starts = 6;                 // of climbs, a third of them around the centres
  int gradient_evaluations = 30;  // of one climb along the smooth columns
  int rounds = 4;                 // at most, of climbs along smooth columns and along the others
  std::uint64_t seed = 0;
  const std::function<bool()>& stop_requested;
};

/// A row of the space that is not in `tried` and keeps the rules, unless no sample is and does. Inactive columns are
/// canonical; rows that do not keep the constraints are moved onto them (feasible_points.h). Samples are
/// drawn, the ones with the largest optimistic acquisition are predicted exactly, the best of those become
/// starts, and each start climbs, in turns, along the smooth columns by L-BFGS (lists and ints of many values
/// are relaxed and rounded afterwards) and along the others one column at a time through all their values or
/// the near ones. A gain without gradients climbs by shrinking random steps.
///
/// A pure function of its arguments. CANCELLED after stop_requested.
absl::StatusOr<Eigen::RowVectorXd> MaximizeAcquisition(const AcquisitionSearch& search);

}  // namespace qalam::algorithms
