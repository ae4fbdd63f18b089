// Whole lives of experiments, as the contract tells them.
#include <gtest/gtest.h>

#include <algorithm>

#include "api/core.h"
#include "api/trial_attempts.h"
#include "tests/controller/world.h"

namespace qalam::controller {
namespace {

class ExperimentLife : public testing::Test {
 protected:
  void Begin(const api::Experiment& experiment) {
    world.Create(experiment);
    world.StartController();
  }
  std::string Reason() const { return world.experiment()->status.conditions.back().reason; }
  World world;
};

TEST_F(ExperimentLife, EndsWhenTheBudgetIsUsed) {
  Begin(MakeExperiment());
  ASSERT_TRUE(world.RunToCompletion());
  const auto experiment = world.experiment();
  EXPECT_EQ(ConditionText(experiment->status.conditions), "Created Running=False Succeeded");
  EXPECT_EQ(Reason(), kReasonMaxTrialsReached);
  EXPECT_EQ(experiment->status.conditions[1].reason, "ExperimentRunning");
  EXPECT_EQ(experiment->status.succeeded.size(), 3u);
  EXPECT_EQ(experiment->status.trials, 3);
  EXPECT_TRUE(experiment->status.completion_time.has_value());
  EXPECT_EQ(experiment->status.current_optimal_trial.best_trial_name, world.trials()[0]->metadata.name);

  for (const TrialPtr& trial : world.trials()) {
    EXPECT_EQ(ConditionText(trial->status.conditions), "Created Running=False Succeeded");
    EXPECT_EQ(trial->metadata.labels.at(std::string(kExperimentLabel)), "tune");
    EXPECT_EQ(trial->metadata.labels.at("team"), "red");
    EXPECT_EQ(trial->metadata.owner_references.at(0).uid, experiment->metadata.uid);
    EXPECT_EQ(world.engine.launches[trial->metadata.name], 1);
  }
  const auto suggestion = world.suggestion();
  EXPECT_EQ(suggestion->spec.requests, 3);
  EXPECT_EQ(suggestion->status.suggestions.size(), 3u);
  EXPECT_EQ(ConditionText(suggestion->status.conditions),
            "Created Running=False DeploymentReady=False Succeeded");
  EXPECT_EQ(suggestion->status.conditions.back().message, "Suggestion is succeeded, can't be restarted");
}

// A trial takes no time here, so a hundred of them end within a moment.
TEST_F(ExperimentLife, WritesListsAndCountsAtMostTwentyTimesASecond) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 100;
  world.engine.run_time = [](const std::string&) { return absl::Milliseconds(1); };
  const absl::Time begin = world.loop.Now();
  Begin(experiment);
  const auto writes = [&] {
    return std::count(world.faults.log().begin(), world.faults.log().end(), "UpdateStatus Experiment");
  };
  int late = 0;
  while (world.experiment()->status.succeeded.size() < 100) {
    ASSERT_LT(world.loop.Now() - begin, absl::Seconds(10));
    world.loop.Advance(absl::Milliseconds(1));
    // Created, Running and Succeeded are written at once.
    ASSERT_LE(writes(), 3 + 1 + (world.loop.Now() - begin) / absl::Milliseconds(50));
    size_t ended = 0;
    for (const TrialPtr& trial : world.trials()) ended += IsTrue(trial->status.conditions, kSucceeded);
    late = world.experiment()->status.succeeded.size() < ended ? late + 1 : 0;
    ASSERT_LE(late, 51) << "milliseconds behind";
  }
  EXPECT_EQ(ConditionText(world.experiment()->status.conditions), "Created Running=False Succeeded");
}

TEST_F(ExperimentLife, SendsBackTheSettingsThatTheAlgorithmReturned) {
  Begin(MakeExperiment());
  ASSERT_TRUE(world.RunToCompletion());
  const auto& requests = world.services.suggestions->requests;
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].experiment().spec().algorithm().algorithm_settings_size(), 0);
  EXPECT_EQ(requests[1].experiment().spec().algorithm().algorithm_settings(0).value(), "2");
  EXPECT_EQ(requests[1].current_request_number(), 1);
  EXPECT_EQ(requests[1].total_request_number(), 3);
  EXPECT_EQ(requests[1].trials_size(), 2);
}

