#include "algorithms/lbfgs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace qalam::algorithms {
namespace {

TEST(Lbfgs, FindsTheMinimumOfRosenbrockAndRespectsBounds) {
  const auto rosenbrock = [](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
    const double u = x[1] - x[0] * x[0], v = 1 - x[0];
    gradient << -400 * x[0] * u - 2 * v, 200 * u;
    return 100 * u * u + v * v;
  };
  const Eigen::Vector2d lower(-2, -2), upper(2, 2), start(-1.2, 1);
  const Minimum free =
      MinimizeLbfgs(rosenbrock, start, lower, upper, {.max_evaluations = 200, .relative_tolerance = 0});
  EXPECT_NEAR(free.x[0], 1, 1e-6);
  EXPECT_NEAR(free.x[1], 1, 1e-6);
  const Minimum bounded = MinimizeLbfgs(rosenbrock, start, lower, Eigen::Vector2d(0.5, 2));
  EXPECT_NEAR(bounded.x[0], 0.5, 1e-12);
  EXPECT_NEAR(bounded.x[1], 0.25, 1e-4);
}

TEST(Lbfgs, SurvivesWhatIsNotFinite) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Eigen::VectorXd start = Eigen::VectorXd::Constant(1, 0.5), lower = Eigen::VectorXd::Constant(1, -9),
                        upper = Eigen::VectorXd::Constant(1, 9);
  const auto never = [&](const Eigen::VectorXd&, Eigen::VectorXd&) { return nan; };
  const Minimum none = MinimizeLbfgs(never, start, lower, upper);
  EXPECT_EQ(none.value, std::numeric_limits<double>::infinity());
  EXPECT_EQ(none.x, start);
  const auto right_half = [&](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
    gradient[0] = 1;
    return x[0] < 0 ? nan : x[0];
  };
  const Minimum half = MinimizeLbfgs(right_half, start, lower, upper);
  EXPECT_GE(half.x[0], 0);
  EXPECT_LE(half.value, 0.5);
}

}  // namespace
}  // namespace qalam::algorithms
