#include "cli/extension_flags.h"

#include <gmock/gmock.h>

#include "cli/first_trials_text.h"
#include "controller/vocabulary.h"

namespace qalam::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(EnqueuedPoints, ArePartedOutsideOfQuotes) {
  EXPECT_THAT(EnqueuedPoints(" a=1 ;\n; b=\"x;\\\"y\" c=2\nd=3"),
              ElementsAre("a=1", "b=\"x;\\\"y\" c=2", "d=3"));
  EXPECT_THAT(EnqueuedPoints(" ; "), IsEmpty());
}

TEST(AddExtensions, AddsWhatIsNotThere) {
  api::Experiment experiment;
  experiment.metadata.annotations = {{"qalam.dev/enqueue", "lr=0.1"}};
  AddExtensions({"lr=0.2,units=3", "lr=0.1"}, {"e1", "e2", "e1"}, experiment);
  EXPECT_THAT(experiment.metadata.annotations,
              ElementsAre(Pair("qalam.dev/enqueue", "lr=0.1; lr=0.2,units=3"),
                          Pair("qalam.dev/warm-start", "e1; e2")));
}

TEST(AddExtensions, KeepsWhatASettingSays) {
  api::Experiment experiment;
  experiment.spec.algorithm = api::AlgorithmSpec{"random", {{"qalam.dev/enqueue", "lr=0.1; lr=0.2"}}};
  AddExtensions({"lr=0.2"}, {}, experiment);
  EXPECT_THAT(experiment.metadata.annotations, IsEmpty());
  AddExtensions({"lr=0.3"}, {}, experiment);
  EXPECT_THAT(experiment.metadata.annotations,
              ElementsAre(Pair("qalam.dev/enqueue", "lr=0.1; lr=0.2; lr=0.3")));
}

TEST(AddExtensions, WithoutFlagsLeavesNoAnnotation) {
  api::Experiment experiment;
  AddExtensions({}, {}, experiment);
  EXPECT_THAT(experiment.metadata.annotations, IsEmpty());
}

TEST(MergeExtensions, KeepsThePlacesOfPointsAndReplacesTheRest) {
  api::Experiment existing;
  api::ObjectMeta wanted;
  existing.metadata.annotations = {
      {"qalam.dev/enqueue", "a=1; a=2"}, {"qalam.dev/end-when", "x"}, {"other", "1"}};
  wanted.annotations = {{"qalam.dev/enqueue", "a=2; a=3"}, {"qalam.dev/end-when", "y"}, {"other", "2"}};
  EXPECT_TRUE(MergeExtensions(wanted, existing));
  EXPECT_THAT(existing.metadata.annotations, ElementsAre(Pair("other", "1"), Pair("qalam.dev/end-when", "y"),
                                                         Pair("qalam.dev/enqueue", "a=1; a=2; a=3")));
  EXPECT_FALSE(MergeExtensions(wanted, existing));
}

TEST(MergeExtensions, NamesNoEarlierExperimentTwice) {
  api::Experiment existing;
  api::ObjectMeta wanted;
  existing.metadata.annotations = {{"qalam.dev/warm-start", "e1; e2"}};
  wanted.annotations = {{"qalam.dev/warm-start", "e1, e3"}};
  EXPECT_TRUE(MergeExtensions(wanted, existing));
  EXPECT_THAT(existing.metadata.annotations, ElementsAre(Pair("qalam.dev/warm-start", "e1; e2; e3")));
}

TEST(FirstTrialsTexts, SayHowManyPointsWereTriedAndWhatIsLearnedFrom) {
  api::Experiment experiment;
  EXPECT_THAT(FirstTrialsTexts(experiment, {}, nullptr), IsEmpty());
  experiment.metadata.annotations = {{"qalam.dev/enqueue", "a=1; a=2"}};
  auto trial = std::make_shared<api::Trial>();
  trial->metadata.labels = {{"qalam.dev/enqueued", "0"}};
  api::Suggestion suggestion;
  SetCondition(suggestion.status.conditions, controller::kWarmStarted, true, "r",
               "e1: 3 of 3 finished trials", absl::UnixEpoch());
  EXPECT_THAT(FirstTrialsTexts(experiment, {trial}, &suggestion),
              ElementsAre(Pair("Enqueued", "1 of 2 points tried: a=1; a=2"),
                          Pair("Learns from", "e1: 3 of 3 finished trials")));
}

}  // namespace
}  // namespace qalam::cli
