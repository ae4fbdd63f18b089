#include "apiserver/core_projections.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/core.h"
#include "api/plain.h"
#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

TEST(PrepareSecret, MovesPlainTextsIntoData) {
  json secret = {{"metadata", {{"name", "hub"}}},
                 {"data", {{"old", "aHVzaA=="}, {"both", "eA=="}}},
                 {"stringData", {{"both", "new"}, {"empty", ""}}}};
  ASSERT_TRUE(PrepareSecret(secret).ok());
  EXPECT_EQ(secret["type"], "Opaque");
  EXPECT_EQ(secret["data"], json({{"old", "aHVzaA=="}, {"both", "bmV3"}, {"empty", ""}}));
  EXPECT_FALSE(secret.contains("stringData"));
  json bare = {{"type", "kubernetes.io/tls"}};
  ASSERT_TRUE(PrepareSecret(bare).ok());
  EXPECT_EQ(bare, json({{"type", "kubernetes.io/tls"}}));
}

TEST(PrepareSecret, RefusesWhatCannotBeWithoutShowingIt) {
  for (const json& secret : {json{{"data", {{"k", "*hush*"}}}}, json{{"data", {{"k", 7}}}}, json{{"data", 7}},
                             json{{"stringData", {{"k", {{"hush", 1}}}}}},
                             json{{"stringData", {{"a/b", "hush"}}}}, json{{"data", {{"..", ""}}}}}) {
    json copy = secret;
    const absl::Status status = PrepareSecret(copy);
    EXPECT_EQ(CodeOf(status), 422) << secret;
    EXPECT_EQ(StatusJson(status).find("hush"), std::string::npos) << StatusJson(status);
  }
}

TEST(Events, AreSelectedByWhatTheyAreAbout) {
  api::Event event;
  event.spec = {.involved_object = {"v1", "Trial", "lab", "t-1", "u"}, .type = "Warning", .reason = "Why"};
  EXPECT_EQ(Events().FieldOf(event, "involvedObject.name"), "t-1");
  EXPECT_EQ(Events().FieldOf(event, "involvedObject.uid"), "u");
  EXPECT_EQ(Events().FieldOf(event, "type"), "Warning");
  EXPECT_EQ(Events().FieldOf(event, "reason"), "Why");
  EXPECT_FALSE(Events().FieldOf(event, "message").has_value());
  EXPECT_EQ(EventObject(event), "trial/t-1");
}

TEST(Namespaces, AreActiveUntilTheyAreDeleted) {
  api::Namespace lab;
  lab.metadata.name = "lab";
  EXPECT_EQ(json::parse(Namespaces().JsonOf(lab))["status"]["phase"], "Active");
  EXPECT_EQ(Namespaces().LabelsOf(lab).at("kubernetes.io/metadata.name"), "lab");
  lab.metadata.deletion_timestamp = absl::UnixEpoch();
  EXPECT_EQ(NamespacePhase(lab), "Terminating");
  for (const char* stored : {R"({"spec":7})", R"({"spec":["x"]})", R"({"spec":"x"})"}) {
    lab.spec.text = stored;
    EXPECT_EQ(json::parse(Namespaces().JsonOf(lab))["spec"], json::parse(R"({"finalizers":["kubernetes"]})"));
  }
}

TEST(Claims, AreBoundWithWhatTheyAskFor) {
  api::PersistentVolumeClaim claim;
  claim.metadata.name = "c";
  claim.spec.text =
      R"({"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"10Gi"}}}})";
  const json status = json::parse(PersistentVolumeClaims().JsonOf(claim))["status"];
  EXPECT_EQ(status["phase"], "Bound");
  EXPECT_EQ(status["capacity"]["storage"], "10Gi");
}

}  // namespace
}  // namespace qalam::apiserver
