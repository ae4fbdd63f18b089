#include "api/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/codec.h"
#include "samples.h"

namespace qalam::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> Texts(const FieldErrors& errors) {
  std::vector<std::string> texts;
  for (const FieldError& error : errors) texts.push_back(error.Text());
  return texts;
}

std::vector<std::string> ErrorsOf(std::string_view text) {
  return Texts(ReadManifest(text, "f.yaml").errors);
}

const Experiment& OnlyExperiment(const Manifest& manifest) {
  static const Experiment kNone;
  EXPECT_THAT(Texts(manifest.errors), IsEmpty());
  EXPECT_EQ(manifest.resources.size(), 1u);
  if (manifest.resources.size() != 1 || manifest.resources[0]->kind() != Kind::kExperiment) return kNone;
  return static_cast<const Experiment&>(*manifest.resources[0]);
}

std::string Header(std::string_view kind = "Experiment") {
  return "apiVersion: kubeflow.org/v1beta1\nkind: " + std::string(kind) + "\n";  // two lines
}

void ExpectSurvivesYaml(const Resource& resource) {
  const std::string yaml = ToYaml(resource);
  const Manifest manifest = ReadManifest(yaml, "f");
  EXPECT_THAT(Texts(manifest.errors), IsEmpty()) << yaml;
  ASSERT_EQ(manifest.resources.size(), 1u) << yaml;
  EXPECT_EQ(ToJson(*manifest.resources[0]), ToJson(resource)) << yaml;
  EXPECT_TRUE(manifest.resources[0]->Equals(resource)) << yaml;
}

TEST(ReadManifest, EveryFieldSurvivesYaml) {
  ExpectSurvivesYaml(FullExperiment());
  ExpectSurvivesYaml(FullTrial());
  ExpectSurvivesYaml(FullSuggestion());
  ExpectSurvivesYaml(FullConfigMap());
  ExpectSurvivesYaml(Experiment());
}

