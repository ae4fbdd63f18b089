#include "bench/command.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/command_plan.h"
#include "bench/files.h"
#include "bench/space_parts.h"

namespace qalam::bench {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Outcome {
  absl::Status status;
  std::string out, err;
  int failed_runs = 0;
};

Outcome Bench(const CommandOptions& options) {
  std::ostringstream out, err;
  Outcome outcome;
  outcome.status = RunBench(options, out, err, outcome.failed_runs);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

CommandOptions Small() {
  CommandOptions options;
  options.algorithms = "random,sobol";
  options.problems = {"branin2,hpo_bowl", "levy-2"};
  options.seeds = "0-2";
  options.budget = 30;
  options.threads = 2;
  return options;
}

TEST(RunBench, PrintsStandingsAndProgress) {
  const Outcome outcome = Bench(Small());
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.out, HasSubstr("After 25 evaluations, 3 problems:"));
  EXPECT_THAT(outcome.out, HasSubstr("After 30 evaluations"));
  EXPECT_THAT(outcome.err, HasSubstr("18/18 runs\n"));
  EXPECT_EQ(Bench(Small()).out, outcome.out);
}

TEST(RunBench, MeasuresEarlyStopping) {
  CommandOptions options;
  options.algorithms = "random";
  options.stop = "medianstop";
  options.seeds = "0-2";
  options.budget = 20;
  const Outcome outcome = Bench(options);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.out, HasSubstr("mlp_digits, random, 20 trials by 1 worker, 3 seeds:"));
  EXPECT_THAT(outcome.out, HasSubstr("mlp_diabetes, random"));
  EXPECT_THAT(outcome.out, HasSubstr("| none       |    540 |      100% |"));
  EXPECT_THAT(outcome.err, HasSubstr("12/12 runs\n"));
  EXPECT_EQ(Bench(options).out, outcome.out);

  options.problems = {"branin2"};
  EXPECT_THAT(std::string(Bench(options).status.message()),
              HasSubstr("--stop: branin2 has no learning curves"));
  options.stop = "hope";
  EXPECT_THAT(std::string(Bench(options).status.message()),
              HasSubstr("--stop: unknown early-stopping rule \"hope\""));
}

TEST(RunBench, CountsEpochsWhereItIsToldTo) {
  CommandOptions options;
  options.algorithms = "random,tpe";
  options.stop = "medianstop";
  options.epochs = 540;
  options.batch = 4;
  options.seeds = "0-2";
  options.threads = 2;
  options.problems = {"mlp_digits,curve-parallel"};
  const Outcome outcome = Bench(options);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.out, HasSubstr("After 180 epochs, 2 problems:"));
  EXPECT_THAT(outcome.out, HasSubstr("mlp_digits: to where random ends, a regret of "));
  EXPECT_THAT(outcome.out, HasSubstr("| optimizer         | epochs to the target |"));
  EXPECT_THAT(outcome.err, HasSubstr("24/24 runs\n"));
  EXPECT_EQ(Bench(options).out, outcome.out);

  options.reference = "tpe+medianstop";
  EXPECT_THAT(Bench(options).out, HasSubstr("curve-parallel: to where tpe+medianstop ends"));
  options.reference = "nobody";
  const Outcome refused = Bench(options);
  EXPECT_EQ(refused.status.message(),
            "--reference: there are no runs of \"nobody\"; there are some of random, random+medianstop, tpe, "
            "tpe+medianstop");
  EXPECT_EQ(refused.err, "") << "before anything is run";
  options.problems = {"branin2"};
  EXPECT_THAT(std::string(Bench(options).status.message()),
              HasSubstr("--epochs: branin2 has no learning curves"));
  options.epochs = -1;
  EXPECT_THAT(std::string(Bench(options).status.message()), HasSubstr("--epochs: -1 should be from 1 to"));
}

TEST(RunBench, SetsResultsOfOthersBeside) {
  std::string name = ::testing::TempDir() + "qalam-compare-XXXXXX";
  const fs::path directory = mkdtemp(name.data());
  CommandOptions options = Small();
  options.output = directory / "mine.csv";
  ASSERT_TRUE(Bench(options).status.ok());

  CommandOptions other = Small();
  other.algorithms = "other=random";
  other.compare = {options.output};
  other.report = directory / "report";
  const Outcome outcome = Bench(other);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  for (const char* optimizer : {"| other ", "| random ", "| sobol "})
    EXPECT_THAT(outcome.out, HasSubstr(optimizer));
  EXPECT_THAT(Must(ReadFile(directory / "report" / "REPORT.md")), HasSubstr("## Significance"));
  EXPECT_TRUE(fs::exists(directory / "report" / "report.html"));

  other.algorithms.clear();  // comparing alone needs no algorithm
  EXPECT_TRUE(Bench(other).status.ok());
  fs::remove_all(directory);
}

