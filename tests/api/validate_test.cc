#include "api/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "valid_experiment.h"

namespace qalam::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kRequired = FieldErrorType::kRequired;
constexpr auto kInvalid = FieldErrorType::kInvalid;

// One rule: what breaks it, and the one error that must come of it.
struct Rule {
  const char* name;
  std::function<void(Experiment&)> break_it;
  FieldErrorType type;
  const char* field;
  const char* detail;  // a part of it
};

class ValidateRule : public testing::TestWithParam<Rule> {};

TEST_P(ValidateRule, GivesExactlyItsError) {
  Experiment e = ValidExperiment();
  GetParam().break_it(e);
  const FieldErrors errors = Validate(e, TestContext());
  ASSERT_EQ(errors.size(), 1u) << testing::PrintToString(Texts(errors));
  EXPECT_EQ(errors[0].field, GetParam().field);
  EXPECT_EQ(errors[0].type, GetParam().type);
  EXPECT_THAT(errors[0].detail, HasSubstr(GetParam().detail));
}

std::string RuleName(const testing::TestParamInfo<Rule>& info) { return info.param.name; }

FeasibleSpace& Lr(Experiment& e) { return e.spec.parameters[0].feasible_space; }
FeasibleSpace& Opt(Experiment& e) { return e.spec.parameters[1].feasible_space; }

INSTANTIATE_TEST_SUITE_P(
    General, ValidateRule,
    testing::ValuesIn(std::vector<Rule>{
        {"NameEmpty", [](Experiment& e) { e.metadata.name = ""; }, kInvalid, "metadata.name",
         "begin with a letter"},
        {"NameDigit", [](Experiment& e) { e.metadata.name = "1a"; }, kInvalid, "metadata.name",
         "begin with a letter"},
        {"NameUpper", [](Experiment& e) { e.metadata.name = "aB"; }, kInvalid, "metadata.name", "lower-case"},
        {"NameUnderscore", [](Experiment& e) { e.metadata.name = "a_b"; }, kInvalid, "metadata.name",
         "lower-case"},
        {"NameEnd", [](Experiment& e) { e.metadata.name = "a-"; }, kInvalid, "metadata.name", "end with"},
        {"NameLong", [](Experiment& e) { e.metadata.name = std::string(41, 'a'); }, kInvalid, "metadata.name",
         "at most 40 characters, not 41"},
        {"GenerateNameLong",
         [](Experiment& e) {
           e.metadata.name = "";
           e.metadata.generate_name = std::string(36, 'a');
         },
         kInvalid, "metadata.generateName", "at most 40 characters, not 41"},
        {"MaxFailedNegative", [](Experiment& e) { e.spec.max_failed_trial_count = -1; }, kInvalid,
         "spec.maxFailedTrialCount", "should not be less than 0"},
        {"MaxZero",
         [](Experiment& e) {
           e.spec.max_trial_count = 0;
           e.spec.max_failed_trial_count = 0;
           e.spec.parallel_trial_count = std::nullopt;
         },
         kInvalid, "spec.maxTrialCount", "must be greater than 0"},
        {"ParallelZero", [](Experiment& e) { e.spec.parallel_trial_count = 0; }, kInvalid,
         "spec.parallelTrialCount", "must be greater than 0"},
        {"MaxFailedAboveMax", [](Experiment& e) { e.spec.max_failed_trial_count = 13; }, kInvalid,
         "spec.maxFailedTrialCount", "maxTrialCount, which is 12"},
        {"ParallelAboveMax", [](Experiment& e) { e.spec.parallel_trial_count = 13; }, kInvalid,
         "spec.parallelTrialCount", "maxTrialCount, which is 12"},
        {"ObjectiveMissing", [](Experiment& e) { e.spec.objective.reset(); }, kRequired, "spec.objective",
         "must be specified"},
        {"ObjectiveType", [](Experiment& e) { e.spec.objective->type = ObjectiveType::kUnset; }, kInvalid,
         "spec.objective.type", "minimize or maximize"},
        {"ObjectiveGoal",
         [](Experiment& e) { e.spec.objective->goal = std::numeric_limits<double>::infinity(); }, kInvalid,
         "spec.objective.goal", "finite"},
        {"ObjectiveName", [](Experiment& e) { e.spec.objective->objective_metric_name = ""; }, kRequired,
         "spec.objective.objectiveMetricName", "name of the metric"},
        {"ObjectiveAlsoAdditional",
         [](Experiment& e) { e.spec.objective->additional_metric_names.push_back("loss"); }, kInvalid,
         "spec.objective.additionalMetricNames", "should not contain the objectiveMetricName"},
        {"AdditionalEmpty", [](Experiment& e) { e.spec.objective->additional_metric_names.push_back(""); },
         kInvalid, "spec.objective.additionalMetricNames", "must not be empty"},
        {"StrategyUnknownMetric",
         [](Experiment& e) {
           e.spec.objective->metric_strategies.push_back({"acuracy", MetricStrategyType::kMin});
         },
         kInvalid, "spec.objective.metricStrategies[2].name", "did you mean \"accuracy\"?"},
        {"StrategyTwice",
         [](Experiment& e) {
           e.spec.objective->metric_strategies.push_back({"loss", MetricStrategyType::kMin});
         },
         kInvalid, "spec.objective.metricStrategies[2].name", "has a strategy already"},
        {"StrategyValue",
         [](Experiment& e) { e.spec.objective->metric_strategies[0].value = MetricStrategyType::kUnset; },
         kRequired, "spec.objective.metricStrategies[0].value", "min, max or latest"},
        {"AlgorithmMissing", [](Experiment& e) { e.spec.algorithm.reset(); }, kRequired, "spec.algorithm",
         "one of grid, random, tpe"},
        {"AlgorithmName", [](Experiment& e) { e.spec.algorithm->algorithm_name = ""; }, kRequired,
         "spec.algorithm.algorithmName", "there are grid, random, tpe"},
        {"AlgorithmUnknown", [](Experiment& e) { e.spec.algorithm->algorithm_name = "randon"; }, kInvalid,
         "spec.algorithm.algorithmName", "did you mean \"random\"?; known are grid, random, tpe"},
        {"EarlyStoppingName", [](Experiment& e) { e.spec.early_stopping = AlgorithmSpec{}; }, kRequired,
         "spec.earlyStopping.algorithmName", "there are medianstop"},
        {"EarlyStoppingEvaluate",
         [](Experiment& e) {
           e.spec.early_stopping = AlgorithmSpec{"medianstop", {{"evaluate", "twice"}}};
         },
         kInvalid, "spec.earlyStopping.algorithmSettings", "evaluate must be every or once, got 'twice'"},
        {"EarlyStoppingUnknown",
         [](Experiment& e) {
           e.spec.early_stopping = AlgorithmSpec{"asha", {}};
         },
         kInvalid, "spec.earlyStopping.algorithmName", "known are medianstop"},
    }),
    RuleName);

