// What earlier experiments save where they help, and cost where they mislead.
#include <gmock/gmock.h>

#include <cmath>

#include "algorithms/random_engine.h"
#include "algorithms/related_trials.h"
#include "algorithms/transfer_belief.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::Must;
using testing::ProblemOf;
using testing::Real;

constexpr size_t kParameters = 4;

double Bowl(const Problem& problem, const Point& point, double centre, double sign = 1) {
  double sum = 0;
  const std::vector<double> u = problem.space.ToUnit(point);
  for (size_t i = 0; i < u.size(); ++i) {
    const double offset = u[i] - (i % 2 == 0 ? centre : 1 - centre);
    sum += (1 + static_cast<double>(i)) * offset * offset;
  }
  return sign * sum;
}

using Objective = std::function<double(const Problem&, const Point&)>;

Problem BowlProblem(std::uint64_t seed) {
  std::vector<Parameter> parameters;
  for (size_t i = 0; i < kParameters; ++i) parameters.push_back(Real("x" + std::to_string(i), 0, 1));
  return ProblemOf(std::move(parameters), {{"seed", std::to_string(seed)}});
}

History RunTrials(std::string_view algorithm, Problem problem, const Objective& objective, int trials,
                  std::vector<EarlierExperiment> earlier) {
  for (const EarlierExperiment& one : earlier) problem.earlier_experiments.push_back(one.name);
  History history;
  history.earlier = std::move(earlier);
  for (int i = 0; i < trials; ++i) {
    const auto made = Must(CreateAlgorithm(*Must(FindAlgorithm(algorithm)), problem));
    Suggestions suggestions = Must(made->Suggest(history, {i, 1, {}}));
    for (const Setting& setting : suggestions.settings) problem.settings.push_back(setting);
    Trial& trial = history.trials.emplace_back();
    trial.name = "t" + std::to_string(i);
    trial.number = i;
    trial.point = suggestions.proposals[0].point;
    trial.status = TrialStatus::kSucceeded;
    trial.objectives = {objective(problem, *trial.point)};
  }
  return history;
}

EarlierExperiment Earlier(std::uint64_t seed, const Objective& objective) {
  return {"earlier", RunTrials("random", BowlProblem(seed + 1000), objective, 60, {}).trials};
}

double BestOf(const History& history) {
  double best = std::numeric_limits<double>::infinity();
  for (const Trial& trial : history.trials) best = std::min(best, trial.objectives[0]);
  return best;
}

double Target(const Problem& problem, const Point& point) { return Bowl(problem, point, 0.3); }
// Another scale, another offset, an optimum nearby.
double Sibling(const Problem& problem, const Point& point) { return 40 + 7 * Bowl(problem, point, 0.36); }
double Contrary(const Problem& problem, const Point& point) { return Bowl(problem, point, 0.3, -1); }

struct Medians {
  double cold, warm;
};

