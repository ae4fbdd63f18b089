#include "apiserver/managed_fields.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "apiserver/failure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

// What Kubernetes' own field manager (k8s.io/apimachinery 0.34.1, pkg/util/managedfields) made of these steps, with the schema of Katib's
// custom resources for kubeflow.org/v1beta1 and that of ConfigMap for v1. A time is "T" or not there.
const json& Recorded() {
  static const json kRecorded = [] {
    std::ifstream file(QALAM_APISERVER_DATA "/field_managers.json");
    return json::parse(file);
  }();
  return kRecorded;
}

std::vector<std::string> Causes(const absl::Status& failure) {
  std::vector<std::string> causes;
  for (const json& cause : json::parse(StatusJson(failure))["details"].value("causes", json::array())) {
    causes.push_back(cause["reason"].get<std::string>() + "|" + cause["message"].get<std::string>() + "|" +
                     cause["field"].get<std::string>());
  }
  return causes;
}

// The entries without their times, and the object without them.
json TakeMasked(json& object) {
  json entries = json::array();
  const auto found = object["metadata"].find("managedFields");
  if (found == object["metadata"].end()) return entries;
  entries = std::move(*found);
  object["metadata"].erase(found);
  for (json& entry : entries) {
    if (entry.contains("time")) entry["time"] = "T";
  }
  return entries;
}

class FieldManager : public testing::TestWithParam<int> {};

TEST_P(FieldManager, DoesWhatKubernetesDoes) {
  const json& scenario = Recorded().at(GetParam());
  SCOPED_TRACE(scenario["name"].get<std::string>());
  json live;
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);  // the recorder took less than a second
  for (const json& step : scenario["steps"]) {
    SCOPED_TRACE(step.dump());
    json object = step["object"];
    const FieldWriter writer{step["manager"], object["apiVersion"], step.value("subresource", ""), now};
    const json* before = live.is_null() ? nullptr : &live;
    absl::StatusOr<json> result = step["op"] == "apply"
                                      ? Apply(before, object, writer, step.value("force", false))
                                      : absl::StatusOr<json>(WithManagedFields(before, object, writer));
    if (!step.contains("result") && !step.contains("message")) {
      live = *result;
      continue;
    }
    EXPECT_EQ(result.ok(), step.contains("result"));
    if (step.contains("causes")) {
      EXPECT_EQ(CodeOf(result.status()), 409);
      EXPECT_EQ(std::string(MessageOf(result.status())), step["message"].get<std::string>());
      EXPECT_EQ(json(Causes(result.status())), step["causes"]);
    } else if (step.contains("message")) {
      EXPECT_EQ(CodeOf(result.status()), 400);
    }
    if (!result.ok()) continue;
    live = *result;
    json shown = live, expected = step["result"];
    expected["metadata"].erase("uid");  // the recorder's
    EXPECT_EQ(TakeMasked(shown), step["managedFields"]);
    EXPECT_EQ(shown, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Recorded, FieldManager, testing::Range(0, 39));

TEST(FieldManagerRecord, IsTestedWhole) { EXPECT_EQ(Recorded().size(), 39u); }

constexpr const char* kVersion = "kubeflow.org/v1beta1";

json Experiment(json spec) {
  return {{"apiVersion", kVersion},
          {"kind", "Experiment"},
          {"metadata", {{"name", "x"}}},
          {"spec", std::move(spec)}};
}

FieldWriter Writer(std::string manager, int seconds = 0, std::string subresource = "") {
  return {std::move(manager), kVersion, std::move(subresource),
          absl::FromUnixSeconds(1'700'000'000 + seconds)};
}

TEST(Apply, KeepsTheTimeWhenNothingChanges) {
  const auto first = Apply(nullptr, Experiment({{"n", 1}}), Writer("a"), false);
  ASSERT_TRUE(first.ok());
  const auto again = Apply(&*first, Experiment({{"n", 1}}), Writer("a", 60), false);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *first);
  const auto other = Apply(&*first, Experiment({{"n", 2}}), Writer("a", 60), false);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ((*other)["metadata"]["managedFields"][0]["time"], "2023-11-14T22:14:20Z");
}

TEST(Apply, LeavesTheStatusToItsSubresource) {
  json live = Experiment({{"n", 1}});
  live["status"]["trials"] = 3;
  json applied = Experiment({{"n", 1}});
  applied["status"]["trials"] = 9;
  const auto result = Apply(&live, applied, Writer("a"), false);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ((*result)["status"]["trials"], 3);
  applied["spec"]["n"] = 2;
  const auto status = Apply(&live, applied, Writer("a", 0, "status"), true);
  ASSERT_TRUE(status.ok());
  EXPECT_EQ((*status)["status"]["trials"], 9);
  EXPECT_EQ((*status)["spec"]["n"], 1);
}

TEST(Apply, RefusesWhatIsNoObject) {
  for (const char* text : {"null", "[]", "{}", R"({"metadata":[]})"}) {
    EXPECT_EQ(CodeOf(Apply(nullptr, json::parse(text), Writer("a"), false).status()), 400) << text;
  }
}

TEST(ManagedFields, AreNotKeptForObjectsThatNobodyKeptThemFor) {
  const json live = Experiment({{"n", 1}});
  EXPECT_FALSE(
      WithManagedFields(&live, Experiment({{"n", 2}}), Writer("u"))["metadata"].contains("managedFields"));
}

// Nobody's stack may depend on texts inside of a document.
TEST(ManagedFields, AreNotLedDeepByTexts) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  json written = Experiment({{"n", 1}});
  json entry = {{"manager", "m"},
                {"operation", "Update"},
                {"apiVersion", "kubeflow.org/v1beta1"},
                {"fieldsType", "FieldsV1"}};
  entry["fieldsV1"]["v:" + deep] = json::object();
  written["metadata"]["managedFields"].push_back(std::move(entry));
  const json created = WithManagedFields(nullptr, written, Writer("u"));
  ASSERT_EQ(created["metadata"]["managedFields"].size(), 1u);
  EXPECT_EQ(created["metadata"]["managedFields"][0]["manager"], "u");

  json live = Experiment({{"n", 1}});
  std::string last = "1";
  for (int i = 0; i < 1'000; ++i) last = R"({"a":)" + last + "}";
  live["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = last;
  live = WithManagedFields(nullptr, live, Writer("u"));
  EXPECT_EQ(CodeOf(Apply(&live, Experiment({{"n", 2}}), Writer("kubectl"), false).status()), 409);
}

}  // namespace
}  // namespace qalam::apiserver
