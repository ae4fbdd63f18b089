// Points enqueued and earlier experiments, as requests say them.
#include <gmock/gmock.h>

#include <cmath>

#include "algorithms/first_points.h"
#include "suggestion/earlier_trials.h"
#include "suggestion/enqueue_extension.h"
#include "suggestion/labels.h"
#include "suggestion/proto_convert.h"
#include "suggestion/suggester.h"
#include "suggestion/warm_start_extension.h"
#include "tests/suggestion/requests.h"

namespace qalam::suggestion {
namespace {

using testing::AddList;
using testing::AddNumber;
using ::testing::ElementsAre;
using testing::ExperimentOf;
using ::testing::HasSubstr;
using ::testing::Pair;
using testing::RequestOf;
using testing::SettingTexts;
using testing::TrialOf;

wire::Experiment TuningOf(SettingTexts settings, const std::string& algorithm = "random") {
  wire::Experiment experiment = ExperimentOf(algorithm, settings);
  AddNumber(experiment, "lr", wire::DOUBLE, {"0.001", "0.5", "", wire::LOG_UNIFORM});
  AddNumber(experiment, "units", wire::INT, {"16", "128", "16"});
  AddList(experiment, "opt", wire::CATEGORICAL, {"adam", "adam w", "a;\"b\""});
  return experiment;
}

// "lr=0.1 units=64; lr=0.01" as it was understood.
std::string Understood(const std::string& text) {
  const auto problem = ToProblem(TuningOf({{"qalam.dev/enqueue", text}}));
  if (!problem.ok()) return std::string(problem.status().message());
  std::string result;
  for (const algorithms::PartialPoint& point : problem->enqueued) {
    if (!result.empty()) result += "; ";
    bool first = true;
    for (size_t i = 0; i < point.size(); ++i) {
      if (!point[i]) continue;
      const algorithms::Parameter& parameter = problem->space.parameters()[i];
      result += (first ? "" : " ") + parameter.name() + "=" + parameter.Text(*point[i]);
      first = false;
    }
  }
  return result;
}

TEST(Enqueue, ReadsPointsWithBlanksCommasLinesAndQuotes) {
  EXPECT_EQ(Understood("lr=0.1 units=64; lr=0.01"), "lr=0.1 units=64; lr=0.01");
  EXPECT_EQ(Understood(" units=64,lr=1e-2\n\n;opt=\"adam w\" ;"), "lr=0.01 units=64; opt=adam w");
  EXPECT_EQ(Understood("opt=\"a;\\\"b\\\"\""), "opt=a;\"b\"");
}

TEST(Enqueue, MovesValuesToTheGrid) { EXPECT_EQ(Understood("units=60"), "units=64"); }

TEST(Enqueue, RefusalsNamePointAndParameter) {
  EXPECT_EQ(Understood("lr=0.1; units=200"),
            "qalam.dev/enqueue: point 2: units must be a whole number from 16 to 128, got '200'");
  EXPECT_THAT(Understood("opt=sgd"), HasSubstr("point 1: opt must be one of adam, adam w"));
  EXPECT_THAT(Understood("rate=1"),
              HasSubstr("point 1: there is no parameter rate; there are lr, units, opt"));
  EXPECT_THAT(Understood("lr=0.1 lr=0.2"), HasSubstr("point 1: lr is given twice"));
  EXPECT_THAT(Understood("lr"), HasSubstr("point 1: \"lr\" has no value"));
  EXPECT_THAT(Understood("=1"), HasSubstr("has no value"));
  EXPECT_THAT(Understood("opt=\"adam"), HasSubstr("opt: a quote is not closed"));
  EXPECT_THAT(Understood(" ; "), HasSubstr("got none"));
}

TEST(Enqueue, IsTriedFirstAndItsStateComesBack) {
  const auto request = RequestOf(TuningOf({{"qalam.dev/enqueue", "lr=0.1 units=64 opt=adam; lr=0.2"}}), 1, 1);
  const auto reply = *GetSuggestions(request);
  EXPECT_EQ(reply.parameter_assignments(0).assignments(0).value(), "0.1");
  EXPECT_THAT(reply.parameter_assignments(0).labels(), ElementsAre(Pair("qalam.dev/enqueued", "0")));
  ASSERT_EQ(reply.algorithm().algorithm_settings_size(), 1);

  // A stock controller sends the setting back, no label and, here, not even the trial.
  auto next = RequestOf(TuningOf({{"qalam.dev/enqueue", "lr=0.1 units=64 opt=adam; lr=0.2"}}), 2, 3);
  *next.mutable_experiment()->mutable_spec()->mutable_algorithm()->add_algorithm_settings() =
      reply.algorithm().algorithm_settings(0);
  const auto second = *GetSuggestions(next);
  EXPECT_EQ(second.parameter_assignments(0).assignments(0).value(), "0.2");
  EXPECT_TRUE(second.parameter_assignments(1).labels().empty());
  EXPECT_TRUE(ValidateAlgorithmSettings(next.experiment()).ok());
}

TEST(WarmStart, ReadsNames) {
  EXPECT_THAT(*ParseEarlierNames(" earlier-1; team-b/earlier.2,\nc "),
              ElementsAre("earlier-1", "team-b/earlier.2", "c"));
  EXPECT_THAT(std::string(ParseEarlierNames(" ; ").status().message()), HasSubstr("names no experiment"));
  EXPECT_THAT(std::string(ParseEarlierNames("a b").status().message()), HasSubstr("got 'a b'"));
  EXPECT_THAT(std::string(ParseEarlierNames("a/b/c").status().message()), HasSubstr("got 'a/b/c'"));
  EXPECT_THAT(std::string(ParseEarlierNames("a;a").status().message()), HasSubstr("a is given twice"));
}

wire::Trial EarlierTrial(const std::string& name, const std::map<std::string, std::string>& values,
                         const std::string& result, const std::string& experiment = "e0") {
  wire::Trial trial = TrialOf(name, values, wire::TrialStatus::SUCCEEDED, {{"metric-2", result}});
  (*trial.mutable_spec()->mutable_labels())[std::string(kEarlierExperimentLabel)] = experiment;
  return trial;
}

class EarlierTrials : public ::testing::Test {
 protected:
  algorithms::History Convert(const std::vector<wire::Trial>& trials) const {
    wire::GetSuggestionsRequest request;
    for (const wire::Trial& trial : trials) *request.add_trials() = trial;
    return ToHistory(request.trials(), problem_);
  }

