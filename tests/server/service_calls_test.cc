#include "server/service_calls.h"

#include <gtest/gtest.h>

#include "server/local_services.h"

namespace qalam::server {
namespace {

api::Experiment Grid(int choices) {
  api::Experiment experiment;
  experiment.metadata.name = "tune";
  api::ParameterSpec parameter{"x", api::ParameterType::kCategorical, {}};
  for (int i = 0; i < choices; ++i) parameter.feasible_space.list.push_back(std::to_string(i));
  experiment.spec.parameters = {parameter};
  experiment.spec.objective =
      api::ObjectiveSpec{.type = api::ObjectiveType::kMinimize, .objective_metric_name = "loss"};
  experiment.spec.algorithm = api::AlgorithmSpec{"grid", {}};
  return experiment;
}

TEST(StandaloneServices, GiveTheFirstPointsOfARun) {
  const auto services = StandaloneServices::Start({});
  ASSERT_TRUE(services.ok());
  const auto points = (*services)->FirstSuggestions(Grid(3), 3);
  ASSERT_TRUE(points.ok()) << points.status();
  std::set<std::string> values;
  for (const auto& point : *points) values.insert(point.at(0).value);
  EXPECT_EQ(values, (std::set<std::string>{"0", "1", "2"}));
}

TEST(StandaloneServices, SuggestWhatFollowsTheTrials) {
  const auto services = StandaloneServices::Start({});
  ASSERT_TRUE(services.ok());
  const api::Experiment experiment = Grid(3);
  const auto first = (*services)->Suggest(experiment, {}, {}, 2);
  ASSERT_TRUE(first.ok()) << first.status();
  std::vector<std::string> trials;
  for (const api::TrialAssignment& assignment : first->assignments) {
    api::Trial trial;
    trial.spec.parameter_assignments = assignment.parameter_assignments;
    trials.push_back(EncodeTrial(trial));
  }
  const auto next = (*services)->Suggest(experiment, trials, {}, 1);
  ASSERT_TRUE(next.ok()) << next.status();
  std::set<std::string> values{next->assignments.at(0).parameter_assignments.at(0).value};
  for (const auto& assignment : first->assignments) values.insert(assignment.parameter_assignments[0].value);
  EXPECT_EQ(values.size(), 3u);
  EXPECT_TRUE(absl::IsOutOfRange((*services)->Suggest(experiment, trials, {}, 2).status()));
}

TEST(StandaloneServices, SayThatASpaceHasFewerPoints) {
  const auto services = StandaloneServices::Start({});
  EXPECT_TRUE(absl::IsOutOfRange((*services)->FirstSuggestions(Grid(2), 3).status()));
}

TEST(StandaloneServices, RefuseASettingThatDoesNotExist) {
  const auto services = StandaloneServices::Start({});
  api::Experiment experiment = Grid(2);
  EXPECT_TRUE((*services)->CheckSettings(experiment).ok());
  experiment.spec.algorithm->algorithm_settings = {{"nonsense", "1"}};
  const absl::Status status = (*services)->CheckSettings(experiment);
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_NE(MessageOf(status).find("unknown setting nonsense for algorithm grid"), std::string_view::npos)
      << status;
  EXPECT_EQ(RefusedField(status), "spec.algorithm");
}

// The last reply may still be on its way out of a gRPC thread when the services go.
TEST(StandaloneServices, EndAtOnceAfterACall) {
  for (int i = 0; i < 100; ++i) {
    const auto services = StandaloneServices::Start({});
    ASSERT_TRUE((*services)->CheckSettings(Grid(2)).ok());
  }
}

TEST(StandaloneServices, RefuseAnEarlyStoppingRuleThatDoesNotExist) {
  const auto services = StandaloneServices::Start({});
  api::Experiment experiment = Grid(2);
  experiment.spec.early_stopping = api::AlgorithmSpec{"nonsense", {}};
  const absl::Status status = (*services)->CheckSettings(experiment);
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(RefusedField(status), "spec.earlyStopping");
}

TEST(StandaloneServices, SayWhichSettingOfARuleMayHaveBeenMeant) {
  const auto services = StandaloneServices::Start({});
  api::Experiment experiment = Grid(2);
  const auto refusal = [&](const std::string& setting) {
    experiment.spec.early_stopping = api::AlgorithmSpec{"medianstop", {{setting, "5"}}};
    return (*services)->CheckSettings(experiment);
  };
  EXPECT_TRUE(refusal("start_step").ok());
  EXPECT_EQ(MessageOf(refusal("startstep")),
            "unknown setting startstep for algorithm medianstop; did you mean \"start_step\"?");
  EXPECT_EQ(MessageOf(refusal("q")),
            "unknown setting q for algorithm medianstop; must be one of min_trials_required, start_step, "
            "statistic, evaluate");
}

TEST(StandaloneServices, RefuseARuleOnAMetricThatIsNotCollected) {
  const auto services = StandaloneServices::Start({});
  api::Experiment experiment = Grid(2);
  experiment.spec.objective->objective_metric_name = "loss";
  experiment.spec.objective->additional_metric_names = {"memory"};
  const auto refusal = [&](const std::string& metric) {
    experiment.spec.early_stopping =
        api::AlgorithmSpec{"threshold", {{"value", "8"}, {"comparison", "greater"}, {"metric", metric}}};
    return (*services)->CheckSettings(experiment);
  };
  EXPECT_TRUE(refusal("memory").ok()) << refusal("memory");
  EXPECT_EQ(MessageOf(refusal("memry")),
            "metric 'memry' is not one of the experiment's; did you mean \"memory\"?");
  EXPECT_EQ(RefusedField(refusal("memry")), "spec.earlyStopping");
}

TEST(StandaloneServices, AnOutsideServiceThatIsAwayIsNoVerdictOnTheSettings) {
  const auto services = StandaloneServices::Start({.suggestion = {{"grid", "127.0.0.1:1"}}});
  EXPECT_TRUE((*services)->CheckSettings(Grid(2)).ok());
  EXPECT_TRUE(absl::IsUnavailable((*services)->FirstSuggestions(Grid(2), 1).status()));
}

TEST(LocalAlgorithms, AreThoseOfTheRegistry) {
  const std::vector<std::string> names = LocalAlgorithms();
  EXPECT_NE(std::find(names.begin(), names.end(), "random"), names.end());
}

}  // namespace
}  // namespace qalam::server
