#include "bench/run.h"

#include <gmock/gmock.h>

#include <limits>

#include "bench/catalog.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

using testing::AskSeen;
using testing::HashOptimizer;
using ::testing::HasSubstr;

Problem Find(const std::string& name) {
  return Must(FindProblems(std::vector<std::string>{name}, {})).at(0).problem;
}

TEST(Run, TellsEveryResultBeforeItAsksAgain) {
  std::vector<AskSeen> seen;
  const Optimizer optimizer = HashOptimizer("hash", &seen);
  const RunRecord record = Must(RunOne(optimizer, Find("sphere-3"), {.seed = 4, .budget = 20}));
  ASSERT_EQ(seen.size(), 20);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(seen[i].count, 1);
    EXPECT_EQ(seen[i].finished, i);
    EXPECT_EQ(seen[i].handed_out, i);
  }
  EXPECT_EQ(record.evaluations, 20);
  EXPECT_EQ(record.mode, "sync");
}

TEST(Run, AsksWholeBatchesWhenWorkersWait) {
  std::vector<AskSeen> seen;
  const Optimizer optimizer = HashOptimizer("hash", &seen);
  Must(RunOne(optimizer, Find("sphere-3"), {.budget = 10, .batch = 4, .mode = BatchMode::kSync}));
  ASSERT_EQ(seen.size(), 3);
  EXPECT_EQ(seen[0].count, 4);
  EXPECT_EQ(seen[1].finished, 4);
  EXPECT_EQ(seen[2].count, 2);  // the rest of the budget
  for (const AskSeen& ask : seen) EXPECT_EQ(ask.pending, 0);
}

TEST(Run, KeepsEveryWorkerBusyWhenTheyDoNotWait) {
  std::vector<AskSeen> seen;
  const Optimizer optimizer = HashOptimizer("hash", &seen);
  Must(RunOne(optimizer, Find("sphere-3"), {.budget = 30, .batch = 4}));
  ASSERT_EQ(seen.size(), 27);
  EXPECT_EQ(seen[0].count, 4);
  for (size_t i = 1; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].count, 1);
    EXPECT_EQ(seen[i].pending, 3);
    EXPECT_EQ(seen[i].finished, i);
  }
}

// With random durations the results come in another order than the points were given out: a curve that
// depends on the order of results differs from that of workers who wait.
TEST(Run, MeetsResultsInAnotherOrderThanPointsWhenWorkersDoNotWait) {
  const RunRecord async = Must(RunOne(HashOptimizer(), Find("sphere-3"), {.budget = 40, .batch = 4}));
  const RunRecord sync =
      Must(RunOne(HashOptimizer(), Find("sphere-3"), {.budget = 40, .batch = 4, .mode = BatchMode::kSync}));
  EXPECT_EQ(async.mode, "async");
  EXPECT_EQ(sync.mode, "sync");
  EXPECT_NE(async.curve, sync.curve);
}

TEST(Run, IsAFunctionOfItsArguments) {
  for (const int batch : {1, 5}) {
    const RunOptions options{.seed = 3, .budget = 60, .batch = batch};
    const RunRecord first = Must(RunOne(HashOptimizer(), Find("ackley-4+noise=0.1"), options));
    const RunRecord second = Must(RunOne(HashOptimizer(), Find("ackley-4+noise=0.1"), options));
    EXPECT_EQ(first.curve, second.curve);
    const RunRecord other =
        Must(RunOne(HashOptimizer(), Find("ackley-4+noise=0.1"), {.seed = 4, .budget = 60, .batch = batch}));
    EXPECT_NE(first.curve, other.curve);
  }
}

TEST(Run, ReportsTheLossWithoutNoiseAndTellsItWithNoise) {
  const RunRecord clean = Must(RunOne(HashOptimizer(), Find("sphere-2"), {.budget = 1}));
  const RunRecord noisy = Must(RunOne(HashOptimizer(), Find("sphere-2+noise=1"), {.budget = 1}));
  EXPECT_EQ(clean.curve, noisy.curve);  // the first point does not depend on results
  const RunRecord clean_later = Must(RunOne(HashOptimizer(), Find("sphere-2"), {.budget = 50}));
  const RunRecord noisy_later = Must(RunOne(HashOptimizer(), Find("sphere-2+noise=1"), {.budget = 50}));
  EXPECT_NE(clean_later.curve, noisy_later.curve);
}

TEST(Run, CountsEvaluationsThatFailAndLearnsNothingFromThem) {
  Problem problem = Find("sphere-2");
  int calls = 0;
  problem.evaluate = [&calls](const algorithms::Point&) -> absl::StatusOr<double> {
    ++calls;
    if (calls % 3 == 0) return absl::InternalError("no");
    if (calls % 3 == 1) return std::numeric_limits<double>::quiet_NaN();
    return 100.0 - calls;
  };
  const RunRecord record = Must(RunOne(HashOptimizer(), problem, {.budget = 8}));
  EXPECT_EQ(record.evaluations, 8);
  EXPECT_EQ(record.curve, (std::vector<Improvement>{{2, 98}, {5, 95}, {8, 92}}));
}

