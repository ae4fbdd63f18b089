#include "api/yaml_reader.h"

#include "api/codec.h"
#include "manifest_testing.h"
#include "samples.h"

namespace qalam::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(ParseYaml, ConvertsATrialSpecAsKubectlDoes) {
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

TEST(ParseYaml, GoesOnWithTheNextDocumentAfterASyntaxError) {
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

TEST(ParseYaml, ReadsJsonWithLines) {
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

TEST(ParseYaml, ReadsItsOwnJson) {
  for (const std::string& json : {ToJson(FullExperiment()), ToPrettyJson(FullExperiment())}) {
    EXPECT_TRUE(OnlyExperiment(ReadManifest(json, "f")).Equals(FullExperiment()));
  }
}

TEST(ParseYaml, TakesByteOrderMarkAndCarriageReturns) {
  const Manifest m =
      ReadManifest("\xEF\xBB\xBF" + Header() +
                       "metadata:\r\n  name: x\r\n  annotations:\r\n    a: |\r\n      one\r\n      two\r\n",
                   "f");
  EXPECT_EQ(OnlyExperiment(m).metadata.annotations.at("a"), "one\ntwo\n");
  EXPECT_THAT(ErrorsOf("apiVersion: kubeflow.org/v1beta1\r\nkind: Experiment\r\nspce: 1\r\n"),
              ElementsAre(StartsWith("f.yaml:3: spce")));
}

TEST(ParseYaml, SaysWhatAnEmptyFileLacks) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n---\n", "\xEF\xBB\xBF"}) {
    EXPECT_THAT(ErrorsOf(text),
                ElementsAre("f.yaml: Syntax error: the file is empty; it should hold an Experiment"));
  }
}

TEST(ParseYaml, RefusesWhatIsNotText) {
  EXPECT_THAT(ErrorsOf(Header() + "a: \"\xff\xfe\"\n"),
              ElementsAre("f.yaml:3:5: Syntax error: byte 0xff is not UTF-8 text"));
  EXPECT_THAT(ErrorsOf(std::string("\x7f"
                                   "ELF\0\0",
                                   6)),
              ElementsAre(HasSubstr("1:1: Syntax error: a control character (byte 0x7f)")));
  EXPECT_THAT(ErrorsOf(std::string("\xFF\xFEk\0", 4)), ElementsAre(HasSubstr("UTF-16")));
}

TEST(ParseYaml, ExplainsTabs) {
  EXPECT_THAT(
      ErrorsOf(Header() + "metadata:\n\tname: x\n"),
      ElementsAre(testing::AllOf(StartsWith("f.yaml:4:1: Syntax error: "), HasSubstr("not with tabs"))));
}

TEST(ParseYaml, RefusesARepeatedKey) {
  EXPECT_THAT(
      ErrorsOf(Header() + "metadata:\n  name: a\n  labels: {}\n  name: b\n"),
      ElementsAre("f.yaml:6: metadata.name: Invalid value: \"b\": this key is given twice, first on line 4"));
}

TEST(ParseYaml, ResolvesAnchorsAndMergeKeys) {
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

TEST(ParseYaml, ReportsBadAliases) {
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

TEST(ParseYaml, StopsAliasBombs) {
  std::string bomb =
      Header() + "spec:\n  trialTemplate:\n    trialSpec:\n      a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 30; ++i) {
    bomb += "      a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j > 0 ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_THAT(ErrorsOf(bomb), testing::Contains(HasSubstr("aliases stand for more than 10,000 values")));
}

TEST(ParseYaml, StopsDeepNesting) {
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

TEST(ParseYaml, StopsAtAMillionValues) {
  std::string text = Header() + "spec: {trialTemplate: {trialSpec: [";
  for (int i = 0; i < 1'000'001; ++i) text += "1,";
  EXPECT_THAT(ErrorsOf(text + "]}}\n"), ElementsAre(HasSubstr("more than 1,000,000 values")));
}

TEST(ParseYaml, StopsAtTenThousandDocumentsAndAThousandErrors) {
  std::string text;
  for (int i = 0; i < 10'001; ++i) text += "--- 1\n";
  EXPECT_EQ(ErrorsOf(text).size(), 1'001u);
  EXPECT_THAT(ErrorsOf(text).back(), HasSubstr("more than 1000 errors; the rest is left out"));
  std::string empty;
  for (int i = 0; i < 10'001; ++i) empty += "---\n";
  EXPECT_THAT(ErrorsOf(empty),
              ElementsAre("f.yaml:10001: Syntax error: the file holds more than 10,000 documents"));
  std::string broken;
  for (int i = 0; i < 20'000; ++i) broken += "--- [\n";
  EXPECT_EQ(ErrorsOf(broken).size(), 1'001u);
}

TEST(ParseYaml, RefusesAFileBeyond64MiB) {
  EXPECT_THAT(ErrorsOf(std::string((64 << 20) + 1, ' ')), ElementsAre(HasSubstr("at most 67108864")));
}

}  // namespace
}  // namespace qalam::api
