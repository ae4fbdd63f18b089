#include "algorithms/gain.h"

namespace qalam::algorithms {

double SurrogateGain::ValueWithGradient(const Eigen::RowVectorXd& row, Eigen::RowVectorXd& gradient) const {
  const Surrogate::PointPosterior p = model_.PredictWithGradient(row);
  const Acquisition a = Evaluate(kind_, p.mean, p.variance, best_);
  gradient = a.by_mean * p.mean_gradient + a.by_variance * p.variance_gradient;
  return a.value;
}

Eigen::VectorXd SurrogateGain::Of(const Posterior& posterior) const {
  Eigen::VectorXd values(posterior.mean.size());
  for (Eigen::Index i = 0; i < values.size(); ++i)
    values[i] = Evaluate(kind_, posterior.mean[i], posterior.variance[i], best_).value;
  return values;
}

}  // namespace qalam::algorithms
