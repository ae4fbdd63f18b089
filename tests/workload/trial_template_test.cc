#include "workload/trial_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qalam::workload {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Parameters = std::vector<api::TrialParameterSpec>;
using Assignments = std::vector<api::ParameterAssignment>;

absl::StatusOr<std::string> Render(std::string_view text, const Parameters& parameters,
                                   const Assignments& assignments) {
  api::TrialTemplate trial_template;
  trial_template.trial_parameters = parameters;
  absl::StatusOr<api::JsonText> result = RenderRunSpec(text, trial_template, assignments, "t-1", "ns");
  if (!result.ok()) return result.status();
  return result->text;
}

std::string Rendered(std::string_view text, const Parameters& parameters, const Assignments& assignments) {
  const absl::StatusOr<std::string> result = Render(text, parameters, assignments);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.value_or("");
}

std::string Error(const absl::StatusOr<std::string>& result) {
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << result.value_or("");
  return std::string(result.status().message());
}

constexpr std::string_view kMeta = R"("metadata":{"name":"t-1","namespace":"ns"})";

std::string WithMeta(std::string_view fields) {
  return "{" + std::string(fields) + "," + std::string(kMeta) + "}";
}

TEST(TrialTemplate, ReplacesEveryOccurrence) {
  EXPECT_EQ(
      Rendered(R"({"args":["--lr=${trialParameters.rate}","${trialParameters.rate}/${trialParameters.n}"]})",
               {{"rate", "", "lr"}, {"n", "", "layers"}}, {{"lr", "0.01"}, {"layers", "3"}}),
      WithMeta(R"("args":["--lr=0.01","0.01/3"])"));
}

TEST(TrialTemplate, KeepsQuotesBackslashesAndNewlinesOfAValue) {
  EXPECT_EQ(Rendered(R"({"a":"${trialParameters.x}"})", {{"x", "", "x"}}, {{"x", "say \"hi\" \\ \n end"}}),
            WithMeta(R"("a":"say \"hi\" \\ \n end")"));
}

TEST(TrialTemplate, NeverSearchesAValueForPlaceholders) {
  EXPECT_EQ(Rendered(R"({"a":"${trialParameters.x}${trialParameters.y}"})", {{"x", "", "x"}, {"y", "", "y"}},
                     {{"x", "${trialParameters.y}"}, {"y", "${trialParameters.x}"}}),
            WithMeta(R"("a":"${trialParameters.y}${trialParameters.x}")"));
}

TEST(TrialTemplate, ReplacesInKeysTooAndKeepsTheirOrder) {
  EXPECT_EQ(Rendered(R"({"z":1,"${trialParameters.x}":{"b":[true,null,1.5]},"a":2})", {{"x", "", "x"}},
                     {{"x", "k"}}),
            WithMeta(R"("z":1,"k":{"b":[true,null,1.5]},"a":2)"));
  EXPECT_THAT(Error(Render(R"({"z":1,"${trialParameters.x}":2})", {{"x", "", "x"}}, {{"x", "z"}})),
              HasSubstr("'z' comes twice"));
}

TEST(TrialTemplate, ResolvesEveryMetadataReference) {
  EXPECT_EQ(
      Rendered(
          R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"labels":{"custom-key":"lv"},)"
          R"("annotations":{"a.b/c[d]":"av"}},"v":"${trialParameters.n} ${trialParameters.s} ${trialParameters.k} )"
          R"(${trialParameters.v} ${trialParameters.l} ${trialParameters.a}"})",
          {{"n", "", "${trialSpec.Name}"},
           {"s", "", "${trialSpec.Namespace}"},
           {"k", "", "${trialSpec.Kind}"},
           {"v", "", "${trialSpec.APIVersion}"},
           {"l", "", "${trialSpec.Labels[custom-key]}"},
           {"a", "", "${trialSpec.Annotations[a.b/c[d]]}"}},
          {}),
      R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"labels":{"custom-key":"lv"},"annotations":)"
      R"({"a.b/c[d]":"av"},"name":"t-1","namespace":"ns"},"v":"t-1 ns Job batch/v1 lv av"})");
}

TEST(TrialTemplate, NamesAMetadataReferenceThatDoesNotExist) {
  EXPECT_THAT(Error(Render(R"({"a":"${trialParameters.l}"})", {{"l", "", "${trialSpec.Labels[x]}"}}, {})),
              AllOf(HasSubstr("${trialSpec.Labels[x]}"), HasSubstr("metadata.labels.x")));
  EXPECT_THAT(
      Error(Render(R"({"a":"${trialParameters.l}"})", {{"l", "", "${trialSpec.Annotations[y]}"}}, {})),
      HasSubstr("metadata.annotations.y"));
  EXPECT_THAT(Error(Render(R"({"a":"${trialParameters.l}"})", {{"l", "", "${trialSpec.Kind}"}}, {})),
              HasSubstr("no kind"));
  EXPECT_THAT(Error(Render(R"({"a":"${trialParameters.l}"})", {{"l", "", "${trialSpec.Uid}"}}, {})),
              AllOf(HasSubstr("${trialSpec.Uid}"), HasSubstr("APIVersion")));
}

