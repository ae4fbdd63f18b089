#include "bench/campaign.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "bench/files.h"
#include "tests/bench/support.h"

namespace qalam::bench {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using testing::HashOptimizer;
using ::testing::HasSubstr;

class CampaignTest : public ::testing::TestWithParam<ResultFormat> {
 protected:
  CampaignTest() {
    std::string name = ::testing::TempDir() + "qalam-bench-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~CampaignTest() override { fs::remove_all(directory_); }

  static std::vector<Contestant> Contestants(int budget) {
    std::vector<Optimizer> optimizers = {HashOptimizer("a"), HashOptimizer("b,c")};
    optimizers[1].settings = {{"k", "v"}};
    return ByEvaluations(optimizers, {.budget = budget});
  }

  CampaignOptions Options(const std::string& file, int threads = 1) const {
    CampaignOptions options;
    options.contestants = Contestants(30);
    options.problems =
        Must(FindProblems(std::vector<std::string>{"sphere-2", "hpo_bowl+noise=0.1+shift=2"}, {}));
    options.seeds = {0, 1, 2};
    options.budget = 30;
    options.threads = threads;
    options.format = GetParam();
    if (!file.empty()) options.output = directory_ / file;
    return options;
  }

  // The file without what depends on the machine: times and memory.
  std::string ResultsIn(const std::string& file) const {
    std::vector<RunRecord> records = Must(ParseResults(Must(ReadFile(directory_ / file)), GetParam()));
    std::string text;
    for (RunRecord& record : records) {
      record.cpu_seconds = 0;
      record.peak_memory_mb = 0;
      record.milliseconds = {};
      text += ResultLine(record, GetParam());
    }
    return text;
  }

  fs::path directory_;
};

TEST_P(CampaignTest, GivesTheSameFileWhateverTheNumberOfThreads) {
  Must(RunCampaign(Options("one")));
  Must(RunCampaign(Options("four", 4)));
  EXPECT_EQ(ResultsIn("one"), ResultsIn("four"));
  EXPECT_EQ(Must(ParseResults(Must(ReadFile(directory_ / "one")), GetParam())).size(), 12);
}

TEST_P(CampaignTest, GoesOnAfterAnInterruption) {
  const Campaign whole = Must(RunCampaign(Options("whole")));
  EXPECT_EQ(whole.resumed, 0);

  // As a kill leaves it: some rows, the last one cut short.
  const std::string text = Must(ReadFile(directory_ / "whole"));
  for (const size_t length : {text.size() - 10, text.size() / 2, size_t{5}, size_t{0}}) {
    std::ofstream(directory_ / "part") << text.substr(0, length);
    const Campaign resumed = Must(RunCampaign(Options("part")));
    EXPECT_EQ(ResultsIn("part"), ResultsIn("whole")) << length;
    EXPECT_EQ(resumed.records.size(), 12);
    for (size_t i = 0; i < 12; ++i) EXPECT_EQ(resumed.records[i].curve, whole.records[i].curve);
  }
  EXPECT_EQ(Must(RunCampaign(Options("whole"))).resumed, 12);
}

TEST_P(CampaignTest, TakesRunsWithAnotherBudgetForOtherRuns) {
  CampaignOptions options = Options("file");
  Must(RunCampaign(options));
  options.budget = 40;
  options.contestants = Contestants(40);
  EXPECT_EQ(Must(RunCampaign(options)).resumed, 0);
  options.budget = 30;
  options.contestants = Contestants(30);
  const Campaign again = Must(RunCampaign(options));
  EXPECT_EQ(again.resumed, 12);
  ASSERT_EQ(again.records.size(), 12);
  for (const RunRecord& record : again.records) EXPECT_EQ(record.evaluations, 30);
  EXPECT_EQ(Must(ParseResults(Must(ReadFile(directory_ / "file")), GetParam())).size(), 24);
}

TEST_P(CampaignTest, KeepsOtherRunsOfTheFileToItself) {
  CampaignOptions options = Options("file");
  Must(RunCampaign(options));
  options.seeds = {1, 9};
  const Campaign other = Must(RunCampaign(options));
  EXPECT_EQ(other.resumed, 4);
  EXPECT_EQ(other.records.size(), 8);
  EXPECT_EQ(Must(ParseResults(Must(ReadFile(directory_ / "file")), GetParam())).size(), 16);
}

TEST_P(CampaignTest, ListsRunsThatFailAndGoesOn) {
  CampaignOptions options = Options("");
  options.contestants.push_back(
      {"broken", [](const Problem&, std::uint64_t) { return absl::InvalidArgumentError("it broke"); }});
  options.seeds = {5};
  const Campaign campaign = Must(RunCampaign(options));
  EXPECT_EQ(campaign.records.size(), 4);
  EXPECT_THAT(campaign.failures, ElementsAre("broken on hpo_bowl+noise=0.1+shift=2, seed 5: it broke",
                                             "broken on sphere-2, seed 5: it broke"));
}

TEST_P(CampaignTest, RefusesAFileOfSomethingElse) {
  std::ofstream(directory_ / "file") << "name,age\nAda,36\n";
  const absl::StatusOr<Campaign> campaign = RunCampaign(Options("file"));
  EXPECT_EQ(campaign.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(MessageOf(campaign.status())), HasSubstr("file: line "));
  EXPECT_EQ(Must(ReadFile(directory_ / "file")), "name,age\nAda,36\n");
}

INSTANTIATE_TEST_SUITE_P(CsvAndJsonLines, CampaignTest,
                         ::testing::Values(ResultFormat::kCsv, ResultFormat::kJsonLines));

}  // namespace
}  // namespace qalam::bench