TEST_F(ExperimentLife, ReachingTheGoalKillsTheTrialsStillRunning) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.objective->goal = 0.6;
  world.engine.run_time = [](const std::string& run_spec) {
    return run_spec.find("\"1\"") == std::string::npos ? absl::Hours(2) : absl::Seconds(1);
  };
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(Reason(), kReasonGoalReached);
  EXPECT_EQ(world.engine.running(), 0);
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 1u);
  EXPECT_EQ(world.experiment()->status.killed.size(), 1u);
  EXPECT_EQ(ConditionText(world.trials()[1]->status.conditions), "Created Running=False Killed");
  EXPECT_TRUE(world.engine.stopped.contains(world.trials()[1]->metadata.name));
}

TEST_F(ExperimentLife, FailsWhenTooManyTrialsFail) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 10;
  experiment.spec.max_failed_trial_count = 3;
  world.engine.outcome = [](const std::string&) { return FakeEngine::Outcome{false, {}}; };
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(world.experiment()->status.conditions), "Created Running=False Failed");
  EXPECT_EQ(Reason(), kReasonExperimentFailed);
  EXPECT_GE(world.experiment()->status.failed.size(), 3u);
  EXPECT_EQ(world.trials()[0]->status.conditions.back().reason,
            "TrialFailed. Job reason: BackoffLimitExceeded");
  EXPECT_EQ(world.trials()[0]->status.conditions.back().message,
            "Trial has failed. Job message: exit code 3");
}

TEST_F(ExperimentLife, InfeasibleTrialsAreListedAsFailedButDoNotCountAsFailures) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 5;
  experiment.spec.max_failed_trial_count = 1;
  world.engine.outcome = [](const std::string& run_spec) {
    if (run_spec.find("\"5\"") != std::string::npos) return FakeEngine::Outcome{true, {{"loss", "0.5"}}};
    return FakeEngine::Outcome{false, {}, std::string(api::kReasonInfeasible), "exit code 65"};
  };
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(Reason(), kReasonMaxTrialsReached);
  EXPECT_EQ(world.experiment()->status.failed.size(), 4u);
  const wire::Trial told = world.services.suggestions->requests.back().trials(0);
  EXPECT_EQ(told.status().condition(), wire::TrialStatus::FAILED);
  EXPECT_EQ(told.spec().labels().at("qalam.dev/failure"), "infeasible");
}

TEST_F(ExperimentLife, KeepsHowTheAttemptsOfATrialWent) {
  world.engine.outcome = [](const std::string& run_spec) {
    if (run_spec.find("\"1\"") != std::string::npos)
      return FakeEngine::Outcome{true, {{"loss", "1"}}, "", "", "exit code 75"};
    if (run_spec.find("\"2\"") != std::string::npos)
      return FakeEngine::Outcome{false, {}, std::string(api::kReasonTemporaryFailure), "exit code 75"};
    return FakeEngine::Outcome{true, {{"loss", "2"}}};
  };
  Begin(MakeExperiment());
  ASSERT_TRUE(world.RunToCompletion());
  const api::TrialAttempts again = api::AttemptsOf(*world.trials()[0]);
  EXPECT_EQ(again.started, 2);
  EXPECT_EQ(again.last_failure, "exit code 75");
  EXPECT_EQ(again.next, std::nullopt);
  EXPECT_EQ(api::AttemptsOf(*world.trials()[1]).started, 1);
  EXPECT_EQ(api::AttemptsOf(*world.trials()[2]), api::TrialAttempts());
  EXPECT_EQ(api::FailureReason(*world.trials()[1]), api::kReasonTemporaryFailure);
}

TEST_F(ExperimentLife, NeverStartsAFourthTrialOfThreeForMissingMetrics) {
  world.engine.outcome = [](const std::string&) { return FakeEngine::Outcome{true, {{"loss", "nan"}}}; };
  Begin(MakeExperiment());
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->status.metrics_unavailable.size(), 3u);
  EXPECT_EQ(world.experiment()->status.trials, 3);
  EXPECT_EQ(world.experiment()->status.current_optimal_trial.best_trial_name, "");
  const api::Condition& last = world.trials()[0]->status.conditions.back();
  EXPECT_EQ(last.type, kMetricsUnavailable);
  EXPECT_NE(last.message.find("\"nan\""), std::string::npos) << last.message;
}

