#include "algorithms/constrained_gain.h"

#include <gtest/gtest.h>

#include <cmath>

namespace qalam::algorithms {
namespace {

// Mean slope * x_0 with a constant variance.
class Line final : public Surrogate {
 public:
  Line(double slope, double variance) : slope_(slope), variance_(variance) {}
  Posterior Predict(const Eigen::MatrixXd& x) const override {
    return {slope_ * x.col(0), Eigen::VectorXd::Constant(x.rows(), variance_)};
  }
  bool has_gradient() const override { return true; }
  PointPosterior PredictWithGradient(const Eigen::RowVectorXd& x) const override {
    return {slope_ * x[0], variance_, Eigen::RowVectorXd::Constant(1, slope_), Eigen::RowVectorXd::Zero(1)};
  }

 private:
  double slope_, variance_;
};

double LogPhi(double z) { return std::log(0.5 * std::erfc(-z / std::sqrt(2.0))); }

TEST(ConstrainedGain, IsTheGainTimesTheProbabilities) {
  const Line objective(-1, 0.25), first(2, 1), second(-3, 4);
  const SurrogateGain gain(AcquisitionKind::kLogExpectedImprovement, objective, 0.1);
  const ConstrainedGain constrained(&gain, {{&first, 0.5}, {&second, -1}}), alone(nullptr, {{&first, 0.5}});
  const Eigen::MatrixXd rows{{0.2}, {0.6}};
  const Eigen::VectorXd values = constrained.Values(rows), plain = gain.Values(rows);
  for (Eigen::Index i = 0; i < 2; ++i) {
    const double x = rows(i, 0), kept = LogPhi(0.5 - 2 * x);
    EXPECT_NEAR(values[i], plain[i] + kept + LogPhi((-1 + 3 * x) / 2), 1e-12);
    EXPECT_NEAR(alone.Values(rows)[i], kept, 1e-12);
  }
}

TEST(ConstrainedGain, HasTheGradientOfItsValue) {
  const Line objective(-1, 0.25), bound(2, 1);
  const SurrogateGain gain(AcquisitionKind::kLogExpectedImprovement, objective, 0.1);
  const ConstrainedGain constrained(&gain, {{&bound, 0.5}});
  ASSERT_TRUE(constrained.has_gradient());
  Eigen::RowVectorXd gradient;
  const Eigen::RowVectorXd at = Eigen::RowVectorXd::Constant(1, 0.3);
  const double value = constrained.ValueWithGradient(at, gradient);
  EXPECT_NEAR(value, constrained.Values(at)[0], 1e-12);
  constexpr double kStep = 1e-6;
  const Eigen::MatrixXd around{{0.3 - kStep}, {0.3 + kStep}};
  const Eigen::VectorXd values = constrained.Values(around);
  EXPECT_NEAR(gradient[0], (values[1] - values[0]) / (2 * kStep), 1e-6);
}

}  // namespace
}  // namespace qalam::algorithms
