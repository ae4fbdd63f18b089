#include "cli/trial_history.h"

#include <gmock/gmock.h>

#include "cli/read_commands.h"
#include "study_fixture.h"

namespace qalam::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrialHistory : public testing::Test {
 protected:
  std::vector<std::string> Read(std::string_view text) {
    return Texts(ReadHistory(text, "h.csv", study_, ignored_));
  }
  std::vector<api::TrialState> States() const {
    std::vector<api::TrialState> states;
    for (const api::Trial& trial : study_.trials()) states.push_back(api::StateOf(trial));
    return states;
  }

  FakeService service_;
  Study study_ = MakeStudy(service_);
  std::vector<std::string> ignored_;
};

TEST_F(TrialHistory, ReadsATableWrittenByHand) {
  EXPECT_THAT(
      Read("\xEF\xBB\xBFnote,opt,layers,lr,batch,loss\r\nx,adam,1,0.01,16,0.5\r\n,sgd,4,1e-4,0.1,\r\n"),
      IsEmpty());
  EXPECT_THAT(ignored_, ElementsAre("note"));
  EXPECT_THAT(States(), ElementsAre(api::TrialState::kSucceeded, api::TrialState::kRunning));
  EXPECT_EQ(study_.trials()[1].metadata.name, "tune-2");
  EXPECT_EQ(study_.Best()->metadata.name, "tune-1");
}

TEST_F(TrialHistory, ReadsEveryStatusInAnySpelling) {
  EXPECT_THAT(Read("lr,layers,opt,batch,status,loss\n"
                   "0.01,1,adam,16,Succeeded,0.5\n0.01,1,adam,16,failed,\n0.01,1,adam,16,KILLED,\n"
                   "0.01,1,adam,16,running,\n0.01,1,adam,16,Pending,\n0.01,1,adam,16,early-stopped,0.7\n"
                   "0.01,1,adam,16,MetricsUnavailable,\n"),
              IsEmpty());
  using enum api::TrialState;
  EXPECT_THAT(States(), ElementsAre(kSucceeded, kFailed, kKilled, kRunning, kPending, kEarlyStopped,
                                    kMetricsUnavailable));
}

TEST_F(TrialHistory, NamesFileLineColumnValueAndRule) {
  EXPECT_THAT(
      Read("lr,layers,opt,batch,loss,status\n0.01,1,\"ad\nam\",16,0.5,\n7,1,adam,16,x,\n0.01,,adam,16,1,\n"
           "0.01,1,adam,16,1,done\n0.01,1,adam\n"),
      ElementsAre(
          "h.csv:2: column opt: Invalid value: \"ad am\": must be one of adam, sgd",
          "h.csv:4: column lr: Invalid value: \"7\": must be a number from 0.00001 to 0.1",
          HasSubstr("h.csv:4: column loss: Invalid value: \"x\": must be a number"),
          "h.csv:5: column layers: Required value: must be a whole number from 1 to 4",
          "h.csv:6: column status: Invalid value: \"done\": must be succeeded, failed, killed, running, "
          "pending, early-stopped, metrics-unavailable, created",
          "h.csv:7: Syntax error: 3 fields, but the header has 6"));
}

TEST_F(TrialHistory, NamesMissingAndRepeatedColumns) {
  EXPECT_THAT(
      Read("lr,layers,lr,los\n"),
      ElementsAre(
          "h.csv:1: column opt: Required value: the header has no such column, only lr, layers, lr, los",
          "h.csv:1: column batch: Required value: the header has no such column, only lr, layers, lr, los",
          "h.csv:1: column loss: Required value: the header has no such column, only lr, layers, lr, "
          "los; without results the trials need a column status",
          "h.csv:1: column lr: Forbidden: the header has it twice; keep one"));
}