TEST_F(ExperimentLife, InvalidSettingsFailSuggestionAndExperimentWithoutATrial) {
  world.services.suggestions->validate_status =
      absl::InvalidArgumentError("unknown setting x for algorithm random");
  Begin(MakeExperiment());
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(world.suggestion()->status.conditions), "Created Failed");
  EXPECT_EQ(world.suggestion()->status.conditions.back().message,
            "Validation failed: ValidateAlgorithmSettings Error: unknown setting x for algorithm random");
  EXPECT_EQ(ConditionText(world.experiment()->status.conditions), "Created Failed");
  EXPECT_FALSE(world.experiment()->status.completion_time.has_value());
  EXPECT_TRUE(world.trials().empty());
}

TEST_F(ExperimentLife, WaitsForAServiceThatIsAwayAndSaysSo) {
  world.services.suggestions->validate_status = absl::UnavailableError("connection refused");
  Begin(MakeExperiment());
  world.loop.Advance(absl::Minutes(2));
  EXPECT_EQ(ConditionText(world.suggestion()->status.conditions), "Created Delayed");
  EXPECT_NE(world.suggestion()->status.conditions.back().message.find("connection refused"),
            std::string::npos);
  const int tries = world.services.suggestions->validations;
  EXPECT_GE(tries, 4);
  EXPECT_LE(tries, 15);
  world.services.suggestions->validate_status = absl::OkStatus();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(Reason(), kReasonMaxTrialsReached);
}

TEST_F(ExperimentLife, AServiceWithoutValidationIsValid) {
  world.services.suggestions->validate_status = absl::UnimplementedError("");
  Begin(MakeExperiment());
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(Reason(), kReasonMaxTrialsReached);
}

TEST_F(ExperimentLife, TakesFewerPointsThanItAskedForAndAsksAgain) {
  world.services.suggestions->at_most = 1;
  Begin(MakeExperiment());
  world.loop.RunReady();
  EXPECT_EQ(world.trials().size(), 1u);
  EXPECT_EQ(world.suggestion()->status.conditions.back().reason, "FewerSuggestions");
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 3u);
}

TEST_F(ExperimentLife, AnExhaustedSpaceEndsItWithTheResultItHas) {
  world.services.suggestions->space = 3;
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 10;
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(Reason(), kReasonSpaceExhausted);
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 3u);
  EXPECT_EQ(ConditionText(world.experiment()->status.conditions), "Created Running=False Succeeded");
}

TEST_F(ExperimentLife, AnEndRuleThatIsMetEndsItWithTheTrialsThatRun) {
  world.services.suggestions->space = 4;
  world.services.suggestions->exhausted = "EndRuleMet: nothing more to win";
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 10;
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(Reason(), kReasonEndRuleMet);
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 4u);
  EXPECT_EQ(world.experiment()->status.conditions.back().message,
            "Experiment has succeeded because more trials are not worth their cost. EndRuleMet: nothing more "
            "to win");
  const auto& requests = world.services.suggestions->requests;
  EXPECT_EQ(requests.back().total_request_number(), 5) << "fewer points at a time would change nothing";
}

TEST_F(ExperimentLife, AnExhaustedSpaceWithoutAResultIsAFailure) {
  world.services.suggestions->space = 2;
  world.engine.outcome = [](const std::string&) { return FakeEngine::Outcome{false, {}}; };
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count = 10;
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(world.experiment()->status.conditions), "Created Running=False Failed");
}

TEST_F(ExperimentLife, WithoutABudgetItGoesOnUntilTheGoal) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.max_trial_count.reset();
  experiment.spec.objective->goal = 0.05;
  world.engine.outcome = [n = 0](const std::string&) mutable {
    return FakeEngine::Outcome{true, {{"loss", ++n < 20 ? "0.5" : "0.01"}}};
  };
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(world.experiment()->status.conditions), "Created Running=False Succeeded");
  EXPECT_GE(world.experiment()->status.trials, 20);
}

TEST_F(ExperimentLife, RestartsWhenGivenMoreTrials) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.resume_policy = api::ResumePolicy::kLongRunning;
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(ConditionText(world.suggestion()->status.conditions), "Created DeploymentReady Running");
  const auto first = world.experiment()->status;

  api::Experiment more = *world.experiment();
  more.spec.max_trial_count = 5;
  ASSERT_TRUE(world.store().Update(more).ok());
  world.loop.RunReady();
  EXPECT_EQ(ConditionText(world.experiment()->status.conditions), "Created Restarting Running");
  EXPECT_EQ(world.experiment()->status.start_time, first.start_time);
  EXPECT_EQ(world.experiment()->status.completion_time, first.completion_time);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 5u);
  EXPECT_EQ(ConditionText(world.experiment()->status.conditions),
            "Created Restarting Running=False Succeeded");
}

