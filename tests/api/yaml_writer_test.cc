#include "api/codec.h"
#include "manifest_testing.h"
#include "samples.h"

namespace qalam::api {
namespace {

using testing::IsEmpty;

void ExpectSurvivesYaml(const Resource& resource) {
  const std::string yaml = ToYaml(resource);
  const Manifest manifest = ReadManifest(yaml, "f");
  EXPECT_THAT(Texts(manifest.errors), IsEmpty()) << yaml;
  ASSERT_EQ(manifest.resources.size(), 1u) << yaml;
  EXPECT_EQ(ToJson(*manifest.resources[0]), ToJson(resource)) << yaml;
  EXPECT_TRUE(manifest.resources[0]->Equals(resource)) << yaml;
}

TEST(ToYaml, EveryFieldSurvivesYaml) {
  ExpectSurvivesYaml(FullExperiment());
  ExpectSurvivesYaml(FullTrial());
  ExpectSurvivesYaml(FullSuggestion());
  ExpectSurvivesYaml(FullConfigMap());
  ExpectSurvivesYaml(Experiment());
}

TEST(ToYaml, TextOfEveryShapeSurvivesYaml) {
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

}  // namespace
}  // namespace qalam::api
