#include "cli/spec_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace qalam::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(SpecDifferences, OfEqualSpecsAreNone) {
  api::Experiment other = MakeExperiment();
  other.status.trials = 7;
  other.metadata.labels["x"] = "y";
  EXPECT_THAT(SpecDifferences(MakeExperiment(), other), IsEmpty());
}

TEST(SpecDifferences, NameFieldsAndBothValues) {
  api::Experiment other = MakeExperiment();
  other.spec.max_trial_count = 80;
  other.spec.max_failed_trial_count = 3;
  other.spec.parameters[0].feasible_space.max = "1";
  other.spec.objective->goal = 0.5;
  EXPECT_THAT(SpecDifferences(MakeExperiment(), other),
              UnorderedElementsAre("spec.maxTrialCount: 50 -> 80", "spec.maxFailedTrialCount: (none) -> 3",
                                   "spec.parameters[lr].feasibleSpace.max: \"0.1\" -> \"1\"",
                                   "spec.objective.goal: (none) -> 0.5"));
}

TEST(SpecDifferences, FindListElementsByName) {
  api::Experiment other = MakeExperiment();
  other.spec.parameters.erase(other.spec.parameters.begin());
  other.spec.parameters[1].feasible_space.list = {"adam", "rmsprop"};
  EXPECT_THAT(SpecDifferences(MakeExperiment(), other),
              ElementsAre(testing::StartsWith("spec.parameters[lr]: {"),
                          "spec.parameters[opt].feasibleSpace.list[1]: \"sgd\" -> \"rmsprop\""));
}

TEST(SpecDifferences, SayWhenOnlyTheOrderChanged) {
  api::Experiment other = MakeExperiment();
  std::swap(other.spec.parameters[0], other.spec.parameters[1]);
  EXPECT_THAT(SpecDifferences(MakeExperiment(), other),
              ElementsAre("spec.parameters: the same elements in another order"));
}

TEST(SpecDifferences, LookIntoTheTrialTemplate) {
  api::Experiment other = MakeExperiment();
  std::string& text = other.spec.trial_template->trial_spec.text;
  text.replace(text.find("train.py"), 8, "other.py");
  EXPECT_THAT(SpecDifferences(MakeExperiment(), other),
              ElementsAre("spec.trialTemplate.trialSpec.spec.command[1]: \"train.py\" -> \"other.py\""));
}

}  // namespace
}  // namespace qalam::cli
