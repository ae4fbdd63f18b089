// Trials that report by themselves: when they may, and what their conclusion waits for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace qalam::controller {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Writes down what it is told, without the trials' uids; `done` comes later if it is held.
class FakeReporting final : public TrialReporting {
 public:
  absl::StatusOr<Variables> Grant(const api::Trial&) override {
    calls.push_back("Grant");
    if (!status.ok()) return std::exchange(status, absl::OkStatus());
    return Variables{{"QALAM_TOKEN", "secret"}};
  }
  void Open(const std::string&) override { calls.push_back("Open"); }
  void Hold(const std::string&, std::function<void()> done) override {
    calls.push_back("Hold");
    done();
  }
  void Close(const std::string&, std::function<void()> done) override {
    calls.push_back("Close");
    if (hold) {
      held.push_back(std::move(done));
    } else {
      done();
    }
  }
  std::string address() const override { return "127.0.0.1:4711"; }

  std::vector<std::string> calls;
  absl::Status status;
  bool hold = false;
  std::vector<std::function<void()>> held;
};

class TrialReportingTest : public testing::Test {
 protected:
  TrialReportingTest() { world.reporting = &reporting; }

  void Begin(api::CollectorKind kind) {
    api::Experiment experiment = MakeExperiment();
    experiment.spec.max_trial_count = 1;
    experiment.spec.metrics_collector->kind = kind;
    if (kind == api::CollectorKind::kCustom) {
      experiment.spec.metrics_collector->custom_collector.text = R"({"command":["collect"]})";
    }
    world.Create(experiment);
    world.StartController();
  }
  std::string LastMessage() const { return world.trials()[0]->status.conditions.back().message; }

  FakeReporting reporting;
  World world;
};

TEST_F(TrialReportingTest, APushTrialMayReportFromItsLaunchToItsEnd) {
  Begin(api::CollectorKind::kPush);
  ASSERT_TRUE(world.RunToCompletion());
  ASSERT_GE(reporting.calls.size(), 3u);
  EXPECT_THAT(std::vector(reporting.calls.begin(), reporting.calls.begin() + 3),
              ElementsAre("Grant", "Open", "Close"));
  EXPECT_THAT(world.engine.last_request.environment, ElementsAre(testing::Pair("QALAM_TOKEN", "secret")));
}

TEST_F(TrialReportingTest, OthersAreGivenNoToken) {
  Begin(api::CollectorKind::kStdOut);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_THAT(reporting.calls, testing::Not(Contains("Grant")));
  EXPECT_THAT(world.engine.last_request.environment, IsEmpty());
}

TEST_F(TrialReportingTest, TheVerdictWaitsForReportsUnderWay) {
  Begin(api::CollectorKind::kPush);
  reporting.hold = true;
  EXPECT_FALSE(world.RunToCompletion(absl::Minutes(5)));
  EXPECT_EQ(ConditionText(world.trials()[0]->status.conditions), "Created Running");
  reporting.hold = false;
  world.services.observations->Add(world.trials()[0]->metadata.uid, "loss", "1");
  ASSERT_FALSE(reporting.held.empty());
  reporting.held.front()();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(world.trials()[0]->status.conditions), "Created Running=False Succeeded");
}

TEST_F(TrialReportingTest, WithoutAnyReportTheMessageSaysWhoShouldHaveCalledWhere) {
  world.engine.outcome = [](const std::string&) { return FakeEngine::Outcome{.metrics = {}}; };
  Begin(api::CollectorKind::kPush);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_THAT(LastMessage(), HasSubstr("127.0.0.1:4711, and nobody called"));
}

TEST_F(TrialReportingTest, OfCustomTheEngineGetsTheCollector) {
  Begin(api::CollectorKind::kCustom);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.engine.last_request.collector.text, R"({"command":["collect"]})");
  EXPECT_THAT(reporting.calls, Contains("Grant"));
}

TEST_F(TrialReportingTest, ALostRunsReportsAreHeldUntilWhatItReportedIsDeleted) {
  Begin(api::CollectorKind::kPush);
  world.loop.Advance(absl::Milliseconds(100));
  ASSERT_EQ(world.engine.running(), 1);
  reporting.calls.clear();
  world.StartController(/*lose_workloads=*/true);
  world.loop.Advance(absl::Milliseconds(100));
  ASSERT_GE(reporting.calls.size(), 3u);
  EXPECT_THAT(std::vector(reporting.calls.begin(), reporting.calls.begin() + 3),
              ElementsAre("Hold", "Grant", "Open"));
  EXPECT_THAT(world.services.observations->deleted, Contains(world.trials()[0]->metadata.uid));
}

TEST_F(TrialReportingTest, ALaunchIsTriedAgainWhenNothingCanBeReportedNow) {
  reporting.status = absl::UnavailableError("cannot listen on 127.0.0.1:0");
  Begin(api::CollectorKind::kPush);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.engine.launches[world.trials()[0]->metadata.name], 1);
}

}  // namespace
}  // namespace qalam::controller
