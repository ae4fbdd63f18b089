// The points of one call of an optimiser that has a model.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "algorithms/acquisition_optimizer.h"
#include "algorithms/algorithm.h"
#include "algorithms/belief_model.h"
#include "algorithms/observations.h"

namespace qalam::algorithms {

struct BatchSearch {
  const SearchSpace& space;
  const FeatureEncoding& encoding;
  bool per_second = false;  // improvement is divided by the expected duration
  bool climb = true;
  const Eigen::RowVectorXd* lower = nullptr;  // box of AcquisitionSearch
  const Eigen::RowVectorXd* upper = nullptr;
  std::uint64_t seed = 0;
  std::span<const MetricConstraint> constraints = {};  // on metrics
  bool something_kept = true;  // whether a trial of the model keeps them: else there is nothing to improve on
};

/// Finished losses of one objective in their order, but of each early-stopped trial no better than the median
/// of the successes before it: its program was not done, and a rule found it worse than the others.
Eigen::VectorXd ConservativeValues(const std::vector<Observation>& finished, size_t objective = 0);

/// The same, of which those that violate constraints on metrics are behind all others, by how much they do.
Eigen::VectorXd RankedValues(const std::vector<Observation>& finished);

/// Of constraints on metrics.
std::vector<double> ViolationsOf(const std::vector<Observation>& finished);

/// finished x columns.
Eigen::MatrixXd EncodeFinished(const FeatureEncoding& encoding, const std::vector<Observation>& finished);

/// The rows of everything that was tried or is running.
RowSet TriedRows(const FeatureEncoding& encoding, const Observations& seen);

/// Adds ask.count design points (initial_design.h), and adds them to `tried`.
absl::Status ProposeDesign(const BatchSearch& search, const Ask& ask, RowSet& tried,
                           Suggestions& suggestions);

/// What a batch is chosen by.
class BatchModel {
 public:
  virtual ~BatchModel() = default;

  /// Takes the rows for evaluated with the values it expects there. Errors are those of a fit.
  virtual absl::Status Believe(const Eigen::MatrixXd& rows) = 0;

  /// What the next point is to gain; stands until the next belief.
  virtual std::unique_ptr<Gain> NextGain() const = 0;

  /// Good points to look around.
  virtual Eigen::MatrixXd Centres() const = 0;
};

/// Adds ask.count points of the largest gain one after another: each is believed by `model`, as are the
/// running trials, and keeps off failures (trial_cost.h). The gain is weighted by the probability that the constraints on
/// metrics are kept (constrained_gain.h), and is this probability while no trial has kept them. A point that
/// repeats one of `tried` gives way to a design point. CANCELLED after ask.stop_requested; errors of Believe.
absl::Status ProposeModelled(const BatchSearch& search, const Observations& seen, const Ask& ask,
                             BatchModel& model, RowSet& tried, Suggestions& suggestions);

/// Likewise, by the acquisition `kind` of one objective.
absl::Status ProposeModelled(const BatchSearch& search, AcquisitionKind kind, const Observations& seen,
                             const Ask& ask, BeliefModel& model, RowSet& tried, Suggestions& suggestions);

}  // namespace qalam::algorithms
