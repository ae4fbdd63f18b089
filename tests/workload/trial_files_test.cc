#include "workload/trial_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary_directory.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;

TrialFiles Files(const std::string& root, const std::string& trial = "t-1") {
  return *TrialFiles::Create(root, {.namespace_name = "ns", .name = trial, .uid = "u"}, "exp");
}

TEST(TrialFiles, RefusesNamesThatWouldLeaveTheRoot) {
  for (const char* name : {"", ".", "..", "a/b", "/etc"}) {
    EXPECT_FALSE(TrialFiles::Create("/r", {.namespace_name = "ns", .name = name, .uid = ""}, "e").ok())
        << name;
    EXPECT_FALSE(TrialFiles::Create("/r", {.namespace_name = name, .name = "t", .uid = ""}, "e").ok())
        << name;
    EXPECT_FALSE(TrialFiles::Create("/r", {.namespace_name = "ns", .name = "t", .uid = ""}, name).ok())
        << name;
  }
}

TEST(TrialFiles, PutsTheMetricsFileBesideTheLogWithoutAClash) {
  const TrialFiles files = Files("/r");
  EXPECT_EQ(files.log_file(), "/r/ns/exp/t-1/output.log");
  EXPECT_EQ(files.metrics_path("/katib/mnist.log"), "/r/ns/exp/t-1/mnist.log");
  EXPECT_EQ(files.metrics_path("out/metrics.json"), "/r/ns/exp/t-1/metrics.json");
  EXPECT_EQ(files.metrics_path("/x/output.log"), "/r/ns/exp/t-1/metrics-output.log");
  EXPECT_EQ(files.metrics_path("/x/checkpoint/"), "/r/ns/exp/t-1/metrics-checkpoint");
  EXPECT_EQ(files.metrics_path("/x/.."), "/r/ns/exp/t-1/metrics-..");
  EXPECT_EQ(files.metrics_path("/x/dir/"), "/r/ns/exp/t-1/dir");
  EXPECT_EQ(files.metrics_path(""), "");
  EXPECT_EQ(files.container_log_file("side"), "/r/ns/exp/t-1/side.log");
  EXPECT_NE(files.container_log_file("output"), files.log_file());
}

TEST(TrialFiles, MakesTheDirectoryAndTakesItAllAway) {
  const TemporaryDirectory root;
  const TrialFiles first = Files(root.path()), second = Files(root.path(), "t-2");
  ASSERT_TRUE(first.Prepare().ok());
  ASSERT_TRUE(second.Prepare().ok());
  ASSERT_TRUE(first.Prepare().ok());
  EXPECT_TRUE(fs::is_directory(root / "ns/exp/t-1"));
  ASSERT_TRUE(first.Delete().ok());
  EXPECT_FALSE(fs::exists(root / "ns/exp/t-1"));
  EXPECT_TRUE(fs::exists(root / "ns/exp/t-2"));
  ASSERT_TRUE(second.Delete().ok());
  EXPECT_FALSE(fs::exists(root / "ns"));
  EXPECT_TRUE(second.Delete().ok());
}

TEST(TrialFiles, NamesThePathThatCannotBeMade) {
  const TemporaryDirectory root;
  WriteFile(root / "ns", "a file in the way");
  const absl::Status status = Files(root.path()).Prepare();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(root / "ns/exp/t-1"));
}

TEST(ReplacePath, FindsWholePathsOnly) {
  RunPlan plan;
  plan.primary.argv = {"/k/m.log",  "--log=/k/m.log", "cat /k/m.log;/k/m.log>x", "/x/k/m.log", "/k/m.log.old",
                       "/k/m.logs", "'/k/m.log'"};
  plan.primary.environment = {{"P", "/k/m.log"}, {"/k/m.log", "v"}};
  plan.init.push_back(
      {.container = {.name = "i", .argv = {"/k/m.log"}, .environment = {}, .working_dir = "", .limits = {}},
       .sidecar = false});
  plan.sidecars.push_back(
      {.name = "s", .argv = {"a:/k/m.log"}, .environment = {}, .working_dir = "", .limits = {}});
  ReplacePath(plan, "/k/m.log", "/t/k/m.log");
  EXPECT_THAT(plan.primary.argv,
              testing::ElementsAre("/t/k/m.log", "--log=/t/k/m.log", "cat /t/k/m.log;/t/k/m.log>x",
                                   "/x/k/m.log", "/k/m.log.old", "/k/m.logs", "'/t/k/m.log'"));
  EXPECT_THAT(plan.primary.environment,
              testing::ElementsAre(testing::Pair("P", "/t/k/m.log"), testing::Pair("/k/m.log", "v")));
  EXPECT_EQ(plan.init[0].container.argv[0], "/t/k/m.log");
  EXPECT_EQ(plan.sidecars[0].argv[0], "a:/t/k/m.log");
}

