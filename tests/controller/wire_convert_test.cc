#include "controller/wire_convert.h"

#include <gtest/gtest.h>

#include "controller/vocabulary.h"

namespace qalam::controller {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'767'261'600);  // 2026-01-01T10:00:00Z

api::Trial MakeTrial() {
  api::Trial trial;
  trial.metadata.name = "e1-4xkq7b2z";
  trial.spec.objective.type = api::ObjectiveType::kMinimize;
  trial.spec.objective.objective_metric_name = "loss";
  trial.spec.objective.metric_strategies = {{"loss", api::MetricStrategyType::kMin}};
  trial.spec.parameter_assignments = {{"lr", "0.0214"}, {"opt", "sgd"}};
  return trial;
}

TEST(ExperimentToWire, LaysReturnedSettingsOverTheExperimentsOwn) {
  api::Experiment experiment;
  experiment.metadata.name = "e1";
  experiment.spec.algorithm = api::AlgorithmSpec{"random", {{"seed", "1"}, {"keep", "k"}}};
  const wire::Experiment out = ToWire(experiment, {{"seed", "2"}, {"state", "s"}});
  const auto& settings = out.spec().algorithm().algorithm_settings();
  ASSERT_EQ(settings.size(), 3);
  EXPECT_EQ(settings[0].name() + settings[0].value(), "seed2");
  EXPECT_EQ(settings[1].name() + settings[1].value(), "keepk");
  EXPECT_EQ(settings[2].name() + settings[2].value(), "states");
}

TEST(ExperimentToWire, SendsExtensionsAsSettings) {
  api::Experiment experiment;
  experiment.metadata.annotations = {{"qalam.dev/enqueue", "x=1"}, {"other", "a"}};
  experiment.spec.algorithm = api::AlgorithmSpec{"random", {{"seed", "1"}}};
  const auto settings = ToWire(experiment, {}).spec().algorithm().algorithm_settings();
  ASSERT_EQ(settings.size(), 2);
  EXPECT_EQ(settings[1].name(), "qalam.dev/enqueue");
  EXPECT_EQ(settings[1].value(), "x=1");
}

TEST(ExperimentToWire, CopiesTheSpaceAsText) {
  api::Experiment experiment;
  api::ParameterSpec lr{"lr", api::ParameterType::kDouble, {}};
  lr.feasible_space = {
      .max = "5e-2", .min = "0.010", .step = "1e-3", .distribution = api::Distribution::kLogUniform};
  experiment.spec.parameters = {lr};
  const wire::Experiment out = ToWire(experiment, {});
  const wire::ParameterSpec& parameter = out.spec().parameter_specs().parameters(0);
  EXPECT_EQ(parameter.parameter_type(), wire::DOUBLE);
  EXPECT_EQ(parameter.feasible_space().min(), "0.010");
  EXPECT_EQ(parameter.feasible_space().max(), "5e-2");
  EXPECT_EQ(parameter.feasible_space().step(), "1e-3");
  EXPECT_EQ(parameter.feasible_space().distribution(), wire::LOG_UNIFORM);
  EXPECT_FALSE(out.spec().has_early_stopping());
  EXPECT_FALSE(out.spec().has_nas_config());
}

TEST(TrialToWire, SaysWhatIsKnownOfAFailure) {
  for (const auto& [reason, label] :
       {std::pair("Infeasible", "infeasible"), std::pair("TemporaryFailure", "temporary")}) {
    api::Trial trial;
    SetCondition(trial.status.conditions, kFailed, true, std::string("TrialFailed. Job reason: ") + reason,
                 "m", kNow);
    EXPECT_EQ(ToWire(trial).spec().labels().at("qalam.dev/failure"), label);
    EXPECT_EQ(ToWire(trial).status().condition(), wire::TrialStatus::FAILED);
  }
  api::Trial trial;
  SetCondition(trial.status.conditions, kFailed, true, "TrialFailed. Job reason: Error", "m", kNow);
  EXPECT_FALSE(ToWire(trial).spec().labels().contains("qalam.dev/failure"));
}

TEST(TrialToWire, SaysInWhichOrderTrialsWereCreated) {
  api::Trial trial;
  EXPECT_TRUE(ToWire(trial).spec().labels().empty());
  trial.metadata.annotations.emplace(kTrialIndexAnnotation, "12");
  trial.spec.labels["team"] = "red";
  const wire::Trial out = ToWire(trial);
  EXPECT_EQ(out.spec().labels().at("qalam.dev/trial-index"), "12");
  EXPECT_EQ(out.spec().labels().at("team"), "red");
}

TEST(TrialToWire, SendsBackTheLabelsOfAlgorithms) {
  api::Trial trial;
  trial.metadata.labels = {{"qalam.dev/rung", "2"},
                           {"pbt.suggestion.katib.kubeflow.org/generation", "1"},
                           {"katib.kubeflow.org/experiment", "e1"}};
  const wire::Trial out = ToWire(trial);
  const auto& labels = out.spec().labels();
  EXPECT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels.at("qalam.dev/rung"), "2");
  EXPECT_EQ(labels.at("pbt.suggestion.katib.kubeflow.org/generation"), "1");
}

