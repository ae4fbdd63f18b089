// The covariance of the Gaussian process.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "algorithms/gp_relevance.h"

namespace qalam::algorithms {

// Notation of all files about the Gaussian process. Shapes: n observations, d informative columns, q queries.
//   M(r) = (1 + sqrt5 r + 5 r^2 / 3) exp(-sqrt5 r)      Matern kernel of smoothness 5/2
//   u_j  = w_j (x_j - 1/2) / l_j    where w_j is the relevance of number j under the row's categories
//   r_j  = |u_j - u'_j|; for categories 1 / l_j when they differ, 0 when they are equal
//   k(x, x') = s [ (1 - a) M(|r|) + a mean_j M(r_j) ] + kMeanVariance
//
// The first part has a length scale per column (ARD) and knows interactions of every order; the second holds the main
// effects [1], which explain most of what hyperparameters do [2] and can be learned from few observations. A category
// counts as a corner of a regular simplex, so its column's own kernel is 1 for the same category and M(1 / l) for any
// other. Ints and lists enter as the middle of their cell only (feature_encoding.h), so the process is constant within a
// cell [3]. The constant lets the mean of the process be found from the data.
//
// [1] Duvenaud, Nickisch, Rasmussen, Additive Gaussian Processes, NIPS 2011.
// [2] Hutter, Hoos, Leyton-Brown, An Efficient Approach for Assessing Hyperparameter Importance, ICML 2014.
// [3] Garrido-Merchan, Hernandez-Lobato, Dealing with Categorical and Integer-valued Variables in Bayesian
//     Optimization with Gaussian Processes, Neurocomputing 380, 2020.

inline constexpr double kMeanVariance = 1;  // prior of the mean of standardised values

struct GpParameters {
  Eigen::VectorXd log_length;     // of every column; those of columns with one value are not used
  double log_signal = 0;          // log s
  double logit_additive = 0;      // log a / (1 - a)
  double log_noise = 0;           // log of the variance of the noise
  Eigen::VectorXd log_relevance;  // GpRelevance::size() or none
};

/// The covariance for fixed parameters. Threads: immutable.
class GpKernel {
 public:
  GpKernel(const std::vector<FeatureColumn>& columns, const GpParameters& parameters);

  /// The rows of `x` as the kernel looks at them: u_j, and categories as they are; n x d.
  Eigen::MatrixXd Embed(const Eigen::MatrixXd& x) const;

  /// Covariances of embedded rows.
  Eigen::MatrixXd operator()(const Eigen::MatrixXd& u1, const Eigen::MatrixXd& u2) const;

  /// k(x, x).
  double diagonal() const { return signal_ + kMeanVariance; }

  /// Covariances of one row, not embedded, with embedded rows, and their derivatives by the columns of the row: n x
  /// (all columns), 0 for categories.
  Eigen::VectorXd WithGradient(const Eigen::MatrixXd& u1, const Eigen::RowVectorXd& x,
                               Eigen::MatrixXd& gradient) const;

 private:
  // Likewise, with the derivative of each number by its column; 0 for categories.
  Eigen::MatrixXd Embed(const Eigen::MatrixXd& x, Eigen::MatrixXd& u_by_x) const;

  // r_j of embedded rows.
  void Distance(size_t j, const Eigen::MatrixXd& u1, double u, Eigen::ArrayXd& r) const;

  GpRelevance relevance_;
  Eigen::VectorXd log_relevance_;
  std::vector<Eigen::Index> column_;  // d, the informative ones
  std::vector<bool> categorical_;     // d
  std::vector<double> inverse_length_;
  double signal_ = 1, additive_ = 0;
};

}  // namespace qalam::algorithms
