#include "algorithms/tree_ensembles.h"

#include <gtest/gtest.h>

#include <cmath>

#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

using Kind = FeatureColumn::Kind;

struct Model {
  std::string name;
  FitSurrogate fit;
};

const std::function<bool()> kNeverStop;

// Friedman's function, standardised: five columns matter, five do not.
double Friedman(const Eigen::RowVectorXd& x) {
  return (10 * std::sin(M_PI * x[0] * x[1]) + 20 * std::pow(x[2] - 0.5, 2) + 10 * x[3] + 5 * x[4] - 14.4) /
         4.9;
}

Eigen::MatrixXd Uniform(Eigen::Index n, Eigen::Index d, std::uint64_t seed) {
  Rng rng({seed});
  Eigen::MatrixXd x(n, d);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < d; ++j) x(i, j) = rng.Uniform();
  }
  return x;
}

template <class F>
Eigen::VectorXd ValuesOf(const Eigen::MatrixXd& x, F f) {
  Eigen::VectorXd y(x.rows());
  for (Eigen::Index i = 0; i < x.rows(); ++i) y[i] = f(x.row(i));
  return y;
}

class TreeEnsembles : public ::testing::TestWithParam<Model> {
 protected:
  std::unique_ptr<Surrogate> Fit(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                                 const Eigen::VectorXd& y, std::uint64_t seed = 1) const {
    auto model = GetParam().fit({columns, x, y, seed, kNeverStop});
    EXPECT_TRUE(model.ok()) << model.status();
    return *std::move(model);
  }
};

// Explained variance when this was written: 0.79, 0.81, 0.84; within one standard deviation: 0.76, 0.80, 0.67.
TEST_P(TreeEnsembles, ExplainFriedmansFunction) {
  const Eigen::MatrixXd x = Uniform(300, 10, 1), test = Uniform(300, 10, 2);
  const Eigen::VectorXd y = ValuesOf(x, Friedman), truth = ValuesOf(test, Friedman);
  const Posterior posterior = Fit(std::vector<FeatureColumn>(10), x, y)->Predict(test);
  const double error = (posterior.mean - truth).squaredNorm();
  EXPECT_LT(error, 0.3 * (truth.array() - truth.mean()).matrix().squaredNorm());
  // About two thirds within one standard deviation, if the variances are right.
  const double within =
      ((posterior.mean - truth).array().square() < posterior.variance.array()).cast<double>().mean();
  EXPECT_GT(within, 0.5);
  EXPECT_LT(within, 0.9);
}

TEST_P(TreeEnsembles, UnderstandCategories) {
  const std::vector<FeatureColumn> columns = {{Kind::kCategorical, 6}, {Kind::kSmooth, 0}};
  Eigen::MatrixXd x = Uniform(150, 2, 3);
  x.col(0) = (x.col(0) * 6).array().floor();
  const auto f = [](const Eigen::RowVectorXd& row) { return static_cast<int>(row[0]) % 2 == 0 ? -1.0 : 1.0; };
  const auto model = Fit(columns, x, ValuesOf(x, f));
  for (double category = 0; category < 6; ++category) {
    Eigen::MatrixXd query(1, 2);
    query << category, 0.3;
    EXPECT_NEAR(model->Predict(query).mean[0], f(query), 0.25) << category;
  }
}

TEST_P(TreeEnsembles, AreLessCertainWhereValuesDiffer) {
  const Eigen::MatrixXd x = Uniform(400, 1, 4);
  Rng rng({5});
  const Eigen::VectorXd y =
      ValuesOf(x, [&](const auto& row) { return row[0] < 0.5 ? 0.0 : (rng.Uniform() - 0.5) * 4; });
  Eigen::MatrixXd query(2, 1);
  query << 0.25, 0.75;
  const Posterior posterior = Fit({{Kind::kSmooth, 0}}, x, y)->Predict(query);
  EXPECT_LT(posterior.variance[0], 0.05);
  EXPECT_GT(posterior.variance[1], 0.5);
}

TEST_P(TreeEnsembles, AreTheSameFromTheSameSeed) {
  const Eigen::MatrixXd x = Uniform(60, 3, 6), query = Uniform(20, 3, 7);
  const Eigen::VectorXd y = ValuesOf(x, [](const auto& row) { return row.sum() + row[0] * row[1]; });
  const std::vector<FeatureColumn> columns(3);
  const Posterior first = Fit(columns, x, y)->Predict(query), second = Fit(columns, x, y)->Predict(query);
  EXPECT_EQ(first.mean, second.mean);
  EXPECT_EQ(first.variance, second.variance);
  EXPECT_NE(first.mean, Fit(columns, x, y, 2)->Predict(query).mean);
}

TEST_P(TreeEnsembles, LearnFromOneRow) {
  const Posterior posterior =
      Fit(std::vector<FeatureColumn>(2), Uniform(1, 2, 1), Eigen::VectorXd::Constant(1, 0.7))
          ->Predict(Uniform(4, 2, 2));
  for (Eigen::Index i = 0; i < 4; ++i) {
    EXPECT_NEAR(posterior.mean[i], 0.7, 1e-12);
    EXPECT_GT(posterior.variance[i], 0);
  }
}

TEST_P(TreeEnsembles, GiveUpWhenTheirCallerDoes) {
  const Eigen::MatrixXd x = Uniform(10, 2, 1);
  const std::vector<FeatureColumn> columns(2);
  const Eigen::VectorXd y = Eigen::VectorXd::LinSpaced(10, 0, 1);
  const std::function<bool()> stop = [] { return true; };
  EXPECT_EQ(GetParam().fit({columns, x, y, 1, stop}).status().code(), absl::StatusCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(All, TreeEnsembles,
                         ::testing::Values(Model{"RandomForest", &FitRandomForest},
                                           Model{"ExtraTrees", &FitExtraTrees},
                                           Model{"BoostedTrees", &FitBoostedTrees}),
                         [](const auto& test) { return test.param.name; });

// Two leaves that never split again: the mixture's moments are those of all rows.
TEST(RandomForest, AddsTheVarianceWithinLeavesToThatBetweenTrees) {
  Rng rng({1});
  Eigen::VectorXd y(4'000);
  for (double& value : y) value = rng.Uniform();
  const Eigen::MatrixXd x = Eigen::MatrixXd::Zero(4'000, 1);
  const std::vector<FeatureColumn> columns(1);
  const auto model = FitRandomForest({columns, x, y, 1, kNeverStop});
  const Posterior posterior = (*model)->Predict(x.topRows(1));
  EXPECT_NEAR(posterior.mean[0], 0.5, 0.03);
  EXPECT_NEAR(posterior.variance[0], 1.0 / 12, 0.005);
}

}  // namespace
}  // namespace qalam::algorithms
