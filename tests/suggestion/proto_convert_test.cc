#include "suggestion/proto_convert.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/suggestion/requests.h"

namespace qalam::suggestion {
namespace {

using algorithms::TrialStatus;
using testing::AddList;
using testing::AddNumber;
using testing::ExperimentOf;
using ::testing::HasSubstr;
using testing::KatibExperiment;
using testing::RequestOf;
using testing::TrialOf;

std::string Refusal(const wire::Experiment& experiment) {
  const auto problem = ToProblem(experiment);
  EXPECT_EQ(problem.status().code(), absl::StatusCode::kInvalidArgument) << problem.status();
  return std::string(problem.status().message());
}

std::string RefusalOfNumber(wire::ParameterType type, const testing::Bounds& bounds) {
  wire::Experiment experiment = ExperimentOf("random");
  AddNumber(experiment, "lr", type, bounds);
  return Refusal(experiment);
}

TEST(ToProblem, RefusesTextsThatAreNoNumbersNamingParameterAndField) {
  EXPECT_EQ(RefusalOfNumber(wire::DOUBLE, {"abc", "1"}), "parameter lr: min must be a number, got 'abc'");
  EXPECT_EQ(RefusalOfNumber(wire::DOUBLE, {"0", ""}), "parameter lr: max must be a number, got ''");
  EXPECT_EQ(RefusalOfNumber(wire::INT, {"0", "1", "x"}), "parameter lr: step must be a number, got 'x'");
  EXPECT_THAT(RefusalOfNumber(wire::DOUBLE, {"nan", "1"}),
              HasSubstr("lr: min must be a finite number, got nan"));
}

TEST(ToProblem, RefusesSpacesThatCannotBe) {
  EXPECT_THAT(RefusalOfNumber(wire::DOUBLE, {"2", "1"}), HasSubstr("lr: min must not be above max"));
  EXPECT_THAT(RefusalOfNumber(wire::INT, {"1", "5", "0"}),
              HasSubstr("lr: step must be greater than zero, got 0"));
  EXPECT_THAT(RefusalOfNumber(wire::INT, {"5.9", "7"}), HasSubstr("lr: bounds of an int must be whole"));
  EXPECT_THAT(RefusalOfNumber(wire::DOUBLE, {"0", "1", "", wire::LOG_UNIFORM}),
              HasSubstr("lr: logUniform needs min"));
  EXPECT_THAT(RefusalOfNumber(wire::DOUBLE, {"0", "1", "", static_cast<wire::Distribution>(17)}),
              HasSubstr("lr: Unsupported distribution 17"));
  EXPECT_THAT(RefusalOfNumber(wire::UNKNOWN_TYPE, {"0", "1"}), HasSubstr("lr: type must be DOUBLE, INT"));
  EXPECT_THAT(RefusalOfNumber(static_cast<wire::ParameterType>(9), {"0", "1"}), HasSubstr("got 9"));
  wire::Experiment empty = ExperimentOf("random");
  AddList(empty, "opt", wire::CATEGORICAL, {});
  EXPECT_THAT(Refusal(empty), HasSubstr("opt: list must have at least one entry"));
  wire::Experiment twice = KatibExperiment("random");
  AddList(twice, "param-1", wire::DISCRETE, {"1"});
  EXPECT_THAT(Refusal(twice), HasSubstr("parameter param-1: two parameters have this name"));
}

TEST(ToProblem, ReadsTheWholeExperiment) {
  wire::Experiment experiment = KatibExperiment("grid", {{"random_state", "7"}});
  experiment.mutable_spec()->mutable_objective()->set_objective_metric_name("accuracy");
  experiment.mutable_spec()->set_max_trial_count(12);
  experiment.mutable_spec()->set_parallel_trial_count(3);
  const algorithms::Problem problem = *ToProblem(experiment);
  EXPECT_EQ(problem.experiment_name, "test");
  EXPECT_EQ(problem.space.combinations(), 5u * 3 * 3 * 5);
  EXPECT_EQ(problem.objectives[0].metric, "accuracy");
  EXPECT_EQ(problem.objectives[0].direction, algorithms::Direction::kMaximize);
  EXPECT_EQ(problem.settings, (algorithms::Settings{{"random_state", "7"}}));
  EXPECT_EQ(problem.max_trial_count, 12);
  EXPECT_EQ(problem.parallel_trial_count, 3);
}

TEST(ToProblem, ReadsTheEndRule) {
  wire::Experiment experiment = KatibExperiment("random");
  wire::AlgorithmSetting& setting = *experiment.mutable_spec()->mutable_algorithm()->add_algorithm_settings();
  setting.set_name("qalam.dev/end-when");
  setting.set_value("improvement < 1%; confidence = 0.9; patience = 3");
  const auto problem = ToProblem(experiment);
  ASSERT_TRUE(problem.ok()) << problem.status();
  ASSERT_TRUE(problem->end_rule.has_value());
  EXPECT_EQ(problem->end_rule->improvement, 0.01);
  EXPECT_TRUE(problem->end_rule->relative);
  EXPECT_EQ(problem->end_rule->confidence, 0.9);
  EXPECT_EQ(problem->end_rule->patience, 3);
  EXPECT_TRUE(problem->settings.empty());
  setting.set_value("improvement = 1");
  EXPECT_EQ(ToProblem(experiment).status().message(),
            "qalam.dev/end-when: \"improvement = 1\": should be improvement < VALUE");
}

TEST(ToProblem, RefusesExtensionsThatDoNotExist) {
  wire::Experiment experiment = KatibExperiment("random");
  wire::AlgorithmSetting& setting = *experiment.mutable_spec()->mutable_algorithm()->add_algorithm_settings();
  setting.set_name("qalam.dev/condition");
  EXPECT_THAT(Refusal(experiment), HasSubstr("unknown setting qalam.dev/condition; there are"));
}

wire::Experiment ExperimentWithObjectives(const std::string& text) {
  wire::Experiment experiment = KatibExperiment("random");
  wire::ObjectiveSpec& objective = *experiment.mutable_spec()->mutable_objective();
  objective.set_type(wire::MAXIMIZE);
  objective.set_objective_metric_name("accuracy");
  for (const char* name : {"latency", "size"}) objective.add_additional_metric_names(name);
  wire::AlgorithmSetting& setting = *experiment.mutable_spec()->mutable_algorithm()->add_algorithm_settings();
  setting.set_name("qalam.dev/objectives");
  setting.set_value(text);
  return experiment;
}

TEST(ToProblem, ReadsFurtherObjectivesInTheirOrder) {
  const algorithms::Problem problem =
      *ToProblem(ExperimentWithObjectives("size: minimize; latency: maximize"));
  ASSERT_EQ(problem.objectives.size(), 3u);
  EXPECT_EQ(problem.objectives[0].metric, "accuracy");
  EXPECT_EQ(problem.objectives[1].metric, "size");
  EXPECT_EQ(problem.objectives[1].direction, algorithms::Direction::kMinimize);
  EXPECT_EQ(problem.objectives[2].metric, "latency");
  EXPECT_EQ(problem.objectives[2].direction, algorithms::Direction::kMaximize);
  EXPECT_TRUE(problem.settings.empty());
}

TEST(ToProblem, RefusesObjectivesThatNobodyReports) {
  EXPECT_EQ(Refusal(ExperimentWithObjectives("memory: minimize")),
            "qalam.dev/objectives: memory is not among additionalMetricNames: latency, size");
  EXPECT_EQ(
      Refusal(ExperimentWithObjectives("accuracy: maximize")),
      "qalam.dev/objectives: accuracy is the objective of the experiment already; name the others only");
  EXPECT_THAT(Refusal(ExperimentWithObjectives("size: smallest")),
              HasSubstr("qalam.dev/objectives: \"size: smallest\": the direction is \"smallest\""));
}

TEST(ToProblem, MinimisesEverythingButMaximize) {
  wire::Experiment experiment = KatibExperiment("random");
  for (const wire::ObjectiveType type :
       {wire::UNKNOWN, wire::MINIMIZE, static_cast<wire::ObjectiveType>(9)}) {
    experiment.mutable_spec()->mutable_objective()->set_type(type);
    EXPECT_EQ(ToProblem(experiment)->objectives[0].direction, algorithms::Direction::kMinimize);
  }
}

TEST(ToProblem, AcceptsFloatTextsForWholeBoundsAndIgnoresBoundsOfLists) {
  wire::Experiment experiment = ExperimentOf("random");
  AddNumber(experiment, "n", wire::INT, {" 1.0 ", "1e2"});
  AddList(experiment, "c", wire::CATEGORICAL, {"a"});
  experiment.mutable_spec()
      ->mutable_parameter_specs()
      ->mutable_parameters(1)
      ->mutable_feasible_space()
      ->set_min("x");
  EXPECT_EQ(ToProblem(experiment)->space.combinations(), 100u);
}

class ToHistoryTest : public ::testing::Test {
 protected:
  algorithms::Trial Convert(const wire::Trial& trial) {
    wire::GetSuggestionsRequest request = RequestOf(KatibExperiment("random"), 1, 1);
    *request.add_trials() = trial;
    return ToHistory(request.trials(), *ToProblem(request.experiment())).trials.at(0);
  }

