#include "algorithms/gaussian_process.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "algorithms/gp_fit.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

using Kind = FeatureColumn::Kind;

const std::vector<FeatureColumn> kColumns = {{Kind::kSmooth, 0},
                                             {Kind::kCategorical, 3},
                                             {Kind::kOrdered, 8},
                                             {Kind::kOrdered, 1},
                                             {Kind::kSmooth, 0}};

GpParameters SomeParameters() {
  GpParameters parameters;
  parameters.log_length.resize(5);
  parameters.log_length << -0.5, 0.3, 0.1, 9, -1;
  parameters.log_signal = 0.4;
  parameters.logit_additive = -0.7;
  parameters.log_noise = std::log(0.01);
  parameters.log_relevance.resize(9);  // of columns 0, 2 and 4 under the three categories
  parameters.log_relevance << 0.1, -0.7, 0.3, 0, 0.5, -0.2, -1.2, 0, 0.4;
  return parameters;
}

Eigen::MatrixXd SomePoints(int n) {
  Eigen::MatrixXd x(n, 5);
  Rng rng({5, static_cast<std::uint64_t>(n)});
  for (int i = 0; i < n; ++i) {
    x.row(i) << rng.Uniform(), static_cast<double>(rng.Below(3)), (rng.Below(8) + 0.5) / 8, 0.5,
        rng.Uniform();
  }
  return x;
}

Eigen::VectorXd SomeValues(const Eigen::MatrixXd& x) {
  return (3 * x.col(0).array() - x.col(2).array().square() + 0.4 * x.col(1).array() +
          (5 * x.col(4).array()).sin())
      .matrix();
}

double Matern(double r) { return (1 + std::sqrt(5.0) * r + 5 * r * r / 3) * std::exp(-std::sqrt(5.0) * r); }

// The formula of gp_kernel.h, number by number.
double Covariance(const Eigen::RowVectorXd& a, const Eigen::RowVectorXd& b) {
  const GpParameters p = SomeParameters();
  double squares = 0, effects = 0;
  for (const int j : {0, 1, 2, 4}) {
    const auto place = [&](const Eigen::RowVectorXd& x) {
      return (x[j] - 0.5) * std::exp(p.log_relevance[3 * (j / 2) + static_cast<int>(x[1])]);
    };
    const double distance = j == 1 ? (a[j] == b[j] ? 0.0 : 1.0) : std::fabs(place(a) - place(b));
    const double r = distance / std::exp(p.log_length[j]);
    squares += r * r;
    effects += Matern(r) / 4;
  }
  const double share = 1 / (1 + std::exp(0.7));
  return std::exp(0.4) * ((1 - share) * Matern(std::sqrt(squares)) + share * effects) + 1;
}

GaussianProcess Fitted(int n) {
  const Eigen::MatrixXd x = SomePoints(n);
  GaussianProcess gp = *GaussianProcess::Make(kColumns, SomeParameters(), x);
  gp.SetValues(SomeValues(x));
  return gp;
}

TEST(GpKernel, IsItsFormula) {
  const GpKernel kernel(kColumns, SomeParameters());
  const Eigen::MatrixXd x = SomePoints(9);
  const Eigen::MatrixXd u = kernel.Embed(x);
  const Eigen::MatrixXd k = kernel(u, u);
  for (int i = 0; i < 9; ++i) {
    for (int j = 0; j < 9; ++j) EXPECT_NEAR(k(i, j), Covariance(x.row(i), x.row(j)), 1e-13);
  }
  EXPECT_NEAR(kernel.diagonal(), k(0, 0), 1e-14);
}

// Two observations: the inverse of a 2 x 2 matrix can be written down.
TEST(GaussianProcess, MatchesTheClosedForm) {
  const GaussianProcess gp = Fitted(2);
  const Eigen::MatrixXd x = SomePoints(2), q = SomePoints(7);
  const Eigen::VectorXd z = SomeValues(x);
  const double a = Covariance(x.row(0), x.row(0)) + 0.01, b = Covariance(x.row(0), x.row(1)),
               det = a * a - b * b;
  const Posterior posterior = gp.Predict(q);
  for (int i = 0; i < 7; ++i) {
    const double u = Covariance(q.row(i), x.row(0)), v = Covariance(q.row(i), x.row(1));
    EXPECT_NEAR(posterior.mean[i], ((a * u - b * v) * z[0] + (a * v - b * u) * z[1]) / det, 1e-10);
    EXPECT_NEAR(posterior.variance[i], a - 0.01 - (a * u * u - 2 * b * u * v + a * v * v) / det, 1e-10);
  }
}

