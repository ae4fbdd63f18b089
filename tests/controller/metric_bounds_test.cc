#include "controller/metric_bounds.h"

#include <gtest/gtest.h>

#include <limits>

#include "controller/experiment_progress.h"
#include "controller/vocabulary.h"

namespace qalam::controller {
namespace {

api::Experiment Bounded(const std::string& constraints) {
  api::Experiment experiment;
  experiment.metadata.annotations = {{"qalam.dev/constraints", constraints}};
  experiment.spec.algorithm = api::AlgorithmSpec{"random", {}};
  api::ObjectiveSpec& objective = experiment.spec.objective.emplace();
  objective.type = api::ObjectiveType::kMinimize;
  objective.objective_metric_name = "loss";
  objective.additional_metric_names = {"latency"};
  objective.metric_strategies = {{"loss", api::MetricStrategyType::kMin},
                                 {"latency", api::MetricStrategyType::kMax}};
  return experiment;
}

// `latency` is its largest value; the others are below it.
api::Observation Observed(const std::string& loss, const std::string& latency) {
  return {{{"loss", loss, loss, loss}, {"latency", "0", latency, "0"}}};
}

TrialPtr Succeeded(const std::string& name, const std::string& loss, const std::string& latency) {
  auto trial = std::make_shared<api::Trial>();
  trial->metadata.name = name;
  trial->spec.objective = *Bounded("").spec.objective;
  SetCondition(trial->status.conditions, kSucceeded, true, "r", "m", absl::UnixEpoch());
  trial->status.observation = Observed(loss, latency);
  return trial;
}

TEST(MetricBounds, UseTheValueOfTheMetricsStrategy) {
  const MetricBounds bounds(Bounded("latency <= 20"));
  EXPECT_EQ(bounds.Violation(Observed("1", "20")), 0);
  EXPECT_EQ(bounds.Violation(Observed("1", "25")), 0.25);
  EXPECT_EQ(bounds.Violation(Observed("1", "unavailable")), 0);  // its latest value stands in
  EXPECT_EQ(bounds.Violation({}), std::numeric_limits<double>::infinity());
  EXPECT_EQ(bounds.Broken(Observed("1", "25")), "latency is 25, at most 20 is allowed");
  EXPECT_EQ(bounds.Broken({}), "latency is missing");
  EXPECT_EQ(bounds.Broken(Observed("1", "20")), "");
}

TEST(MetricBounds, AreNoneWithoutAConstraintOrWithOneThatCannotBeRead) {
  EXPECT_TRUE(MetricBounds(Bounded("")).empty());
  EXPECT_TRUE(MetricBounds(Bounded("latncy <= 20")).empty());
  api::Experiment experiment = Bounded("");
  experiment.metadata.annotations.clear();
  EXPECT_TRUE(MetricBounds(experiment).empty());
  experiment.spec.algorithm->algorithm_settings = {{"qalam.dev/constraints", "latency <= 20"}};
  EXPECT_FALSE(MetricBounds(experiment).empty());
}

TEST(SummariseTrials, TakesTheBestOfThoseThatKeepTheBounds) {
  const auto optimal = [](const std::string& constraints) {
    const std::vector<TrialPtr> trials = {Succeeded("a", "1", "40"), Succeeded("b", "3", "10"),
                                          Succeeded("c", "2", "20"), Succeeded("d", "0", "30")};
    api::ExperimentStatus status;
    SummariseTrials(api::ObjectiveType::kMinimize, {trials.begin(), trials.end()}, status,
                    MetricBounds(Bounded(constraints)));
    return status.current_optimal_trial.best_trial_name;
  };
  EXPECT_EQ(optimal(""), "d");
  EXPECT_EQ(optimal("latency <= 20"), "c");
  EXPECT_EQ(optimal("latency <= 5"), "b");  // the nearest
}

TEST(JudgeExperiment, AGoalIsReachedByATrialThatKeepsTheBounds) {
  const MetricBounds bounds(Bounded("latency <= 20"));
  api::ExperimentSpec spec = Bounded("").spec;
  spec.objective->goal = 1;
  api::ExperimentStatus status;
  status.current_optimal_trial.observation = Observed("0.5", "25");
  EXPECT_FALSE(JudgeExperiment(spec, status, 0, bounds));
  status.current_optimal_trial.observation = Observed("0.5", "15");
  EXPECT_TRUE(JudgeExperiment(spec, status, 0, bounds));
}

}  // namespace
}  // namespace qalam::controller
