// The extensions qalam.dev/conditions and qalam.dev/constraints, as a client gives them.

#include <gmock/gmock.h>

#include "algorithms/feasible_points.h"
#include "suggestion/extension_entries.h"
#include "suggestion/proto_convert.h"
#include "suggestion/suggester.h"
#include "tests/suggestion/requests.h"

namespace qalam::suggestion {
namespace {

using algorithms::Choice;
using algorithms::Point;
using testing::AddList;
using testing::AddNumber;
using ::testing::ElementsAre;
using testing::ExperimentOf;
using ::testing::HasSubstr;

wire::Experiment Ruled(const std::string& conditions, const std::string& constraints) {
  wire::Experiment e = ExperimentOf(
      "random",
      {{"qalam.dev/conditions", conditions}, {"qalam.dev/constraints", constraints}, {"seed", "1"}});
  AddList(e, "optimizer", wire::CATEGORICAL, {"adam", "sgd", "a, b"});
  AddNumber(e, "momentum", wire::DOUBLE, {"0", "1"});
  AddNumber(e, "layers", wire::INT, {"1", "8"});
  AddNumber(e, "max-depth", wire::INT, {"1", "30"});
  AddNumber(e, "max", wire::DOUBLE, {"0", "1", "0.1"});
  AddList(e, "batch", wire::DISCRETE, {"64", "16", "32"});
  wire::ObjectiveSpec& objective = *e.mutable_spec()->mutable_objective();
  objective.set_objective_metric_name("accuracy");
  objective.add_additional_metric_names("latency");
  objective.add_additional_metric_names("size");
  return e;
}

algorithms::Problem Read(const std::string& conditions, const std::string& constraints) {
  const auto problem = ToProblem(Ruled(conditions, constraints));
  EXPECT_TRUE(problem.ok()) << problem.status();
  return problem.ok() ? *problem : algorithms::Problem();
}

std::string Refusal(const std::string& conditions, const std::string& constraints) {
  const absl::Status status = ToProblem(Ruled(conditions, constraints)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

Point PointOf(std::uint32_t optimizer, double momentum, std::int64_t layers, std::int64_t depth = 1,
              double max = 0, std::uint32_t batch = 0) {
  return {Choice{optimizer}, momentum, layers, depth, max, Choice{batch}};
}

TEST(SplitEntries, KeepsWhatIsQuoted) {
  EXPECT_THAT(SplitEntries(" a ; b\n\n;c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(SplitEntries("x, \"a, b\" ,", ","), ElementsAre("x", "\"a, b\""));
}

TEST(Conditions, ReadEveryTest) {
  const std::pair<const char*, std::vector<bool>> cases[] = {
      // momentum's activity at layers 2, 3, 4
      {"momentum: layers in 2, 4", {true, false, true}},
      {"momentum: layers not in 2, 4", {false, true, false}},
      {"momentum: layers == 3", {false, true, false}},
      {"momentum: layers != 3", {true, false, true}},
      {"momentum: layers < 3", {true, false, false}},
      {"momentum: layers<=3", {true, true, false}},
      {"momentum: layers > 3", {false, false, true}},
      {"momentum: layers >= 3", {false, true, true}}};
  for (const auto& [text, expected] : cases) {
    const algorithms::Problem problem = Read(text, "");
    for (int layers = 2; layers <= 4; ++layers) {
      EXPECT_EQ(problem.space.Active(PointOf(0, 0.2, layers))[1], expected[layers - 2])
          << text << ' ' << layers;
    }
    EXPECT_TRUE(problem.settings.size() == 1 && problem.settings[0].name == "seed");
  }
}

TEST(Conditions, TakeSeveralParametersAndSeveralEntries) {
  const algorithms::Problem problem =
      Read("momentum, batch: optimizer in sgd, \"a, b\"\n max-depth: batch >= 32; momentum: max <= 0.5;", "");
  EXPECT_EQ(problem.space.Active(PointOf(1, 0, 1)), (std::vector<bool>{true, true, true, true, true, true}));
  EXPECT_EQ(problem.space.Active(PointOf(2, 0, 1, 1, 0.6, 1)),
            (std::vector<bool>{true, false, true, false, true, true}));
  EXPECT_EQ(problem.space.Active(PointOf(0, 0, 1)),
            (std::vector<bool>{true, false, true, false, true, false}));
}

TEST(Conditions, RefuseWhatCannotBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"momentum optimizer", "entry 'momentum optimizer': write NAME: PARENT in VALUE"},
      {"momentum: optimizer like sgd", "write NAME: PARENT in VALUE"},
      {"momentun: optimizer in sgd", "there is no parameter momentun; did you mean \"momentum\"?"},
      {"momentum: optimzer in sgd", "there is no parameter optimzer; did you mean \"optimizer\"?"},
      {"momentum: optimizer in sgdd", "'sgdd' is not in the list of optimizer; did you mean \"sgd\"?"},
      {"momentum: optimizer == adam, sgd", "write NAME: PARENT in VALUE"},
      {"momentum: optimizer >= 2", "optimizer is a list of words; compare it by in, not in, == or !="},
      {"momentum: layers >= many", "a comparison needs a number, got 'many'"},
      {"momentum: layers >= 9", "it never holds: layers is from 1 to 8"},
      {"momentum: batch > 64", "it never holds: batch is from 16 to 64"},
      {"momentum: layers in 9", "layers has whole numbers from 1 to 8, got '9'"},
      {"layers: momentum == 0.5", "momentum is a double without step; compare it by <, <=, > or >="},
      {"momentum: layers > 2; layers: momentum > 0.5",
       "conditions form a cycle: momentum -> layers -> momentum"}};
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(Refusal(text, ""),
                ::testing::AllOf(HasSubstr(message), ::testing::StartsWith("qalam.dev/conditions: ")));
  }
}

TEST(Constraints, ReadSumsOfParameters) {
  const algorithms::Problem problem =
      Read("", "layers + 2*max-depth <= 0.5*batch + 10; max - 1e-1 < momentum\n2 * layers * 2 >= 8 - 0");
  ASSERT_EQ(problem.space.constraints().size(), 3u);
  const auto feasible = [&](double momentum, std::int64_t layers, std::int64_t depth, double max,
                            std::uint32_t batch) {
    return problem.space.IsFeasible(PointOf(0, momentum, layers, depth, max, batch));
  };
  EXPECT_TRUE(feasible(0.5, 2, 8, 0.5, 1));   // 2 + 16 <= 8 + 10
  EXPECT_FALSE(feasible(0.5, 3, 8, 0.5, 1));  // 3 + 16
  EXPECT_TRUE(feasible(0.5, 3, 8, 0.5, 2));   // <= 16 + 10
  EXPECT_FALSE(feasible(0.5, 1, 8, 0.5, 1));  // 4 layers >= 8
  EXPECT_FALSE(feasible(0.5, 2, 8, 0.6, 1));  // 0.6 - 0.1 < 0.5 is not strict
  EXPECT_TRUE(feasible(0.51, 2, 8, 0.6, 1));
}

TEST(Constraints, ReadBoundsOfMetrics) {
  const algorithms::Problem problem = Read("", "latency <= 20; 100 > 2*size; accuracy >= 0.9; layers <= 4");
  ASSERT_EQ(problem.metric_constraints.size(), 3u);
  EXPECT_EQ(problem.metric_constraints[0].metric, "latency");
  EXPECT_TRUE(problem.metric_constraints[0].at_most);
  EXPECT_EQ(problem.metric_constraints[0].bound, 20);
  EXPECT_EQ(problem.metric_constraints[1].bound, 50);
  EXPECT_TRUE(problem.metric_constraints[1].at_most);
  EXPECT_FALSE(problem.metric_constraints[2].at_most);
  EXPECT_EQ(problem.metric_constraints[2].bound, 0.9);
  EXPECT_EQ(problem.space.constraints().size(), 1u);
}

TEST(Constraints, RefuseWhatCannotBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"layers", "write sums of parameters on both sides"},
      {"<= 3", "write sums of parameters on both sides"},
      {"layers <= ", "write sums of parameters on both sides"},
      {"layres <= 3", "there is no parameter or metric layres; did you mean \"layers\"?"},
      {"layers * max <= 3", "layers times max is not linear"},
      {"layers / 2 <= 3", "there is no division"},
      {"layers max <= 3", "expected + or - before 'max'"},
      {"layers == 3", "an equation leaves nothing to choose"},
      {"layers = 3", "an equation leaves nothing to choose"},
      {"1 <= layers <= 3", "one entry has one comparison"},
      {"1 <= 3", "it names no parameter and no metric"},
      {"layers <= layers", "it names no parameter and no metric"},
      {"optimizer <= 3", "parameter optimizer has no numbers"},
      {"latency + layers <= 3", "latency is a metric; it stands alone, with a bound"},
      {"latency <= size", "is a metric; it stands alone"},
      {"1e300*1e300*layers <= 3", "the factor of layers is not finite"}};
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(Refusal("", text),
                ::testing::AllOf(HasSubstr(message), ::testing::StartsWith("qalam.dev/constraints: ")))
        << text;
  }
  EXPECT_THAT(std::string(ValidateAlgorithmSettings(Ruled("", "layers + max-depth <= 1")).message()),
              HasSubstr("its left side is 2 at least"));
}

