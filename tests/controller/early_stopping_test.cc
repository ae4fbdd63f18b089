// Trials whose stopping rules fire, from the value to the experiment's result.
#include <gmock/gmock.h>

#include "api/core.h"
#include "tests/controller/world.h"

namespace qalam::controller {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kRule = [](const char* value) {
  return api::EarlyStoppingRule{"loss", value, api::Comparison::kGreater, 4};
};

// Two trials at a time, three in all; the rule at the beginning: loss is greater than 0.5 from report 4 on.
class EarlyStopping : public testing::Test {
 protected:
  EarlyStopping() { experiment.spec.early_stopping = api::AlgorithmSpec{"medianstop", {}}; }

  void Begin() {
    world.engine.run_time = [](const std::string&) { return absl::Minutes(1); };
    world.Create(experiment);
    world.StartController();
    world.loop.Advance(absl::Milliseconds(500));
    ASSERT_THAT(world.trials(), SizeIs(2));
    ASSERT_EQ(world.trials()[0]->spec.early_stopping_rules, std::vector{kRule("0.5")});
  }

  void Report(size_t trial, const std::vector<std::string>& losses, const std::string& metric = "loss") {
    for (const std::string& loss : losses) world.Report(*world.trials()[trial], metric, loss);
    world.loop.RunReady();
  }

  bool Stopped(size_t trial) { return world.engine.stopped.contains(world.trials()[trial]->metadata.name); }

  std::string Conditions(size_t trial) { return ConditionText(world.trials()[trial]->status.conditions); }

  std::vector<std::string> Events(const std::string& reason) {
    world.loop.Advance(absl::Milliseconds(200));
    std::vector<std::string> messages;
    const api::ResourceList events = *world.store().List(api::Kind::kEvent, "default");
    for (const api::ResourcePtr& item : events.items) {
      const auto& event = static_cast<const api::Event&>(*item);
      if (event.spec.reason == reason) messages.push_back(event.spec.message);
    }
    return messages;
  }

  // The second trial ends by itself.
  void EndSecond(const std::string& loss = "0.4") {
    const TrialPtr trial = world.trials()[1];
    world.services.observations->Add(trial->metadata.uid, "loss", loss);
    world.engine.End(trial->metadata.name);
    world.loop.Advance(absl::Milliseconds(500));
  }

