#include "workload/run_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fmt/format.h"

namespace qalam::workload {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

PlanInputs Inputs() {
  PlanInputs inputs;
  inputs.trial_name = "t-1";
  inputs.namespace_name = "ns";
  inputs.primary_container = "main";
  inputs.injected = {{"QALAM_SLOT", "4"}};
  return inputs;
}

absl::StatusOr<RunPlan> Read(std::string_view spec) { return ReadRunPlan(spec, Inputs()); }

// A job with one container "main" that runs `true`; `fields` are added to the container, `spec` to the job's
// spec, `pod` to the pod's.
std::string Job(std::string_view fields = "", std::string_view spec = "", std::string_view pod = "") {
  return fmt::format(
      R"({{"apiVersion":"batch/v1","kind":"Job","spec":{{"template":{{"metadata":{{"labels":{{"l":"label"}},)"
      R"("annotations":{{"a/b":"note"}}}},"spec":{{"containers":[{{"name":"main","command":["true"]{}}}]{}}}}}{}}}}})",
      fields, pod, spec);
}

std::string Error(const absl::StatusOr<RunPlan>& plan) {
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument) << plan.status();
  return std::string(plan.status().message());
}

TEST(JobPlan, JoinsCommandAndArgsWithoutTouchingThem) {
  const auto plan = Read(Job(R"(,"args":["--lr=0.1","a b","'q' \"d\"","$x;&|","${y}"],"workingDir":"sub")"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->primary.argv, ElementsAre("true", "--lr=0.1", "a b", "'q' \"d\"", "$x;&|", "${y}"));
  EXPECT_EQ(plan->primary.name, "main");
  EXPECT_EQ(plan->primary.working_dir, "sub");
  EXPECT_EQ(plan->retries, 0);
  EXPECT_EQ(plan->deadline, absl::InfiniteDuration());
  EXPECT_EQ(plan->attempt_deadline, absl::InfiniteDuration());
  EXPECT_THAT(plan->ignored, IsEmpty());
}

TEST(JobPlan, ResolvesVariablesInOrderOfDeclaration) {
  const auto plan = Read(Job(R"j(,"args":["$(A)","$(B)","$(LATER)","$$(A)","$(QALAM_SLOT)"],"env":[
      {"name":"A","value":"1"},{"name":"B","value":"$(A)$(C)"},{"name":"C","value":"3"},{"name":"EMPTY"}])j"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->primary.environment,
              ElementsAre(Pair("A", "1"), Pair("B", "1$(C)"), Pair("C", "3"), Pair("EMPTY", "")));
  EXPECT_THAT(plan->primary.argv, ElementsAre("true", "1", "1$(C)", "$(LATER)", "$(A)", "4"));
}

TEST(JobPlan, KnowsTheFieldReferencesThatHaveAMeaningHere) {
  const auto field = [](std::string_view name, std::string_view path) {
    return fmt::format(R"({{"name":"{}","valueFrom":{{"fieldRef":{{"fieldPath":"{}"}}}}}})", name, path);
  };
  const auto plan = Read(
      Job(fmt::format(R"(,"env":[{},{},{},{},{}])", field("N", "metadata.name"),
                      field("S", "metadata.namespace"), field("L", "metadata.labels['l']"),
                      field("A", "metadata.annotations['a/b']"), field("M", "metadata.labels['missing']"))));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->primary.environment, ElementsAre(Pair("N", "t-1"), Pair("S", "ns"), Pair("L", "label"),
                                                     Pair("A", "note"), Pair("M", "")));
  EXPECT_THAT(
      Error(Read(Job(fmt::format(R"(,"env":[{}])", field("P", "status.podIP"))))),
      AllOf(HasSubstr("containers[0].env[0].valueFrom.fieldRef.fieldPath"), HasSubstr("status.podIP")));
}

absl::StatusOr<api::StringMap> Data(api::Kind kind, const std::string& name) {
  if (kind == api::Kind::kSecret && name == "s")
    return api::StringMap{{"key", "hush"}, {"NUL", std::string("a\0b", 3)}};
  if (kind == api::Kind::kConfigMap && name == "c")
    return api::StringMap{{"EPOCHS", "3"}, {"1bad", "x"}, {"a file.txt", "y"}, {"LR", "0.1"}};
  return absl::NotFoundError("none");
}

absl::StatusOr<RunPlan> ReadWithData(std::string_view spec) {
  PlanInputs inputs = Inputs();
  inputs.data = Data;
  return ReadRunPlan(spec, inputs);
}