TEST(ReadManifest, TextOfEveryShapeSurvivesYaml) {
  for (const std::string& text : {std::string("no"),
                                  std::string("1e3"),
                                  std::string("0x1f"),
                                  std::string("~"),
                                  std::string("- a"),
                                  std::string("a: b"),
                                  std::string("a #b"),
                                  std::string("'q'"),
                                  std::string("\"q\""),
                                  std::string("  lead"),
                                  std::string("trail "),
                                  std::string("\n"),
                                  std::string("a\n\n\nb"),
                                  std::string("a\nb\n"),
                                  std::string("a\n\n"),
                                  std::string(" a\nb"),
                                  std::string("\ta\nb"),
                                  std::string("a\n  b\n c"),
                                  std::string("a \nb"),
                                  std::string("a\r\nb"),
                                  std::string("\xC2\x85x"),
                                  std::string("\xE2\x80\xA8x\ny"),
                                  std::string("\xEF\xBB\xBFx"),
                                  std::string("\0\x01\x7f\x1b", 4),
                                  std::string("\xF0\x9F\x98\x80"),
                                  std::string("---\n..."),
                                  std::string("..."),
                                  std::string("2026-06-01"),
                                  std::string("12:30"),
                                  std::string("<<"),
                                  std::string("="),
                                  std::string("!t"),
                                  std::string("%d"),
                                  std::string("@x"),
                                  std::string("`x"),
                                  std::string("{}"),
                                  std::string("&a"),
                                  std::string("*a"),
                                  std::string("? x"),
                                  std::string("|"),
                                  std::string("${trialParameters.lr}"),
                                  std::string("a:"),
                                  std::string("N"),
                                  std::string("#"),
                                  std::string(2'000, 'k'),
                                  std::string("a\n#b"),
                                  std::string("a\n---\nb")}) {
    ConfigMap c;
    c.spec.data = {{text, text}, {"z", text}};
    ExpectSurvivesYaml(c);
  }
}

TEST(ToYaml, IsBlockStyleWithQuotesOnlyWhereNeeded) {
  Experiment e;
  e.metadata.name = "digits";
  e.spec.parameters = {{"opt", ParameterType::kCategorical, {"", "", {"adam", "no", "1e3"}, "", {}}}};
  e.spec.trial_template.emplace().trial_spec.text =
      R"({"a":[],"b":{},"n":0.10,"c":[[1,2],{"x":1,"y":[true]}],"s":"l1\nl2\n"})";
  EXPECT_EQ(ToYaml(e), R"(apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata:
  name: digits
spec:
  parameters:
  - name: opt
    parameterType: categorical
    feasibleSpace:
      list:
      - adam
      - "no"
      - "1e3"
  trialTemplate:
    trialSpec:
      a: []
      b: {}
      "n": 0.10
      c:
      -
        - 1
        - 2
      - x: 1
        "y":
        - true
      s: |
        l1
        l2
)");
}

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

TEST(ReadManifest, ConvertsATrialSpecAsKubectlDoes) {
  const Manifest m = ReadManifest(Header() + R"(
spec:
  trialTemplate:
    trialSpec:
      ints: [1, -2, +3, 0644, 0o17, 0x1F, 0b101, 1_000, 18446744073709551615]
      floats: [0.10, .5, 5., 1e5, +1.5, 089, -.5e-3]
      bools: [true, False, yes, OFF, n]
      nulls: [null, ~, ]
      texts: ["1", 'true', 2026-06-01, 1:30, .inf, 0x, 1.2.3, -, "", !!str 5, 0xG, 1e]
      typed: [!!float 3, !!int 4]
)",
                                  "f");
  EXPECT_EQ(
      OnlyExperiment(m).spec.trial_template->trial_spec.text,
      R"({"ints":[1,-2,3,420,15,31,5,1000,18446744073709551615],"floats":[0.10,0.5,5,1e5,1.5,89,-0.5e-3],)"
      R"("bools":[true,false,true,false,false],"nulls":[null,null],)"
      R"("texts":["1","true","2026-06-01","1:30",".inf","0x","1.2.3","-","","5","0xG","1e"],"typed":[3,4]})");
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

TEST(ReadManifest, GoesOnWithTheNextDocumentAfterASyntaxError) {
  const Manifest m =
      ReadManifest(Header() + "metadata: {name: a}\n---\n" + Header() + "spec: [\n---\n" + Header() +
                       "metadata: {name: b}\nspec:\n  x: 1\n---\n" + Header() + "metadata: {name: c}\n",
                   "f");
  ASSERT_EQ(m.resources.size(), 2u);
  EXPECT_EQ(m.resources[0]->metadata.name, "a");
  EXPECT_EQ(m.resources[1]->metadata.name, "c");
  ASSERT_EQ(m.errors.size(), 2u);
  EXPECT_EQ(m.errors[0].type, FieldErrorType::kSyntax);
  EXPECT_EQ(m.errors[0].line, 8);
  EXPECT_THAT(m.errors[1].Text(), StartsWith("f:13: spec.x: Unknown field"));
}

TEST(ReadManifest, ReadsJsonWithLines) {
  const Manifest m = ReadManifest(
      "{\n\t\"apiVersion\":\"kubeflow.org/v1beta1\",\"kind\":\"Experiment\",\n"
      "\t\"metadata\":{\"name\":\"x\",\"annotations\":{\"a\":\"\\ud83d\\ude00\\/\\u00e9\\\\ud83d\"}},\n"
      "\t\"spec\":{\"maxTrialCount\":3}\n}\n",
      "f.json");
  const Experiment& e = OnlyExperiment(m);
  EXPECT_EQ(e.metadata.annotations.at("a"), "\xF0\x9F\x98\x80/\xC3\xA9\\ud83d");
  EXPECT_EQ(e.spec.max_trial_count, 3);
  EXPECT_THAT(ErrorsOf("{\"apiVersion\":\"kubeflow.org/v1beta1\",\n\"kind\":\"Experiment\",\n\"sepc\":{}}"),
              ElementsAre("f.yaml:3: sepc: Unknown field: no such field; did you mean \"spec\"?"));
}

TEST(ReadManifest, ReadsItsOwnJson) {
  for (const std::string& json : {ToJson(FullExperiment()), ToPrettyJson(FullExperiment())}) {
    EXPECT_TRUE(OnlyExperiment(ReadManifest(json, "f")).Equals(FullExperiment()));
  }
}

TEST(ReadManifest, TakesByteOrderMarkAndCarriageReturns) {
  const Manifest m =
      ReadManifest("\xEF\xBB\xBF" + Header() +
                       "metadata:\r\n  name: x\r\n  annotations:\r\n    a: |\r\n      one\r\n      two\r\n",
                   "f");
  EXPECT_EQ(OnlyExperiment(m).metadata.annotations.at("a"), "one\ntwo\n");
  EXPECT_THAT(ErrorsOf("apiVersion: kubeflow.org/v1beta1\r\nkind: Experiment\r\nspce: 1\r\n"),
              ElementsAre(StartsWith("f.yaml:3: spce")));
}

TEST(ReadManifest, SaysWhatAnEmptyFileLacks) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n---\n", "\xEF\xBB\xBF"}) {
    EXPECT_THAT(ErrorsOf(text),
                ElementsAre("f.yaml: Syntax error: the file is empty; it should hold an Experiment"));
  }
}

TEST(ReadManifest, RefusesWhatIsNotText) {
  EXPECT_THAT(ErrorsOf(Header() + "a: \"\xff\xfe\"\n"),
              ElementsAre("f.yaml:3:5: Syntax error: byte 0xff is not UTF-8 text"));
  EXPECT_THAT(ErrorsOf(std::string("\x7f"
                                   "ELF\0\0",
                                   6)),
              ElementsAre(HasSubstr("1:1: Syntax error: a control character (byte 0x7f)")));
  EXPECT_THAT(ErrorsOf(std::string("\xFF\xFEk\0", 4)), ElementsAre(HasSubstr("UTF-16")));
}