TEST(GaussianProcess, GradientsMatchDifferences) {
  const GaussianProcess gp = Fitted(30);
  const double step = 1e-4;
  for (int i = 0; i < 5; ++i) {
    const Eigen::RowVectorXd x = SomePoints(6).row(i);
    const Surrogate::PointPosterior at = gp.PredictWithGradient(x);
    const Posterior whole = gp.Predict(x);
    EXPECT_NEAR(at.mean, whole.mean[0], 1e-11);
    EXPECT_NEAR(at.variance, whole.variance[0], 1e-11);
    for (const int j : {0, 2, 4}) {
      // Fourth order, as differences of second order are wrong by more than 1e-8 themselves.
      Eigen::MatrixXd q = x.replicate(4, 1);
      q.col(j) += step * Eigen::Vector4d(-2, -1, 1, 2);
      const Posterior p = gp.Predict(q);
      const Eigen::Vector4d weights = Eigen::Vector4d(1, -8, 8, -1) / (12 * step);
      EXPECT_NEAR(at.mean_gradient[j], weights.dot(p.mean), 1e-8) << j;
      EXPECT_NEAR(at.variance_gradient[j], weights.dot(p.variance), 1e-8) << j;
    }
    EXPECT_EQ(at.mean_gradient[1], 0);
    EXPECT_EQ(at.mean_gradient[3], 0);
  }
}

TEST(GaussianProcess, GrownIsMadeAtOnce) {
  const Eigen::MatrixXd x = SomePoints(20), q = SomePoints(4);
  GaussianProcess grown = *GaussianProcess::Make(kColumns, SomeParameters(), x.topRows(15));
  for (int i = 15; i < 20; ++i) grown.AddPoint(x.row(i));
  grown.SetValues(SomeValues(x));
  const Posterior a = grown.Predict(q), b = Fitted(20).Predict(q);
  EXPECT_LT((a.mean - b.mean).cwiseAbs().maxCoeff(), 1e-11);
  EXPECT_LT((a.variance - b.variance).cwiseAbs().maxCoeff(), 1e-11);
}

// Repeated points need a jitter, which must come along.
TEST(GaussianProcess, UnpackedIsWhatWasPackedToTheLastBit) {
  Eigen::MatrixXd x(14, 5);
  x << SomePoints(7), SomePoints(7);
  GpParameters parameters = SomeParameters();
  parameters.log_noise = -60;
  const GaussianProcess gp = *GaussianProcess::Make(kColumns, parameters, x);
  const GaussianProcess::Packed packed = gp.Pack();
  EXPECT_EQ(packed.factor.size(), 14 * 15 / 2);
  EXPECT_GT(packed.jitter, 0);
  GaussianProcess first = gp, second = GaussianProcess::Unpack(kColumns, parameters, packed);
  Eigen::VectorXd values(15);
  values << SomeValues(x), 0.5;
  for (GaussianProcess* process : {&first, &second}) {
    process->AddPoint(SomePoints(3).row(2));
    process->SetValues(values);
  }
  const Posterior expected = first.Predict(SomePoints(20)), found = second.Predict(SomePoints(20));
  EXPECT_TRUE((found.mean.array() == expected.mean.array()).all());
  EXPECT_TRUE((found.variance.array() == expected.variance.array()).all());
  EXPECT_EQ(first.BestMean(), second.BestMean());
}

TEST(GaussianProcess, BeliefLeavesTheMeanAndTakesTheVariance) {
  GaussianProcess gp = Fitted(12);
  const Eigen::MatrixXd q = SomePoints(5);
  const Posterior before = gp.Predict(q);
  gp.AddBelief(q.row(0));
  const Posterior after = gp.Predict(q);
  EXPECT_LT((after.mean - before.mean).cwiseAbs().maxCoeff(), 1e-10);
  EXPECT_TRUE((after.variance.array() <= before.variance.array() + 1e-12).all());
  EXPECT_LT(after.variance[0], 0.011);
}