TEST(TrialTemplate, NamesAReferenceWithoutAssignment) {
  EXPECT_THAT(Error(Render(R"({"a":"${trialParameters.x}"})", {{"x", "", "lr"}}, {})),
              AllOf(HasSubstr("'x'"), HasSubstr("'lr'")));
}

TEST(TrialTemplate, NamesAssignmentsThatNothingUses) {
  EXPECT_THAT(Error(Render(R"({"a":"${trialParameters.x}"})", {{"x", "", "lr"}},
                           {{"lr", "1"}, {"momentum", "2"}, {"layers", "3"}})),
              HasSubstr("'momentum', 'layers'"));
}

TEST(TrialTemplate, NamesAPlaceholderLeftOver) {
  EXPECT_THAT(Error(Render(R"({"a":"${trialParameters.unknown}"})", {}, {})),
              HasSubstr("${trialParameters.unknown}"));
  EXPECT_THAT(Error(Render("a: ${trialParameters.unknown}", {}, {})),
              HasSubstr("${trialParameters.unknown}"));
}

TEST(TrialTemplate, OverwritesNameAndNamespaceAndKeepsOtherMetadata) {
  EXPECT_EQ(Rendered(R"({"metadata":{"name":"x","labels":{"a":"b"}}})", {}, {}),
            R"({"metadata":{"name":"t-1","labels":{"a":"b"},"namespace":"ns"}})");
  EXPECT_EQ(Rendered(R"({"metadata":null})", {}, {}), "{" + std::string(kMeta) + "}");
  EXPECT_THAT(Error(Render(R"({"metadata":"x"})", {}, {})), HasSubstr("trialTemplate.metadata"));
}

TEST(TrialTemplate, TakesAPlaceholderWhereANumberIsExpected) {
  EXPECT_EQ(
      Rendered(R"({"n": ${trialParameters.x}, "t": "${trialParameters.x}"})", {{"x", "", "x"}}, {{"x", "3"}}),
      WithMeta(R"("n":3,"t":"3")"));
}

TEST(TrialTemplate, ReadsYamlTextsOfConfigMaps) {
  EXPECT_EQ(
      Rendered("apiVersion: batch/v1\nkind: Job\nspec:\n  backoffLimit: ${trialParameters.n}\n  args:\n"
               "    - \"--lr=${trialParameters.n}\"\n    - '1'\n    - 1.5\n    - yes\n    - true\n    - ~\n"
               "    - ${trialParameters.k}\n",
               {{"n", "", "x"}, {"k", "", "${trialSpec.Kind}"}}, {{"x", "3"}}),
      WithMeta(
          R"("apiVersion":"batch/v1","kind":"Job","spec":{"backoffLimit":3,"args":["--lr=3","1",1.5,"yes",)"
          R"(true,null,"Job"]})"));
}

TEST(TrialTemplate, SaysWhereYamlIsWrong) {
  EXPECT_THAT(Error(Render("a: 1\nb: [1\n", {}, {})),
              AllOf(HasSubstr("neither JSON nor YAML"), HasSubstr("line ")));
  EXPECT_THAT(Error(Render("a: 1\na: 2\n", {}, {})),
              AllOf(HasSubstr("line 2"), HasSubstr("'a' comes twice")));
  EXPECT_THAT(Error(Render("a: &x 1\nb: *x\n", {}, {})), HasSubstr("anchors"));
  EXPECT_THAT(Error(Render("", {}, {})), HasSubstr("empty"));
  EXPECT_THAT(Error(Render("just text", {}, {})), HasSubstr("must be a map"));
  EXPECT_THAT(Error(Render(std::string(5000, '['), {}, {})), HasSubstr("neither"));
}

TEST(TrialTemplate, RefusesAValueThatIsNotUtf8) {
  EXPECT_THAT(Error(Render(R"({"a":"${trialParameters.x}"})", {{"x", "", "x"}}, {{"x", "\xff\xfe"}})),
              HasSubstr("UTF-8"));
}

TEST(TrialTemplate, LeavesAnUnclosedPlaceholderAlone) {
  EXPECT_EQ(Rendered(R"({"a":"${trialParameters.x"})", {}, {}), WithMeta(R"("a":"${trialParameters.x")"));
}

}  // namespace
}  // namespace qalam::workload
