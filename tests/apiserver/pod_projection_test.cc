#include "apiserver/pod_projection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/trial_attempts.h"
#include "api/trial_facts.h"
#include "apiserver/job_projection.h"
#include "apiserver/trial_program.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;
using testing::ElementsAre;

const absl::Time kStart = absl::FromUnixSeconds(1'767'268'800);

api::Trial Trial(std::string run_spec = "") {
  api::Trial trial;
  trial.metadata.name = "tune-abc";
  trial.metadata.namespace_name = "lab";
  trial.metadata.uid = "0b0e7d9c-0000-4000-8000-000000000001";
  trial.metadata.resource_version = "42";
  trial.metadata.labels = {{"katib.kubeflow.org/experiment", "tune"}};
  trial.spec.primary_container_name = "main";
  trial.spec.metrics_collector.kind = api::CollectorKind::kStdOut;
  trial.spec.run_spec.text = run_spec.empty() ? R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{
      "metadata":{"labels":{"team":"vision"},"annotations":{"a":"b"}},
      "spec":{"initContainers":[{"name":"fetch"}],
              "containers":[{"name":"side"},{"name":"main","image":"img","command":["true"]}]}}}})"
                                              : run_spec;
  trial.status.start_time = kStart;
  SetCondition(trial.status.conditions, "Created", true, "TrialCreated", "Trial is created", kStart);
  return trial;
}

api::Trial Running() {
  api::Trial trial = Trial();
  SetCondition(trial.status.conditions, "Running", true, "TrialRunning", "Trial is running", kStart);
  return trial;
}

api::Trial Ended(std::string_view condition, std::string_view reason) {
  api::Trial trial = Running();
  const absl::Time end = kStart + absl::Seconds(90);
  ClearCondition(trial.status.conditions, "Running", end);
  SetCondition(trial.status.conditions, condition, true, reason, "why", end);
  trial.status.completion_time = end;
  return trial;
}

json PodOf(const api::Trial& trial) { return json::parse(TrialPods().JsonOf(trial)); }
json JobOf(const api::Trial& trial) { return json::parse(TrialJobs().JsonOf(trial)); }
json MainOf(const json& pod) { return pod["status"]["containerStatuses"][1]; }

TEST(TrialPods, AreThereOnceTheProgramWasStarted) {
  EXPECT_FALSE(TrialPods().Shows(Trial()));
  EXPECT_TRUE(TrialPods().Shows(Running()));
  EXPECT_TRUE(TrialPods().Shows(Ended("Succeeded", "TrialSucceeded")));
  api::Trial never_ran = Trial();
  SetCondition(never_ran.status.conditions, "Failed", true, "TrialFailed. Job reason: InvalidTemplate", "",
               kStart);
  EXPECT_FALSE(TrialPods().Shows(never_ran));
}

TEST(TrialPods, HaveNamesThatLeadBackToTheTrial) {
  const api::ObjectKey key = TrialPods().KeyOf(Running());
  EXPECT_EQ(key.namespace_name, "lab");
  EXPECT_THAT(key.name, testing::MatchesRegex("tune-abc-[bcdfghjklmnpqrstvwxz2456789]{5}"));
  EXPECT_EQ(TrialPods().StoredKey(key), (api::ObjectKey{"lab", "tune-abc"}));
  for (const char* name : {"", "tune", "-abcde", "abcdef"}) {
    EXPECT_FALSE(TrialPods().StoredKey({"lab", name}).has_value()) << name;
  }
  api::Trial again = Running();
  again.metadata.uid = "0b0e7d9c-0000-4000-8000-000000000002";
  EXPECT_NE(TrialPods().KeyOf(again).name, key.name);
}

