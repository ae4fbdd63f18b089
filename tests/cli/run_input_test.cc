#include "cli/run_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace qalam::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Setting = api::NameValue;

constexpr std::string_view kFile = R"(
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: tune}
spec:
  objective: {type: minimize, objectiveMetricName: loss}
  algorithm:
    algorithmName: tpe
    algorithmSettings: [{name: gamma, value: "0.2"}]
  maxTrialCount: 5
)";

absl::StatusOr<api::Experiment> Read(const QuickFormOptions& flags, std::string_view file = kFile) {
  std::istringstream input{std::string(file)};
  QALAM_ASSIGN_OR_RETURN(const RunInput read, FromFile("-", flags, input));
  return *read.experiment;
}

TEST(RunInput, FlagsOverrideTheFile) {
  QuickFormOptions flags;
  flags.name = "again";
  flags.max_trials = 9;
  flags.seed = 3;
  flags.settings = {"gamma=0.1"};
  const auto experiment = Read(flags);
  ASSERT_TRUE(experiment.ok()) << experiment.status();
  EXPECT_EQ(experiment->metadata.name, "again");
  EXPECT_EQ(experiment->spec.max_trial_count, 9);
  EXPECT_EQ(experiment->spec.algorithm->algorithm_name, "tpe");
  EXPECT_THAT(experiment->spec.algorithm->algorithm_settings,
              ElementsAre(Setting{"gamma", "0.1"}, Setting{"seed", "3"}));
}

TEST(RunInput, AnotherAlgorithmStartsWithoutTheSettingsOfTheFirst) {
  QuickFormOptions flags;
  flags.algorithm = "cmaes";
  flags.seed = 3;
  const auto experiment = Read(flags);
  ASSERT_TRUE(experiment.ok()) << experiment.status();
  EXPECT_EQ(experiment->spec.algorithm->algorithm_name, "cmaes");
  EXPECT_THAT(experiment->spec.algorithm->algorithm_settings, ElementsAre(Setting{"seed", "3"}));
  flags.algorithm = "tpe";
  EXPECT_THAT(Read(flags)->spec.algorithm->algorithm_settings,
              ElementsAre(Setting{"gamma", "0.2"}, Setting{"seed", "3"}));
}

TEST(RunInput, EarlyStoppingCanBeAddedAndChanged) {
  QuickFormOptions flags;
  flags.stop_settings = {"start_step=2"};
  EXPECT_THAT(Read(flags).status().message(), HasSubstr("name a rule with --stop"));
  const std::string with_rule =
      std::string(kFile) +
      "  earlyStopping:\n    algorithmName: medianstop\n"
      "    algorithmSettings: [{name: start_step, value: \"4\"}, {name: statistic, value: mean}]\n";
  EXPECT_THAT(Read(flags, with_rule)->spec.early_stopping->algorithm_settings,
              ElementsAre(Setting{"start_step", "2"}, Setting{"statistic", "mean"}));
  flags.stop = "patience";
  flags.stop_settings = {"patience=3"};
  for (const std::string_view file : {kFile, std::string_view(with_rule)}) {
    const auto experiment = Read(flags, file);
    ASSERT_TRUE(experiment.ok()) << experiment.status();
    EXPECT_EQ(experiment->spec.early_stopping->algorithm_name, "patience");
    EXPECT_THAT(experiment->spec.early_stopping->algorithm_settings, ElementsAre(Setting{"patience", "3"}));
  }
}

TEST(RunInput, ASettingWithoutAValueIsRefused) {
  QuickFormOptions flags;
  flags.settings = {"gamma"};
  EXPECT_THAT(Read(flags).status().message(), HasSubstr("--setting: \"gamma\" has no value"));
}

TEST(RunInput, FlagsOfTheFormWithoutAFileAreRefused) {
  QuickFormOptions flags;
  flags.parameters = {"x=0..1"};
  EXPECT_TRUE(absl::IsInvalidArgument(Read(flags).status()));
}

}  // namespace
}  // namespace qalam::cli
