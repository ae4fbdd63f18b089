#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "valid_experiment.h"

namespace qalam::api {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Experiment WithTrials(std::int32_t trials) {
  Experiment e = ValidExperiment();
  e.status.trials = trials;
  return e;
}

Experiment Completed(const char* type, const char* reason, ResumePolicy policy) {
  Experiment e = WithTrials(12);
  e.spec.resume_policy = policy;
  SetCondition(e.status.conditions, type, true, reason, "", absl::UnixEpoch());
  return e;
}

std::vector<std::string> ErrorsOf(const Experiment& old, const std::function<void(Experiment&)>& edit) {
  Experiment next = old;
  edit(next);
  return Texts(ValidateUpdate(next, old));
}

TEST(ValidateUpdate, TheThreeCountsAreEditable) {
  EXPECT_THAT(ErrorsOf(WithTrials(4),
                       [](Experiment& e) {
                         e.spec.max_trial_count = 20;
                         e.spec.parallel_trial_count = 5;
                         e.spec.max_failed_trial_count = 4;
                       }),
              IsEmpty());
}

TEST(ValidateUpdate, MetadataIsFreeEvenWhenCompleted) {
  EXPECT_THAT(ErrorsOf(Completed("Failed", "ExperimentFailed", ResumePolicy::kNever),
                       [](Experiment& e) {
                         e.metadata.labels["a"] = "b";
                         e.metadata.finalizers.clear();
                       }),
              IsEmpty());
}

TEST(ValidateUpdate, NamesEveryFixedFieldThatChanged) {
  EXPECT_THAT(
      ErrorsOf(WithTrials(0),
               [](Experiment& e) {
                 e.spec.parameters[0].feasible_space.max = "0.2";
                 e.spec.algorithm->algorithm_name = "grid";
                 e.spec.parallel_trial_count = 1;
               }),
      ElementsAre(
          "spec: Forbidden: only parallelTrialCount, maxTrialCount and maxFailedTrialCount are editable; "
          "changed: parameters, algorithm"));
  const std::pair<const char*, std::function<void(Experiment&)>> kEdits[] = {
      {"objective", [](Experiment& e) { e.spec.objective->goal = 1; }},
      {"earlyStopping", [](Experiment& e) { e.spec.early_stopping.emplace(); }},
      {"trialTemplate", [](Experiment& e) { e.spec.trial_template->retain = true; }},
      {"metricsCollectorSpec", [](Experiment& e) { e.spec.metrics_collector->kind = CollectorKind::kPush; }},
      {"nasConfig", [](Experiment& e) { e.spec.nas_config.emplace(); }},
      {"resumePolicy", [](Experiment& e) { e.spec.resume_policy = ResumePolicy::kLongRunning; }},
  };
  for (const auto& [field, edit] : kEdits) {
    EXPECT_THAT(ErrorsOf(WithTrials(0), edit),
                ElementsAre(AllOf(StartsWith("spec: Forbidden"), HasSubstr(field))));
  }
}

TEST(ValidateUpdate, TheOrderOfKeysInATemplateIsNoChange) {
  Experiment old = WithTrials(0), next = old;
  old.spec.trial_template->trial_spec.text = R"({"a":1,"b":{"c":[1.0,"x"],"d":null}})";
  next.spec.trial_template->trial_spec.text = R"({"b":{"d":null,"c":[1,"x"]},"a":1})";
  EXPECT_THAT(Texts(ValidateUpdate(next, old)), IsEmpty());
  for (const char* other :
       {R"({"b":{"d":null,"c":["x",1]},"a":1})", R"({"b":{"d":null,"c":[1,"x"]},"a":"1"})",
        R"({"b":{"d":null,"c":[1,"x"]},"A":1})", R"({"b":{"c":[1,"x"]},"a":1})"}) {
    next.spec.trial_template->trial_spec.text = other;
    EXPECT_THAT(Texts(ValidateUpdate(next, old)), ElementsAre(HasSubstr("trialTemplate"))) << other;
  }
}

TEST(ValidateUpdate, MaxTrialCountMayNotGoBelowTheTrialsThereAre) {
  const Experiment old = WithTrials(8);
  EXPECT_THAT(ErrorsOf(old, [](Experiment& e) { e.spec.max_trial_count = 8; }), IsEmpty());
  EXPECT_THAT(ErrorsOf(old, [](Experiment& e) { e.spec.max_trial_count.reset(); }), IsEmpty());
  EXPECT_THAT(
      ErrorsOf(old, [](Experiment& e) { e.spec.max_trial_count = 7; }),
      ElementsAre(AllOf(StartsWith("spec.maxTrialCount: Invalid value: \"7\""), HasSubstr("less than 8"))));
}

TEST(ValidateUpdate, TheOtherCountsMayChangeLateInARun) {  // Katib refuses it
  EXPECT_THAT(ErrorsOf(WithTrials(12), [](Experiment& e) { e.spec.parallel_trial_count = 1; }), IsEmpty());
  EXPECT_THAT(ErrorsOf(WithTrials(13), [](Experiment& e) { e.spec.max_failed_trial_count = 1; }), IsEmpty());
}

TEST(ValidateUpdate, RestartsOnlyAfterTheBudgetWasSpent) {
  const auto more = [](Experiment& e) { e.spec.max_trial_count = 20; };
  for (const ResumePolicy policy : {ResumePolicy::kLongRunning, ResumePolicy::kFromVolume}) {
    const Experiment old = Completed("Succeeded", "ExperimentMaxTrialsReached", policy);
    EXPECT_THAT(ErrorsOf(old, more), IsEmpty());
    EXPECT_THAT(
        ErrorsOf(old, [](Experiment& e) { e.spec.parallel_trial_count = 1; }),
        ElementsAre(StartsWith("spec.maxTrialCount: Invalid value: \"12\": must be greater than 12")));
  }
  EXPECT_THAT(ErrorsOf(Completed("Succeeded", "ExperimentMaxTrialsReached", ResumePolicy::kNever), more),
              ElementsAre(AllOf(StartsWith("spec.resumePolicy: Invalid value: \"Never\""),
                                HasSubstr("resumePolicy: LongRunning"))));
  EXPECT_THAT(ErrorsOf(Completed("Succeeded", "ExperimentGoalReached", ResumePolicy::kLongRunning), more),
              ElementsAre(AllOf(StartsWith("spec.resumePolicy: Invalid value"),
                                HasSubstr("ended with ExperimentGoalReached"))));
  EXPECT_THAT(
      ErrorsOf(Completed("Failed", "ExperimentFailed", ResumePolicy::kLongRunning), more),
      ElementsAre(AllOf(StartsWith("spec.resumePolicy: Invalid value"), HasSubstr("this one failed"))));
}

}  // namespace
}  // namespace qalam::api
