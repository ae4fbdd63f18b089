// What every registered algorithm must keep, on every kind of space. A new line in the registry is tested
// here at once.

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <set>
#include <thread>

#include "algorithms/registry.h"
#include "tests/algorithms/support.h"

namespace qalam::algorithms {
namespace {

using testing::OneOf;
using testing::Points;
using testing::ProblemOf;
using testing::Real;
using testing::Whole;

enum class Space { kOneValueEach, kMixed, kEveryDistributionAndStep, kSmall, kHundredParameters };

std::string SpaceName(Space space) {
  switch (space) {
    case Space::kOneValueEach:
      return "OneValueEach";
    case Space::kMixed:
      return "Mixed";
    case Space::kEveryDistributionAndStep:
      return "EveryDistributionAndStep";
    case Space::kSmall:
      return "Small";
    case Space::kHundredParameters:
      return "HundredParameters";
  }
  return "";
}

std::vector<Parameter> ParametersOf(Space space, bool finite) {
  const auto step = [finite](double value) { return finite ? std::optional<double>(value) : std::nullopt; };
  std::vector<Parameter> parameters;
  switch (space) {
    case Space::kOneValueEach:
      return {Real("x", 0.5, 0.5, step(1)), Whole("n", -7, -7), OneOf("c", {"only"}),
              Real("l", 3, 3, step(1), Distribution::kLogNormal),
              Whole("m", 4, 4, {}, Distribution::kNormal)};
    case Space::kMixed:
      return {Real("lr", 1e-5, 1e-1, step(1e-5), Distribution::kLogUniform), Whole("layers", 1, 8),
              OneOf("opt", {"adam", "sgd", "rmsprop"}), Real("dropout", 0, 0.5, step(0.01)),
              Whole("units", 16, 256, 16)};
    case Space::kEveryDistributionAndStep:
      for (const auto& [name, distribution] :
           {std::pair("u", Distribution::kUniform), std::pair("lu", Distribution::kLogUniform),
            std::pair("n", Distribution::kNormal), std::pair("ln", Distribution::kLogNormal)}) {
        const std::string prefix = name;
        parameters.push_back(Real(prefix + "_real", 0.1, 7, step(0.001), distribution));
        parameters.push_back(Real(prefix + "_stepped", 0.1, 0.9, 0.2, distribution));
        parameters.push_back(Whole(prefix + "_whole", 1, 90, {}, distribution));
        parameters.push_back(Whole(prefix + "_whole_stepped", 1, 90, 10, distribution));
      }
      parameters.push_back(testing::Must(Parameter::Discrete("discrete", {"3", "2", "6.50"})));
      parameters.push_back(OneOf("categorical", {"a b", "", "\xC3\xA9"}));
      return parameters;
    case Space::kSmall:
      return {Whole("n", 1, 9, {}, Distribution::kLogUniform),
              OneOf("c", {"a", "b", "c", "d", "e", "f", "g", "h"})};
    case Space::kHundredParameters:
      for (int i = 0; i < 25; ++i) {
        const std::string suffix = std::to_string(i);
        parameters.push_back(Real("x" + suffix, -i - 1, i, step(0.5)));
        parameters.push_back(Real("y" + suffix, 1, 100, step(0.5), Distribution::kLogNormal));
        parameters.push_back(Whole("n" + suffix, 1, 1 + i, {}, Distribution::kLogUniform));
        parameters.push_back(OneOf("c" + suffix, {"a", "b", "c"}));
      }
      return parameters;
  }
  return parameters;
}

// Names of tests have letters and digits only.
std::string TestName(std::string_view algorithm) {
  std::string name(algorithm);
  std::erase(name, '-');
  return name;
}

// Those that promote from level to level of a resource, which must be a parameter.
bool TakesResource(const AlgorithmInfo& info) {
  return info.name == "asha" || info.name == "bohb" || info.name == "hyperband";
}

// Settings and parameters without which some algorithms do not begin.
Problem ContractProblem(const AlgorithmInfo& info, std::vector<Parameter> parameters, Settings settings) {
  if (TakesResource(info)) {
    parameters.push_back(Whole("epochs", 1, 27));
    settings.insert(settings.end(), {{"resource_name", "epochs"}, {"r_l", "27"}});
  }
  if (info.name == "pbt") {
    settings.insert(
        settings.end(),
        {{"suggestion_trial_dir", "/data"}, {"n_population", "5"}, {"truncation_threshold", "0.4"}});
  }
  return ProblemOf(std::move(parameters), std::move(settings));
}

class AlgorithmContract : public ::testing::TestWithParam<std::tuple<const AlgorithmInfo*, Space>> {
 protected:
  AlgorithmContract() : info_(*std::get<0>(GetParam())), problem_(MakeProblem({{"random_state", "71"}})) {}

