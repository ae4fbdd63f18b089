#include "algorithms/hypervolume_gain.h"

#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/hypervolume.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

// Linear in the row: mean a + b x, variance (c + d x)^2, of the first column.
class Line : public Surrogate {
 public:
  Line(double a, double b, double c, double d) : a_(a), b_(b), c_(c), d_(d) {}
  Posterior Predict(const Eigen::MatrixXd& x) const override {
    return {a_ + b_ * x.col(0).array(), (c_ + d_ * x.col(0).array()).square()};
  }
  bool has_gradient() const override { return true; }
  PointPosterior PredictWithGradient(const Eigen::RowVectorXd& x) const override {
    const double sd = c_ + d_ * x[0];
    return {a_ + b_ * x[0], sd * sd, Eigen::RowVectorXd::Constant(1, b_),
            Eigen::RowVectorXd::Constant(1, 2 * sd * d_)};
  }

 private:
  double a_, b_, c_, d_;
};

std::vector<Losses> RandomFront(size_t m, size_t n, Rng& rng) {
  std::vector<Losses> points(n, Losses(m)), front;
  for (Losses& p : points) {
    for (double& x : p) x = rng.Uniform();
  }
  for (const size_t i : ParetoFront(points)) front.push_back(points[i]);
  return front;
}

double Improvement(std::vector<Losses> front, const Losses& added, const Losses& reference) {
  const double before = Hypervolume(front, reference);
  front.push_back(added);
  return Hypervolume(front, reference) - before;
}

TEST(NondominatedBoxes, AreTheStripsOfAStaircase) {
  const std::vector<LossBox> boxes = NondominatedBoxes(std::vector<Losses>{{1, 3}, {2, 2}, {3, 1}}, {4, 4});
  EXPECT_EQ(boxes.size(), 4u);
}

TEST(NondominatedBoxes, FillWhatTheFrontLeavesInUpToFiveObjectives) {
  Rng rng({7});
  for (size_t m = 2; m <= 5; ++m) {
    const std::vector<Losses> front = RandomFront(m, 14, rng);
    const Losses reference(m, 1.1);
    double left = 0;  // of what dominates the reference and is >= 0
    for (const LossBox& box : NondominatedBoxes(front, reference)) {
      double volume = 1;
      for (size_t j = 0; j < m; ++j) volume *= std::max(0.0, box.upper[j] - std::max(0.0, box.lower[j]));
      left += volume;
    }
    EXPECT_NEAR(left, std::pow(1.1, m) - Hypervolume(front, reference), 1e-9) << m;
  }
}

TEST(HypervolumeGain, OfACertainPointIsItsImprovement) {
  Rng rng({8});
  for (size_t m = 2; m <= 4; ++m) {
    const std::vector<Losses> front = RandomFront(m, 9, rng);
    const Losses reference(m, 1), point(m, 0.15);
    std::vector<Line> lines(m, Line(0.15, 0, 1e-9, 0));
    std::vector<const Surrogate*> models;
    for (const Line& line : lines) models.push_back(&line);
    const HypervolumeGain gain(models, front, reference);
    const double improvement = Improvement(front, point, reference);
    EXPECT_NEAR(std::exp(gain.Values(Eigen::MatrixXd::Zero(1, 1))[0]), improvement, 1e-6) << m;
  }
}

TEST(HypervolumeGain, IsTheMeanOverDraws) {
  Rng rng({9});
  for (size_t m = 2; m <= 3; ++m) {
    const std::vector<Losses> front = RandomFront(m, 12, rng);
    const Losses reference(m, 1);
    const std::vector<Line> lines = {Line(0.4, 0, 0.2, 0), Line(0.3, 0, 0.3, 0), Line(0.5, 0, 0.1, 0)};
    std::vector<const Surrogate*> models;
    for (size_t j = 0; j < m; ++j) models.push_back(&lines[j]);
    const HypervolumeGain gain(models, front, reference);
    constexpr int kDraws = 20'000;
    double sum = 0, squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      Losses draw = {0.4 + 0.2 * rng.Normal(), 0.3 + 0.3 * rng.Normal(), 0.5 + 0.1 * rng.Normal()};
      draw.resize(m);
      const double improvement = Improvement(front, draw, reference);
      sum += improvement;
      squares += improvement * improvement;
    }
    const double mean = sum / kDraws;
    const double error = std::sqrt((squares / kDraws - mean * mean) / kDraws);
    EXPECT_NEAR(std::exp(gain.Values(Eigen::MatrixXd::Zero(1, 1))[0]), mean, 4 * error) << m;
  }
}

TEST(HypervolumeGain, HasTheGradientOfFiniteDifferences) {
  Rng rng({10});
  const Line first(0.2, 0.5, 0.1, 0.2), second(0.6, -0.4, 0.3, -0.1), third(0.1, 0.3, 0.2, 0.1);
  for (size_t m = 2; m <= 3; ++m) {
    std::vector<const Surrogate*> models = {&first, &second, &third};
    models.resize(m);
    // The last reference is out of reach: the logarithm has a slope there too.
    for (const double end : {1.0, 0.3, -2.0}) {
      const HypervolumeGain gain(models, RandomFront(m, 10, rng), Losses(m, end));
      constexpr double kStep = 1e-6;
      Eigen::RowVectorXd at = Eigen::RowVectorXd::Constant(1, 0.4), gradient;
      const double value = gain.ValueWithGradient(at, gradient);
      EXPECT_NEAR(value, gain.Values(at)[0], 1e-9 * std::abs(value));
      const auto shifted = [&](double step) { return gain.Values(at.array() + step)[0]; };
      const double slope = (shifted(kStep) - shifted(-kStep)) / (2 * kStep);
      EXPECT_NEAR(gradient[0], slope, 1e-5 * std::max(1.0, std::abs(slope))) << m << ' ' << end;
    }
  }
}

TEST(HypervolumeGain, StaysFiniteWhereNothingIsToBeGained) {
  const Line certain(5, 0, 1e-12, 0);
  const std::vector<Losses> front = {{1, 1}};
  const HypervolumeGain gain({&certain, &certain}, front, {2, 2});
  EXPECT_TRUE(std::isfinite(gain.Values(Eigen::MatrixXd::Zero(1, 1))[0]));
}

}  // namespace
}  // namespace qalam::algorithms