TEST(Run, FailsWhenNoEvaluationGivesAResult) {
  Problem problem = Find("sphere-2");
  problem.evaluate = [](const algorithms::Point&) { return absl::InternalError("no disk"); };
  EXPECT_THAT(std::string(MessageOf(RunOne(HashOptimizer(), problem, {.budget = 3}).status())),
              HasSubstr("no evaluation gave a result: no disk"));
}

TEST(Run, EndsWhenTheSpaceIsExhausted) {
  const std::vector<Optimizer> grid = Must(ParseOptimizers("grid"));
  Problem problem = Find("branin_mixed");
  EXPECT_EQ(problem.space.combinations(), 496);
  for (const int batch : {1, 7}) {
    const RunRecord record = Must(RunOne(grid[0], problem, {.budget = 1000, .batch = batch}));
    EXPECT_EQ(record.evaluations, 496) << batch;
    EXPECT_EQ(record.curve.back().regret, 0) << batch;
  }
}

TEST(Run, GivesTheSeedToTheAlgorithm) {
  const std::vector<Optimizer> random = Must(ParseOptimizers("random,fixed=random(seed=5)"));
  const auto curve = [&](const Optimizer& optimizer, std::uint64_t seed) {
    return Must(RunOne(optimizer, Find("sphere-3"), {.seed = seed, .budget = 30})).curve;
  };
  EXPECT_NE(curve(random[0], 4), curve(random[0], 5));
  EXPECT_EQ(curve(random[0], 5), curve(random[1], 4));
}

// An algorithm that keeps its state in the settings it returns: it sees each of them once more, the newest only.
TEST(Run, GivesReturnedSettingsBack) {
  class Counter final : public algorithms::Algorithm {
   public:
    explicit Counter(const algorithms::Problem& problem) : problem_(problem) {}
    bool uses_history() const override { return false; }
    absl::StatusOr<algorithms::Suggestions> Suggest(const algorithms::History&,
                                                    const algorithms::Ask& ask) const override {
      int count = 0, seen = 0;
      for (const algorithms::Setting& setting : problem_.settings) {
        if (setting.name == "count") count = std::stoi(setting.value), ++seen;
      }
      EXPECT_EQ(count, ask.handed_out);
      EXPECT_LE(seen, 1);
      return algorithms::Suggestions{{{{1.0, 0.0}, {}, {}}}, {{"count", std::to_string(count + 1)}}};
    }

   private:
    algorithms::Problem problem_;
  };
  const Optimizer counter{
      "counter", {}, [](const algorithms::Problem& problem) { return std::make_unique<Counter>(problem); }};
  EXPECT_EQ(Must(RunOne(counter, Find("sphere-2"), {.budget = 5})).evaluations, 5);
}

TEST(Run, RefusesPointsThatWereNotAsked) {
  class Liar final : public algorithms::Algorithm {
   public:
    explicit Liar(algorithms::Suggestions answer) : answer_(std::move(answer)) {}
    bool uses_history() const override { return false; }
    absl::StatusOr<algorithms::Suggestions> Suggest(const algorithms::History&,
                                                    const algorithms::Ask&) const override {
      return answer_;
    }

   private:
    algorithms::Suggestions answer_;
  };
  const auto message = [&](const algorithms::Suggestions& answer) {
    Optimizer liar{
        "liar", {}, [answer](const algorithms::Problem&) { return std::make_unique<Liar>(answer); }};
    return std::string(MessageOf(RunOne(liar, Find("sphere-2"), {.budget = 3}).status()));
  };
  const algorithms::Proposal outside{{5.5, 0.0}, {}, {}}, whole{{std::int64_t{1}, 0.0}, {}, {}},
      nan{{std::numeric_limits<double>::quiet_NaN(), 0.0}, {}, {}}, good{{1.0, 0.0}, {}, {}};
  EXPECT_THAT(message({}), HasSubstr("0 points instead of 1"));
  EXPECT_THAT(message({{good, good}, {}}), HasSubstr("2 points instead of 1"));
  for (const algorithms::Proposal& bad : {outside, whole, nan, algorithms::Proposal{}})
    EXPECT_THAT(message({{bad}, {}}), HasSubstr("outside the space"));
}

TEST(Run, ReportsSettingsThatAreRefused) {
  const std::vector<Optimizer> random = Must(ParseOptimizers("random(colour=red)"));
  EXPECT_THAT(std::string(MessageOf(RunOne(random[0], Find("sphere-2"), {}).status())), HasSubstr("colour"));
}

}  // namespace
}  // namespace qalam::bench
