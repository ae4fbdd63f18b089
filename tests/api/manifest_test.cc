#include "api/manifest.h"

#include "manifest_testing.h"

namespace qalam::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ReadManifest, ReadsUnquotedNumbersAsTheyStand) {
  const Manifest m = ReadManifest(Header() + R"(
metadata: {name: digits, labels: {n: 1, yes: on}}
spec:
  objective: {type: minimize, goal: "0.10", objectiveMetricName: loss}
  algorithm:
    algorithmName: random
    algorithmSettings: [{name: seed, value: 0123}, {name: b, value: true}]
  parameters:
  - {name: lr, parameterType: double, feasibleSpace: {min: 0.010, max: 1e-1, step: 5}}
  - {name: opt, parameterType: categorical, feasibleSpace: {list: [32, "64", no, null, 1_0]}}
  maxTrialCount: 012
)",
                                  "f");
  const Experiment& e = OnlyExperiment(m);
  EXPECT_EQ(e.metadata.labels, (StringMap{{"n", "1"}, {"yes", "on"}}));
  EXPECT_EQ(e.spec.objective->goal, 0.1);
  EXPECT_EQ(e.spec.algorithm->algorithm_settings, (std::vector<NameValue>{{"seed", "0123"}, {"b", "true"}}));
  ASSERT_EQ(e.spec.parameters.size(), 2u);
  EXPECT_EQ(e.spec.parameters[0].feasible_space.min, "0.010");
  EXPECT_EQ(e.spec.parameters[0].feasible_space.max, "1e-1");
  EXPECT_EQ(e.spec.parameters[1].feasible_space.list,
            (std::vector<std::string>{"32", "64", "no", "null", "1_0"}));
  EXPECT_EQ(e.spec.max_trial_count, 10);  // octal, as kubectl reads it
}

TEST(ReadManifest, TakesAProcessCommandAsItIsWritten) {
  const std::string head = Header() + "spec:\n  trialTemplate:\n    trialSpec:\n";
  const std::string spec = "      spec: {command: [echo, 0.10, yes, 007, ~], env: {A: 1e3}, retries: 2}\n";
  const Manifest process = ReadManifest(head + "      kind: Process\n" + spec, "f");
  EXPECT_EQ(
      OnlyExperiment(process).spec.trial_template->trial_spec.text,
      R"({"kind":"Process","spec":{"command":["echo","0.10","yes","007","~"],"env":{"A":"1e3"},"retries":2}})");
  const Manifest other = ReadManifest(head + "      kind: Thing\n" + spec, "f");
  EXPECT_EQ(OnlyExperiment(other).spec.trial_template->trial_spec.text,
            R"({"kind":"Thing","spec":{"command":["echo",0.10,true,7,null],"env":{"A":1e3},"retries":2}})");
}

TEST(ReadManifest, CollectsAllErrorsWithLines) {
  EXPECT_THAT(
      ErrorsOf(R"(apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata:
  nmae: x
spec:
  maxTrialCount: "3"
  parallelTrialCount: 2.5
  objective:
    type: up
    goal: high
  parameters:
  - name: lr
    parameterType: doubel
    feasiblespace: {min: 1}
  - name: [a, b]
    feasibleSpace:
      min: 0
      minn: 1
  algorithm: random
  resumePolicy: {a: 1}
  trialTemplate:
    retain: maybe
  maxTrials: 3
)"),
      ElementsAre(
          "f.yaml:4: metadata.nmae: Unknown field: no such field; did you mean \"name\"?",
          "f.yaml:6: spec.maxTrialCount: Invalid value: \"3\": must be an integer, not text",
          "f.yaml:7: spec.parallelTrialCount: Invalid value: \"2.5\": must be a whole number",
          "f.yaml:9: spec.objective.type: Invalid value: \"up\": must be one of minimize, maximize",
          "f.yaml:10: spec.objective.goal: Invalid value: \"high\": must be a finite number, not text",
          "f.yaml:13: spec.parameters[0].parameterType: Invalid value: \"doubel\": must be one of double, "
          "int, discrete, categorical; did you mean \"double\"?",
          "f.yaml:14: spec.parameters[0].feasiblespace: Unknown field: no such field; did you mean "
          "\"feasibleSpace\"?",
          "f.yaml:15: spec.parameters[1].name: Invalid value: \"[a, b]\": must be text, not a list",
          "f.yaml:18: spec.parameters[1].feasibleSpace.minn: Unknown field: no such field; did you mean "
          "\"min\"?",
          "f.yaml:19: spec.algorithm: Invalid value: \"random\": must be a map, not text",
          "f.yaml:20: spec.resumePolicy: Invalid value: \"{a: 1}\": must be text, not a map",
          "f.yaml:22: spec.trialTemplate.retain: Invalid value: \"maybe\": must be true or false, not text",
          "f.yaml:23: spec.maxTrials: Unknown field: no such field; did you mean \"maxTrialCount\"?"));
}

