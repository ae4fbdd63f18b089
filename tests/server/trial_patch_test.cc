#include "server/trial_patch.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace qalam::server {
namespace {

using nlohmann::json;

const absl::Time kNow = absl::FromUnixSeconds(1'767'261'600);  // 2026-01-01T10:00:00Z

std::optional<std::string> PatchOf(const json& trial) {
  const auto patch = EarlyStoppedPatch(trial.dump(), kNow);
  EXPECT_TRUE(patch.ok()) << patch.status();
  return patch.value_or(std::nullopt);
}

TEST(EarlyStoppedPatch, AppendsTheConditionToThoseThereAre) {
  const json running = {
      {"type", "Running"}, {"status", "True"}, {"reason", "TrialRunning"}, {"odd", {1, nullptr}}};
  const auto patch = PatchOf({{"metadata", {{"resourceVersion", "7"}, {"name", "t"}}},
                              {"status", {{"conditions", {running}}, {"startTime", "x"}}},
                              {"spec", {{"metricsCollector", {}}}}});
  const json expected = {{"metadata", {{"resourceVersion", "7"}}},
                         {"status",
                          {{"conditions",
                            {running,
                             {{"type", "EarlyStopped"},
                              {"status", "True"},
                              {"reason", "TrialEarlyStopped"},
                              {"message", "Trial is early stopped"},
                              {"lastUpdateTime", "2026-01-01T10:00:00Z"},
                              {"lastTransitionTime", "2026-01-01T10:00:00Z"}}}}}}};
  ASSERT_TRUE(patch);
  EXPECT_EQ(json::parse(*patch), expected);
}

TEST(EarlyStoppedPatch, BeginsTheListWhereThereIsNone) {
  for (const json& status : {json(), json::object(), json{{"conditions", nullptr}}}) {
    const auto patch = PatchOf({{"metadata", {{"resourceVersion", "7"}}}, {"status", status}});
    ASSERT_TRUE(patch) << status;
    EXPECT_EQ(json::parse(*patch)["status"]["conditions"].size(), 1u);
  }
}

TEST(EarlyStoppedPatch, LeavesAStoppedTrialAlone) {
  EXPECT_FALSE(PatchOf({{"metadata", {{"resourceVersion", "7"}}},
                        {"status", {{"conditions", {{{"type", "EarlyStopped"}, {"status", "True"}}}}}}}));
}

TEST(EarlyStoppedPatch, TurnsAConditionThatWasTakenBack) {
  const auto patch =
      PatchOf({{"metadata", {{"resourceVersion", "7"}}},
               {"status",
                {{"conditions", {{{"type", "EarlyStopped"}, {"status", "False"}}, {{"type", "Running"}}}}}}});
  ASSERT_TRUE(patch);
  const json conditions = json::parse(*patch)["status"]["conditions"];
  ASSERT_EQ(conditions.size(), 2u);
  EXPECT_EQ(conditions[0]["type"], "Running");
  EXPECT_EQ(conditions[1]["status"], "True");
}

TEST(EarlyStoppedPatch, RefusesWhatIsNoTrial) {
  for (const std::string& text :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"), std::string("\"x\""),
        std::string(R"({"metadata": 3})"), std::string(R"({"metadata": {"resourceVersion": 7}})"),
        std::string(R"({"metadata": {"resourceVersion": "7"}, "status": {"conditions": "none"}})")}) {
    EXPECT_EQ(EarlyStoppedPatch(text, kNow).status().code(), absl::StatusCode::kInternal) << text;
  }
}

TEST(EarlyStoppedPatch, DoesNotFollowNestingWithoutEnd) {
  const std::string deep = R"({"metadata": {"resourceVersion": "7"}, "status": {"conditions": )" +
                           std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}}";
  EXPECT_TRUE(EarlyStoppedPatch(deep, kNow).ok());
}

TEST(IsObjectName, TakesWhatKubernetesTakes) {
  for (const char* name : {"a", "e1-4xkq7b2z", "a.b-c", "0"}) EXPECT_TRUE(IsObjectName(name)) << name;
  for (const char* name : {"", "-a", "a-", ".", "..", "a/b", "A", "a b", "a%2f", "\xC3\xA9"}) {
    EXPECT_FALSE(IsObjectName(name)) << name;
  }
  EXPECT_TRUE(IsObjectName(std::string(253, 'a')));
  EXPECT_FALSE(IsObjectName(std::string(254, 'a')));
}

}  // namespace
}  // namespace qalam::server