TEST_F(ExperimentLife, FromVolumeValidatesAgainAfterARestart) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.resume_policy = api::ResumePolicy::kFromVolume;
  Begin(experiment);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_TRUE(IsTrue(world.suggestion()->status.conditions, kSucceeded));
  api::Experiment more = *world.experiment();
  more.spec.max_trial_count = 4;
  ASSERT_TRUE(world.store().Update(more).ok());
  ASSERT_TRUE(world.loop.Advance(absl::Seconds(30)));
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 4u);
  EXPECT_EQ(world.services.suggestions->validations, 2);
}

TEST_F(ExperimentLife, NeverStaysEndedWhenItsPolicyIsNever) {
  Begin(MakeExperiment());
  ASSERT_TRUE(world.RunToCompletion());
  api::Experiment more = *world.experiment();
  more.spec.max_trial_count = 5;
  ASSERT_TRUE(world.store().Update(more).ok());
  ASSERT_TRUE(world.loop.Advance(absl::Minutes(1)));
  EXPECT_EQ(world.experiment()->status.trials, 3);
}

TEST_F(ExperimentLife, LoweringParallelismDeletesNothing) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.parallel_trial_count = 4;
  experiment.spec.max_trial_count = 8;
  Begin(experiment);
  ASSERT_TRUE(world.loop.Advance(absl::Milliseconds(500)));
  ASSERT_EQ(world.trials().size(), 4u);
  api::Experiment fewer = *world.experiment();
  fewer.spec.parallel_trial_count = 1;
  ASSERT_TRUE(world.store().Update(fewer).ok());
  world.loop.RunReady();
  EXPECT_EQ(world.engine.running(), 4);
  ASSERT_TRUE(world.loop.Advance(absl::Milliseconds(700)));
  EXPECT_EQ(world.engine.running(), 1);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 8u);
}

TEST_F(ExperimentLife, AnEarlyStoppedTrialShowsItsMetricsAndCounts) {
  api::Experiment experiment = MakeExperiment();
  experiment.spec.early_stopping = api::AlgorithmSpec{"medianstop", {}};
  Begin(experiment);
  world.loop.Advance(absl::Milliseconds(500));
  const TrialPtr trial = world.trials()[0];
  ASSERT_EQ(trial->spec.early_stopping_rules.size(), 1u);
  EXPECT_EQ(trial->spec.early_stopping_rules[0],
            (api::EarlyStoppingRule{"loss", "0.5", api::Comparison::kGreater, 4}));
  world.services.observations->Add(trial->metadata.uid, "loss", "0.9");
  api::Trial stopped = *trial;
  SetCondition(stopped.status.conditions, kEarlyStopped, true, "TrialEarlyStopped", "Trial is early stopped",
               world.loop.Now());
  ASSERT_TRUE(world.store().UpdateStatus(stopped).ok());
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.trials()[0]->status.observation->metrics[0].min, "0.9");
  EXPECT_FALSE(world.trials()[0]->status.completion_time.has_value());
  EXPECT_EQ(world.experiment()->status.early_stopped.size(), 1u);
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 2u);
}

TEST_F(ExperimentLife, ATrialKilledFromOutsideIsEndedAndCounts) {
  Begin(MakeExperiment());
  world.loop.Advance(absl::Milliseconds(500));
  api::Trial killed = *world.trials()[0];
  SetCondition(killed.status.conditions, kKilled, true, "UserRequest", "no longer wanted", world.loop.Now());
  ASSERT_TRUE(world.store().UpdateStatus(killed).ok());
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->status.killed.size(), 1u);
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 2u);
  EXPECT_TRUE(world.engine.stopped.contains(killed.metadata.name));
}

TEST_F(ExperimentLife, DeletingItDeletesTrialsObservationsAndFiles) {
  Begin(MakeExperiment());
  world.loop.Advance(absl::Milliseconds(1500));
  const auto trials = world.trials();
  ASSERT_TRUE(world.store().Delete(api::Kind::kExperiment, {"default", "tune"}).ok());
  ASSERT_TRUE(world.loop.Advance(absl::Minutes(1)));
  EXPECT_FALSE(api::Get<api::Experiment>(world.store(), {"default", "tune"}).ok());
  EXPECT_FALSE(api::Get<api::Suggestion>(world.store(), {"default", "tune"}).ok());
  EXPECT_TRUE(world.trials().empty());
  EXPECT_EQ(world.engine.running(), 0);
  for (const TrialPtr& trial : trials) {
    EXPECT_EQ(std::count(world.services.observations->deleted.begin(),
                         world.services.observations->deleted.end(), trial->metadata.uid),
              1);
    EXPECT_TRUE(world.engine.deleted_files.contains(trial->metadata.name));
  }
}