  World world;
  api::Experiment experiment = MakeExperiment();
};

TEST_F(EarlyStopping, TheConditionSaysWhichRuleSawWhat) {
  Begin();
  Report(0, {"0.9", "0.8", "0.7"});
  EXPECT_FALSE(Stopped(0));
  Report(0, {"0.75"});
  EXPECT_TRUE(Stopped(0));
  EXPECT_FALSE(Stopped(1));
  world.loop.Advance(absl::Milliseconds(500));
  const TrialPtr trial = world.trials()[0];
  EXPECT_EQ(ConditionText(trial->status.conditions), "Created Running EarlyStopped");
  EXPECT_EQ(trial->status.conditions.back().reason, "TrialEarlyStopped");
  EXPECT_EQ(trial->status.conditions.back().message,
            "Trial is early stopped: best loss 0.7 at report 4 is greater than 0.5 (medianstop)");
  EXPECT_FALSE(trial->status.completion_time.has_value());
  ASSERT_TRUE(trial->status.observation.has_value());
  EXPECT_EQ(trial->status.observation->metrics[0].min, "0.7");
  EXPECT_THAT(Events("TrialEarlyStopped"), SizeIs(1));
}

TEST_F(EarlyStopping, StopsWithinTheCallThatBringsTheValue) {
  Begin();
  const TrialPtr trial = world.trials()[0];
  for (const char* loss : {"0.9", "0.8", "0.7", "0.75"}) world.Report(*trial, "loss", loss);
  EXPECT_TRUE(Stopped(0)) << "no task of the loop has run";
}

TEST_F(EarlyStopping, AnExperimentCountsAndMayChooseAStoppedTrial) {
  for (const bool retain : {false, true}) {
    SCOPED_TRACE(retain ? "retain: true" : "retain: false");
    World fresh;
    api::Experiment wanted = experiment;
    wanted.spec.trial_template->retain = retain;
    fresh.engine.outcome = [](const std::string&) { return FakeEngine::Outcome{true, {{"loss", "0.8"}}}; };
    fresh.Create(wanted);
    fresh.StartController();
    fresh.loop.Advance(absl::Milliseconds(500));
    const TrialPtr trial = fresh.trials()[0];
    for (int i = 0; i < 4; ++i) fresh.Report(*trial, "loss", "0.6");
    ASSERT_TRUE(fresh.RunToCompletion());
    EXPECT_EQ(fresh.experiment()->status.early_stopped, std::vector{trial->metadata.name});
    EXPECT_THAT(fresh.experiment()->status.succeeded, SizeIs(2));
    EXPECT_EQ(fresh.experiment()->status.trials, 3);
    EXPECT_EQ(fresh.experiment()->status.current_optimal_trial.best_trial_name, trial->metadata.name);
  }
}

TEST_F(EarlyStopping, ATrialCountsAsRunningUntilItsProgramHasEnded) {
  world.engine.grace = absl::Seconds(10);
  Begin();
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  world.loop.Advance(absl::Seconds(5));
  EXPECT_EQ(Conditions(0), "Created Running EarlyStopped") << "marked at once";
  EXPECT_THAT(world.experiment()->status.running, SizeIs(2)) << "its slot is not free yet";
  EXPECT_THAT(world.trials(), SizeIs(2));
  EXPECT_FALSE(world.controller().Idle());
  Report(0, {"0.3"});
  world.loop.Advance(absl::Seconds(6));
  EXPECT_THAT(world.experiment()->status.early_stopped, SizeIs(1));
  EXPECT_THAT(world.trials(), SizeIs(3));
  EXPECT_EQ(world.trials()[0]->status.observation->metrics[0].min, "0.3") << "read to the end";
  EXPECT_THAT(world.experiment()->status.killed, IsEmpty());
}

TEST_F(EarlyStopping, AGoalReachedMeanwhileChangesNothingAboutIt) {
  experiment.spec.objective->goal = 0.1;
  world.engine.grace = absl::Seconds(10);
  Begin();
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  EndSecond("0.05");
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_THAT(world.experiment()->status.early_stopped, SizeIs(1));
  EXPECT_EQ(Conditions(0), "Created Running EarlyStopped");
  EXPECT_TRUE(world.trials()[0]->status.observation.has_value());
}

TEST_F(EarlyStopping, WhatIsReadAfterTheProgramHasEndedStopsNothing) {
  Begin();
  const TrialPtr trial = world.trials()[0];
  world.engine.End(trial->metadata.name);
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  world.loop.Advance(absl::Seconds(1));
  EXPECT_FALSE(Stopped(0));
  EXPECT_EQ(Conditions(0), "Created Running=False Succeeded");
}

TEST_F(EarlyStopping, AllRulesMustHaveFired) {
  experiment.spec.objective->additional_metric_names = {"lag"};
  wire::EarlyStoppingRule& second = *world.services.early_stopping->reply.add_early_stopping_rules();
  second.set_name("lag");
  second.set_value("2");
  second.set_comparison(wire::GREATER);
  world.engine.run_time = [](const std::string&) { return absl::Minutes(1); };
  world.Create(experiment);
  world.StartController();
  world.loop.Advance(absl::Milliseconds(500));
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  EXPECT_FALSE(Stopped(0));
  Report(0, {"3"}, "lag");
  EXPECT_TRUE(Stopped(0));
  EXPECT_THAT(
      world.trials()[0]->status.conditions.back().message,
      HasSubstr("best loss 0.9 at report 4 is greater than 0.5 and lag 3 at report 1 is greater than 2"));
}

TEST_F(EarlyStopping, EvaluateOnceLooksAtTheStartStepAlone) {
  experiment.spec.early_stopping->algorithm_settings = {{"evaluate", "once"}, {"start_step", "4"}};
  world.services.early_stopping->reply.mutable_early_stopping_rules(0)->set_comparison(wire::LESS);
  world.engine.run_time = [](const std::string&) { return absl::Minutes(1); };
  world.Create(experiment);
  world.StartController();
  world.loop.Advance(absl::Milliseconds(500));
  Report(0, {"0.9", "0.9", "0.9", "0.9", "0.1"});
  EXPECT_FALSE(Stopped(0));
  Report(1, {"0.9", "0.9", "0.9", "0.1"});
  EXPECT_TRUE(Stopped(1));
  const auto& sent = world.services.early_stopping->requests[0].experiment().spec().early_stopping();
  ASSERT_EQ(sent.algorithm_settings_size(), 1) << "the service knows nothing of it";
  EXPECT_EQ(sent.algorithm_settings(0).name(), "start_step");
}

TEST_F(EarlyStopping, ANewAttemptBeginsAnew) {
  Begin();
  const TrialPtr trial = world.trials()[0];
  Report(0, {"0.9", "0.9", "0.9"});
  world.engine.Retry({"default", trial->metadata.name, trial->metadata.uid});
  world.loop.Advance(absl::Milliseconds(100));
  Report(0, {"0.9", "0.9", "0.9"});
  EXPECT_FALSE(Stopped(0));
  Report(0, {"0.9"});
  EXPECT_TRUE(Stopped(0));
}

TEST_F(EarlyStopping, TheStopDoesNotWaitForTheStoreAndTheMarkIsTriedAgain) {
  Begin();
  world.faults.FailOnce(world.faults.count(), absl::UnavailableError("disk full"));
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  EXPECT_TRUE(Stopped(0));
  EXPECT_EQ(Conditions(0), "Created Running");
  world.loop.Advance(absl::Seconds(5));
  EXPECT_EQ(Conditions(0), "Created Running EarlyStopped");
  EXPECT_TRUE(world.trials()[0]->status.observation.has_value());
}

TEST_F(EarlyStopping, AMarkedTrialWhoseProgramIsLostIsNotRunAgain) {
  world.engine.grace = absl::Seconds(10);
  Begin();
  const TrialPtr trial = world.trials()[0];
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  world.loop.Advance(absl::Milliseconds(100));
  world.StartController(/*lose_workloads=*/true);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.engine.launches[trial->metadata.name], 1);
  EXPECT_EQ(world.trials()[0]->status.observation->metrics[0].min, "0.9");
  EXPECT_THAT(world.experiment()->status.early_stopped, SizeIs(1));
}

