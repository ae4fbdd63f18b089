#include "controller/trial_name.h"

#include <gtest/gtest.h>

namespace qalam::controller {
namespace {

api::Suggestion WithUid(const std::string& uid) {
  api::Suggestion suggestion;
  suggestion.metadata.name = "tune";
  suggestion.metadata.uid = uid;
  return suggestion;
}

TEST(TrialName, HasEightCharactersOfTheAlphabet) {
  const std::string name = TrialName(WithUid("u"), 0, {});
  ASSERT_EQ(name.size(), 13u);
  EXPECT_EQ(name.substr(0, 5), "tune-");
  EXPECT_EQ(name.find_first_not_of("bcdfghjklmnpqrstvwxz2456789", 5), std::string::npos);
}

TEST(TrialName, ComesBackTheSameAndDiffersByIndexAndUid) {
  std::set<std::string> names;
  for (int i = 0; i < 10'000; ++i) names.insert(TrialName(WithUid("u"), i, {}));
  EXPECT_EQ(names.size(), 10'000u);
  EXPECT_EQ(TrialName(WithUid("u"), 7, {}), TrialName(WithUid("u"), 7, {}));
  EXPECT_NE(TrialName(WithUid("u"), 7, {}), TrialName(WithUid("v"), 7, {}));
}

TEST(TrialName, AvoidsTakenNames) {
  const std::string first = TrialName(WithUid("u"), 0, {});
  EXPECT_NE(TrialName(WithUid("u"), 0, {first}), first);
}

}  // namespace
}  // namespace qalam::controller