TEST(GaussianProcess, OptimisticVarianceIsABound) {
  const GaussianProcess gp = Fitted(12);
  const Eigen::MatrixXd q = SomePoints(30);
  const Posterior exact = gp.Predict(q), bound = gp.PredictOptimistic(q);
  EXPECT_LT((exact.mean - bound.mean).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_TRUE((bound.variance.array() >= exact.variance.array() - 1e-12).all());
  EXPECT_NEAR(Fitted(1).PredictOptimistic(q).variance[3], Fitted(1).Predict(q).variance[3], 1e-12);
}

TEST(GaussianProcess, BestMeanIsThatOfAnObservedPoint) {
  const GaussianProcess gp = Fitted(12);
  EXPECT_NEAR(gp.BestMean(), gp.Predict(SomePoints(12)).mean.minCoeff(), 1e-11);
}

TEST(GaussianProcess, SurvivesRepeatedPointsAndRefusesNan) {
  GpParameters parameters = SomeParameters();
  parameters.log_noise = -100;
  Eigen::MatrixXd x = SomePoints(1).replicate(10, 1);
  auto gp = GaussianProcess::Make(kColumns, parameters, x);
  ASSERT_TRUE(gp.ok()) << gp.status();
  gp->AddPoint(x.row(0));
  gp->SetValues(Eigen::VectorXd::Ones(11));
  EXPECT_NEAR(gp->Predict(x.topRows(1)).mean[0], 1, 1e-6);
  x(3, 0) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(GaussianProcess::Make(kColumns, parameters, x).status().code(), absl::StatusCode::kInternal);
}

absl::StatusOr<GpFit> Fit(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                          const Eigen::VectorXd& y, const std::function<bool()>& stop_requested = {}) {
  return FitGp(columns, x, y, ScaleOf(y), std::nullopt, stop_requested);
}

TEST(GpFit, GradientMatchesDifferences) {
  const Eigen::MatrixXd x = SomePoints(14);
  const Eigen::VectorXd values = SomeValues(x).array().exp();
  GpLogPosterior posterior(kColumns, x, values, ScaleOf(values));
  Eigen::VectorXd theta(17);
  theta << -0.4, 0.2, 0.5, -1, 0.3, 0.6, -4, 0.2, SomeParameters().log_relevance;
  Eigen::VectorXd gradient, unused;
  posterior(theta, gradient);
  const double step = 1e-3;
  for (int i = 0; i < theta.size(); ++i) {
    const auto at = [&](double shift) {
      Eigen::VectorXd moved = theta;
      moved[i] += shift * step;
      return posterior(moved, unused);
    };
    // Sixth order.
    const double difference = (45 * (at(1) - at(-1)) - 9 * (at(2) - at(-2)) + (at(3) - at(-3))) / (60 * step);
    EXPECT_NEAR(gradient[i], difference, 1e-8) << i;
  }
}

// Of one observation, z = 0: minus log density is log of its sd and the priors, from their definitions.
TEST(GpFit, ValueIsEvidenceAndPriors) {
  const std::vector<FeatureColumn> columns = {{Kind::kSmooth, 0}};
  Eigen::MatrixXd x(2, 1);
  x << 0.2, 0.7;
  const Eigen::Vector2d values(3, 5);
  GpLogPosterior posterior(columns, x, values, ScaleOf(values));
  Eigen::VectorXd theta(5), gradient;
  theta << std::log(0.4), 0.5, 0.3, -3, 0.2;
  // Two values are z = -1 and 1 whatever they are. t = 0 and 1; w = log(1 + k) / k has sd half of it.
  const double k = std::exp(0.2), noise = std::exp(-3.0), s = std::exp(0.5);
  const double a = s + 1 + noise, b = s * Matern(0.5 / 0.4) + 1, sd = std::log1p(k) / k / 2;
  const double fit = 0.5 * 2 / (a - b) + 0.5 * std::log(a * a - b * b);
  const double jacobian = -std::log1p(k) - 2 * std::log(sd);
  const double priors = std::pow(std::log(0.4) - std::sqrt(2.0), 2) / 6 + std::log(0.4) + 0.5 * 0.25 +
                        0.5 * std::pow(0.3 / 1.5, 2) + 0.5 * std::pow(6.0 / 4, 2) +
                        0.5 * std::pow(1.2 / 2, 2);
  EXPECT_NEAR(posterior(theta, gradient), fit - jacobian + priors, 1e-12);
}

TEST(GpFit, FindsWhichColumnsMatterAndThatThereIsNoNoise) {
  const std::vector<FeatureColumn> columns(3);
  Eigen::MatrixXd x(40, 3);
  Rng rng({9});
  for (int i = 0; i < 40; ++i) x.row(i) << rng.Uniform(), rng.Uniform(), rng.Uniform();
  const Eigen::VectorXd y = (6 * x.col(1).array()).sin() + x.col(0).array();
  const GpFit fit = *Fit(columns, x, y);
  EXPECT_LT(fit.kernel.log_length[1], fit.kernel.log_length[0]);
  EXPECT_LT(fit.kernel.log_length[0], fit.kernel.log_length[2]);
  EXPECT_LT(fit.kernel.log_noise, std::log(1e-4));

  Eigen::VectorXd noisy = y;
  for (int i = 0; i < 40; ++i) noisy[i] += 2 * rng.Uniform() - 1;  // sd 0.58 of a signal of some 0.8
  EXPECT_GT(Fit(columns, x, noisy)->kernel.log_noise, std::log(0.05));
}

TEST(GpFit, KeepsThePriorWhenThereIsNothingToLearnAndStopsWhenAsked) {
  const Eigen::MatrixXd x = SomePoints(5);
  const GpFit fit = *Fit(kColumns, x, Eigen::VectorXd::Constant(5, 2.0));
  EXPECT_EQ(fit.kernel.log_length, PriorMode(kColumns).kernel.log_length);
  EXPECT_NEAR(fit.kernel.log_length[0], std::sqrt(2.0) + std::log(4.0) / 2 - 3, 1e-14);
  EXPECT_EQ(Fit(kColumns, x, SomeValues(x), [] { return true; }).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace qalam::algorithms