TEST(Constraints, OfTwoSettingsWithOneNameTheLastCounts) {
  wire::Experiment experiment = Ruled("", "layers <= 1");
  wire::AlgorithmSetting& again = *experiment.mutable_spec()->mutable_algorithm()->add_algorithm_settings();
  again.set_name("qalam.dev/constraints");
  again.set_value("latency <= 3");
  const auto problem = ToProblem(experiment);
  ASSERT_TRUE(problem.ok()) << problem.status();
  EXPECT_TRUE(problem->space.constraints().empty());
  EXPECT_EQ(problem->metric_constraints.size(), 1u);
}

TEST(Suggestions, KeepWhatTheExtensionsSay) {
  wire::GetSuggestionsRequest request;
  *request.mutable_experiment() =
      Ruled("momentum: optimizer == sgd", "layers + max-depth <= 8; latency <= 3");
  request.set_current_request_number(50);
  request.set_total_request_number(50);
  const auto reply = GetSuggestions(request);
  ASSERT_TRUE(reply.ok()) << reply.status();
  const algorithms::Problem problem = *ToProblem(request.experiment());
  ASSERT_EQ(reply->parameter_assignments_size(), 50);
  for (const auto& assignments : reply->parameter_assignments()) {
    ASSERT_EQ(assignments.assignments_size(), 6);  // inactive ones too
    const std::string optimizer = assignments.assignments(0).value(),
                      momentum = assignments.assignments(1).value();
    if (optimizer != "sgd") {
      EXPECT_EQ(momentum, "0.5");
    }
    EXPECT_LE(std::stoi(assignments.assignments(2).value()) + std::stoi(assignments.assignments(3).value()),
              8);
  }
}

TEST(History, NeedsNoValuesOfInactiveParameters) {
  const algorithms::Problem problem = Read("momentum: optimizer == sgd", "latency <= 3");
  wire::GetSuggestionsRequest request;
  for (const char* optimizer : {"adam", "sgd"}) {
    *request.add_trials() = testing::TrialOf(
        optimizer,
        {{"optimizer", optimizer}, {"layers", "2"}, {"max-depth", "3"}, {"max", "0.1"}, {"batch", "16"}},
        wire::TrialStatus::SUCCEEDED, {{"accuracy", "0.5"}, {"latency", "4"}});
  }
  const algorithms::History history = ToHistory(request.trials(), problem);
  EXPECT_EQ(history.trials[0].point, PointOf(0, 0.5, 2, 3, 0.1, 1));
  EXPECT_EQ(history.trials[1].point, std::nullopt);
  EXPECT_THAT(history.trials[0].constraint_values, ElementsAre(4));
}

}  // namespace
}  // namespace qalam::suggestion
