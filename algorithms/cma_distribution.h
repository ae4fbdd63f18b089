// The search distribution of CMA-ES and its adaptation.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace qalam::algorithms {

/// N(mean, sigma^2 C), adapted from ranked points: (mu/mu_w, lambda)-CMA-ES with active (negative) weights, all
/// constants as in the tutorial [1], table 1. Points need not come from this very distribution: a step that is
/// longer than its own steps plausibly are is shortened, as [2] does with injected points, so results of older
/// distributions and points of other origin do no harm.
///
/// Above kMaxCorrelated dimensions C is kept diagonal (sep-CMA-ES [3]): the time for eigenvectors would grow out of
/// bounds, and correlations cannot be learned from the results there are.
///
/// Shapes: n dimensions, lambda points a generation. Pure numerics: no randomness, no bounds.
///
/// [1] Hansen, The CMA Evolution Strategy: A Tutorial, arXiv:1604.00772, 2023.
/// [2] Hansen, Injecting External Solutions Into CMA-ES, arXiv:1110.4181, 2011.
/// [3] Ros, Hansen, A Simple Modification in CMA-ES Achieving Linear Time and Space Complexity, PPSN 2008.
class CmaDistribution {
 public:
  static constexpr int kMaxCorrelated = 100;

  /// 4 + floor(3 ln n); 4 for n = 0.
  static int DefaultPopulation(int n);

  /// n >= 1, sigma > 0, population >= 2. C = I.
  CmaDistribution(Eigen::VectorXd mean, double sigma, int population);

  /// One generation: the columns of `points` (n x lambda), best first. O(lambda n^2), and now and then O(n^3).
  void Update(const Eigen::MatrixXd& points);

  /// mean + sigma C^(1/2) z.
  Eigen::VectorXd PointAt(const Eigen::VectorXd& z) const;

  const Eigen::VectorXd& mean() const { return mean_; }
  double sigma() const { return sigma_; }
  int population() const { return population_; }
  int generation() const { return generation_; }

  /// Of each coordinate: sigma sqrt(C_jj).
  Eigen::VectorXd standard_deviations() const;

 private:
  bool is_separable() const { return mean_.size() > kMaxCorrelated; }

  // Columns to and from the coordinates along the eigenvectors of C.
  Eigen::MatrixXd ToAxes(const Eigen::MatrixXd& steps) const;
  Eigen::MatrixXd FromAxes(const Eigen::MatrixXd& steps) const;

  void Decompose();

  int population_, generation_ = 0;
  double sigma_;
  Eigen::VectorXd mean_, path_c_, path_sigma_;  // n
  Eigen::MatrixXd covariance_, axes_;  // n x n: C and its eigenvectors; separable: its diagonal, n x 1
  Eigen::VectorXd axis_lengths_;       // n, square roots of the eigenvalues
  int decomposed_at_ = 0;              // generation

  Eigen::VectorXd weights_;  // lambda; the last ones negative
  int parents_;              // mu
  double mu_eff_, c_sigma_, d_sigma_, c_c_, c_1_, c_mu_, expected_length_;
};

}  // namespace qalam::algorithms
