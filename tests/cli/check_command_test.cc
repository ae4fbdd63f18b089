#include "cli/check_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "absl/strings/cord.h"
#include "cli/init_template.h"
#include "fixtures.h"

namespace qalam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string GoodExperiment() {
  std::string text(kInitExperiment);
  return text.replace(text.find(kInitNamePlaceholder), kInitNamePlaceholder.size(), "demo");
}

CheckContext Context() {
  CheckContext context;
  context.validation.algorithms = {"auto"};
  return context;
}

int Check(const std::string& text, TestStreams& test, const CheckContext& context = Context()) {
  std::istringstream input(text);
  return RunCheck({.files = {"-"}}, context, input, test.streams);
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(Check, ApprovesTheExampleThatInitWrites) {
  TestStreams test;
  EXPECT_EQ(Check(GoodExperiment(), test), 0) << test.err.str();
  EXPECT_EQ(test.out.str(), "(standard input): Experiment demo (4 parameters, auto, 24 trials) is valid\n");
  EXPECT_EQ(test.err.str(), "");
}

TEST(Check, ReportsAllErrorsWithTheirLinesInFileOrder) {
  std::string text = Replace(GoodExperiment(), "maxTrialCount: 24", "maxTrialCount: 0");
  text = Replace(text, "type: maximize", "type: maximize\n    color: red");
  TestStreams test;
  EXPECT_EQ(Check(text, test), 2);
  EXPECT_EQ(test.out.str(), "");
  EXPECT_THAT(test.err.str(), AllOf(HasSubstr("spec.objective.color"), HasSubstr("(standard input):9")));
}

TEST(Check, AsksTheAlgorithmAboutItsSettings) {
  CheckContext context = Context();
  context.check_algorithm = [](const api::Experiment&) {
    return absl::InvalidArgumentError("seed must be small");
  };
  TestStreams test;
  EXPECT_EQ(Check(GoodExperiment(), test, context), 2);
  EXPECT_THAT(test.err.str(), HasSubstr("spec.algorithm: Invalid value: \"auto\": seed must be small"));
}

TEST(Check, NamesTheLineOfAnExtensionThatIsRefused) {
  CheckContext context = Context();
  context.check_algorithm = [](const api::Experiment&) {
    absl::Status refusal = absl::InvalidArgumentError("qalam.dev/constraints: entry 'a <': it has no end");
    refusal.SetPayload("qalam.dev/field", absl::Cord("metadata.annotations"));
    return refusal;
  };
  const std::string text =
      Replace(GoodExperiment(), "metadata:\n", "metadata:\n  annotations:\n    qalam.dev/constraints: a <\n");
  TestStreams test;
  EXPECT_EQ(Check(text, test, context), 2);
  EXPECT_THAT(test.err.str(),
              AllOf(HasSubstr("metadata.annotations: Invalid value: \"qalam.dev/constraints\": "),
                    HasSubstr("entry 'a <': it has no end")));
}

TEST(Check, FindsConfigMapsOfTheSameFile) {
  std::string text = GoodExperiment();
  text.resize(text.find("    trialSpec:"));
  text +=
      "    configMap: {configMapName: templates, configMapNamespace: default, templatePath: a.yaml}\n"
      "    successCondition: x\n    failureCondition: y\n"
      "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: templates, namespace: default}\n"
      "data:\n  a.yaml: '{\"apiVersion\":\"qalam.dev/v1\",\"kind\":\"Process\",\"spec\":{\"command\":[\"x\","
      "\"${trialParameters.lr}\",\"${trialParameters.hidden}\",\"${trialParameters.decay}\",\"${"
      "trialParameters.schedule}\"]}}'\n";
  TestStreams test;
  EXPECT_EQ(Check(text, test), 0) << test.err.str();
  EXPECT_THAT(test.out.str(), HasSubstr("ConfigMap templates is valid"));
}

TEST(Check, AnEmptyFileIsAnErrorAndAMissingOneIsNotFound) {
  TestStreams test;
  EXPECT_EQ(Check("", test), 2);
  std::istringstream none;
  EXPECT_EQ(RunCheck({.files = {"/no/such/file.yaml"}}, Context(), none, test.streams), 3);
  EXPECT_THAT(test.err.str(), HasSubstr("cannot read /no/such/file.yaml: No such file or directory"));
  EXPECT_EQ(RunCheck({.files = {testing::TempDir()}}, Context(), none, test.streams), 5);
  EXPECT_EQ(RunCheck({}, Context(), none, test.streams), 2);
}

TEST(Check, QuietSaysNothingAboutGoodFiles) {
  TestStreams test;
  std::istringstream input(GoodExperiment());
  EXPECT_EQ(RunCheck({.files = {"-"}, .quiet = true}, Context(), input, test.streams), 0);
  EXPECT_EQ(test.out.str(), "");
}

}  // namespace
}  // namespace qalam::cli
