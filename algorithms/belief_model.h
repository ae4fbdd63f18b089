// Models of the objective that can be told of points whose values are not known yet.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "algorithms/surrogate.h"

namespace qalam::algorithms {

/// A fitted model, and the points it takes for evaluated with the value it expects there (the believer of Ginsbourger,
/// Le Riche, Carraro, Kriging is well-suited to parallelize optimization, 2010): running trials, and the points of a
/// batch before the next one. So a batch spreads.
class BeliefModel {
 public:
  virtual ~BeliefModel() = default;

  /// Predicts standardised values; stands until the next belief.
  virtual const Surrogate& surrogate() const = 0;

  /// The value to improve on, on the same scale: of the points that violate no constraints on metrics, if there are any.
  virtual double best() const = 0;

  /// Where a value of 0 is on that scale.
  virtual double zero() const = 0;

  /// What it expects at every point it is made of: the observed ones in their order, then the believed ones.
  virtual Eigen::VectorXd PointMeans() const = 0;

  /// The observed points, best first, at most `count`; those that violate least come before others.
  virtual Eigen::MatrixXd BestPoints(Eigen::Index count) const = 0;

  /// How far one has to go along each column for the objective to change: logarithms, all equal when the model does not
  /// know.
  virtual Eigen::VectorXd LogLengths() const = 0;

  /// `rows` is q x d. Errors are those of a fit.
  virtual absl::Status Believe(const Eigen::MatrixXd& rows) = 0;
};

/// What is observed: `x` n x d, n >= 1, and `values`, finite, lower is better, in the order in which they became known.
struct BeliefData {
  const std::vector<FeatureColumn>& columns;
  Eigen::MatrixXd x;
  Eigen::VectorXd values;
  std::vector<double> violations =
      {};  // of constraints on metrics, >= 0 (metric_constraints.h); empty: all 0
  double max_log_k = std::numeric_limits<double>::infinity();  // of the compression of a Gaussian process
};

/// Of n observations with BeliefData::violations, those without any, ascending; all of them if there is none.
std::vector<Eigen::Index> RowsToImproveOn(Eigen::Index n, const std::vector<double>& violations);

/// A Gaussian process (gp_model.h). A belief costs O(n^2). Above 1,500 observations it is made of the 500 best, the
/// 500 last and 500 spread evenly over the others. CANCELLED after stop_requested.
absl::StatusOr<std::unique_ptr<BeliefModel>> BelieveGaussianProcess(
    const BeliefData& data, const std::function<bool()>& stop_requested);

/// Another model, fitted anew for every call of Believe. Errors are those of `fit`.
absl::StatusOr<std::unique_ptr<BeliefModel>> BelieveSurrogate(FitSurrogate fit, const BeliefData& data,
                                                              std::uint64_t seed,
                                                              const std::function<bool()>& stop_requested);

}  // namespace qalam::algorithms