TEST_F(ExperimentLife, ADeletedTrialComesBackWithItsNameAndParameters) {
  Begin(MakeExperiment());
  world.loop.Advance(absl::Milliseconds(500));
  const TrialPtr deleted = world.trials()[0];
  ASSERT_TRUE(world.store().Delete(api::Kind::kTrial, deleted->key()).ok());
  ASSERT_TRUE(world.RunToCompletion());
  const TrialPtr again = world.trials()[0];
  EXPECT_EQ(again->metadata.name, deleted->metadata.name);
  EXPECT_NE(again->metadata.uid, deleted->metadata.uid);
  EXPECT_EQ(again->spec.parameter_assignments, deleted->spec.parameter_assignments);
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 3u);
}

TEST_F(ExperimentLife, ANewControllerRunsLostTrialsAgainWithoutTheirOldObservations) {
  Begin(MakeExperiment());
  world.loop.Advance(absl::Milliseconds(500));
  const auto before = world.trials();
  ASSERT_EQ(before.size(), 2u);
  world.services.observations->Add(before[0]->metadata.uid, "loss", "0.001");
  world.StartController(/*lose_workloads=*/true);
  ASSERT_TRUE(world.RunToCompletion());
  const auto after = world.trials();
  ASSERT_EQ(after.size(), 3u);
  EXPECT_EQ(after[0]->metadata.uid, before[0]->metadata.uid);
  EXPECT_EQ(after[0]->status.observation->metrics[0].min, "0.5");
  EXPECT_EQ(world.engine.launches[before[0]->metadata.name], 2);
  EXPECT_EQ(world.engine.launches[after[2]->metadata.name], 1);
}

TEST_F(ExperimentLife, DrainingLetsRunningTrialsFinish) {
  Begin(MakeExperiment());
  world.loop.Advance(absl::Milliseconds(500));
  world.controller().Drain();
  ASSERT_TRUE(world.loop.Advance(absl::Minutes(1)));
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 2u);
  EXPECT_EQ(world.experiment()->status.trials, 2);
  world.StartController();
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 3u);
}

TEST_F(ExperimentLife, AnInterruptedTrialIsNotFailedAndRunsAgain) {
  Begin(MakeExperiment());
  world.loop.Advance(absl::Milliseconds(500));
  const TrialPtr interrupted = world.trials()[0];
  world.controller().Interrupt();
  ASSERT_TRUE(world.loop.Advance(absl::Minutes(1)));
  EXPECT_EQ(world.engine.running(), 0);
  EXPECT_EQ(world.experiment()->status.running.size(), 2u);
  EXPECT_EQ(world.experiment()->status.failed.size(), 0u);
  world.StartController(/*lose_workloads=*/true);
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 3u);
  EXPECT_EQ(world.trials()[0]->spec.parameter_assignments, interrupted->spec.parameter_assignments);
}

TEST_F(ExperimentLife, LeavesEventsThatSayWhatHappened) {
  Begin(MakeExperiment());
  ASSERT_TRUE(world.RunToCompletion());
  std::multiset<std::string> reasons;
  const api::ResourceList events = *world.store().List(api::Kind::kEvent, "default");
  for (const api::ResourcePtr& event : events.items) {
    reasons.insert(static_cast<const api::Event&>(*event).spec.reason);
  }
  EXPECT_EQ(reasons.count("JobCreated"), 3u);
  EXPECT_EQ(reasons.count("JobSucceeded"), 3u);
  EXPECT_EQ(reasons.count("ReconcileError"), 0u);
}

TEST_F(ExperimentLife, AStepOfTheSystemsClockDisturbsNothing) {
  Begin(MakeExperiment());
  world.loop.Advance(absl::Milliseconds(500));
  const absl::Time before = world.loop.Now();
  world.loop.JumpTo(before + absl::Hours(5));
  ASSERT_TRUE(world.RunToCompletion());
  EXPECT_EQ(world.experiment()->status.succeeded.size(), 3u);
}

}  // namespace
}  // namespace qalam::controller
