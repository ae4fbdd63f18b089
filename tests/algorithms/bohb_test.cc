#include "algorithms/bohb.h"

#include <gmock/gmock.h>

#include "tests/algorithms/halving_support.h"

namespace qalam::algorithms {
namespace {

using testing::EpochsProblem;
using ::testing::HasSubstr;
using testing::Must;
using testing::Points;
using testing::TrialAt;

// Results at `epochs`, best near `best`.
void AddResults(History& history, int count, std::int64_t epochs, double best) {
  for (int i = 0; i < count; ++i) {
    const double x = (i + 0.5) / count;
    Trial trial = TrialAt(static_cast<int>(history.trials.size()), x, epochs);
    trial.objectives = {std::abs(x - best)};
    history.trials.push_back(std::move(trial));
  }
}

int Near(const Problem& problem, const History& history, double x) {
  int near = 0;
  for (const Point& point : Points(*Must(bohb::Create(problem)), history, 1000, 60)) {
    near += std::abs(std::get<double>(point[0]) - x) < 0.1;
  }
  return near;
}

TEST(Bohb, ProposesNearTheBestButForARandomFraction) {
  History history;
  AddResults(history, 40, 9, 0.2);  // with all epochs, so that nothing is promoted
  EXPECT_GE(Near(EpochsProblem(9, {{"random_fraction", "0"}}), history, 0.2), 35);
  const int by_default = Near(EpochsProblem(9), history, 0.2);
  EXPECT_GE(by_default, 25);
  EXPECT_LE(by_default, 55);
  EXPECT_LE(Near(EpochsProblem(9, {{"random_fraction", "1"}}), history, 0.2), 22);  // 12 expected
}

TEST(Bohb, BelievesTheHighestLevelThatHasEnough) {
  History history;
  AddResults(history, 40, 1, 0.8);
  AddResults(history, 3, 9, 0.2);
  const Settings all = {{"random_fraction", "0"}};
  EXPECT_GE(Near(EpochsProblem(9, all), history, 0.8), 30);
  AddResults(history, 40, 9, 0.2);
  EXPECT_GE(Near(EpochsProblem(9, all), history, 0.2), 30);
}

TEST(Bohb, RefusesBadSettings) {
  const auto refusal = [](Setting setting) {
    const absl::Status status = bohb::Validate(EpochsProblem(9, {std::move(setting)}));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_EQ(refusal({"random_fraction", "1.5"}), "random_fraction must be within 0 .. 1, got 1.5");
  EXPECT_EQ(refusal({"min_points_in_model", "0"}), "min_points_in_model must be at least 1, got 0");
  EXPECT_THAT(refusal({"top_n", "1"}), HasSubstr("unknown setting top_n for algorithm bohb"));
}

}  // namespace
}  // namespace qalam::algorithms
