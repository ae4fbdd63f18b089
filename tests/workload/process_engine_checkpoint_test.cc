// The checkpoint directories of trials.
#include <filesystem>

#include "process_engine_fixture.h"

namespace qalam::workload {
namespace {

namespace fs = std::filesystem;

using testing::Contains;

class ProcessEngineCheckpoint : public ProcessEngineTest {
 protected:
  void SetUp() override {
    options.background = [this](std::function<void()> work) {
      ++copies;
      work();
    };
    ProcessEngineTest::SetUp();
  }

  absl::Status Copy(const std::string& trial, const std::string& parent) {
    absl::Status result = absl::UnknownError("no answer");
    engine->CopyCheckpoint(Ref(trial), "exp", parent, [&](absl::Status status) { result = status; });
    loop.RunPosted();
    return result;
  }
  std::string Checkpoint(const std::string& trial) { return root / ("ns/exp/" + trial + "/checkpoint"); }

  int copies = 0;
};

TEST_F(ProcessEngineCheckpoint, IsEmptyAtFirstAndTheProgramKnowsWhereItIs) {
  Launch("t", Process("p"));
  EXPECT_TRUE(fs::is_empty(Checkpoint("t")));
  EXPECT_THAT(EnvironmentOf("p"), Contains("QALAM_CHECKPOINT_DIR=" + Checkpoint("t")));
  EXPECT_EQ(copies, 0);
}

TEST_F(ProcessEngineCheckpoint, BeginsAsACopyOfTheParents) {
  Launch("a", Process("p"));
  WriteFile(Checkpoint("a") + "/epoch", "1");
  Exit("p", 0);
  ASSERT_TRUE(Copy("b", "a").ok());
  Launch("b", Process("q"));
  EXPECT_EQ(ReadFile(Checkpoint("b") + "/epoch"), "1");
  WriteFile(Checkpoint("b") + "/epoch", "2");
  EXPECT_EQ(ReadFile(Checkpoint("a") + "/epoch"), "1");
}

TEST_F(ProcessEngineCheckpoint, IsKeptFromAttemptToAttemptAndFromRunToRun) {
  Launch("a", Process("p"));
  WriteFile(Checkpoint("a") + "/epoch", "1");
  Exit("p", 0);
  ASSERT_TRUE(Copy("b", "a").ok());
  Launch("b", Process("q", R"(,"retries":1)"));
  WriteFile(Checkpoint("b") + "/epoch", "2");
  Exit("q", 1);
  loop.Advance(absl::Seconds(2));
  EXPECT_EQ(ReadFile(Checkpoint("b") + "/epoch"), "2");
  MakeEngine();  // as if qalam had been killed
  ASSERT_TRUE(Copy("b", "a").ok());
  Launch("b", Process("q"));
  EXPECT_EQ(ReadFile(Checkpoint("b") + "/epoch"), "2");
}

TEST_F(ProcessEngineCheckpoint, OfAParentWithoutOneCannotBeCopied) {
  EXPECT_EQ(Copy("b", "a").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Copy("b", "../a").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ProcessEngineCheckpoint, HasTheNameThatTheExperimentUses) {
  LaunchRequest request =
      Request("t", Process("p", R"(,"env":{"DIR":"/opt/katib/data/model","OTHER":"/opt/katib/database"})"));
  request.checkpoint_path = "/opt/katib/data";
  ASSERT_TRUE(engine->Launch(request).ok());
  EXPECT_THAT(EnvironmentOf("p"), Contains("DIR=" + Checkpoint("t") + "/model"));
  EXPECT_THAT(EnvironmentOf("p"), Contains("OTHER=/opt/katib/database"));
}

TEST_F(ProcessEngineCheckpoint, IsDeletedWhenTheProgramHasEnded) {
  Launch("t", Process("p"));
  ASSERT_TRUE(engine->DeleteCheckpoint(Ref("t"), "exp").ok());
  EXPECT_TRUE(fs::exists(Checkpoint("t")));
  Exit("p", 0);
  EXPECT_FALSE(fs::exists(Checkpoint("t")));
  EXPECT_TRUE(fs::exists(root / "ns/exp/t"));

  fs::create_directories(Checkpoint("t") + ".partial");
  ASSERT_TRUE(engine->DeleteCheckpoint(Ref("t"), "exp").ok());
  EXPECT_FALSE(fs::exists(Checkpoint("t") + ".partial"));
}

}  // namespace
}  // namespace qalam::workload