  const algorithms::Problem problem_ = *ToProblem(TuningOf({{"qalam.dev/warm-start", "e0; other/e1"}}));
};

TEST_F(EarlierTrials, GoToTheirExperimentAndNeverToThisOne) {
  wire::Trial own = EarlierTrial("t0", {{"lr", "0.1"}, {"units", "16"}, {"opt", "adam"}}, "1", "elsewhere");
  const algorithms::History history =
      Convert({EarlierTrial("t0", {{"lr", "0.2"}, {"units", "16"}, {"opt", "adam"}}, "0.5"), own,
               EarlierTrial("t0", {{"lr", "0.3"}, {"units", "16"}, {"opt", "adam"}}, "0.7", "other/e1")});
  ASSERT_EQ(history.trials.size(), 1u);
  ASSERT_EQ(history.earlier.size(), 2u);
  EXPECT_EQ(history.earlier[0].name, "e0");
  ASSERT_EQ(history.earlier[0].trials.size(), 1u);
  EXPECT_EQ(history.earlier[0].trials[0].objectives, std::vector<double>{0.5});
  EXPECT_EQ(history.earlier[1].trials[0].objectives, std::vector<double>{0.7});
}

TEST_F(EarlierTrials, OfAnotherSpaceFitWhereTheyCan) {
  const std::vector<wire::Trial> trials = {
      EarlierTrial("a", {{"lr", "0.2"}, {"units", "30"}, {"depth", "3"}}, "0.5"),  // no opt, off the grid
      EarlierTrial("b", {{"lr", "0.9"}, {"units", "16"}, {"opt", "adam"}}, "0.5"),
      EarlierTrial("c", {{"lr", "0.2"}, {"units", "16"}, {"opt", "sgd"}}, "0.5"),
      EarlierTrial("d", {{"lr", "0.2"}, {"units", "16"}, {"opt", "adam"}}, "nan")};
  const algorithms::History history = Convert(trials);
  const auto& earlier = history.earlier[0].trials;
  ASSERT_TRUE(earlier[0].point.has_value());
  EXPECT_EQ(std::get<std::int64_t>((*earlier[0].point)[1]), 32);
  EXPECT_EQ(earlier[0].point, Convert(trials).earlier[0].trials[0].point);
  EXPECT_FALSE(earlier[1].point.has_value());
  EXPECT_FALSE(earlier[2].point.has_value());

  const EarlierFit fit = FitOf(trials, problem_);
  EXPECT_EQ(fit.used, 1);
  EXPECT_EQ(fit.without_result, 1);
  EXPECT_THAT(fit.out_of_range, ElementsAre(Pair("lr", 1), Pair("opt", 1)));
  EXPECT_THAT(fit.drawn, ElementsAre("opt"));
  EXPECT_THAT(fit.dropped, ElementsAre("depth"));
}

TEST(EarlierTrialsUnderConditions, HaveOneValueForWhatIsInactive) {
  const algorithms::Problem problem =
      *ToProblem(TuningOf({{"qalam.dev/warm-start", "e0"}, {"qalam.dev/conditions", "units: opt == adam"}}));
  wire::GetSuggestionsRequest request;
  for (const char* units : {"16", "128"}) {
    *request.add_trials() =
        EarlierTrial(std::string("t") + units, {{"lr", "0.2"}, {"units", units}, {"opt", "adam w"}}, "1");
  }
  const algorithms::History history = ToHistory(request.trials(), problem);
  const auto& earlier = history.earlier[0].trials;
  EXPECT_EQ(earlier[0].point, earlier[1].point);
  EXPECT_EQ(earlier[0].point, problem.space.Canonical(*earlier[0].point));
}

TEST_F(EarlierTrials, DrawValuesTheyDoNotHaveFromAllOverTheRange) {
  std::vector<wire::Trial> trials;
  for (int i = 0; i < 60; ++i)
    trials.push_back(EarlierTrial("t" + std::to_string(i), {{"units", "16"}}, "1"));
  double sum = 0;
  std::set<std::uint32_t> choices;
  const algorithms::History history = Convert(trials);
  for (const algorithms::Trial& trial : history.earlier[0].trials) {
    sum += std::log10(std::get<double>((*trial.point)[0]));
    choices.insert(std::get<algorithms::Choice>((*trial.point)[2]).index);
  }
  EXPECT_NEAR(sum / 60, (std::log10(0.001) + std::log10(0.5)) / 2, 0.3);
  EXPECT_EQ(choices.size(), 3u);
}

TEST_F(EarlierTrials, AreNotCountedWhereTheClientDoesNotCount) {
  const auto first = [](std::vector<wire::Trial> trials) {
    auto request = RequestOf(
        TuningOf({{"qalam.dev/warm-start", "e0"}, {"seed", "3"}, {"qalam.dev/earlier-handed-out", "3"}}), 1,
        0);
    for (const wire::Trial& trial : trials) *request.add_trials() = trial;
    return GetSuggestions(request)->parameter_assignments(0).SerializeAsString();
  };
  EXPECT_EQ(first({EarlierTrial("a", {{"units", "16"}}, "1"), EarlierTrial("b", {{"units", "16"}}, "1")}),
            first({}));
}

TEST_F(EarlierTrials, BestOfThemIsTriedFirst) {
  auto request = RequestOf(TuningOf({{"qalam.dev/warm-start", "e0"}}, "tpe"), 2, 2);
  *request.add_trials() = EarlierTrial("a", {{"lr", "0.2"}, {"units", "16"}, {"opt", "adam"}}, "0.5");
  *request.add_trials() = EarlierTrial("b", {{"lr", "0.3"}, {"units", "16"}, {"opt", "adam"}}, "0.9");
  const auto reply = *GetSuggestions(request);
  EXPECT_EQ(reply.parameter_assignments(0).assignments(0).value(), "0.3");
  EXPECT_THAT(reply.parameter_assignments(0).labels(), ElementsAre(Pair("qalam.dev/first-tried-in", "e0")));
  EXPECT_TRUE(reply.parameter_assignments(1).labels().empty());
}

}  // namespace
}  // namespace qalam::suggestion
