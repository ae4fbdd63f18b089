#include "api/condition.h"

#include <gtest/gtest.h>

namespace qalam::api {
namespace {

absl::Time At(int seconds) { return absl::FromUnixSeconds(seconds); }

TEST(SetCondition, AppendsSoThatTheLastIsTheState) {
  Conditions c;
  EXPECT_TRUE(SetCondition(c, "Created", true, "r1", "m1", At(1)));
  EXPECT_TRUE(SetCondition(c, "Running", true, "r2", "m2", At(2)));
  EXPECT_TRUE(SetCondition(c, "Created", true, "r3", "m3", At(3)));
  ASSERT_EQ(c.size(), 2u);
  EXPECT_EQ(c[0].type, "Running");
  EXPECT_EQ(c[1], (Condition{"Created", "True", "r3", "m3", At(3), At(1)}));
}

TEST(SetCondition, ANewMessageAloneIsIgnored) {
  Conditions c;
  SetCondition(c, "Running", true, "r", "old", At(1));
  EXPECT_FALSE(SetCondition(c, "Running", true, "r", "new", At(2)));
  EXPECT_EQ(c, (Conditions{{"Running", "True", "r", "old", At(1), At(1)}}));
}

TEST(SetCondition, MovesTheTransitionTimeOnlyWithTheStatus) {
  Conditions c;
  SetCondition(c, "Running", true, "a", "", At(1));
  SetCondition(c, "Running", true, "b", "", At(2));
  EXPECT_EQ(c[0].last_transition_time, At(1));
  EXPECT_EQ(c[0].last_update_time, At(2));
  SetCondition(c, "Running", false, "b", "", At(3));
  EXPECT_EQ(c[0].last_transition_time, At(3));
}

TEST(SetCondition, KeepsWholeSeconds) {
  Conditions c;
  SetCondition(c, "Running", true, "a", "", At(1) + absl::Milliseconds(999));
  EXPECT_EQ(c[0].last_update_time, At(1));
}

TEST(ClearCondition, KeepsReasonAndMessageOfTheFormerTrue) {
  Conditions c;
  SetCondition(c, "Created", true, "ExperimentCreated", "", At(1));
  SetCondition(c, "Running", true, "ExperimentRunning", "Experiment is running", At(1));
  EXPECT_TRUE(ClearCondition(c, "Running", At(5)));
  EXPECT_EQ(c[1],
            (Condition{"Running", "False", "ExperimentRunning", "Experiment is running", At(5), At(5)}));
  EXPECT_FALSE(ClearCondition(c, "Running", At(6)));
  EXPECT_FALSE(ClearCondition(c, "Restarting", At(6)));
  EXPECT_EQ(c.size(), 2u);
}

TEST(FindCondition, TellsAbsentFromFalse) {
  Conditions c;
  SetCondition(c, "Running", false, "r", "", At(1));
  EXPECT_FALSE(IsTrue(c, "Running"));
  ASSERT_NE(FindCondition(c, "Running"), nullptr);
  EXPECT_EQ(FindCondition(c, "Failed"), nullptr);
  EXPECT_FALSE(IsTrue(c, "Failed"));
  SetCondition(c, "Running", true, "r", "", At(2));
  EXPECT_TRUE(IsTrue(c, "Running"));
}

TEST(RemoveCondition, RemovesThatTypeOnly) {
  Conditions c;
  SetCondition(c, "Restarting", true, "r", "", At(1));
  SetCondition(c, "Running", true, "r", "", At(1));
  EXPECT_TRUE(RemoveCondition(c, "Restarting"));
  EXPECT_FALSE(RemoveCondition(c, "Restarting"));
  ASSERT_EQ(c.size(), 1u);
  EXPECT_EQ(c[0].type, "Running");
}

}  // namespace
}  // namespace qalam::api