  Problem MakeProblem(Settings settings) const {
    return ContractProblem(info_, ParametersOf(std::get<1>(GetParam()), info_.name == "grid"),
                           std::move(settings));
  }

  std::unique_ptr<Algorithm> Create() const { return Create(problem_); }
  std::unique_ptr<Algorithm> Create(const Problem& problem) const {
    EXPECT_TRUE(info_.validate(problem).ok()) << info_.validate(problem);
    return testing::Must(info_.create(problem));
  }

  // Only grid never repeats, and so ends.
  int Available(int wanted) const {
    if (info_.name != "grid") return wanted;
    return static_cast<int>(std::min<std::uint64_t>(wanted, *problem_.space.combinations()));
  }

  // Trials of every kind at points that an algorithm may or may not have proposed.
  History StrangeHistory() const {
    const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
    const std::vector<double> half(problem_.space.size(), 0.5), low(problem_.space.size(), 0.1);
    const Point middle = problem_.space.FromUnit(half), corner = problem_.space.FromUnit(low);
    using enum TrialStatus;
    History history;
    for (const TrialStatus status : {kPending, kSucceeded, kEarlyStopped, kFailed, kInfeasible, kKilled,
                                     kMetricsUnavailable, kUnknown}) {
      for (const std::vector<double>& objectives :
           {std::vector<double>{}, {nan}, {infinity}, {-infinity}, {0.0}, {1e308}, {-1e308}}) {
        history.trials.push_back({"same name", status, middle, objectives, {{1, nan}, {2, 0.5}}, {}, {}, {}});
        history.trials.push_back(
            {"", status, corner, objectives, {}, {{"label", "x"}}, {}, absl::UnixEpoch(), {}});
        history.trials.push_back({"elsewhere", status, std::nullopt, objectives, {}, {}, {}, {}});
      }
    }
    return history;
  }

  double ValueOf(const Point& point) const {
    double sum = 0;
    for (const double u : problem_.space.ToUnit(point)) sum += (u - 0.3) * (u - 0.3);
    return sum;
  }

  // Trial number i of an experiment in which now and then one fails, is stopped early or reports nonsense.
  Trial Ended(const Point& point, int i) const {
    Trial trial;
    trial.name = "t" + std::to_string(i);
    trial.point = point;
    trial.start_time = absl::FromUnixSeconds(i);
    trial.completion_time = absl::FromUnixSeconds(2 * i + 10 + i % 3);
    trial.status = i % 7 == 3   ? TrialStatus::kFailed
                   : i % 7 == 5 ? TrialStatus::kEarlyStopped
                                : TrialStatus::kSucceeded;
    if (trial.status != TrialStatus::kFailed)
      trial.objectives = {i % 11 == 9 ? std::nan("") : ValueOf(point)};
    return trial;
  }