INSTANTIATE_TEST_SUITE_P(
    Parameters, ValidateRule,
    testing::ValuesIn(std::vector<Rule>{
        {"TypeUnknown", [](Experiment& e) { e.spec.parameters[0].type = ParameterType::kUnknown; }, kInvalid,
         "spec.parameters[0].parameterType", "double, int, discrete or categorical"},
        {"NameRepeated", [](Experiment& e) { e.spec.parameters.push_back(e.spec.parameters[0]); }, kInvalid,
         "spec.parameters[2].name", "also the name of spec.parameters[0]"},
        {"ListForDouble", [](Experiment& e) { Lr(e).list = {"1"}; }, kInvalid,
         "spec.parameters[0].feasibleSpace.list", "left out for parameterType double"},
        {"MinMissing", [](Experiment& e) { Lr(e).min = ""; }, kRequired,
         "spec.parameters[0].feasibleSpace.max", "min and max must be specified"},
        {"MaxMissing", [](Experiment& e) { Lr(e).max = ""; }, kRequired,
         "spec.parameters[0].feasibleSpace.max", "min and max must be specified"},
        {"MinNoNumber", [](Experiment& e) { Lr(e).min = "low"; }, kInvalid,
         "spec.parameters[0].feasibleSpace.min", "finite number"},
        {"MaxInfinite", [](Experiment& e) { Lr(e).max = "inf"; }, kInvalid,
         "spec.parameters[0].feasibleSpace.max", "finite number"},
        {"IntFraction",
         [](Experiment& e) {
           e.spec.parameters[0].type = ParameterType::kInt;
           Lr(e).min = "1";
           Lr(e).max = "2.5";
         },
         kInvalid, "spec.parameters[0].feasibleSpace.max", "whole number"},
        {"MinAboveMax", [](Experiment& e) { Lr(e).min = "0.2"; }, kInvalid,
         "spec.parameters[0].feasibleSpace.max", "must not be less than min, which is 0.2"},
        {"LogOfZero",
         [](Experiment& e) {
           Lr(e).min = "0";
           Lr(e).distribution = Distribution::kLogUniform;
         },
         kInvalid, "spec.parameters[0].feasibleSpace.min", "greater than 0 for a logarithmic"},
        {"LogNormalOfNegative",
         [](Experiment& e) {
           Lr(e).min = "-1";
           Lr(e).distribution = Distribution::kLogNormal;
         },
         kInvalid, "spec.parameters[0].feasibleSpace.min", "greater than 0 for a logarithmic"},
        {"StepZero", [](Experiment& e) { Lr(e).step = "0"; }, kInvalid,
         "spec.parameters[0].feasibleSpace.step", "greater than 0"},
        {"StepNoNumber", [](Experiment& e) { Lr(e).step = "x"; }, kInvalid,
         "spec.parameters[0].feasibleSpace.step", "finite number"},
        {"MinForCategorical", [](Experiment& e) { Opt(e).min = "1"; }, kInvalid,
         "spec.parameters[1].feasibleSpace", "left out for parameterType categorical"},
        {"StepForDiscrete",
         [](Experiment& e) {
           e.spec.parameters[1].type = ParameterType::kDiscrete;
           Opt(e).step = "1";
         },
         kInvalid, "spec.parameters[1].feasibleSpace", "left out for parameterType discrete"},
        {"ListMissing", [](Experiment& e) { Opt(e).list = {}; }, kRequired,
         "spec.parameters[1].feasibleSpace.list", "must hold the choices"},
        {"ChoiceEmpty", [](Experiment& e) { Opt(e).list[1] = ""; }, kInvalid,
         "spec.parameters[1].feasibleSpace.list[1]", "must not be empty"},
        {"ChoiceRepeated", [](Experiment& e) { Opt(e).list.push_back("sgd"); }, kInvalid,
         "spec.parameters[1].feasibleSpace.list[2]", "the same choice as list[0]"},
        {"NoParameters", [](Experiment& e) { e.spec.parameters.clear(); }, kRequired, "spec",
         "parameters must be specified"},
        {"ParametersAndNas", [](Experiment& e) { e.spec.nas_config.emplace(); }, kInvalid, "spec",
         "only one of parameters and nasConfig"},
    }),
    RuleName);