TEST(JobPlan, TakesVariablesFromSecretsAndConfigMaps) {
  const auto plan = ReadWithData(Job(R"j(,"args":["$(P_LR)"],
      "envFrom":[{"prefix":"P_","configMapRef":{"name":"c"}},{"secretRef":{"name":"none","optional":true}}],
      "env":[{"name":"TOKEN","valueFrom":{"secretKeyRef":{"name":"s","key":"key"}}},
             {"name":"P_EPOCHS","valueFrom":{"configMapKeyRef":{"name":"c","key":"LR"}}},
             {"name":"ABSENT","valueFrom":{"secretKeyRef":{"name":"s","key":"other","optional":true}}},
             {"name":"GONE","valueFrom":{"configMapKeyRef":{"name":"none","key":"k","optional":true}}},
             {"name":"BOTH","value":"$(TOKEN)!"}])j"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->primary.environment,
              ElementsAre(Pair("P_1bad", "x"), Pair("P_EPOCHS", "3"), Pair("P_LR", "0.1"),
                          Pair("TOKEN", "hush"), Pair("P_EPOCHS", "0.1"), Pair("BOTH", "hush!")));
  EXPECT_THAT(plan->primary.argv, ElementsAre("true", "0.1"));
}

TEST(JobPlan, LeavesOutKeysThatCannotBeVariables) {
  const auto plan = ReadWithData(Job(R"(,"envFrom":[{"configMapRef":{"name":"c"}}])"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->primary.environment, ElementsAre(Pair("EPOCHS", "3"), Pair("LR", "0.1")));
}

TEST(JobPlan, NamesWhatItsVariablesLack) {
  const auto missing = [](std::string_view fields) {
    const absl::Status status = ReadWithData(Job(fields)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    return std::string(status.message());
  };
  EXPECT_EQ(missing(R"(,"env":[{"name":"X","valueFrom":{"secretKeyRef":{"name":"t","key":"k"}}}])"),
            "secret \"t\" not found");
  EXPECT_EQ(missing(R"(,"env":[{"name":"X","valueFrom":{"configMapKeyRef":{"name":"c","key":"k"}}}])"),
            "couldn't find key k in configmap ns/c");
  EXPECT_EQ(missing(R"(,"envFrom":[{"configMapRef":{"name":"d"}}])"), "configmap \"d\" not found");
}

TEST(JobPlan, RefusesVariablesThatCannotBe) {
  const std::string nul = Error(
      ReadWithData(Job(R"(,"env":[{"name":"X","valueFrom":{"secretKeyRef":{"name":"s","key":"NUL"}}}])")));
  EXPECT_THAT(nul, AllOf(HasSubstr("env[0].valueFrom.secretKeyRef"), HasSubstr("NUL")));
  EXPECT_THAT(Error(Read(Job(R"(,"env":[{"name":"X","valueFrom":{"resourceFieldRef":{}}}])"))),
              HasSubstr("env[0].valueFrom"));
  EXPECT_THAT(Error(Read(Job(R"(,"envFrom":[{"prefix":"P"}])"))), HasSubstr("envFrom[0]"));
  EXPECT_THAT(Error(Read(Job(R"(,"env":[{"name":"A=B","value":"1"}])"))), HasSubstr("env[0].name"));
  EXPECT_THAT(Error(Read(Job(R"(,"env":[{"value":"1"}])"))), HasSubstr("env[0].name"));
  EXPECT_THAT(Error(Read(Job(R"(,"env":[{"name":"A","value":1}])"))),
              HasSubstr("env[0].value: must be text, got 1"));
  EXPECT_THAT(Error(Read(Job(R"(,"env":{"A":"1"})"))), HasSubstr("env: must be a list"));
}

TEST(JobPlan, ReadsDeadlinesRetriesAndLimits) {
  const auto plan =
      Read(Job(R"(,"resources":{"limits":{"cpu":"500m","memory":"1Gi"},"requests":{"cpu":8}})",
               R"(,"activeDeadlineSeconds":30,"backoffLimit":3,"parallelism":1,"completions":1)",
               R"(,"activeDeadlineSeconds":"10")"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->deadline, absl::Seconds(30));
  EXPECT_EQ(plan->attempt_deadline, absl::Seconds(10));
  EXPECT_EQ(plan->retries, 3);
  EXPECT_EQ(plan->primary.limits, (ResourceLimits{.cpus = 0.5, .memory_bytes = 1LL << 30}));
}

TEST(JobPlan, ReadsFromAnAnnotationHowOftenAProgramMayAskToBeTriedAgain) {
  EXPECT_EQ(Read(Job())->requeues, kDefaultRequeues);
  const auto job = [](std::string_view annotation) {
    std::string text = Job();
    text.insert(1, fmt::format(R"("metadata":{{"annotations":{{"qalam.dev/requeues":{}}}}},)", annotation));
    return text;
  };
  EXPECT_EQ(Read(job(R"("7")"))->requeues, 7);
  EXPECT_THAT(Error(Read(job(R"("often")"))),
              AllOf(HasSubstr("metadata.annotations.qalam.dev/requeues"), HasSubstr("often")));
}

TEST(JobPlan, TakesALimitOfZeroAsNone) {
  const auto plan = Read(Job(R"(,"resources":{"limits":{"cpu":0,"memory":"0"}})"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->primary.limits, ResourceLimits{});
}

TEST(JobPlan, NamesTheFieldOfABadNumber) {
  EXPECT_THAT(Error(Read(Job("", R"(,"backoffLimit":-1)"))), HasSubstr("spec.backoffLimit"));
  EXPECT_THAT(Error(Read(Job("", R"(,"backoffLimit":1.5)"))), HasSubstr("got 1.5"));
  EXPECT_THAT(Error(Read(Job("", R"(,"activeDeadlineSeconds":0)"))), HasSubstr("spec.activeDeadlineSeconds"));
  EXPECT_THAT(Error(Read(Job(R"(,"resources":{"limits":{"memory":"lots"}})"))),
              AllOf(HasSubstr("resources.limits.memory"), HasSubstr("lots")));
  EXPECT_THAT(Error(Read(Job(R"(,"resources":{"limits":{"memory":"100m"}})"))), HasSubstr("limits.memory"));
}

TEST(JobPlan, RefusesMoreThanOneProcessAtATime) {
  EXPECT_THAT(Error(Read(Job("", R"(,"parallelism":2)"))), HasSubstr("spec.parallelism"));
  EXPECT_THAT(Error(Read(Job("", R"(,"completions":4)"))), HasSubstr("spec.completions"));
  EXPECT_THAT(Error(Read(Job("", R"(,"suspend":true)"))), HasSubstr("spec.suspend"));
}

TEST(JobPlan, SortsContainersByTheirPart) {
  const auto plan = Read(R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{
      "initContainers":[{"name":"prepare","command":["p"],"image":"i"},
                        {"name":"proxy","command":["x"],"restartPolicy":"Always"}],
      "containers":[{"name":"logger","command":["l"],"volumeMounts":[{"name":"v","mountPath":"/v"}]},
                    {"name":"main","command":["m"]}]}}}})");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->init.size(), 2u);
  EXPECT_EQ(plan->init[0].container.name, "prepare");
  EXPECT_FALSE(plan->init[0].sidecar);
  EXPECT_EQ(plan->init[1].container.name, "proxy");
  EXPECT_TRUE(plan->init[1].sidecar);
  ASSERT_EQ(plan->sidecars.size(), 1u);
  EXPECT_EQ(plan->sidecars[0].name, "logger");
  EXPECT_EQ(plan->primary.name, "main");
  EXPECT_THAT(plan->ignored, ElementsAre("image", "volumeMounts"));
}

TEST(JobPlan, NamesTheContainersWhenThePrimaryIsMissing) {
  EXPECT_THAT(Error(Read(R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{
      "containers":[{"name":"training","command":["m"]}]}}}})")),
              AllOf(HasSubstr("'main'"), HasSubstr("there is: 'training'")));
  EXPECT_THAT(
      Error(Read(R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{"containers":[]}}}})")),
      HasSubstr("spec.template.spec.containers"));
}