  // Of points that another algorithm proposed; the last three are still running.
  History Experiment(int trials) const {
    History history;
    for (const Point& point : Points(*testing::Create("random", problem_), 0, trials)) {
      history.trials.push_back(Ended(point, static_cast<int>(history.trials.size())));
    }
    for (size_t i = history.trials.size() - 3; i < history.trials.size(); ++i) {
      Trial& trial = history.trials[i];
      trial.status = TrialStatus::kPending;
      trial.objectives.clear();
      trial.completion_time.reset();
    }
    return history;
  }

  static std::vector<Point> Proposed(const Algorithm& algorithm, const History& history,
                                     std::int64_t handed_out, int count) {
    std::vector<Point> points;
    for (Proposal& proposal : testing::Must(algorithm.Suggest(history, {handed_out, count, {}})).proposals) {
      points.push_back(std::move(proposal.point));
    }
    return points;
  }

  void ExpectInside(const std::vector<Point>& points) const {
    for (const Point& point : points) {
      ASSERT_EQ(point.size(), problem_.space.size());
      for (size_t j = 0; j < point.size(); ++j) {
        const Parameter& parameter = problem_.space.parameters()[j];
        // Reading back checks bounds and list; the nearest grid value being the same checks the grid.
        EXPECT_EQ(parameter.Parse(parameter.Text(point[j])), point[j]) << parameter.name();
        if (parameter.cardinality()) {
          EXPECT_EQ(parameter.At(parameter.IndexOf(point[j])), point[j]) << parameter.name();
        }
      }
    }
  }

  // Of all parameters but the resource.
  bool has_one_configuration() const { return std::get<1>(GetParam()) == Space::kOneValueEach; }
  bool many_parameters() const { return std::get<1>(GetParam()) == Space::kHundredParameters; }