TEST(ReadManifest, ExplainsTabs) {
  EXPECT_THAT(
      ErrorsOf(Header() + "metadata:\n\tname: x\n"),
      ElementsAre(testing::AllOf(StartsWith("f.yaml:4:1: Syntax error: "), HasSubstr("not with tabs"))));
}

TEST(ReadManifest, RefusesARepeatedKey) {
  EXPECT_THAT(
      ErrorsOf(Header() + "metadata:\n  name: a\n  labels: {}\n  name: b\n"),
      ElementsAre("f.yaml:6: metadata.name: Invalid value: \"b\": this key is given twice, first on line 4"));
}

TEST(ReadManifest, NamesTheKindsThereAre) {
  EXPECT_THAT(
      ErrorsOf("apiVersion: v1\nkind: Pod\n"),
      ElementsAre(
          "f.yaml:2: kind: Invalid value: \"Pod\": this kind is not supported; supported are Experiment, "
          "Trial, Suggestion, ConfigMap"));
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

TEST(ReadManifest, ResolvesAnchorsAndMergeKeys) {
  const Manifest m = ReadManifest(Header() + R"(
spec:
  parameters:
  - &base {name: a, parameterType: double, feasibleSpace: &space {min: 0, max: 1}}
  - <<: *base
    name: b
  - name: c
    parameterType: double
    feasibleSpace:
      max: 5
      <<: [{step: 1, max: 7}, *space]
  - *base
)",
                                  "f");
  const Experiment& e = OnlyExperiment(m);
  ASSERT_EQ(e.spec.parameters.size(), 4u);
  EXPECT_EQ(e.spec.parameters[1], (ParameterSpec{"b", ParameterType::kDouble, {"1", "0", {}, "", {}}}));
  EXPECT_EQ(e.spec.parameters[2].feasible_space, (FeasibleSpace{"5", "0", {}, "1", {}}));
  EXPECT_EQ(e.spec.parameters[3], e.spec.parameters[0]);
}

TEST(ReadManifest, ReportsBadAliases) {
  EXPECT_THAT(ErrorsOf(Header() + "spec: *nothing\n"),
              ElementsAre(HasSubstr("3:7: Syntax error: no anchor &nothing")));
  EXPECT_THAT(ErrorsOf(Header() + "spec: &a\n  parameters: [*a]\n"),
              ElementsAre(HasSubstr("inside its own anchor")));
  EXPECT_THAT(ErrorsOf(Header() + "spec: {<<: 3}\n"), ElementsAre(HasSubstr("<< takes a map")));
  EXPECT_THAT(ErrorsOf(Header() + "spec: !thing {}\n"),
              ElementsAre(HasSubstr("the tag !thing is not supported")));
  EXPECT_THAT(ErrorsOf(Header() + "spec: {maxTrialCount: !!int x}\n"),
              testing::Contains(HasSubstr("not what its tag")));
  EXPECT_THAT(ErrorsOf(Header() + "spec: {[a]: b}\n"),
              testing::Contains(HasSubstr("a key must be text, not a list")));
}

TEST(ReadManifest, StopsAliasBombs) {
  std::string bomb =
      Header() + "spec:\n  trialTemplate:\n    trialSpec:\n      a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 30; ++i) {
    bomb += "      a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j > 0 ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(ErrorsOf(bomb), testing::Contains(HasSubstr("aliases stand for more than 10,000 values")));
}

TEST(ReadManifest, StopsDeepNesting) {
  const std::string start = Header() + "spec: {trialTemplate: {trialSpec: ";
  const auto nested = [&](int depth) {
    return start + std::string(depth, '[') + std::string(depth, ']') + "}}\n";
  };
  EXPECT_THAT(ErrorsOf(nested(97)), IsEmpty());  // within the map, spec and trialTemplate
  EXPECT_THAT(ErrorsOf(nested(98)), ElementsAre(HasSubstr("nested deeper than 100 levels")));
  EXPECT_THAT(ErrorsOf(nested(100'000)), ElementsAre(HasSubstr("nested deeper than 100 levels")));
  std::string by_alias = Header() + "spec:\n  trialTemplate:\n    trialSpec:\n      a0: &a0 [1]\n";
  for (int i = 1; i < 200; ++i) {
    by_alias +=
        "      a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_THAT(ErrorsOf(by_alias), testing::Contains(HasSubstr("nested deeper than 100 levels by an alias")));
}

TEST(ReadManifest, StopsAtAMillionValues) {
  std::string text = Header() + "spec: {trialTemplate: {trialSpec: [";
  for (int i = 0; i < 1'000'001; ++i) text += "1,";
  EXPECT_THAT(ErrorsOf(text + "]}}\n"), ElementsAre(HasSubstr("more than 1,000,000 values")));
}

TEST(ReadManifest, RefusesAFileBeyond64MiB) {
  EXPECT_THAT(ErrorsOf(std::string((64 << 20) + 1, ' ')), ElementsAre(HasSubstr("at most 67108864")));
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