Medians Compare(std::string_view algorithm, const Objective& earlier, int trials, int seeds) {
  std::vector<double> cold, warm;
  for (int seed = 0; seed < seeds; ++seed) {
    cold.push_back(BestOf(RunTrials(algorithm, BowlProblem(seed), Target, trials, {})));
    warm.push_back(BestOf(RunTrials(algorithm, BowlProblem(seed), Target, trials, {Earlier(seed, earlier)})));
  }
  const auto median = [](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  return {median(cold), median(warm)};
}

TEST(WarmStartOfTpe, GetsAsFarInTwoThirdsOfTheTrialsWhereTheEarlierExperimentIsAlike) {
  const Medians soon = Compare("tpe", Sibling, 12, 20), late = Compare("tpe", Sibling, 18, 20);
  EXPECT_LT(soon.warm, late.cold);
}

TEST(WarmStartOfTpe, CostsLittleWhereTheEarlierExperimentMisleads) {
  const Medians soon = Compare("tpe", Contrary, 30, 20), late = Compare("tpe", Contrary, 40, 20);
  EXPECT_LE(late.warm, soon.cold);
}

TEST(WarmStartOfGaussianProcess, GetsAsFarInHalfTheTrialsWhereTheEarlierExperimentIsAlike) {
  const Medians soon = Compare("bayesianoptimization", Sibling, 7, 5),
                late = Compare("bayesianoptimization", Sibling, 14, 5);
  EXPECT_LT(soon.warm, late.cold);
}

TEST(WarmStartOfGaussianProcess, CostsLittleWhereTheEarlierExperimentMisleads) {
  const Medians soon = Compare("bayesianoptimization", Contrary, 18, 5),
                late = Compare("bayesianoptimization", Contrary, 22, 5);
  EXPECT_LE(late.warm, soon.cold);
}

TEST(WarmStartOfRandom, BeginsWithWhatWasBestBefore) {
  EXPECT_LT(Compare("random", Sibling, 3, 9).warm, Compare("random", Sibling, 10, 9).cold);
}

class RelateTest : public ::testing::Test {
 protected:
  RelateTest() : problem_(BowlProblem(0)), encoding_(problem_.space) {}

  std::vector<RelatedExperiment> With(const Objective& earlier, int trials) const {
    History history = RunTrials("random", BowlProblem(5), Target, trials, {});
    history.earlier = {Earlier(0, earlier)};
    return Must(Relate(problem_, encoding_, history, Observe(problem_, history), {}));
  }

  const Problem problem_;
  const FeatureEncoding encoding_;
};

TEST_F(RelateTest, BelievesBeforeAnythingIsKnown) {
  const auto related = With(Sibling, 0);
  ASSERT_EQ(related.size(), 1u);
  EXPECT_EQ(related[0].relevance, 1);
  EXPECT_LE(related[0].finished.size(), kMaxRelated);
  EXPECT_EQ(related[0].values.front(), related[0].finished.front().value);
}

TEST_F(RelateTest, MapsValuesOfAnotherScaleToThisOne) {
  const auto related = With(Sibling, 30);
  ASSERT_EQ(related.size(), 1u);
  EXPECT_GT(related[0].relevance, 0.8);
  // 40 + 7 f, seen through trees that smooth.
  double error = 0;
  for (size_t i = 0; i < related[0].values.size(); ++i) {
    error += std::abs(related[0].values[i] - Target(problem_, related[0].finished[i].point));
  }
  EXPECT_LT(error / static_cast<double>(related[0].values.size()), 0.25);
}

TEST_F(RelateTest, ForgetsWhatIsContrary) { EXPECT_TRUE(With(Contrary, 12).empty()); }

TEST_F(RelateTest, ForgetsNoise) {
  const auto noise = [](const Problem& problem, const Point& point) {
    return Rng({static_cast<std::uint64_t>(1e9 * Bowl(problem, point, 0.3))}).Uniform();
  };
  const auto related = With(noise, 60);
  EXPECT_TRUE(related.empty() || related[0].relevance < 0.3) << related[0].relevance;
}

TEST_F(RelateTest, RanksTrialsThatKeepTheBoundsOnMetricsFirst) {
  Problem problem = problem_;
  problem.metric_constraints = {{"latency", true, 1}};
  History history;
  history.earlier = {Earlier(0, Sibling)};
  for (Trial& trial : history.earlier[0].trials) trial.constraint_values = {2};
  history.earlier[0].trials.back().constraint_values = {1};
  const auto related = Must(Relate(problem, encoding_, history, {}, {}));
  ASSERT_EQ(related.size(), 1u);
  EXPECT_EQ(related[0].finished.front().point, *history.earlier[0].trials.back().point);
}

TEST_F(RelateTest, TheBestToImproveOnKeepsTheBoundsOnMetrics) {
  History history;
  history.earlier = {Earlier(0, Sibling)};
  const auto related = Must(Relate(problem_, encoding_, history, {}, {}));
  BeliefData data{encoding_.columns(),
                  Eigen::MatrixXd::Constant(4, encoding_.size(), 0.5),
                  Eigen::Vector4d(1, 10, 30, 40),
                  {1, 0.5, 0, 0}};
  for (Eigen::Index i = 0; i < 4; ++i) data.x(i, 0) = 0.2 * static_cast<double>(i + 1);
  const auto model = Must(BelieveTransferred(data, related, encoding_, {}));
  EXPECT_NEAR(model->best(), model->surrogate().Predict(data.x.bottomRows(2)).mean.minCoeff(), 1e-12);
  EXPECT_GT(model->best(), model->surrogate().Predict(data.x).mean.minCoeff());
}

TEST_F(RelateTest, NeedsTwoDifferentValues) {
  History history;
  EarlierExperiment earlier = Earlier(0, [](const auto&, const auto&) { return 1.0; });
  history.earlier = {earlier, {"empty", {}}};
  EXPECT_TRUE(Must(Relate(problem_, encoding_, history, {}, {})).empty());
}

}  // namespace
}  // namespace qalam::algorithms