TEST(TrialPods, OfAJobCarryItsLabelsOwnerAndContainers) {
  const json pod = PodOf(Running());
  EXPECT_EQ(pod["kind"], "Pod");
  EXPECT_EQ(pod["metadata"]["resourceVersion"], "42");
  const json& labels = pod["metadata"]["labels"];
  EXPECT_EQ(labels["team"], "vision");
  EXPECT_EQ(labels["katib.kubeflow.org/experiment"], "tune");
  EXPECT_EQ(labels["katib.kubeflow.org/trial"], "tune-abc");
  EXPECT_EQ(labels["job-name"], "tune-abc");
  EXPECT_EQ(labels["batch.kubernetes.io/job-name"], "tune-abc");
  const api::StringMap told = TrialPods().LabelsOf(Running());
  EXPECT_EQ(labels, json(told));
  const json job = JobOf(Running());
  EXPECT_EQ(pod["metadata"]["ownerReferences"][0]["uid"], job["metadata"]["uid"]);
  EXPECT_EQ(job["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"],
            labels["batch.kubernetes.io/controller-uid"]);
  EXPECT_EQ(pod["metadata"]["annotations"]["kubectl.kubernetes.io/default-container"], "main");
  EXPECT_THAT(ContainersOf(Running()),
              ElementsAre(TrialContainer{"side", ContainerRole::kOther},
                          TrialContainer{"main", ContainerRole::kPrimary},
                          TrialContainer{"metrics-logger-and-collector", ContainerRole::kCollector},
                          TrialContainer{"fetch", ContainerRole::kInit}));
  EXPECT_EQ(pod["spec"]["containers"].size(), 3U);
  EXPECT_EQ(pod["status"]["initContainerStatuses"].size(), 1U);
  EXPECT_EQ(MainOf(pod)["image"], "img");
}

TEST(TrialPods, TellPhasesAndExitCodes) {
  EXPECT_EQ(PodOf(Running())["status"]["phase"], "Running");
  EXPECT_EQ(PodReady(Running()), "3/3");
  EXPECT_EQ(PodStatus(Running()), "Running");

  const api::Trial done = Ended("Succeeded", "TrialSucceeded");
  EXPECT_EQ(PodOf(done)["status"]["phase"], "Succeeded");
  const json good = MainOf(PodOf(done))["state"]["terminated"];
  EXPECT_EQ(good["exitCode"], 0);
  EXPECT_EQ(good["startedAt"], "2026-01-01T12:00:00Z");
  EXPECT_EQ(good["finishedAt"], "2026-01-01T12:01:30Z");
  EXPECT_EQ(PodStatus(done), "Completed");
  EXPECT_EQ(PodReady(done), "0/3");
  EXPECT_EQ(PodStatus(Ended("MetricsUnavailable", "MetricsUnavailable")), "Completed");

  api::Trial failed = Ended("Failed", "TrialFailed. Job reason: BackoffLimitExceeded");
  api::SetAttempts({.started = 3, .exit_code = 137, .last_failure = "killed"}, failed);
  const json bad = MainOf(PodOf(failed));
  EXPECT_EQ(bad["state"]["terminated"]["exitCode"], 137);
  EXPECT_EQ(bad["state"]["terminated"]["signal"], 9);
  EXPECT_EQ(bad["restartCount"], 2);
  EXPECT_EQ(PodStatus(failed), "BackoffLimitExceeded");
  EXPECT_EQ(PodRestarts(failed), "2");
  EXPECT_EQ(TrialPods().FieldOf(failed, "status.phase"), "Failed");
  EXPECT_FALSE(TrialPods().FieldOf(failed, "status.other").has_value());
}

TEST(TrialPods, TellThatTheyWait) {
  api::Trial retrying = Running();
  api::SetAttempts(
      {.started = 1, .exit_code = 3, .last_failure = "exit code 3", .next = kStart + absl::Seconds(8)},
      retrying);
  EXPECT_EQ(PodStatus(retrying), "CrashLoopBackOff");
  EXPECT_EQ(PodOf(retrying)["status"]["phase"], "Running");

  api::Trial waiting = Trial();
  waiting.status.conditions.clear();
  SetCondition(waiting.status.conditions, "Created", true, api::kReasonWaitsForEnvironment,
               "secret \"s\" not found", kStart);
  ASSERT_TRUE(TrialPods().Shows(waiting));
  EXPECT_EQ(PodStatus(waiting), "CreateContainerConfigError");
  EXPECT_EQ(PodOf(waiting)["status"]["phase"], "Pending");
  EXPECT_EQ(MainOf(PodOf(waiting))["state"]["waiting"]["message"], "secret \"s\" not found");
}