TEST_F(EarlyStopping, AMarkedTrialWhoseProgramLivesIsEnded) {
  Begin();
  api::Trial marked = *world.trials()[0];
  SetCondition(marked.status.conditions, kEarlyStopped, true, kReasonTrialEarlyStopped, kEarlyStoppedMessage,
               world.loop.Now());
  ASSERT_TRUE(world.store().UpdateStatus(marked).ok());
  world.StartController();
  world.loop.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(Stopped(0));
  EXPECT_TRUE(world.trials()[0]->status.observation.has_value());
}

TEST_F(EarlyStopping, NewRulesAreAskedForWhenATrialHasEndedAndCheckedAtOnce) {
  Begin();
  Report(0, {"0.45", "0.45", "0.45", "0.45", "0.45"});
  world.services.early_stopping->SetRule("loss", "0.44");
  const size_t before = world.services.early_stopping->requests.size();
  EndSecond();
  const auto& requests = world.services.early_stopping->requests;
  ASSERT_GT(requests.size(), before);
  ASSERT_GE(requests.back().trials_size(), 2);
  EXPECT_EQ(requests.back().trials(1).status().condition(), wire::TrialStatus::SUCCEEDED);
  EXPECT_EQ(requests.back().db_manager_address(), "localhost:6789");
  EXPECT_TRUE(Stopped(0)) << "without a further report";
  EXPECT_THAT(world.trials()[0]->status.conditions.back().message,
              HasSubstr("best loss 0.45 at report 5 is greater than 0.44"));
  EXPECT_EQ(world.trials()[0]->spec.early_stopping_rules, std::vector{kRule("0.5")}) << "stays as written";
}

TEST_F(EarlyStopping, AReplyWithoutRulesKeepsTheOldOnes) {
  Begin();
  world.services.early_stopping->reply.Clear();
  EndSecond();
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  EXPECT_TRUE(Stopped(0));
}

TEST_F(EarlyStopping, NewRulesOutliveAnAttempt) {
  Begin();
  world.services.early_stopping->SetRule("loss", "0.2");
  EndSecond();
  const TrialPtr trial = world.trials()[0];
  world.engine.Retry({"default", trial->metadata.name, trial->metadata.uid});
  world.loop.Advance(absl::Milliseconds(100));
  Report(0, {"0.3", "0.3", "0.3", "0.3"});
  EXPECT_TRUE(Stopped(0));
}

