// The points of one call of an optimiser that has a model.
#pragma once

#include <vector>

#include "algorithms/acquisition_optimizer.h"
#include "algorithms/algorithm.h"
#include "algorithms/belief_model.h"
#include "algorithms/observations.h"

namespace qalam::algorithms {

struct BatchSearch {
  const SearchSpace& space;
  const FeatureEncoding& encoding;
  AcquisitionKind kind = AcquisitionKind::kLogExpectedImprovement;
  bool per_second = false;  // improvement is divided by the expected duration
  bool climb = true;
  const Eigen::RowVectorXd* lower = nullptr;  // box of AcquisitionSearch
  const Eigen::RowVectorXd* upper = nullptr;
  std::uint64_t seed = 0;
};

/// Finished values in their order, but of each early-stopped trial no better than the median of the successes before
/// it: its program was not done, and a rule found it worse than the others.
Eigen::VectorXd ConservativeValues(const std::vector<Observation>& finished);

/// finished x columns.
Eigen::MatrixXd EncodeFinished(const FeatureEncoding& encoding, const std::vector<Observation>& finished);

/// The rows of everything that was tried or is running.
RowSet TriedRows(const FeatureEncoding& encoding, const Observations& seen);

/// Adds ask.count design points (initial_design.h), and adds them to `tried`.
absl::Status ProposeDesign(const BatchSearch& search, const Ask& ask, RowSet& tried,
                           Suggestions& suggestions);

/// Adds ask.count points that maximise the acquisition one after another: each is believed by `model`, as are the
/// running trials, and keeps off failures (trial_cost.h). A point that repeats one of `tried` gives way to a design
/// point. CANCELLED after ask.stop_requested; errors of Believe.
absl::Status ProposeModelled(const BatchSearch& search, const Observations& seen, const Ask& ask,
                             BeliefModel& model, RowSet& tried, Suggestions& suggestions);

}  // namespace qalam::algorithms
