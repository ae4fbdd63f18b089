#include "bench/contestant.h"

#include <gmock/gmock.h>

#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::vector<std::string> NamesOf(const std::vector<Contestant>& contestants) {
  std::vector<std::string> names;
  for (const Contestant& contestant : contestants) names.push_back(contestant.name);
  return names;
}

TEST(ByEpochs, CombinesOptimisersWithRulesUnlessTheyStopByThemselves) {
  std::vector<Optimizer> optimizers = {testing::HashOptimizer("a"), testing::HashOptimizer("b")};
  optimizers[1].takes_resource = true;
  const std::vector<Stopping> stoppings = Must(ParseStoppings("medianstop,p=patience"));
  EXPECT_THAT(NamesOf(ByEpochs(optimizers, stoppings, {.epochs = 9})),
              ElementsAre("a", "a+medianstop", "a+p", "b"));
}

TEST(ByEpochs, RecordsRegretsEpochsAndTimes) {
  const std::vector<Optimizer> optimizers = {testing::HashOptimizer("a")};
  const CurveRunOptions options{.epochs = 25, .workers = 2};
  const std::vector<Contestant> contestants = ByEpochs(optimizers, Must(ParseStoppings("")), options);
  ASSERT_THAT(contestants, SizeIs(1));
  const RunRecord record = Must(contestants[0].run(testing::Parallel(), 3));
  EXPECT_EQ(record.seed, 3u);
  EXPECT_EQ(record.batch, 2);
  EXPECT_EQ(record.mode, "epochs");
  EXPECT_EQ(record.evaluations, 25);
  ASSERT_FALSE(record.curve.empty());
  EXPECT_EQ(record.curve[0].evaluation, 1);
  EXPECT_LE(record.curve.back().time, record.time);

  const CurveRun run = Must(RunCurves(optimizers[0], testing::Parallel(), {"none", "", {}},
                                      {.seed = 3, .epochs = 25, .workers = 2}));
  EXPECT_EQ(record.curve.size(), run.progress.size());
  EXPECT_NEAR(record.curve.back().regret, run.best - 1, 1e-6);
}

TEST(ByEpochs, RecordsReadBackAsTheyWere) {
  const std::vector<Contestant> contestants =
      ByEpochs({testing::HashOptimizer("a")}, Must(ParseStoppings("")),
               {.epochs = 25, .workers = 2, .from_scratch = true});
  RunRecord record = Must(contestants[0].run(testing::Parallel(), 3));
  record.optimizer = "a";
  record.problem = "parallel";
  EXPECT_EQ(record.mode, "scratch");
  for (const ResultFormat format : {ResultFormat::kCsv, ResultFormat::kJsonLines}) {
    const std::vector<RunRecord> read =
        Must(ParseResults(ResultHeader(format) + ResultLine(record, format), format));
    ASSERT_THAT(read, SizeIs(1));
    EXPECT_EQ(read[0].curve, record.curve);
    EXPECT_EQ(read[0].time, record.time);
    EXPECT_EQ(read[0].mode, record.mode);
  }
}

TEST(ParseResults, RefusesTimesThatDoNotFitTheCurve) {
  for (const char* times : {"1", "1;2;3", "1;x"}) {
    const std::string text = std::string("optimizer,problem,seed,curve,times\na,p,0,1:2;3:1,") + times + "\n";
    EXPECT_EQ(ParseResults(text, ResultFormat::kCsv).status().code(), absl::StatusCode::kInvalidArgument)
        << times;
  }
}

TEST(ByEvaluations, RunsWithTheSeedsOfTheCampaign) {
  Problem problem = testing::Parallel();
  const std::vector<Contestant> contestants =
      ByEvaluations({testing::HashOptimizer("a")}, {.budget = 12, .batch = 3, .mode = BatchMode::kAsync});
  const RunRecord record = Must(contestants[0].run(problem, 5));
  EXPECT_EQ(record.seed, 5u);
  EXPECT_EQ(record.evaluations, 12);
  EXPECT_EQ(record.mode, "async");
}

}  // namespace
}  // namespace qalam::bench