TEST(RunBench, TakesATableOfTheUser) {
  const fs::path file = fs::path(::testing::TempDir()) / "own_table.csv";
  std::ofstream(file) << "x,kind,loss\n1,a,3\n2,a,2\n1,b,1\n2,b,4\n";
  CommandOptions options = Small();
  options.algorithms = "grid";
  options.problems.clear();
  options.tables = {file};
  options.budget = 4;
  options.report = "";
  const Outcome outcome = Bench(options);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.out, HasSubstr("After 4 evaluations, 1 problem:"));
  EXPECT_THAT(outcome.out, HasSubstr("1.000"));  // a grid finds the best of four
  fs::remove(file);
}

TEST(RunBench, MeasuresLatency) {
  CommandOptions options;
  options.algorithms = "random";
  options.latency = true;
  options.latency_trials = "0,5";
  const Outcome outcome = Bench(options);
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.out, HasSubstr("| random    |      5 |"));
}

TEST(RunBench, ListsProblems) {
  CommandOptions options;
  options.list = true;
  for (const char* name : {"branin2", "ackley-D", "bbob-f24-D", "mlp_digits"})
    EXPECT_THAT(Bench(options).out, HasSubstr(name));
}

TEST(RunBench, CountsRunsThatFail) {
  CommandOptions options = Small();
  options.algorithms = "random,grid";  // a grid needs steps
  options.problems = {"branin2"};
  const Outcome outcome = Bench(options);
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.failed_runs, 3);
  EXPECT_THAT(outcome.err, HasSubstr("failed: grid on branin2, seed 0: "));
}

TEST(RunBench, NeedsNoRunsOfTheReferenceOnEveryProblem) {
  CommandOptions options = Small();
  options.algorithms = "random,grid";  // a grid needs steps, which tables have
  options.problems = {"branin2,mlp_digits"};
  options.reference = "grid";
  const Outcome outcome = Bench(options);
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.failed_runs, 3);
  EXPECT_THAT(outcome.out, HasSubstr("mlp_digits: to where grid ends"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("branin2: to where grid ends")));
}

TEST(RunBench, NamesTheFlagThatIsWrong) {
  const auto message = [](auto change) {
    CommandOptions options = Small();
    change(options);
    const absl::Status status = Bench(options).status;
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(MessageOf(status));
  };
  EXPECT_THAT(message([](CommandOptions& o) { o.algorithms = ""; }), HasSubstr("--algorithms: should name"));
  EXPECT_THAT(message([](CommandOptions& o) { o.algorithms = "x"; }),
              HasSubstr("--algorithms: unknown algorithm \"x\""));
  EXPECT_THAT(message([](CommandOptions& o) { o.problems = {"x"}; }),
              HasSubstr("--problems: unknown problem \"x\""));
  EXPECT_THAT(message([](CommandOptions& o) { o.seeds = "9-1"; }),
              HasSubstr("--seeds: \"9-1\" should be like"));
  EXPECT_THAT(message([](CommandOptions& o) { o.budget = 0; }), HasSubstr("--budget: 0 should be from 1"));
  EXPECT_THAT(message([](CommandOptions& o) { o.batch = -1; }), HasSubstr("--batch: -1 should be"));
  EXPECT_THAT(message([](CommandOptions& o) { o.batch_mode = "x"; }),
              HasSubstr("--batch-mode: \"x\" should be"));
  EXPECT_THAT(message([](CommandOptions& o) { o.shift_seed = "x"; }),
              HasSubstr("--shift-seed: \"x\" should be"));
  EXPECT_THAT(message([](CommandOptions& o) { o.target_regret = "-1"; }),
              HasSubstr("--target-regret: \"-1\""));
  EXPECT_THAT(message([](CommandOptions& o) { o.latency = true, o.latency_trials = "x"; }),
              HasSubstr("--latency-trials: \"x\""));
  CommandOptions missing = Small();
  missing.compare = {"/no/such/file.csv"};
  EXPECT_THAT(std::string(MessageOf(Bench(missing).status)),
              HasSubstr("--compare: /no/such/file.csv: no such file"));
}

TEST(ParseSeeds, ReadsListsAndRanges) {
  EXPECT_THAT(Must(ParseSeeds("3")), ElementsAre(3));
  EXPECT_THAT(Must(ParseSeeds("5, 0-2,1")), ElementsAre(0, 1, 2, 5));
  for (const char* text : {"", "a", "1-", "-1", "2-1", "0-1000000"})
    EXPECT_FALSE(ParseSeeds(text).ok()) << text;
}

}  // namespace
}  // namespace qalam::bench
