#include "cli/diagnose_waiting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/diagnose_trial.h"
#include "evidence_fixture.h"

namespace qalam::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Waiting : public testing::Test {
 protected:
  Waiting() { scene.around.session = RunningSession{77, scene.experiment.key()}; }

  std::vector<std::string> Keys() const {
    std::vector<std::string> keys;
    for (const Cause& cause : DiagnoseTrial(scene.Evidence(), scene.around).causes) keys.push_back(cause.key);
    return keys;
  }
  Cause First() const { return DiagnoseTrial(scene.Evidence(), scene.around).causes.at(0); }

  Scene scene{Started(MakeTrial("quick-a"), 1)};
};

TEST_F(Waiting, NothingIsWrongWithATrialThatPrints) {
  scene.Printed("epoch 1\n", 590);
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(Waiting, NobodyRunsIt) {
  scene.around.session.reset();
  EXPECT_THAT(Keys(), ElementsAre("nobody-runs-it"));
  EXPECT_THAT(First().paste, ElementsAre("qalam run quick"));
  scene.around.session = RunningSession{78, {"default", "other"}};
  EXPECT_THAT(First().text, AllOf(HasSubstr("process 78"), HasSubstr("experiment other")));
  AddCondition(scene.experiment.status.conditions, "Succeeded", At(20));
  EXPECT_FALSE(DiagnoseRunner(scene.experiment, scene.around).has_value());
}

TEST_F(Waiting, ForTheNextAttempt) {
  api::SetAttempts({.started = 1, .exit_code = 75, .last_failure = "exit code 75", .next = At(603)},
                   scene.trial);
  EXPECT_THAT(Keys(), ElementsAre("waiting-for-retry"));
  EXPECT_THAT(First().text, AllOf(HasSubstr("exit code 75"), HasSubstr("starts in 3.0s")));
}

TEST_F(Waiting, ForAStartThatFails) {
  scene.trial = MakeTrial("quick-a");
  EXPECT_THAT(Keys(), ElementsAre("not-started-yet"));
  scene.warnings.emplace_back().spec.message = "the disk is full";
  scene.warnings.back().spec.count = 4;
  EXPECT_THAT(Keys(), ElementsAre("cannot-start"));
  EXPECT_THAT(First().text, HasSubstr("4 times"));
  EXPECT_THAT(First().evidence, ElementsAre("the disk is full"));
}

TEST_F(Waiting, ForAProgramThatPrintsNothing) {
  scene.Printed("epoch 1\nepoch 2\n", 300);
  EXPECT_THAT(Keys(), ElementsAre("silent"));
  EXPECT_THAT(First().text, AllOf(HasSubstr("nothing for 5m00s"), HasSubstr("not known")));
  EXPECT_THAT(First().evidence, ElementsAre("epoch 2"));
  scene.processes = {{.pid = 5, .name = "sh"},
                     {.pid = 6, .name = "train", .state = 'R', .cpu = absl::Seconds(90)}};
  EXPECT_THAT(First().text, AllOf(HasSubstr("process 6 (train) is computing"), HasSubstr("1m30s of CPU")));
  scene.Printed("", 1);
  EXPECT_THAT(First().text, HasSubstr("nothing yet"));
  EXPECT_THAT(First().remedy, HasSubstr("buffered"));
}

TEST_F(Waiting, ForAProcessThatIsStoppedOrStuck) {
  scene.Printed("epoch 1\n", 599);
  scene.processes = {{.pid = 5, .name = "sh"}, {.pid = 6, .name = "train", .state = 'T'}};
  EXPECT_THAT(Keys(), ElementsAre("process-stopped"));
  EXPECT_THAT(First().paste, ElementsAre("kill -CONT 6"));
  scene.processes = {{.pid = 7, .name = "train", .state = 'D'}};
  EXPECT_THAT(Keys(), ElementsAre("process-waits"));
}

TEST_F(Waiting, TellsWhileItRunsThatItsOutputWillNotBeUnderstood) {
  scene.trial.spec.metrics_collector.kind = api::CollectorKind::kStdOut;
  scene.Printed("Accuracy: 0.5\n", 599);
  EXPECT_THAT(Keys(), ElementsAre("near-miss"));
  scene.objective = {.count = 1, .finite = 1, .last = "0.5", .last_finite = "0.5"};
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(Waiting, ForTheSuggestionService) {
  api::Suggestion suggestion;
  suggestion.spec.algorithm.algorithm_name = "tpe";
  EXPECT_THAT(DiagnoseSuggestion(&suggestion, scene.around), IsEmpty());
  EXPECT_THAT(DiagnoseSuggestion(nullptr, scene.around), IsEmpty());
  SetCondition(suggestion.status.conditions, "Delayed", true, "ServiceUnavailable", "connection refused",
               At(480));
  const Cause delayed = DiagnoseSuggestion(&suggestion, scene.around).at(0);
  EXPECT_EQ(delayed.key, "suggestion-delayed");
  EXPECT_THAT(delayed.text, AllOf(HasSubstr("algorithm tpe"), HasSubstr("2m00s")));
  EXPECT_THAT(delayed.evidence, ElementsAre("connection refused"));
  api::RemoveCondition(suggestion.status.conditions, "Delayed");
  SetCondition(suggestion.status.conditions, "Exhausted", true, "SpaceExhausted", "", At(480));
  EXPECT_EQ(DiagnoseSuggestion(&suggestion, scene.around).at(0).key, "space-exhausted");
  SetCondition(suggestion.status.conditions, "Exhausted", true, "EndRuleMet", "EndRuleMet: no more", At(480));
  const Cause ended = DiagnoseSuggestion(&suggestion, scene.around).at(0);
  EXPECT_EQ(ended.key, "end-rule-met");
  EXPECT_THAT(ended.evidence, ElementsAre("EndRuleMet: no more"));
  SetCondition(suggestion.status.conditions, "Failed", true, "SuggestionFailed", "bad setting", At(480));
  EXPECT_EQ(DiagnoseSuggestion(&suggestion, scene.around).at(0).key, "suggestion-failed");
}

TEST(DiagnoseTrial, ShowsTheRuleThatStoppedATrialAndItsValues) {
  Scene scene(Started(MakeTrial("quick-a"), 1));
  scene.trial.spec.early_stopping_rules = {{"accuracy", "0.7", api::Comparison::kLess, 4}};
  AddCondition(scene.trial.status.conditions, "EarlyStopped", At(9), "TrialEarlyStopped",
               "accuracy 0.6 < 0.7");
  scene.trial.status.observation = api::Observation{{{"accuracy", "0.5", "0.6", "0.6"}}};
  scene.objective = {.count = 4, .finite = 4, .last = "0.6", .last_finite = "0.6"};
  const Diagnosis diagnosis = DiagnoseTrial(scene.Evidence(), scene.around);
  ASSERT_EQ(diagnosis.causes.size(), 1u);
  EXPECT_EQ(diagnosis.causes[0].key, "stopped-early");
  EXPECT_THAT(diagnosis.causes[0].text, HasSubstr("accuracy 0.6 < 0.7"));
  EXPECT_THAT(diagnosis.causes[0].evidence,
              ElementsAre("rule: accuracy < 0.7, from report 4 on",
                          "accuracy was reported 4 times, the last time as 0.6"));
}

TEST(DiagnoseTrial, ShowsWhyATrialWasKilled) {
  Scene scene(Started(MakeTrial("quick-a"), 1));
  AddCondition(scene.trial.status.conditions, "Killed", At(9), "ExperimentCompleted",
               "experiment quick is complete");
  const Diagnosis diagnosis = DiagnoseTrial(scene.Evidence(), scene.around);
  ASSERT_EQ(diagnosis.causes.size(), 1u);
  EXPECT_EQ(diagnosis.causes[0].key, "killed");
  EXPECT_EQ(diagnosis.causes[0].text, "experiment quick is complete");
}

}  // namespace
}  // namespace qalam::cli