TEST(Validate, AcceptsAValidExperiment) {
  EXPECT_THAT(Texts(Validate(ValidExperiment(), TestContext())), IsEmpty());
}

TEST(Validate, AcceptsWhatKatibAccepts) {
  Experiment e = ValidExperiment();
  e.metadata.name = "a.b";
  e.spec.parameters[0].feasible_space = {"1", "1", {}, "", Distribution::kLogUniform};  // one value
  e.spec.early_stopping = AlgorithmSpec{"medianstop", {}};
  e.spec.max_failed_trial_count = 12;
  e.spec.objective->goal.reset();
  EXPECT_THAT(Texts(Validate(e, TestContext())), IsEmpty());
  e.spec.max_trial_count.reset();
  e.spec.max_failed_trial_count = 0;
  e.metadata.name = "";
  e.metadata.generate_name = "digits-";
  EXPECT_THAT(Texts(Validate(e, TestContext())), IsEmpty());
}

TEST(Validate, AcceptsANasExperimentWithFreeReferences) {
  Experiment e = ValidExperiment();
  e.spec.parameters.clear();
  e.spec.nas_config.emplace();
  e.spec.trial_template->trial_parameters = {{"learningRate", "", "architecture"},
                                             {"optimizer", "", "nn_config"}};
  EXPECT_THAT(Texts(Validate(e, TestContext())), IsEmpty());
}