TEST(ReplacePath, ReplacesRelativePathsAndIgnoresAnEmptyOne) {
  RunPlan plan;
  plan.primary.argv = {"metrics", "--metrics", "--out=metrics", "metrics.py", ""};
  ReplacePath(plan, "", "/t");
  EXPECT_THAT(plan.primary.argv,
              testing::ElementsAre("metrics", "--metrics", "--out=metrics", "metrics.py", ""));
  ReplacePath(plan, "metrics", "/t/metrics");
  EXPECT_THAT(plan.primary.argv,
              testing::ElementsAre("/t/metrics", "--metrics", "--out=/t/metrics", "metrics.py", ""));
}

TEST(ReplaceDirectory, FindsTheDirectoryAndWhatIsBelowIt) {
  RunPlan plan;
  plan.primary.argv = {"/logs",  "--dir=/logs/train", "/logs/", "cat /logs/a /logs;", "/x/logs",
                       "/logs2", "/logs.old"};
  plan.primary.environment = {{"DIR", "/logs/x"}};
  ReplaceDirectory(plan, "/logs", "/t/logs");
  EXPECT_THAT(plan.primary.argv,
              testing::ElementsAre("/t/logs", "--dir=/t/logs/train", "/t/logs/", "cat /t/logs/a /t/logs;",
                                   "/x/logs", "/logs2", "/logs.old"));
  EXPECT_THAT(plan.primary.environment, testing::ElementsAre(testing::Pair("DIR", "/t/logs/x")));
}

TEST(ReplaceDirectory, LeavesOptionsAloneThatAreCalledLikeARelativeDirectory) {
  RunPlan plan;
  plan.primary.argv = {"runs", "--out=runs", "runs/a", "--runs", "runs=3", "runs.py"};
  ReplaceDirectory(plan, "runs", "/t/runs");
  EXPECT_THAT(plan.primary.argv,
              testing::ElementsAre("/t/runs", "--out=/t/runs", "/t/runs/a", "--runs", "runs=3", "runs.py"));
}

TEST(ReplacePort, FindsThePortAsAWordAndAtTheEndOfAnAddress) {
  RunPlan plan;
  plan.primary.argv = {"8080", "--port=8080", "0.0.0.0:8080", "18080", "8080s", "--seed=80801", "x8080"};
  plan.primary.environment = {{"PORT", "8080"}};
  ReplacePort(plan, 8080, 8083);
  EXPECT_THAT(plan.primary.argv, testing::ElementsAre("8083", "--port=8083", "0.0.0.0:8083", "18080", "8080s",
                                                      "--seed=80801", "x8080"));
  EXPECT_THAT(plan.primary.environment, testing::ElementsAre(testing::Pair("PORT", "8083")));
}

TEST(TrialFiles, EmptiesOnlyDirectoriesOfItsOwn) {
  const TemporaryDirectory root;
  const TrialFiles files = Files(root.path());
  const std::string logs = files.metrics_path("/logs/");
  ASSERT_TRUE(files.PrepareEmpty(logs).ok());
  fs::create_directory(root / "outside");
  WriteFile(root / "outside/kept", "");
  fs::create_directory_symlink(root / "outside", logs + "/link");
  WriteFile(logs + "/old", "");
  ASSERT_TRUE(files.PrepareEmpty(logs).ok());
  EXPECT_TRUE(fs::is_empty(logs));
  EXPECT_TRUE(fs::exists(root / "outside/kept"));
  for (const std::string& outside :
       {root / "outside", files.directory(), logs + "/x", files.directory() + "/../t-2",
        files.directory() + "/..", files.directory() + "/."}) {
    EXPECT_EQ(files.PrepareEmpty(outside).code(), absl::StatusCode::kInvalidArgument) << outside;
  }
  EXPECT_TRUE(fs::exists(root / "outside/kept"));
}

}  // namespace
}  // namespace qalam::workload