TEST_F(EarlyStopping, RulesAreAskedForOnceASecondAtMost) {
  experiment.spec.max_trial_count = 1000;
  experiment.spec.parallel_trial_count = 3;
  world.services.early_stopping->reply.Clear();
  world.engine.run_time = [](const std::string&) { return absl::Milliseconds(100); };
  world.Create(experiment);
  world.StartController();
  const auto refreshes = [&] {  // the other calls come with new trials, for which points are asked first
    return world.services.early_stopping->requests.size() - world.services.suggestions->requests.size();
  };
  world.loop.Advance(absl::Seconds(5));
  EXPECT_GE(refreshes(), 3u);
  EXPECT_LE(refreshes(), 5u);
}

TEST_F(EarlyStopping, RulesThatFollowReportsAreAskedForWhenATrialHasReported) {
  experiment.spec.early_stopping->algorithm_name = "asha";
  Begin();
  const auto& requests = world.services.early_stopping->requests;
  const size_t before = requests.size();
  Report(0, {"12"}, "throughput");
  world.loop.Advance(absl::Seconds(3));
  EXPECT_EQ(requests.size(), before) << "another metric";
  world.services.early_stopping->SetRule("loss", "0.2");
  Report(0, {"0.3", "0.3", "0.3", "0.3"});
  EXPECT_FALSE(Stopped(0));
  world.loop.Advance(absl::Seconds(1.5));
  EXPECT_EQ(requests.size(), before + 2) << "newer rules, and those of the trial that takes its place";
  EXPECT_TRUE(Stopped(0));
  world.loop.Advance(absl::Seconds(10));
  EXPECT_EQ(requests.size(), before + 3) << "once more as the stopped trial has ended, and then never";
}

TEST_F(EarlyStopping, OtherRulesAreNotAskedForOnReports) {
  Begin();
  const size_t before = world.services.early_stopping->requests.size();
  Report(0, {"0.3", "0.3", "0.3", "0.3"});
  world.loop.Advance(absl::Seconds(10));
  EXPECT_EQ(world.services.early_stopping->requests.size(), before);
}

TEST_F(EarlyStopping, ARefreshThatFailsIsToldAndMadeAgain) {
  Begin();
  world.services.early_stopping->status = absl::UnavailableError("service is away");
  EndSecond();
  EXPECT_THAT(
      Events("EarlyStoppingRulesUnavailable"),
      testing::Contains("Newer early-stopping rules cannot be had: service is away; trials go on with "
                        "those they have"));
  world.services.early_stopping->status = absl::OkStatus();
  world.services.early_stopping->SetRule("loss", "0.2");
  world.loop.Advance(absl::Seconds(10));
  Report(0, {"0.3", "0.3", "0.3", "0.3"});
  EXPECT_TRUE(Stopped(0));
}

TEST_F(EarlyStopping, AServiceThatIsAwayAtTheBeginningHoldsUpNoTrial) {
  world.services.early_stopping->status = absl::UnknownError("cannot read curves");
  world.engine.run_time = [](const std::string&) { return absl::Minutes(1); };
  world.Create(experiment);
  world.StartController();
  world.loop.Advance(absl::Milliseconds(500));
  ASSERT_THAT(world.trials(), SizeIs(2));
  EXPECT_THAT(world.trials()[0]->spec.early_stopping_rules, IsEmpty());
  EXPECT_THAT(Events("EarlyStoppingRulesUnavailable"), testing::ElementsAre(HasSubstr("cannot read curves")));
  world.services.early_stopping->status = absl::OkStatus();
  EndSecond();
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  EXPECT_TRUE(Stopped(0));
}

TEST_F(EarlyStopping, RulesThatCannotBeUnderstoodAreToldAndNotApplied) {
  Begin();
  world.services.early_stopping->SetRule("loss", "much");
  EndSecond();
  EXPECT_THAT(
      Events("InvalidEarlyStoppingRule"),
      testing::ElementsAre("early-stopping rule on loss: value \"much\" is not a finite number; it is not "
                           "applied"));
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  EXPECT_TRUE(Stopped(0)) << "by the rules before";
}

TEST_F(EarlyStopping, WithoutItNothingIsAskedOrStopped) {
  experiment.spec.early_stopping.reset();
  world.engine.run_time = [](const std::string&) { return absl::Minutes(1); };
  world.Create(experiment);
  world.StartController();
  world.loop.Advance(absl::Milliseconds(500));
  Report(0, {"0.9", "0.9", "0.9", "0.9"});
  EndSecond();
  EXPECT_FALSE(Stopped(0));
  EXPECT_THAT(world.services.early_stopping->requests, IsEmpty());
}

}  // namespace
}  // namespace qalam::controller
