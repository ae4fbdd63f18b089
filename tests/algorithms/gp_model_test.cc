#include "algorithms/gp_model.h"

#include <gtest/gtest.h>

#include "algorithms/random_engine.h"

namespace qalam::algorithms {
namespace {

struct Data {
  std::vector<FeatureColumn> columns = {{FeatureColumn::Kind::kSmooth, 0},
                                        {FeatureColumn::Kind::kSmooth, 0},
                                        {FeatureColumn::Kind::kCategorical, 3}};
  Eigen::MatrixXd x;
  Eigen::VectorXd values;

  explicit Data(int n) : x(n, 3), values(n) {
    Rng rng({static_cast<std::uint64_t>(n)});
    for (int i = 0; i < n; ++i) {
      x.row(i) << rng.Uniform(), rng.Uniform(), static_cast<double>(rng.Below(3));
      values[i] = (x(i, 0) - 0.3) * (x(i, 0) - 0.3) + std::sin(5 * x(i, 1)) + 0.2 * x(i, 2);
    }
  }

  GpModel Model(Eigen::Index n) const { return *FitGpModel(columns, x.topRows(n), values.head(n), {}); }
};

Posterior At(GpModel model, const Eigen::MatrixXd& q) {
  model.process.SetValues(model.values);
  return model.process.Predict(q);
}

TEST(GpModel, FitsAtFixedLengthsOnly) {
  Eigen::Index before = 0;
  for (Eigen::Index n = 1; n < 3000; ++n) {
    const Eigen::Index length = FittedLength(n);
    EXPECT_LE(length, n);
    EXPECT_GE(length, before);
    EXPECT_LE(n - length, n / 16);
    EXPECT_TRUE(length == before || length == n) << "a new length begins where it is reached";
    before = length;
  }
  EXPECT_EQ(FittedLength(24), 24);
}

// Doubling the values changes no digit of the standardised ones, but it makes another history: one that no cache
// knows. So a model that was grown one observation at a time is compared with one made at once.
TEST(GpModel, IsTheSameToTheLastBitWithAndWithoutCache) {
  const Data data(70), other(9);
  Data doubled = data;
  doubled.values *= 2;
  GpModel warm = data.Model(60);
  for (int n = 61; n <= 70; ++n) warm = data.Model(n);
  const GpModel cold = doubled.Model(70);
  EXPECT_EQ(warm.values, cold.values);
  const Posterior a = At(warm, other.x), b = At(cold, other.x);
  EXPECT_EQ(a.mean, b.mean);
  EXPECT_EQ(a.variance, b.variance);
}

TEST(GpModel, InterpolatesWithoutNoise) {
  const Data data(40);
  const GpModel model = data.Model(40);
  EXPECT_LT((At(model, data.x).mean - model.values).cwiseAbs().maxCoeff(), 0.01);
}

TEST(GpModel, StopsWhenAsked) {
  const Data data(33);
  EXPECT_EQ(FitGpModel(data.columns, data.x, data.values, [] { return true; }).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace qalam::algorithms