  const std::map<std::string, std::string> fitting_ = {
      {"param-1", "2"}, {"param-2", "cat1"}, {"param-3", "6"}, {"param-4", "3.44"}};
};

TEST_F(ToHistoryTest, ReadsAFinishedTrial) {
  wire::Trial from =
      TrialOf("t1", fitting_, wire::TrialStatus::SUCCEEDED, {{"metric-1", "435"}, {"metric-2", "1e-3"}});
  from.mutable_status()->set_start_time("2026-01-01T10:00:00Z");
  (*from.mutable_spec()->mutable_labels())["qalam.dev/trial-index"] = "12";
  (*from.mutable_spec()->mutable_labels())["k"] = "v";
  const algorithms::Trial trial = Convert(from);
  EXPECT_EQ(trial.name, "t1");
  EXPECT_EQ(trial.status, TrialStatus::kSucceeded);
  EXPECT_EQ(trial.point,
            (algorithms::Point{std::int64_t{2}, algorithms::Choice{0}, algorithms::Choice{2}, 3.44}));
  EXPECT_EQ(trial.objectives, std::vector<double>{0.001});
  EXPECT_EQ(trial.labels.at("k"), "v");
  EXPECT_EQ(trial.number, 12);
  EXPECT_EQ(trial.start_time, absl::FromUnixSeconds(1767261600));
  EXPECT_EQ(trial.completion_time, std::nullopt);
  EXPECT_TRUE(HasResult(trial));
}

TEST_F(ToHistoryTest, PrefersTheExperimentsMetric) {
  wire::GetSuggestionsRequest request = RequestOf(KatibExperiment("random"), 1, 1);
  request.mutable_experiment()->mutable_spec()->mutable_objective()->set_objective_metric_name("metric-1");
  *request.add_trials() =
      TrialOf("t", fitting_, wire::TrialStatus::SUCCEEDED, {{"metric-1", "1"}, {"metric-2", "2"}});
  EXPECT_EQ(ToHistory(request.trials(), *ToProblem(request.experiment())).trials[0].objectives[0], 1);
}

TEST_F(ToHistoryTest, ReadsEveryCondition) {
  const std::pair<int, TrialStatus> expected[] = {
      {0, TrialStatus::kPending},      {1, TrialStatus::kPending}, {2, TrialStatus::kSucceeded},
      {3, TrialStatus::kKilled},       {4, TrialStatus::kFailed},  {5, TrialStatus::kMetricsUnavailable},
      {6, TrialStatus::kEarlyStopped}, {7, TrialStatus::kUnknown}, {99, TrialStatus::kUnknown}};
  for (const auto& [condition, status] : expected) {
    EXPECT_EQ(
        Convert(TrialOf("t", fitting_, static_cast<wire::TrialStatus::TrialConditionType>(condition), {}))
            .status,
        status);
  }
}

TEST_F(ToHistoryTest, TellsWhatAFailureSaysOfThePoint) {
  const std::pair<const char*, TrialStatus> expected[] = {{"infeasible", TrialStatus::kInfeasible},
                                                          {"temporary", TrialStatus::kKilled},
                                                          {"anything", TrialStatus::kFailed}};
  for (const auto& [label, status] : expected) {
    wire::Trial failed = TrialOf("t", fitting_, wire::TrialStatus::FAILED, {});
    (*failed.mutable_spec()->mutable_labels())["qalam.dev/failure"] = label;
    EXPECT_EQ(Convert(failed).status, status) << label;
    failed.mutable_status()->set_condition(wire::TrialStatus::SUCCEEDED);
    EXPECT_EQ(Convert(failed).status, TrialStatus::kSucceeded);
  }
}

TEST_F(ToHistoryTest, TakesUnusableMetricsAsMissing) {
  for (const char* text : {"unavailable", "nan", "inf", "-inf", "", "0.5 percent"}) {
    const algorithms::Trial trial =
        Convert(TrialOf("t", fitting_, wire::TrialStatus::SUCCEEDED, {{"metric-2", text}}));
    EXPECT_TRUE(std::isnan(trial.objectives.at(0))) << text;
    EXPECT_FALSE(HasResult(trial));
  }
  EXPECT_TRUE(std::isnan(Convert(TrialOf("t", fitting_, wire::TrialStatus::SUCCEEDED, {})).objectives.at(0)));
}

TEST_F(ToHistoryTest, GivesNoPointToTrialsFromElsewhere) {
  auto outside = fitting_, missing = fitting_, unknown = fitting_;
  outside["param-1"] = "77";
  missing.erase("param-2");
  unknown["param-2"] = "cat9";
  for (const auto& assignments : {outside, missing, unknown}) {
    EXPECT_EQ(Convert(TrialOf("t", assignments, wire::TrialStatus::SUCCEEDED, {})).point, std::nullopt);
  }
  auto more = fitting_;
  more["param-9"] = "x";
  const algorithms::Trial with_more = Convert(TrialOf("t", more, wire::TrialStatus::SUCCEEDED, {}));
  EXPECT_TRUE(with_more.point.has_value());
  EXPECT_EQ(with_more.texts, (std::map<std::string, std::string>{{"param-9", "x"}}));
}

TEST_F(ToHistoryTest, CountsANameOnceButNamelessTrialsAll) {
  wire::GetSuggestionsRequest request = RequestOf(KatibExperiment("random"), 1, 1);
  for (const char* name : {"a", "", "a", "", "b"}) {
    *request.add_trials() = TrialOf(name, fitting_, wire::TrialStatus::SUCCEEDED, {});
  }
  EXPECT_EQ(ToHistory(request.trials(), *ToProblem(request.experiment())).trials.size(), 4u);
}

TEST(HandedOut, IsTheDifferenceOfTheNumbersOrTheNumberOfTrials) {
  EXPECT_EQ(HandedOut(RequestOf({}, 2, 7), 4), 5);
  EXPECT_EQ(HandedOut(RequestOf({}, 2, 2), 4), 0);
  EXPECT_EQ(HandedOut(RequestOf({}, 2, 0), 4), 4);
  EXPECT_EQ(HandedOut(RequestOf({}, 2, -5), 4), 4);
}

TEST(ToWire, CarriesNamesLabelsAndSettings) {
  const algorithms::Problem problem = *ToProblem(KatibExperiment("random"));
  algorithms::Suggestions suggestions;
  suggestions.proposals.push_back({{std::int64_t{4}, algorithms::Choice{1}, algorithms::Choice{2}, 2.5},
                                   "t7",
                                   {{"k", "v"}},
                                   {{"layers", "[3]"}}});
  suggestions.settings = {{"state", "9"}};
  wire::GetSuggestionsReply reply;
  ToWire(suggestions, problem.space, reply);
  ASSERT_EQ(reply.parameter_assignments_size(), 1);
  EXPECT_EQ(reply.parameter_assignments(0).trial_name(), "t7");
  EXPECT_EQ(reply.parameter_assignments(0).labels().at("k"), "v");
  std::string text;
  for (const auto& assignment : reply.parameter_assignments(0).assignments()) {
    text += assignment.name() + "=" + assignment.value() + " ";
  }
  EXPECT_EQ(text, "param-1=4 param-2=cat2 param-3=6 param-4=2.5 layers=[3] ");
  EXPECT_EQ(reply.algorithm().algorithm_name(), "");
  EXPECT_EQ(reply.algorithm().algorithm_settings(0).value(), "9");
}

}  // namespace
}  // namespace qalam::suggestion