  const AlgorithmInfo& info_;
  const Problem problem_;
};

TEST_P(AlgorithmContract, AnswersExactlyTheCountInsideTheSpace) {
  const auto algorithm = Create();
  int handed_out = 0;
  for (const int count : {1, 2, 3, 7, 64}) {
    const int available = std::min(count, Available(handed_out + count) - handed_out);
    const std::vector<Point> points = Points(*algorithm, handed_out, available);
    ASSERT_EQ(points.size(), static_cast<size_t>(available));
    handed_out += available;
    ExpectInside(points);
  }
}

TEST_P(AlgorithmContract, AnswersExactlyTheCountInTheMiddleOfAnExperiment) {
  const auto algorithm = Create();
  const History history = Experiment(20);
  for (const int count : {1, 3, many_parameters() ? 4 : 64}) {
    const int available = std::min(count, std::max(0, Available(20 + count) - 20));
    const std::vector<Point> points = Proposed(*algorithm, history, Available(20), available);
    ASSERT_EQ(points.size(), static_cast<size_t>(available));
    ExpectInside(points);
  }
}

TEST_P(AlgorithmContract, ProposesNothingTwiceWhileThereIsMore) {
  const auto algorithm = Create();
  if (!algorithm->uses_history()) GTEST_SKIP() << "such algorithms know their own points only";
  if (TakesResource(info_) && has_one_configuration()) GTEST_SKIP() << "which has but a few levels";
  if (info_.name == "pbt") GTEST_SKIP() << "its members differ by what they were trained from, too";
  History history = Experiment(many_parameters() ? 12 : 24);
  std::set<std::vector<std::string>> seen;
  const auto text = [&](const Point& point) {
    std::vector<std::string> texts;
    for (size_t j = 0; j < point.size(); ++j) texts.push_back(problem_.space.parameters()[j].Text(point[j]));
    return texts;
  };
  for (const Trial& trial : history.trials) seen.insert(text(*trial.point));
  const std::uint64_t free = problem_.space.combinations().value_or(1000) - seen.size();
  const int count = many_parameters() ? 4 : 40;
  size_t fresh = 0;
  for (const Point& point : Proposed(*algorithm, history, 24, count))
    fresh += seen.insert(text(point)).second;
  EXPECT_EQ(fresh, std::min<std::uint64_t>(free, count));
}

TEST_P(AlgorithmContract, TakesAnyNumberForTheHandedOut) {
  if (info_.name == "grid") GTEST_SKIP() << "its numbers are its points";
  const auto algorithm = Create();
  const History history = Experiment(20);
  for (const std::int64_t handed_out : {std::int64_t{0}, std::int64_t{3}, Ask::kMaxHandedOut}) {
    const std::vector<Point> points = Proposed(*algorithm, history, handed_out, 2);
    EXPECT_EQ(points.size(), 2u);
    ExpectInside(points);
  }
}

TEST_P(AlgorithmContract, MaximizingIsMinimizingTheNegative) {
  Problem other = problem_;
  other.objectives[0].direction = Direction::kMaximize;
  const History history = Experiment(many_parameters() ? 14 : 20);
  History negative = history;
  for (Trial& trial : negative.trials) {
    for (double& value : trial.objectives) value = -value;
  }
  const int at = Available(20), count = Available(22) - at;
  EXPECT_EQ(Proposed(*Create(), history, at, count), Proposed(*Create(other), negative, at, count));
}

TEST_P(AlgorithmContract, LearnsFromEqualPointsAndEqualValues) {
  History same_values = Experiment(20), same_points = same_values;
  for (Trial& trial : same_values.trials) {
    for (double& value : trial.objectives) value = 1;
  }
  for (Trial& trial : same_points.trials) trial.point = same_points.trials[0].point;
  const int at = Available(20), count = Available(22) - at;
  for (const History& history : {same_values, same_points}) {
    const std::vector<Point> points = Proposed(*Create(), history, at, count);
    EXPECT_EQ(points.size(), static_cast<size_t>(count));
    ExpectInside(points);
  }
}

TEST_P(AlgorithmContract, SameInputsGiveTheSamePoints) {
  const int count = Available(64);
  EXPECT_EQ(Points(*Create(), 0, count), Points(*Create(), 0, count));
}

TEST_P(AlgorithmContract, OneByOneOrAtOnceGivesTheSamePoints) {
  const auto algorithm = Create();
  if (algorithm->uses_history()) GTEST_SKIP() << "points depend on the history";
  const int count = Available(64);
  const std::vector<Point> at_once = Points(*algorithm, 0, count);
  for (int i = 0; i < count; ++i) EXPECT_EQ(Points(*algorithm, i, 1).at(0), at_once[i]);
}

// One instance lives on while a new one is made for each request.
TEST_P(AlgorithmContract, RestartInTheMiddleChangesNothing) {
  History history = Experiment(14);
  const auto old = Create();
  const int first = Available(14), end = Available(14 + (many_parameters() ? 4 : 20));
  for (int i = first; i < end; ++i) {
    const Point point = Proposed(*old, history, i, 1).at(0);
    ASSERT_EQ(point, Proposed(*Create(), history, i, 1).at(0));
    history.trials.push_back(Ended(point, i));
  }
}

TEST_P(AlgorithmContract, TheOrderOfTheHistoryDoesNotMatter) {
  History history = Experiment(20);
  const int at = Available(20), count = Available(22) - at;
  const std::vector<Point> expected = Proposed(*Create(), history, at, count);
  for (const size_t places : {7, 12}) {
    std::rotate(history.trials.begin(), history.trials.begin() + places, history.trials.end());
    std::swap(history.trials.front(), history.trials.back());
    EXPECT_EQ(Proposed(*Create(), history, at, count), expected);
  }
}

TEST_P(AlgorithmContract, AcceptsTrialsOfEveryKindInAnyOrder) {
  const int count = Available(many_parameters() ? 2 : 8);
  const auto algorithm = Create();
  const History history = StrangeHistory();
  History reversed = history;
  std::reverse(reversed.trials.begin(), reversed.trials.end());
  const auto forwards = algorithm->Suggest(history, {0, count, {}});
  const auto backwards = algorithm->Suggest(reversed, {0, count, {}});
  ASSERT_TRUE(forwards.ok() && backwards.ok()) << forwards.status() << backwards.status();
  for (int i = 0; i < count; ++i) EXPECT_EQ(forwards->proposals[i].point, backwards->proposals[i].point);
}

TEST_P(AlgorithmContract, SeedsAndExperimentNamesMakeDifferentPoints) {
  if (has_one_configuration()) GTEST_SKIP() << "there is one point only";
  const int count = Available(32);
  Problem first = MakeProblem({}), second = first;
  second.experiment_name = "e2";
  EXPECT_EQ(Points(*Create(first), 0, count), Points(*Create(first), 0, count));
  EXPECT_NE(Points(*Create(first), 0, count), Points(*Create(second), 0, count));
  EXPECT_NE(Points(*Create(MakeProblem({{"seed", "1"}})), 0, count),
            Points(*Create(MakeProblem({{"seed", "2"}})), 0, count));
}

TEST_P(AlgorithmContract, AnswersNothingToACountOfZero) { EXPECT_TRUE(Points(*Create(), 5, 0).empty()); }

TEST_P(AlgorithmContract, RefusesNegativeNumbers) {
  const auto algorithm = Create();
  for (const Ask& ask : {Ask{-1, 1, {}}, Ask{0, -1, {}}, Ask{Ask::kMaxHandedOut + 1, 1, {}}}) {
    EXPECT_EQ(algorithm->Suggest({}, ask).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(AlgorithmContract, GivesUpWhenItsCallerDoes) {
  EXPECT_EQ(Create()->Suggest({}, {0, 1, [] { return true; }}).status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(Create()->Suggest({}, {0, 1, [] { return false; }}).ok());
}

TEST_P(AlgorithmContract, GivesUpInTheMiddleOrAnswersAsUsual) {
  const History history = Experiment(20);
  const int at = Available(20), count = Available(22) - at;
  const auto algorithm = Create();
  const auto usual = algorithm->Suggest(history, {at, count, {}});
  ASSERT_TRUE(usual.ok()) << usual.status();
  for (const int allowed : {1, 2, 5, 50}) {
    int polls = 0;
    const auto answer = algorithm->Suggest(history, {at, count, [&] { return ++polls > allowed; }});
    if (!answer.ok()) {
      EXPECT_EQ(answer.status().code(), absl::StatusCode::kCancelled);
      continue;
    }
    EXPECT_LE(polls, allowed);
    for (int i = 0; i < count; ++i) EXPECT_EQ(answer->proposals[i].point, usual->proposals[i].point);
  }
}

TEST_P(AlgorithmContract, ServesThreadsAtOnce) {
  const auto algorithm = Create();
  const int count = Available(32);
  std::vector<Point> first, second;
  std::thread other([&] { second = Points(*algorithm, 0, count); });
  first = Points(*algorithm, 0, count);
  other.join();
  EXPECT_EQ(first, second);
}

// Those that propose points; the others have architecture_contract_test.cc.
std::vector<const AlgorithmInfo*> Everything() {
  std::vector<const AlgorithmInfo*> all;
  for (const AlgorithmInfo& info : Algorithms()) {
    if (!info.can.architectures) all.push_back(&info);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, AlgorithmContract,
                         ::testing::Combine(::testing::ValuesIn(Everything()),
                                            ::testing::Values(Space::kOneValueEach, Space::kMixed,
                                                              Space::kEveryDistributionAndStep, Space::kSmall,
                                                              Space::kHundredParameters)),
                         [](const auto& test) {
                           return TestName(std::get<0>(test.param)->name) +
                                  SpaceName(std::get<1>(test.param));
                         });

class SettingsContract : public ::testing::TestWithParam<const AlgorithmInfo*> {};

TEST_P(SettingsContract, RefusesBadSeedsWithTheKnownTexts) {
  const auto message = [](Settings settings) {
    const absl::Status status =
        GetParam()->validate(ContractProblem(*GetParam(), {Whole("n", 1, 5)}, std::move(settings)));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_EQ(message({{"random_state", "-1"}}), GetParam()->name == "multivariate-tpe"
                                                   ? "random_state should be greate or equal than zero"
                                                   : "random_state should be great or equal than zero");
  EXPECT_THAT(message({{"random_state", "aaa"}}),
              ::testing::StartsWith("failed to validate random_state(aaa): "));
  EXPECT_THAT(message({{"seed", ""}}), ::testing::StartsWith("failed to validate seed(): "));
}

TEST_P(SettingsContract, RefusesUnknownSettingsUnlessTheyAreDocumentedAsIgnored) {
  const absl::Status status =
      GetParam()->validate(ContractProblem(*GetParam(), {Whole("n", 1, 5)}, {{"unknown_conf", "1111"}}));
  const std::string_view name = GetParam()->name;
  if (name == "sobol" || name == "hyperband" || name == "pbt") {
    EXPECT_TRUE(status.ok());
  } else {
    EXPECT_EQ(status, absl::InvalidArgumentError("unknown setting unknown_conf for algorithm " +
                                                 std::string(GetParam()->name)));
  }
}

// Clients validate settings before they have parameters; but nothing can be suggested then.
TEST_P(SettingsContract, AcceptsNoParametersUntilASuggestionIsAsked) {
  if (TakesResource(*GetParam())) GTEST_SKIP() << "their settings name a parameter";
  Problem problem = ContractProblem(*GetParam(), {}, {{"random_state", "10"}});
  problem.max_trial_count = 23;
  EXPECT_TRUE(GetParam()->validate(problem).ok());
  EXPECT_EQ(GetParam()->create(problem).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(All, SettingsContract, ::testing::ValuesIn(Everything()),
                         [](const auto& test) { return TestName(test.param->name); });

TEST(Registry, ListsNamesInOrderAndFindsThem) {
  const std::vector<std::string> names = AlgorithmNames();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  for (const std::string& name : names) EXPECT_EQ((*FindAlgorithm(name))->name, name);
}

TEST(Registry, EveryEarlyStoppingRuleKnowsWhenItIsEvaluated) {
  const std::vector<std::string> names = EarlyStopperNames();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const EarlyStopperInfo& rule : EarlyStoppers()) {
    Settings settings = {{"evaluate", "once"}};
    if (rule.name == "threshold") settings.push_back({"value", "1"});
    if (rule.name == "hyperband-stop") settings.push_back({"r_l", "27"});
    EXPECT_TRUE(rule.validate(settings).ok()) << rule.name;
    settings.push_back({"evaluate", "every"});
    EXPECT_TRUE(rule.validate(settings).ok()) << rule.name;
    settings.push_back({"evaluate", "never"});
    EXPECT_EQ(rule.validate(settings).message(), "evaluate must be every or once, got 'never'") << rule.name;
    EXPECT_EQ(rule.validate({{"evaluation", "once"}}).message(),
              "unknown setting evaluation for algorithm " + std::string(rule.name));
    for (const std::string_view known : rule.settings) {
      // Known by its name, whatever is said of such a value.
      EXPECT_THAT(std::string(rule.validate({{std::string(known), "?"}}).message()),
                  ::testing::Not(::testing::HasSubstr("unknown setting")))
          << rule.name;
    }
  }
}

TEST(Registry, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(FindAlgorithm("unknown").status(), absl::InvalidArgumentError("unknown algorithm name unknown"));
  EXPECT_EQ(FindAlgorithm("").status(), absl::InvalidArgumentError("unknown algorithm name "));
  EXPECT_EQ(FindEarlyStopper("unknown").status(),
            absl::InvalidArgumentError("unknown algorithm name unknown"));
}

}  // namespace
}  // namespace qalam::algorithms