TEST(TrialPods, OfAnEarlyStoppedTrialSaySo) {
  api::Trial stopped = Running();
  SetCondition(stopped.status.conditions, "EarlyStopped", true, "TrialEarlyStopped", "rule", kStart);
  EXPECT_EQ(PodStatus(stopped), "Running");  // its program is being ended
  ClearCondition(stopped.status.conditions, "Running", kStart);
  stopped.status.observation.emplace();
  stopped.status.completion_time = kStart + absl::Seconds(5);
  EXPECT_EQ(PodStatus(stopped), "EarlyStopped");
  EXPECT_EQ(MainOf(PodOf(stopped))["state"]["terminated"]["exitCode"], 143);
}

TEST(TrialPods, TakeAnySpecification) {
  for (const char* text :
       {"", "null", "[]", "7", R"({"kind":3})", R"({"kind":"Job"})",
        R"({"kind":"Job","spec":{"template":{"metadata":{"labels":[1]},"spec":{"containers":[1,{}]}}}})",
        R"({"kind":"Process","spec":{"command":"x","env":{"A":1}}})", "\xff"}) {
    api::Trial trial = Running();
    trial.spec.run_spec.text = text;
    EXPECT_EQ(PodOf(trial)["status"]["phase"], "Running") << text;
    EXPECT_EQ(TrialPods().LabelsOf(trial)["katib.kubeflow.org/trial"], "tune-abc") << text;
    EXPECT_EQ(JobOf(trial)["kind"], "Job") << text;
  }
}

TEST(TrialPods, OfAProcessHaveItsCommand) {
  const json pod = PodOf([] {
    api::Trial trial = Running();
    trial.spec.run_spec.text = R"({"kind":"Process","spec":{"command":["train","0.1"],"env":{"A":"x"}}})";
    return trial;
  }());
  EXPECT_EQ(pod["spec"]["containers"][0]["command"], json({"train", "0.1"}));
  EXPECT_EQ(pod["spec"]["containers"][0]["env"][0]["name"], "A");
  EXPECT_EQ(pod["metadata"]["ownerReferences"][0]["kind"], "Trial");
}

TEST(TrialJobs, AreThereForJobsOnly) {
  EXPECT_FALSE(TrialJobs().Shows(Trial()));
  EXPECT_TRUE(TrialJobs().Shows(Running()));
  api::Trial process = Running();
  process.spec.run_spec.text = R"({"kind":"Process"})";
  EXPECT_FALSE(TrialJobs().Shows(process));
}

TEST(TrialJobs, TellHowTheyWent) {
  EXPECT_EQ(JobOf(Running())["status"]["active"], 1);
  EXPECT_EQ(JobCompletions(Running()), "0/1");
  const api::Trial done = Ended("Succeeded", "TrialSucceeded");
  EXPECT_EQ(JobOf(done)["status"]["succeeded"], 1);
  EXPECT_EQ(JobOf(done)["status"]["completionTime"], "2026-01-01T12:01:30Z");
  EXPECT_EQ(JobOf(done)["status"]["conditions"][0]["type"], "Complete");
  EXPECT_EQ(JobCompletions(done), "1/1");
  EXPECT_EQ(JobDuration(done), "90s");
  const json failed = JobOf(Ended("Failed", "TrialFailed. Job reason: DeadlineExceeded"))["status"];
  EXPECT_EQ(failed["conditions"][0]["reason"], "DeadlineExceeded");
  EXPECT_FALSE(failed.contains("completionTime"));
}

}  // namespace
}  // namespace qalam::apiserver
