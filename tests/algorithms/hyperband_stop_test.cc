#include "algorithms/hyperband_stop.h"

#include <gmock/gmock.h>

#include <array>

#include "base/name_share.h"
#include "tests/algorithms/curve_support.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::CurveProblem;
using testing::Must;

std::string RuleOf(const History& history, Settings settings) {
  const std::vector<StoppingRule> rules =
      Must(Must(hyperband_stop::Create(CurveProblem(std::move(settings))))->Rules(history));
  return rules.empty() ? "" : rules[0].metric;
}

// Trials of `count` names of each bracket, whose reports are all 1, 2, 3, ... within the bracket.
template <size_t n>
History FullBrackets(const std::array<std::uint64_t, n>& weights, int count, int reports) {
  std::array<int, n> have{};
  History history;
  for (int i = 0; i < 10'000; ++i) {
    Trial trial;
    trial.name = "trial-" + std::to_string(i);
    trial.status = TrialStatus::kSucceeded;
    const size_t bracket = ShareOf(trial.name, weights);
    if (have.at(bracket) == count) continue;
    const double value = ++have.at(bracket) + 100.0 * static_cast<double>(bracket);
    for (int r = 1; r <= reports; ++r) trial.curve.push_back({static_cast<double>(r), value});
    history.trials.push_back(std::move(trial));
  }
  return history;
}

TEST(HyperbandStop, RefusesWhatIsNoBracket) {
  const auto refusal = [](const Settings& settings) {
    const absl::Status status = hyperband_stop::Validate(settings);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_EQ(refusal({}), "r_l must be given: how often a trial reports that runs to its end");
  EXPECT_EQ(refusal({{"r_l", "2"}}), "r_l must be at least r_min * eta = 3, got 2");
  EXPECT_EQ(refusal({{"r_l", "-1"}}), "r_l must be from 1 to 2147483647, got -1");
  EXPECT_EQ(refusal({{"r_l", "9"}, {"eta", "1"}}), "eta must be from 2 to 2147483647, got 1");
  EXPECT_EQ(refusal({{"r_l", "2147483646"}, {"eta", "2147483647"}, {"r_min", "2147483647"}}),
            "r_l must be at least r_min * eta = 4611686014132420609, got 2147483646");
  EXPECT_EQ(refusal({{"r_l", "9"}, {"patience", "1"}}),
            "unknown setting patience for algorithm hyperband-stop");
}

// Li et al. 2018, table 1 (R = 81, eta = 3): 81, 34, 15, 8, 5 configurations begin with 1, 3, 9, 27, 81.
TEST(HyperbandStop, HasTheBracketsOfTheHyperbandPaper) {
  constexpr std::array<std::uint64_t, 5> kConfigurations = {81, 34, 15, 8, 5};
  EXPECT_EQ(RuleOf(FullBrackets(kConfigurations, 5, 81), {{"r_l", "81"}}),
            "beyond_schedule(loss, 81* 1:2, 3:2, 9:2, 27:2 | 34* 3:102, 9:102, 27:102 | 15* 9:202, 27:202 | "
            "8* 27:302 | 5* )");
}

TEST(HyperbandStop, RungsAreFractionsOfTheWhole) {
  constexpr std::array<std::uint64_t, 4> kConfigurations = {27, 12, 6, 4};
  EXPECT_EQ(RuleOf(FullBrackets(kConfigurations, 2, 100), {{"r_l", "100"}, {"r_min", "2"}}),
            "beyond_schedule(loss, 27* 3:1, 11:1, 33:1 | 12* 11:101, 33:101 | 6* 33:201 | 4* )");
  EXPECT_EQ(Must(hyperband_stop::Create(CurveProblem({{"r_l", "100"}})))->curve_length(), 33);
  EXPECT_EQ(Must(hyperband_stop::Create(CurveProblem({{"r_l", "2147483647"}})))->curve_length(), 4096);
}

TEST(HyperbandStop, ABracketWithoutEnoughTrialsStopsNone) {
  EXPECT_EQ(RuleOf({}, {{"r_l", "9"}}), "");
  History history = FullBrackets(std::array<std::uint64_t, 3>{9, 5, 3}, 2, 9);
  std::erase_if(history.trials, [](const Trial& t) {
    return ShareOf(t.name, std::array<std::uint64_t, 3>{9, 5, 3}) == 0;
  });
  EXPECT_EQ(RuleOf(history, {{"r_l", "9"}}), "beyond_schedule(loss, 9*  | 5* 3:101 | 3* )");
}

}  // namespace
}  // namespace qalam::algorithms
