#include "controller/trial_index.h"

#include <gtest/gtest.h>

#include "controller/vocabulary.h"
#include "proto/api.pb.h"

namespace qalam::controller {
namespace {

namespace wire = ::api::v1::beta1;

const api::ObjectKey kExperiment{"default", "tune"};

TrialPtr MakeTrial(int index, std::string_view condition = "") {
  auto trial = std::make_shared<api::Trial>();
  trial->metadata.name = "t" + std::to_string(index);
  trial->metadata.namespace_name = "default";
  trial->metadata.labels.emplace(kExperimentLabel, "tune");
  trial->metadata.annotations.emplace(kTrialIndexAnnotation, std::to_string(index));
  if (!condition.empty()) {
    SetCondition(trial->status.conditions, condition, true, "r", "m", absl::FromUnixSeconds(1'800'000'000));
  }
  return trial;
}

// "t0=CREATED t1=RUNNING", as it goes over the wire.
std::string WireText(const TrialIndex& index) {
  wire::GetSuggestionsRequest request;
  std::string bytes;
  index.AppendWireTrials(kExperiment, bytes);
  EXPECT_TRUE(request.ParseFromString(bytes));
  std::string text;
  for (const auto& trial : request.trials()) {
    text += (text.empty() ? "" : " ") + trial.name() + "=" +
            wire::TrialStatus::TrialConditionType_Name(trial.status().condition());
  }
  return text;
}

TEST(TrialIndex, KeepsTheOrderOfCreationWhateverTheOrderOfArrival) {
  TrialIndex index;
  for (const int i : {2, 0, 10, 1}) index.Put(MakeTrial(i));
  EXPECT_EQ(WireText(index), "t0=CREATED t1=CREATED t2=CREATED t10=CREATED");
  ASSERT_EQ(index.Of(kExperiment).size(), 4u);
  EXPECT_EQ(index.Of(kExperiment)[3].trial->metadata.name, "t10");
}

TEST(TrialIndex, ChangesAndNewTrialsKeepTheirPlaces) {
  TrialIndex index;
  for (int i = 0; i < 3; ++i) index.Put(MakeTrial(i));
  WireText(index);
  index.Put(MakeTrial(1, kRunning));
  index.Put(MakeTrial(3));
  EXPECT_EQ(WireText(index), "t0=CREATED t1=RUNNING t2=CREATED t3=CREATED");
  index.Put(MakeTrial(1, kSucceeded));
  EXPECT_EQ(WireText(index), "t0=CREATED t1=SUCCEEDED t2=CREATED t3=CREATED");
}

TEST(TrialIndex, LeavesOutWhatIsNotSentAndTakesItInWhenItIs) {
  TrialIndex index;
  for (int i = 0; i < 3; ++i) index.Put(MakeTrial(i));
  WireText(index);
  index.Put(MakeTrial(1, kMetricsUnavailable));
  EXPECT_EQ(WireText(index), "t0=CREATED t2=CREATED");
  index.Put(MakeTrial(3));
  index.Put(MakeTrial(1));
  EXPECT_EQ(WireText(index), "t0=CREATED t1=CREATED t2=CREATED t3=CREATED");
}

TEST(TrialIndex, ForgetsTrialsThatAreGone) {
  TrialIndex index;
  for (int i = 0; i < 3; ++i) index.Put(MakeTrial(i));
  WireText(index);
  index.Remove(*MakeTrial(0));
  EXPECT_EQ(WireText(index), "t1=CREATED t2=CREATED");
  index.Remove(*MakeTrial(0));
  index.Remove(*MakeTrial(1));
  index.Remove(*MakeTrial(2));
  EXPECT_EQ(WireText(index), "");
  EXPECT_TRUE(index.Of(kExperiment).empty());
}

TEST(TrialIndex, DoesNotMixExperimentsOfOneNameInTwoNamespaces) {
  TrialIndex index;
  index.Put(MakeTrial(0));
  auto other = std::make_shared<api::Trial>(*MakeTrial(1));
  other->metadata.namespace_name = "elsewhere";
  index.Put(other);
  EXPECT_EQ(WireText(index), "t0=CREATED");
}

}  // namespace
}  // namespace qalam::controller
