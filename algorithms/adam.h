// Gradient descent with a step size for each weight.
#pragma once

#include <Eigen/Core>
#include <cmath>

namespace qalam::algorithms {

/// Kingma, Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, with the constants proposed there.
class Adam {
 public:
  explicit Adam(Eigen::Index weights)
      : mean_(Eigen::VectorXd::Zero(weights)), square_(Eigen::VectorXd::Zero(weights)) {}

  /// `gradient` is that of what shall become less, at `weights`.
  void Step(double rate, const Eigen::VectorXd& gradient, Eigen::VectorXd& weights) {
    mean_decay_ *= kMeanDecay;
    square_decay_ *= kSquareDecay;
    mean_ += (1 - kMeanDecay) * (gradient - mean_);
    square_.array() += (1 - kSquareDecay) * (gradient.array().square() - square_.array());
    weights.array() -=
        rate / (1 - mean_decay_) * mean_.array() / ((square_.array() / (1 - square_decay_)).sqrt() + kLeast);
  }

 private:
  static constexpr double kMeanDecay = 0.9, kSquareDecay = 0.999, kLeast = 1e-8;

  Eigen::VectorXd mean_, square_;
  double mean_decay_ = 1, square_decay_ = 1;  // what is left of the zeros they began with
};

}  // namespace qalam::algorithms
