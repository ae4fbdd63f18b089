#include "cli/study.h"

#include <gmock/gmock.h>

#include "study_fixture.h"

namespace qalam::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TrialReport Loss(const std::string& trial, const std::string& loss) {
  return {.trial = trial, .metrics = {{"loss", loss, loss, loss}}};
}

std::vector<api::ParameterAssignment> Point(const std::string& lr, const std::string& layers,
                                            const std::string& opt, const std::string& batch) {
  return {{"lr", lr}, {"layers", layers}, {"opt", opt}, {"batch", batch}};
}

TEST(Study, NamesAskedTrialsAndCountsThemAsRunning) {
  FakeService service;
  Study study = MakeStudy(service);
  const auto asked = study.Ask(2);
  ASSERT_TRUE(asked.ok()) << asked.status();
  ASSERT_EQ(asked->size(), 2u);
  EXPECT_EQ((*asked)[0].metadata.name, "tune-1");
  EXPECT_EQ((*asked)[1].metadata.name, "tune-2");
  EXPECT_EQ(api::StateOf((*asked)[1]), api::TrialState::kRunning);
  ASSERT_TRUE(study.Ask(1).ok());
  EXPECT_THAT(service.trials_seen, ElementsAre(0, 2));
}

TEST(Study, KnowsTheBestTrialTheEarlierOfEqualOnes) {
  FakeService service;
  Study study = MakeStudy(service);
  ASSERT_TRUE(study.Ask(3).ok());
  EXPECT_EQ(study.Best(), nullptr);
  EXPECT_THAT(study.Tell(Loss("tune-3", "0.1")), IsEmpty());
  EXPECT_THAT(study.Tell(Loss("tune-2", "0.1")), IsEmpty());
  EXPECT_THAT(study.Tell(Loss("tune-1", "0.5")), IsEmpty());
  EXPECT_EQ(study.Best()->metadata.name, "tune-2");
  EXPECT_EQ(study.told().metadata.name, "tune-1");
}

TEST(Study, TakesTrialsFromElsewhereInAnySpelling) {
  FakeService service;
  Study study = MakeStudy(service);
  TrialReport report = Loss("", "0.5");
  report.parameters = Point(" 1e-2", "2.0", "adam", "1e-1");
  EXPECT_THAT(Texts(study.Tell(report)), IsEmpty());
  EXPECT_EQ(study.told().metadata.name, "tune-1");
  EXPECT_EQ(study.told().spec.parameter_assignments, Point("0.01", "2", "adam", "0.10"));
}

TEST(Study, NamesEveryValueThatDoesNotFit) {
  FakeService service;
  Study study = MakeStudy(service);
  TrialReport report{.trial = "mine", .parameters = Point("0.5", "2.5", "rms", "x")};
  report.parameters.push_back({"momentum", "1"});
  EXPECT_THAT(
      Texts(study.Tell(report)),
      ElementsAre(
          "parameters.lr: Invalid value: \"0.5\": must be a number from 0.00001 to 0.1",
          "parameters.layers: Invalid value: \"2.5\": must be a whole number from 1 to 4",
          "parameters.opt: Invalid value: \"rms\": must be one of adam, sgd",
          "parameters.batch: Invalid value: \"x\": must be one of 16, 0.10",
          "parameters.momentum: Invalid value: \"1\": there is no such parameter, only lr, layers, opt, "
          "batch",
          "metrics.loss: Required value: a succeeded trial needs its objective; otherwise its status is "
          "failed, killed, running, early-stopped or metrics-unavailable"));
  EXPECT_THAT(study.trials(), IsEmpty());
}

TEST(Study, TellingAgainReplacesTheResultButNotTheParameters) {
  FakeService service;
  Study study = MakeStudy(service);
  ASSERT_TRUE(study.Ask(1).ok());
  EXPECT_THAT(study.Tell({.trial = "tune-1", .state = api::TrialState::kFailed}), IsEmpty());
  EXPECT_EQ(api::StateOf(study.told()), api::TrialState::kFailed);
  TrialReport again = Loss("tune-1", "0.5");
  again.parameters = Point("0.0010", "1", "adam", "16");
  EXPECT_THAT(Texts(study.Tell(again)), IsEmpty());
  EXPECT_EQ(api::StateOf(study.told()), api::TrialState::kSucceeded);
  again.parameters = Point("0.002", "1", "adam", "16");
  EXPECT_THAT(
      Texts(study.Tell(again)),
      ElementsAre(
          "trial: Invalid value: \"tune-1\": was tried with lr=0.001 layers=1 opt=adam batch=16; leave "
          "the parameters out, or use another name"));
  EXPECT_EQ(study.trials().size(), 1u);
}

TEST(Study, RefusesAnObjectiveThatIsNoNumberAndSetsNaNAside) {
  FakeService service;
  Study study = MakeStudy(service);
  ASSERT_TRUE(study.Ask(1).ok());
  EXPECT_THAT(
      Texts(study.Tell(Loss("tune-1", "much"))),
      ElementsAre(
          "metrics.loss: Invalid value: \"much\": must be a number; otherwise the status is failed or "
          "metrics-unavailable"));
  EXPECT_THAT(study.Tell(Loss("tune-1", "nan")), IsEmpty());
  EXPECT_EQ(api::StateOf(study.told()), api::TrialState::kMetricsUnavailable);
  EXPECT_EQ(study.Best(), nullptr);
}

TEST(Study, RefusesTrialsItDoesNotKnow) {
  FakeService service;
  Study study = MakeStudy(service);
  EXPECT_THAT(
      Texts(study.Tell(Loss("tune-9", "1"))),
      ElementsAre("trial: Invalid value: \"tune-9\": is unknown; to add a trial from elsewhere, give its "
                  "parameters"));
  EXPECT_THAT(Texts(study.Tell(Loss("", "1"))),
              ElementsAre("trial: Required value: name the trial, or give its parameters"));
}

TEST(Study, GivesThePointsThatAreLeftAndThenSaysSo) {
  FakeService service{.points = 3};
  Study study = MakeStudy(service);
  const auto asked = study.Ask(100);
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->size(), 3u);
  EXPECT_TRUE(absl::IsOutOfRange(study.Ask(1).status()));
  EXPECT_TRUE(absl::IsOutOfRange(study.Ask(100).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(study.Ask(0).status()));
}

TEST(Study, AsksOnceWhereTheRuleToEndHolds) {
  FakeService service{.points = 0, .exhausted = "EndRuleMet: nothing more to win"};
  Study study = MakeStudy(service);
  EXPECT_TRUE(absl::IsOutOfRange(study.Ask(8).status()));
  EXPECT_EQ(service.trials_seen.size(), 1u);
}

TEST(Study, SendsBackWhatTheAlgorithmAskedToRemember) {
  FakeService service{.settings_given = {{"rung", "1"}}};
  Study study = MakeStudy(service);
  ASSERT_TRUE(study.Ask(1).ok());
  EXPECT_THAT(service.settings_seen, IsEmpty());
  service.settings_given = {{"rung", "2"}};
  ASSERT_TRUE(study.Ask(1).ok());
  EXPECT_THAT(service.settings_seen, ElementsAre(api::NameValue{"rung", "1"}));
  ASSERT_TRUE(study.Ask(1).ok());
  EXPECT_THAT(service.settings_seen, ElementsAre(api::NameValue{"rung", "2"}));
}

}  // namespace
}  // namespace qalam::cli