TEST(Validate, ChecksEveryFieldOfAnArchitecture) {
  Experiment e = ValidExperiment();
  e.spec.parameters.clear();
  e.spec.trial_template->trial_parameters = {{"learningRate", "", "architecture"},
                                             {"optimizer", "", "nn_config"}};
  const ParameterSpec size{"size", ParameterType::kInt, {.max = "3", .min = "2"}};
  const ParameterSpec rate{"rate", ParameterType::kDouble, {.max = "0.5", .min = "0.1", .step = "0.1"}};
  const ParameterSpec kind{"kind", ParameterType::kDiscrete, {.list = {"1", "2"}}};
  e.spec.nas_config = NasConfig{{2, {8, 8}, {10}}, {{"pooling", {size, kind}}, {"dropout", {rate}}}};
  EXPECT_THAT(Texts(Validate(e, TestContext())), IsEmpty());

  NasConfig& nas = *e.spec.nas_config;
  nas.graph_config = {0, {8, -1}, {0}};
  nas.operations[0].parameters[1].name = "size";
  nas.operations[0].parameters[0].feasible_space.min = "4";
  nas.operations[1].parameters[0].feasible_space.step = "";
  nas.operations.push_back({"", {}});
  std::vector<std::string> fields;
  for (const FieldError& error : Validate(e, TestContext())) fields.push_back(error.field);
  const std::string field = "spec.nasConfig.";
  EXPECT_THAT(fields, ElementsAre(field + "graphConfig.numLayers", field + "graphConfig.inputSizes[1]",
                                  field + "graphConfig.outputSizes[0]",
                                  field + "operations[0].parameters[0].feasibleSpace.max",
                                  field + "operations[0].parameters[1].name",
                                  field + "operations[1].parameters[0].feasibleSpace.step",
                                  field + "operations[2].operationType", field + "operations[2].parameters"));
}

TEST(Validate, ReportsAllErrorsTogether) {
  Experiment e = ValidExperiment();
  e.metadata.name = "A";
  e.spec.max_trial_count = -1;
  e.spec.algorithm->algorithm_name = "";
  e.spec.trial_template.reset();
  e.spec.parameters[0].feasible_space = {"1", "low", {}, "-2", Distribution::kUniform};
  e.spec.metrics_collector->kind = CollectorKind::kInvalid;
  std::vector<std::string> fields;
  for (const FieldError& error : Validate(e, TestContext())) fields.push_back(error.field);
  EXPECT_THAT(fields,
              ElementsAre("metadata.name", "spec.maxTrialCount", "spec.maxFailedTrialCount",
                          "spec.parallelTrialCount", "spec.algorithm.algorithmName", "spec.trialTemplate",
                          "spec.parameters[0].feasibleSpace.min", "spec.parameters[0].feasibleSpace.step",
                          "spec.metricsCollectorSpec.collector.kind"));
}

TEST(Validate, KnowsWhichAnnotationsAreExtensions) {
  Experiment e = ValidExperiment();
  e.metadata.annotations = {{"qalam.dev/enqueue", "x=1"},
                            {"team.example/owner", "me"},
                            {"qalam.dev/early-stopping-report", "{}"}};  // as it was printed
  EXPECT_TRUE(Validate(e, TestContext()).empty());
  e.metadata.annotations.emplace("qalam.dev/stages-report", "[]");  // as `qalam show -o yaml` has printed it
  EXPECT_TRUE(Validate(e, TestContext()).empty());
  e.metadata.annotations.emplace("qalam.dev/pareto-front-report", "{}");  // as `qalam show` writes it
  EXPECT_TRUE(Validate(e, TestContext()).empty());
  e.metadata.annotations.emplace("qalam.dev/enque", "x=1");
  const FieldErrors errors = Validate(e, TestContext());
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].field, "metadata.annotations");
  EXPECT_EQ(errors[0].value, "qalam.dev/enque");
  EXPECT_NE(errors[0].detail.find("qalam.dev/enqueue"), std::string::npos) << errors[0].detail;
}

TEST(Validate, StopsAfterAnObjectiveError) {
  Experiment e = ValidExperiment();
  e.metadata.name = "A";
  e.spec.objective->type = ObjectiveType::kUnset;
  e.spec.objective->objective_metric_name = "";
  e.spec.algorithm.reset();
  std::vector<std::string> fields;
  for (const FieldError& error : Validate(e, TestContext())) fields.push_back(error.field);
  EXPECT_THAT(fields,
              ElementsAre("metadata.name", "spec.objective.type", "spec.objective.objectiveMetricName"));
}

TEST(FieldErrorText, HasKatibsForm) {
  EXPECT_EQ((FieldError{kRequired, "spec.x", "", "must be specified"}).Text(),
            "spec.x: Required value: must be specified");
  EXPECT_EQ((FieldError{kInvalid, "spec.x", "up", "no", "f.yaml", 12, 3}).Text(),
            "f.yaml:12: spec.x: Invalid value: \"up\": no");
  EXPECT_EQ((FieldError{FieldErrorType::kForbidden, "spec", "", "not editable"}).Text(),
            "spec: Forbidden: not editable");
  EXPECT_EQ((FieldError{FieldErrorType::kSyntax, "", "", "odd", "f.yaml", 1, 2}).Text(),
            "f.yaml:1:2: Syntax error: odd");
}

}  // namespace
}  // namespace qalam::api