TEST_F(TrialHistory, ReadsJsonLinesFlatAndNested) {
  EXPECT_THAT(Read(R"({"lr": 0.01, "layers": 2, "opt": "adam", "batch": 0.1, "loss": 0.25}

{"trial": "a", "parameters": {"lr": 0.01, "layers": 2, "opt": "sgd", "batch": 16}, "kind": "TrialRecord"}
{"trial": "a", "metrics": {"loss": {"min": 0.125, "max": 3, "latest": 1}}, "mood": "good"}
)"),
              IsEmpty());
  EXPECT_THAT(ignored_, ElementsAre("mood"));
  EXPECT_EQ(study_.trials()[0].spec.parameter_assignments.back().value, "0.10");
  EXPECT_EQ(study_.Best()->metadata.name, "a") << "of a curve the smallest value counts";
}

TEST_F(TrialHistory, TheLastLineAboutATrialCounts) {
  EXPECT_THAT(Read("{\"trial\": \"a\", \"parameters\": {\"lr\": 0.01, \"layers\": 2, \"opt\": \"sgd\", "
                   "\"batch\": 16}}\n"
                   "{\"trial\": \"a\", \"loss\": 0.125}\n"),
              IsEmpty());
  EXPECT_THAT(States(), ElementsAre(api::TrialState::kSucceeded));
  EXPECT_EQ(study_.trials()[0].status.observation->metrics[0].latest, "0.125");
}

TEST_F(TrialHistory, RefusesWhatIsNeitherFormAndSaysWhere) {
  EXPECT_THAT(Read("[{}]"), ElementsAre(HasSubstr("h.csv:1: Syntax error: a history is CSV or JSON lines")));
  EXPECT_THAT(Read("{\"lr\": 0.01\n"),
              ElementsAre(HasSubstr("h.csv:1: Syntax error: must be one JSON object per line")));
  EXPECT_THAT(Read("lr\n\"0.1\n"), ElementsAre("h.csv: Syntax error: line 2: a quote is not closed"));
  EXPECT_THAT(Read(" \n"), IsEmpty());
}

TEST_F(TrialHistory, StopsAfterTwentyErrors) {
  std::string text = "lr,layers,opt,batch,loss\n";
  for (int i = 0; i < 1000; ++i) text += "9,1,adam,16,1\n";
  EXPECT_EQ(Read(text).size(), 20u);
}

// Whatever an experiment's names are, an export of it reads back.
TEST(TrialHistoryOfAnExport, IsTheSameInBothForms) {
  for (const std::string format : {"csv", "jsonl"}) {
    FakeReadStore store = FinishedStore();
    api::Experiment& experiment = store.experiments[0];
    experiment.spec.parameters[0].name = "trial";
    experiment.spec.parameters[2].name = "loss";
    for (api::Trial& trial : store.trials) {
      trial.spec.parameter_assignments[0].name = "trial";
      trial.spec.parameter_assignments[2].name = "loss";
    }
    TestStreams test;
    ASSERT_EQ(RunExport({.name = "quick", .format = format}, store, test.streams), 0);
    auto study = Study::Make(experiment, {});
    ASSERT_TRUE(study.ok()) << study.status();
    std::vector<std::string> ignored;
    ASSERT_THAT(Texts(ReadHistory(test.out.str(), "export", *study, ignored)), IsEmpty()) << format;
    EXPECT_THAT(ignored, IsEmpty());
    ASSERT_EQ(study->trials().size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      const api::Trial &was = store.trials[i], &is = study->trials()[i];
      EXPECT_EQ(is.metadata.name, was.metadata.name);
      EXPECT_EQ(is.spec.parameter_assignments, was.spec.parameter_assignments);
      EXPECT_EQ(api::StateOf(is), api::StateOf(was));
      EXPECT_EQ(is.status.start_time, was.status.start_time);
      EXPECT_EQ(is.status.completion_time, was.status.completion_time);
      if (!was.status.observation) continue;
      for (const char* metric : {"accuracy", "loss"}) {
        EXPECT_EQ(api::MetricText(is.spec.objective, *is.status.observation, metric),
                  api::MetricText(was.spec.objective, *was.status.observation, metric));
      }
    }
  }
}

}  // namespace
}  // namespace qalam::cli