TEST(JobPlan, AsksForACommandBecauseThereIsNoImage) {
  EXPECT_THAT(Error(Read(R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{
      "containers":[{"name":"main","image":"x","args":["--lr=1"]}]}}}})")),
              AllOf(HasSubstr("spec.template.spec.containers[0].command"), HasSubstr("without containers")));
}

TEST(JobPlan, RefusesContainerNamesThatCannotNameALogFile) {
  for (const char* name : {"", "a/b", "..", "."}) {
    EXPECT_THAT(
        Error(Read(fmt::format(R"({{"apiVersion":"batch/v1","kind":"Job","spec":{{"template":{{"spec":{{
        "containers":[{{"name":"main","command":["m"]}},{{"name":"{}","command":["m"]}}]}}}}}}}})",
                               name))),
        HasSubstr("containers[1].name"))
        << name;
  }
  EXPECT_THAT(Error(Read(R"({"apiVersion":"batch/v1","kind":"Job","spec":{"template":{"spec":{
      "initContainers":[{"name":"main","command":["m"]}],"containers":[{"name":"main","command":["m"]}]}}}})")),
              HasSubstr("initContainers[0].name"));
}

TEST(JobPlan, RefusesNulBytesThatExecWouldCut) {
  EXPECT_THAT(Error(Read(Job(R"(,"args":["a\u0000b"])"))), HasSubstr("args[0]: must not contain a NUL"));
}