TEST(ReadManifest, NamesTheFieldsThereAreWhenNoneIsNear) {
  EXPECT_THAT(
      ErrorsOf(Header() + "spec:\n  objective:\n    wibble: 1\n"),
      ElementsAre("f.yaml:5: spec.objective.wibble: Unknown field: no such field; there are type, goal, "
                  "objectiveMetricName, additionalMetricNames, metricStrategies"));
}

TEST(ReadManifest, ReadsSeveralDocuments) {
  const Manifest m =
      ReadManifest("# a comment\n---\n" + Header() + "metadata: {name: a}\n---\n---\n# nothing\n---\n" +
                       "apiVersion: v1\nkind: ConfigMap\ndata: {k: v}\n...\n---\n" + Header("Trial") +
                       "metadata: {name: c}\n---\n" + Header("Suggestion"),
                   "f");
  EXPECT_THAT(Texts(m.errors), IsEmpty());
  ASSERT_EQ(m.resources.size(), 4u);
  EXPECT_EQ(m.resources[0]->metadata.name, "a");
  EXPECT_EQ(m.resources[1]->kind(), Kind::kConfigMap);
  EXPECT_EQ(m.resources[2]->kind(), Kind::kTrial);
  EXPECT_EQ(m.resources[3]->kind(), Kind::kSuggestion);
}

TEST(ReadManifest, NamesTheKindsThereAre) {
  EXPECT_THAT(
      ErrorsOf("apiVersion: v1\nkind: Pod\n"),
      ElementsAre(
          "f.yaml:2: kind: Invalid value: \"Pod\": this kind is not supported; supported are Experiment, "
          "Trial, Suggestion, ConfigMap, OptimizationJob"));
  EXPECT_THAT(ErrorsOf("apiVersion: kubeflow.org/v1beta1\nkind: experiment\n"),
              ElementsAre(HasSubstr("did you mean \"Experiment\"?")));
  EXPECT_THAT(ErrorsOf("apiVersion: kubeflow.org/v1\nkind: Experiment\n"),
              ElementsAre(HasSubstr(
                  "f.yaml:1: apiVersion: Invalid value: \"kubeflow.org/v1\": not supported for kind "
                  "Experiment; must be kubeflow.org/v1beta1")));
  EXPECT_THAT(ErrorsOf("kind: Experiment\n"),
              ElementsAre(HasSubstr("apiVersion: Required value: must be kubeflow.org")));
  EXPECT_THAT(ErrorsOf("a: 1\n"), ElementsAre(HasSubstr("kind: Required value: must be one of")));
  EXPECT_THAT(ErrorsOf("- a\n"), ElementsAre(HasSubstr("not a list")));
  EXPECT_THAT(ErrorsOf("just text\n"), ElementsAre(HasSubstr("not text")));
}

TEST(Locate, FindsFieldsAndTheNearestFieldAbove) {
  const Manifest m = ReadManifest("# first\n---\n" + Header() + R"(spec:
  parameters:
  - name: lr
    feasibleSpace:
      min: 0
  - name: b
  trialTemplate:
    trialSpec:
      spec:
        containers:
        - name: main
          comand: x
---
)" + Header() + "metadata: {name: second}\n",
                                  "f.yaml");
  ASSERT_EQ(m.resources.size(), 2u);
  FieldErrors errors = {
      {FieldErrorType::kInvalid, "spec.parameters[0].feasibleSpace.min", "", "x"},
      {FieldErrorType::kInvalid, "spec.parameters[1].feasibleSpace.max", "", "x"},
      {FieldErrorType::kRequired, "spec.objective", "", "x"},
      {FieldErrorType::kInvalid, "metadata.name", "", "x"},
      {FieldErrorType::kInvalid, "spec.trialTemplate", "", "trialSpec.spec.containers[0].comand: x"},
      {FieldErrorType::kInvalid, "spec.trialTemplate", "", "two words: x"}};
  m.Locate(0, errors);
  std::vector<int> lines;
  for (const FieldError& error : errors) lines.push_back(error.line);
  EXPECT_THAT(lines, ElementsAre(9, 10, 5, 3, 16, 11));
  EXPECT_EQ(errors[0].file, "f.yaml");
  FieldErrors second = {{FieldErrorType::kInvalid, "metadata.name", "", "x"}};
  m.Locate(1, second);
  EXPECT_EQ(second[0].line, 20);
}

}  // namespace
}  // namespace qalam::api
