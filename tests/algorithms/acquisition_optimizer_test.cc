#include "algorithms/acquisition_optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::OneOf;
using testing::Real;
using testing::Whole;

// Mean: a bowl around (0.3, 5.5 / 8, category 2); variance 1.
class Bowl : public Surrogate {
 public:
  explicit Bowl(bool has_gradient) : has_gradient_(has_gradient) {}

  static double Mean(const Eigen::RowVectorXd& x) {
    return std::pow(x[0] - 0.3, 2) + std::pow(x[1] - 5.5 / 8, 2) + (x[2] == 2 ? 0 : 1);
  }
  Posterior Predict(const Eigen::MatrixXd& x) const override {
    Posterior result = {Eigen::VectorXd(x.rows()), Eigen::VectorXd::Ones(x.rows())};
    for (Eigen::Index i = 0; i < x.rows(); ++i) result.mean[i] = Mean(x.row(i));
    return result;
  }
  bool has_gradient() const override { return has_gradient_; }
  PointPosterior PredictWithGradient(const Eigen::RowVectorXd& x) const override {
    PointPosterior result = {Mean(x), 1, Eigen::RowVectorXd::Zero(3), Eigen::RowVectorXd::Zero(3)};
    result.mean_gradient[0] = 2 * (x[0] - 0.3);
    result.mean_gradient[1] = 2 * (x[1] - 5.5 / 8);
    return result;
  }

 private:
  bool has_gradient_;
};

class AcquisitionOptimizer : public ::testing::Test {
 protected:
  AcquisitionSearch Search() const {
    return {.encoding = encoding_,
            .gain = smooth_gain_,
            .centres = no_centres_,
            .tried = tried_,
            .stop_requested = never_};
  }

  const SearchSpace space_ =
      testing::Must(SearchSpace::Make({Real("x", 0, 1), Whole("n", 1, 8), OneOf("c", {"a", "b", "c", "d"})}));
  const FeatureEncoding encoding_{space_};
  const Bowl smooth_{true}, rough_{false};
  const SurrogateGain smooth_gain_{AcquisitionKind::kLogExpectedImprovement, smooth_, 0};
  const SurrogateGain rough_gain_{AcquisitionKind::kLogExpectedImprovement, rough_, 0};
  const Eigen::MatrixXd no_centres_;
  const std::function<bool()> never_;
  RowSet tried_{encoding_};
};

TEST_F(AcquisitionOptimizer, FindsTheBestOfAMixedSpace) {
  const Eigen::RowVectorXd row = *MaximizeAcquisition(Search());
  EXPECT_NEAR(row[0], 0.3, 1e-3);
  EXPECT_EQ(row[1], 5.5 / 8);
  EXPECT_EQ(row[2], 2);
}

TEST_F(AcquisitionOptimizer, FindsItWithoutGradients) {
  const AcquisitionSearch search = {.encoding = encoding_,
                                    .gain = rough_gain_,
                                    .centres = no_centres_,
                                    .tried = tried_,
                                    .stop_requested = never_};
  const Eigen::RowVectorXd row = *MaximizeAcquisition(search);
  EXPECT_NEAR(row[0], 0.3, 0.02);
  EXPECT_EQ(row[1], 5.5 / 8);
  EXPECT_EQ(row[2], 2);
}

TEST_F(AcquisitionOptimizer, StaysInItsBox) {
  const Eigen::RowVectorXd lower = Eigen::RowVector3d(0.5, 0, 0), upper = Eigen::RowVector3d(0.9, 0.5, 0);
  AcquisitionSearch search = Search();
  search.lower = &lower;
  search.upper = &upper;
  const Eigen::RowVectorXd row = *MaximizeAcquisition(search);
  EXPECT_NEAR(row[0], 0.5, 1e-6);
  EXPECT_EQ(row[1], 3.5 / 8);
  EXPECT_EQ(row[2], 2) << "categories have no box";
}

TEST_F(AcquisitionOptimizer, WeighsCosts) {
  // Another bowl, whose bottom is dear.
  class Dear final : public Bowl {
   public:
    using Bowl::Bowl;
    Posterior Predict(const Eigen::MatrixXd& x) const override {
      Posterior result = Bowl::Predict(x);
      result.mean *= -20;
      return result;
    }
    PointPosterior PredictWithGradient(const Eigen::RowVectorXd& x) const override {
      PointPosterior result = Bowl::PredictWithGradient(x);
      result.mean *= -20;
      result.mean_gradient *= -20;
      return result;
    }
  };
  const Dear dear(true);
  AcquisitionSearch search = Search();
  search.log_costs = {&dear};
  EXPECT_GT(Bowl::Mean(*MaximizeAcquisition(search)), 1);
}

TEST(AcquisitionOptimizerInASmallSpace, TakesTheBestThatWasNotTried) {
  const SearchSpace space =
      testing::Must(SearchSpace::Make({Real("x", 0.3, 0.3), Whole("n", 1, 8), OneOf("c", {"a", "b", "c"})}));
  const FeatureEncoding encoding(space);
  RowSet tried(encoding);
  const Bowl bowl(true);
  const SurrogateGain gain(AcquisitionKind::kLogExpectedImprovement, bowl, 0);
  const Eigen::MatrixXd none;
  const std::function<bool()> never;
  double before = 0;
  for (int i = 0; i < 24; ++i) {
    const AcquisitionSearch search = {
        .encoding = encoding, .gain = gain, .centres = none, .tried = tried, .stop_requested = never};
    const Eigen::RowVectorXd row = *MaximizeAcquisition(search);
    EXPECT_TRUE(tried.Insert(row)) << i;
    EXPECT_GE(Bowl::Mean(row), before - 1e-12) << "the better ones first";
    before = Bowl::Mean(row);
  }
}

TEST_F(AcquisitionOptimizer, StopsWhenAsked) {
  const std::function<bool()> always = [] { return true; };
  const AcquisitionSearch search = {.encoding = encoding_,
                                    .gain = smooth_gain_,
                                    .centres = no_centres_,
                                    .tried = tried_,
                                    .stop_requested = always};
  EXPECT_EQ(MaximizeAcquisition(search).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace qalam::algorithms