TEST(ProcessPlan, KeepsTheCommandAsItIs) {
  const auto plan = Read(R"({"apiVersion":"qalam.dev/v1","kind":"Process","spec":{
      "command":["sh","-c","echo $(date) $$",3,0.1,true],"env":{"LR":0.1,"N":"2","B":false},"workingDir":"/w",
      "timeoutSeconds":"60","retries":"2","requeues":9,"resources":{"cpu":2,"memory":"64Mi"}}})");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->primary.argv, ElementsAre("sh", "-c", "echo $(date) $$", "3", "0.1", "true"));
  EXPECT_THAT(plan->primary.environment, ElementsAre(Pair("LR", "0.1"), Pair("N", "2"), Pair("B", "false")));
  EXPECT_EQ(plan->primary.working_dir, "/w");
  EXPECT_EQ(plan->deadline, absl::Seconds(60));
  EXPECT_EQ(plan->retries, 2);
  EXPECT_EQ(plan->requeues, 9);
  EXPECT_EQ(plan->primary.limits, (ResourceLimits{.cpus = 2, .memory_bytes = 64 << 20}));
}

TEST(ProcessPlan, NamesTheFieldThatIsWrong) {
  const auto error = [](std::string_view spec) {
    return Error(Read(fmt::format(R"({{"apiVersion":"qalam.dev/v1","kind":"Process","spec":{}}})", spec)));
  };
  EXPECT_THAT(error("null"), HasSubstr("spec: must be a map"));
  EXPECT_THAT(error("{}"), HasSubstr("spec.command: must be a list of words"));
  EXPECT_THAT(error(R"({"command":"python train.py"})"),
              AllOf(HasSubstr("spec.command"), HasSubstr("python train.py")));
  EXPECT_THAT(error(R"({"command":[]})"), HasSubstr("spec.command"));
  EXPECT_THAT(error(R"({"command":[""]})"), HasSubstr("spec.command[0]"));
  EXPECT_THAT(error(R"({"command":["a",{}]})"), HasSubstr("spec.command[1]"));
  EXPECT_THAT(error(R"({"command":["a"],"env":[]})"), HasSubstr("spec.env: must be a map"));
  EXPECT_THAT(error(R"({"command":["a"],"env":{"A":[1]}})"), HasSubstr("spec.env.A"));
  EXPECT_THAT(error(R"({"command":["a"],"retries":"many"})"),
              AllOf(HasSubstr("spec.retries"), HasSubstr("many")));
  EXPECT_THAT(error(R"({"command":["a"],"requeues":-1})"), HasSubstr("spec.requeues"));
  EXPECT_THAT(error(R"({"command":["a"],"timeoutSeconds":-5})"), HasSubstr("spec.timeoutSeconds"));
}

TEST(RunPlan, ListsTheKindsThatRunHere) {
  EXPECT_THAT(Error(Read(R"({"apiVersion":"kubeflow.org/v1","kind":"PyTorchJob"})")),
              AllOf(HasSubstr("PyTorchJob"), HasSubstr("batch/v1"), HasSubstr("qalam.dev/v1")));
  EXPECT_THAT(Error(Read(R"({"apiVersion":"v1","kind":"Job"})")), HasSubstr("'v1'"));
  EXPECT_THAT(Error(Read("[]")), HasSubstr("must be a map"));
  EXPECT_THAT(Error(Read("{")), HasSubstr("not JSON"));
  EXPECT_THAT(Error(Read(std::string(100'000, '['))), HasSubstr("nested"));
}

}  // namespace
}  // namespace qalam::workload
