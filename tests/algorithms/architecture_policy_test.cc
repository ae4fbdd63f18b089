#include "algorithms/architecture_policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "algorithms/adam.h"

namespace qalam::algorithms {
namespace {

using Eigen::VectorXd;

const PolicyShape kBounded = {4, 3, 5, 5.0, 2.25};
const PolicyShape kUnbounded = {4, 3, 5, std::nullopt, std::nullopt};

// Larger ones than a network begins with, so that no part of the gradient is tiny.
VectorXd SomeWeights(const PolicyShape& shape) { return 8 * InitialWeights(shape, 7); }

std::vector<Architecture> SomeArchitectures() {
  return {{{0, {}}, {1, {true}}, {2, {false, true}}, {1, {true, true, true}}},
          {{2, {}}, {2, {false}}, {0, {false, false}}, {0, {false, true, false}}},
          {{1, {}}, {0, {true}}, {0, {true, false}}, {2, {false, false, false}}}};
}

std::vector<const Architecture*> Pointers(const std::vector<Architecture>& architectures) {
  std::vector<const Architecture*> pointers;
  for (const Architecture& architecture : architectures) pointers.push_back(&architecture);
  return pointers;
}

double LossAt(const PolicyShape& shape, const VectorXd& weights, const PolicyLoss& loss,
              const VectorXd& advantages, VectorXd* gradient = nullptr) {
  const std::vector<Architecture> architectures = SomeArchitectures();
  return PolicyEvaluation(shape, weights, Pointers(architectures)).Loss(loss, advantages, gradient);
}

// Central differences have an error of h^2 = 1e-10, and of rounding over h: 1e-11.
void ExpectGradient(const PolicyShape& shape, const PolicyLoss& loss, const VectorXd& advantages) {
  const VectorXd weights = SomeWeights(shape);
  VectorXd gradient;
  LossAt(shape, weights, loss, advantages, &gradient);
  ASSERT_EQ(gradient.size(), shape.weights());
  constexpr double kStep = 1e-5;
  for (Eigen::Index i = 0; i < weights.size(); ++i) {
    VectorXd up = weights, down = weights;
    up[i] += kStep;
    down[i] -= kStep;
    const double slope =
        (LossAt(shape, up, loss, advantages) - LossAt(shape, down, loss, advantages)) / (2 * kStep);
    ASSERT_NEAR(gradient[i], slope, 1e-8) << "weight " << i;
  }
  EXPECT_GT(gradient.norm(), 1e-3);
}

TEST(PolicyGradient, OfTheRewardIsThatOfFiniteDifferences) {
  for (const PolicyShape& shape : {kBounded, kUnbounded})
    ExpectGradient(shape, {}, Eigen::Vector3d(1, -0.5, 2));
}

TEST(PolicyGradient, OfTheEntropyIsThatOfFiniteDifferences) {
  for (const PolicyShape& shape : {kBounded, kUnbounded})
    ExpectGradient(shape, {.entropy_weight = 1.5}, VectorXd::Zero(3));
}

TEST(PolicyGradient, OfTheSkipPenaltyIsThatOfFiniteDifferences) {
  for (const PolicyShape& shape : {kBounded, kUnbounded}) {
    ExpectGradient(shape, {.skip_weight = 0.8, .skip_target = 0.3}, VectorXd::Zero(3));
  }
}

TEST(PolicyGradient, ReachesEveryPartOfTheNetwork) {
  VectorXd gradient;
  LossAt(kUnbounded, SomeWeights(kUnbounded), {}, Eigen::Vector3d(1, -0.5, 2), &gradient);
  const PolicyGradient parts(kUnbounded, gradient);
  for (const auto* part :
       {&parts.lstm, &parts.start, &parts.embed, &parts.choose, &parts.key, &parts.query, &parts.attend}) {
    EXPECT_GT(part->norm(), 1e-6);
  }
}

// Two layers of two operations: 8 networks, whose probabilities sum to 1.
std::vector<Architecture> AllOfTwoLayers() {
  std::vector<Architecture> all;
  for (int first = 0; first < 2; ++first) {
    for (int second = 0; second < 2; ++second) {
      for (const bool skip : {false, true}) all.push_back({{first, {}}, {second, {skip}}});
    }
  }
  return all;
}

TEST(PolicyEvaluation, HasProbabilitiesThatSumToOne) {
  const PolicyShape shape = {2, 2, 4, std::nullopt, std::nullopt};
  const std::vector<Architecture> all = AllOfTwoLayers();
  const VectorXd logs = PolicyEvaluation(shape, 5 * SomeWeights(shape), Pointers(all)).log_probabilities();
  EXPECT_NEAR(logs.array().exp().sum(), 1, 1e-12);
  EXPECT_GT(logs.maxCoeff() - logs.minCoeff(), 0.5);
}

// 20,000 draws: each share is within five standard deviations, sqrt(p (1 - p) / n), of its probability; all 8 together
// fail by chance once in 200,000 seeds.
TEST(Draw, FollowsTheProbabilities) {
  const PolicyShape shape = {2, 2, 4, std::nullopt, std::nullopt};
  const VectorXd weights = 5 * SomeWeights(shape);
  const std::vector<Architecture> all = AllOfTwoLayers();
  const VectorXd expected = PolicyEvaluation(shape, weights, Pointers(all)).log_probabilities().array().exp();
  constexpr int kDraws = 20'000;
  std::map<std::string, int> counts, uniform;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    Rng rng({3, i});
    ++counts[ArchitectureText(Draw(shape, weights, 1, rng))];
    ++uniform[ArchitectureText(Draw(shape, weights, 0, rng))];
  }
  for (size_t k = 0; k < all.size(); ++k) {
    const double p = expected[static_cast<Eigen::Index>(k)];
    EXPECT_NEAR(counts[ArchitectureText(all[k])], kDraws * p, 5 * std::sqrt(kDraws * p * (1 - p)));
    EXPECT_NEAR(uniform[ArchitectureText(all[k])], kDraws / 8.0, 5 * std::sqrt(kDraws * 7 / 64.0));
  }
}

TEST(Draw, BeginsNearlyUniform) {
  const PolicyShape shape = {4, 6, 64, 5.0, 2.25};
  const std::vector<Architecture> some = SomeArchitectures();
  const VectorXd logs = PolicyEvaluation(shape, InitialWeights(shape, 1), Pointers(some)).log_probabilities();
  const double uniform = -4 * std::log(6) - 6 * std::log(2);
  for (const double log : logs) EXPECT_NEAR(log, uniform, 0.05);
}

// After one step every weight has moved by the rate, against its gradient; then as the paper's algorithm 1 says.
TEST(Adam, StepsAsInThePaper) {
  VectorXd weights = Eigen::Vector2d(1, 2);
  Adam adam(2);
  adam.Step(0.1, Eigen::Vector2d(3, -0.5), weights);
  EXPECT_NEAR(weights[0], 0.9, 1e-8);
  EXPECT_NEAR(weights[1], 2.1, 1e-8);
  adam.Step(0.1, Eigen::Vector2d(-1, -0.5), weights);
  const double mean = (0.9 * 0.1 * 3 - 0.1) / (1 - 0.81),
               square = (0.999 * 0.001 * 9 + 0.001) / (1 - 0.998001);
  EXPECT_NEAR(weights[0], 0.9 - 0.1 * mean / std::sqrt(square), 1e-7);
  EXPECT_NEAR(weights[1], 2.2, 1e-7);
}

}  // namespace
}  // namespace qalam::algorithms
