// A gain that counts only where bounds are kept.
#pragma once

#include <vector>

#include "algorithms/gain.h"

namespace qalam::algorithms {

/// The model of something that is to stay below a bound, on the model's own scale.
struct ModelledBound {
  const Surrogate* model = nullptr;
  double at_most = 0;
};

/// A logarithmic gain, and the logarithm of the probability that independent bounds are kept:
/// Gardner et al., Bayesian Optimization with Inequality Constraints, ICML 2014.
class ConstrainedGain final : public Gain {
 public:
  /// `gain` may be null: then the probability alone is what is to be gained. It and the models outlive this.
  ConstrainedGain(const Gain* gain, std::vector<ModelledBound> bounds)
      : gain_(gain), bounds_(std::move(bounds)) {}

  Eigen::VectorXd Values(const Eigen::MatrixXd& rows) const override;
  Eigen::VectorXd OptimisticValues(const Eigen::MatrixXd& rows) const override;
  bool has_gradient() const override;
  double ValueWithGradient(const Eigen::RowVectorXd& row, Eigen::RowVectorXd& gradient) const override;

 private:
  const Gain* gain_;
  std::vector<ModelledBound> bounds_;
};

}  // namespace qalam::algorithms