TEST(TrialToWire, CarriesTheLastConditionTheTimesAndTheStrategysValue) {
  api::Trial trial = MakeTrial();
  SetCondition(trial.status.conditions, kCreated, true, "r", "m", kNow);
  SetCondition(trial.status.conditions, kRunning, false, "r", "m", kNow);
  SetCondition(trial.status.conditions, kSucceeded, true, "r", "m", kNow);
  trial.status.start_time = kNow;
  trial.status.observation = api::Observation{{{"loss", "1e-1", "0.9", "0.5"}}};
  const wire::Trial out = ToWire(trial);
  EXPECT_EQ(out.name(), "e1-4xkq7b2z");
  EXPECT_EQ(out.status().condition(), wire::TrialStatus::SUCCEEDED);
  EXPECT_EQ(out.status().start_time(), "2026-01-01T10:00:00Z");
  EXPECT_EQ(out.status().completion_time(), "");
  ASSERT_EQ(out.status().observation().metrics_size(), 1);
  EXPECT_EQ(out.status().observation().metrics(0).value(), "1e-1");
  EXPECT_EQ(out.spec().parameter_assignments().assignments(1).value(), "sgd");
}

TEST(TrialToWire, AnUnknownConditionIsUnknownAndNoneIsCreated) {
  api::Trial trial = MakeTrial();
  EXPECT_EQ(ToWire(trial).status().condition(), wire::TrialStatus::CREATED);
  EXPECT_TRUE(ToWire(trial).status().has_observation());
  SetCondition(trial.status.conditions, "Odd", true, "r", "m", kNow);
  EXPECT_EQ(ToWire(trial).status().condition(), wire::TrialStatus::UNKNOWN);
}

TEST(IsSent, LeavesOutTrialsThatTeachNothing) {
  api::Trial trial = MakeTrial();
  EXPECT_TRUE(IsSent(trial));
  SetCondition(trial.status.conditions, kEarlyStopped, true, "r", "m", kNow);
  EXPECT_FALSE(IsSent(trial));
  trial.status.observation = api::Observation{{{"loss", "1", "1", "1"}}};
  EXPECT_TRUE(IsSent(trial));
  SetCondition(trial.status.conditions, kMetricsUnavailable, true, "r", "m", kNow);
  EXPECT_FALSE(IsSent(trial));
}

TEST(RuleFromWire, AnUnknownComparisonIsEqual) {
  wire::GetEarlyStoppingRulesReply reply;
  reply.add_early_stopping_rules()->set_name("loss");
  reply.add_early_stopping_rules()->set_comparison(wire::GREATER);
  EXPECT_EQ(FromWire(reply)[0].comparison, api::Comparison::kEqual);
  EXPECT_EQ(FromWire(reply)[1].comparison, api::Comparison::kGreater);
}

}  // namespace
}  // namespace qalam::controller
