#include <gmock/gmock.h>

#include "api/trial.h"
#include "tests/apiserver/api_world.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class ChangeTest : public ApiWorld {
 protected:
  ChangeTest() {
    tune_ = Create("tune").body;
    EXPECT_EQ(Call("POST", kConfigMaps, ConfigMap("map").dump()).code, 201);
  }

  Reply Put(const std::string& path, const json& body) { return Call("PUT", path, body.dump()); }
  json Get(const std::string& path) { return Call("GET", path).body; }

  json tune_;
};

TEST_F(ChangeTest, AnUpdateReplacesTheSpecAndCountsGenerations) {
  tune_["spec"]["parallelTrialCount"] = 5;
  tune_["status"] = {{"trials", 7}};
  const Reply reply = Put(Path("tune"), tune_);
  ASSERT_EQ(reply.code, 200) << reply.response.body;
  EXPECT_EQ(reply.body["spec"]["parallelTrialCount"], 5);
  EXPECT_EQ(reply.body["metadata"]["generation"], 2);
  EXPECT_FALSE(reply.body.contains("status"));
  EXPECT_NE(reply.version(), tune_["metadata"]["resourceVersion"]);
}

TEST_F(ChangeTest, APatchMustLeaveAnObject) {
  for (const char* value : {"[]", "1", "null", R"("text")"}) {
    const std::string patch = R"([{"op":"replace","path":"","value":)" + std::string(value) + "}]";
    for (const std::string& path : {Path("tune"), MapPath("map")})
      EXPECT_EQ(Patch(path, "application/json-patch+json", patch).code, 400) << path << patch;
  }
}

TEST_F(ChangeTest, LabelsDoNotCountAsAGeneration) {
  tune_["metadata"]["labels"]["a"] = "b";
  EXPECT_EQ(Put(Path("tune"), tune_).body["metadata"]["generation"], 1);
}

TEST_F(ChangeTest, WhatChangesNothingKeepsTheVersion) {
  const std::string version = tune_["metadata"]["resourceVersion"];
  now_ += absl::Hours(1);
  EXPECT_EQ(Put(Path("tune"), tune_).version(), version);
  json bare = tune_;
  bare["metadata"].erase("managedFields");
  bare["metadata"]["generation"] = 77;
  EXPECT_EQ(Put(Path("tune"), bare).version(), version);
  EXPECT_EQ(Merge(Path("tune"), "{}").version(), version);
  EXPECT_EQ(Merge(Path("tune"), R"({"spec":{"maxTrialCount":10}})").version(), version);
  EXPECT_EQ(Merge(Path("tune") + "/status", R"({"status":null})").version(), version);
  const std::string name_space = Get("/api/v1/namespaces/team")["metadata"]["resourceVersion"];
  EXPECT_EQ(Merge("/api/v1/namespaces/team", "{}").version(), name_space);
}

TEST_F(ChangeTest, KeysInAnotherOrderAreNoChange) {
  const std::string target = Path("tune");
  std::string body = Call("GET", target).response.body;
  const std::string image = R"("image":"none",)", name = R"("name":"main")";
  const std::size_t at = body.find(image);
  ASSERT_NE(at, std::string::npos);
  body.erase(at, image.size());
  body.replace(body.find(name, at), name.size(), name + R"(,"image":"none")");
  ASSERT_EQ(json::parse(body), Get(target));
  EXPECT_EQ(Call("PUT", target, body).version(), tune_["metadata"]["resourceVersion"]);
}

TEST_F(ChangeTest, AnUpdateNeedsTheVersionItChanges) {
  json blind = tune_;
  blind["metadata"].erase("resourceVersion");
  Reply reply = Put(Path("tune"), blind);
  EXPECT_EQ(reply.code, 422);
  EXPECT_THAT(reply.message(),
              HasSubstr("metadata.resourceVersion: Invalid value: 0: must be specified for an update"));
  EXPECT_THAT(reply.Causes(), ElementsAre("metadata.resourceVersion FieldValueInvalid"));
  json map = Get(MapPath("map"));
  map["metadata"].erase("resourceVersion");
  map["data"]["a"] = "2";
  EXPECT_EQ(Put(MapPath("map"), map).code, 200);

  ASSERT_EQ(Merge(Path("tune"), R"({"metadata":{"labels":{"a":"b"}}})").code, 200);
  reply = Put(Path("tune"), tune_);
  EXPECT_EQ(reply.code, 409);
  EXPECT_EQ(reply.reason(), "Conflict");
  EXPECT_EQ(reply.message(),
            "Operation cannot be fulfilled on experiments.kubeflow.org \"tune\": the object has been "
            "modified; please "
            "apply your changes to the latest version and try again");
}

TEST_F(ChangeTest, AnUpdateIsForTheObjectOfTheUrl) {
  json other = tune_;
  other["metadata"]["name"] = "other";
  EXPECT_EQ(Put(Path("tune"), other).code, 400);
  other["metadata"].erase("name");
  EXPECT_THAT(Put(Path("tune"), other).message(), HasSubstr("name must be provided"));
  other = tune_;
  other["metadata"]["uid"] = "00000000-0000-4000-8000-000000000000";
  EXPECT_EQ(Put(Path("tune"), other).code, 409);
  other["metadata"]["name"] = "gone";
  EXPECT_EQ(Put(Path("gone"), other).code, 404);
}

TEST_F(ChangeTest, KatibsRulesOfUpdatesHold) {
  json other = tune_;
  other["spec"]["objective"]["objectiveMetricName"] = "accuracy";
  const Reply reply = Put(Path("tune"), other);
  EXPECT_EQ(reply.code, 400);
  EXPECT_THAT(reply.message(),
              AllOf(HasSubstr("validator.experiment.katib.kubeflow.org"), HasSubstr("spec: Forbidden")));
}

TEST_F(ChangeTest, AMergePatchChangesAndRemoves) {
  ASSERT_EQ(
      Merge(Path("tune"), R"({"metadata":{"labels":{"a":"b","c":"d"}},"spec":{"maxTrialCount":20}})").code,
      200);
  const Reply reply = Merge(Path("tune"), R"({"metadata":{"labels":{"a":null}}})");
  EXPECT_EQ(reply.body["metadata"]["labels"], json({{"c", "d"}}));
  EXPECT_EQ(reply.body["metadata"]["generation"], 2);
  EXPECT_EQ(Merge(Path("tune"), "[1]").code, 400);
  EXPECT_EQ(Merge(Path("none"), "{}").code, 404);
  EXPECT_EQ(Merge(Path("tune"), R"({"metadata":{"name":"other"}})").code, 400);
  EXPECT_EQ(Merge(Path("tune"), R"({"kind":"Trial"})").code, 400);
  EXPECT_EQ(Merge(Path("tune"), R"({"spec":{"maxTrialCount":"many"}})").code, 400);
  EXPECT_THAT(Merge(Path("tune"), R"({"spec":{"maxTrails":3}})").Warnings(), HasSubstr("spec.maxTrails"));
}

TEST_F(ChangeTest, AJsonPatchTestsFirst) {
  const std::string type = "application/json-patch+json";
  EXPECT_EQ(Patch(Path("tune"), type, R"([{"op":"test","path":"/spec/maxTrialCount","value":11}])").code,
            422);
  const Reply reply =
      Patch(Path("tune"), type, R"([{"op":"replace","path":"/spec/maxTrialCount","value":12}])");
  EXPECT_EQ(reply.body["spec"]["maxTrialCount"], 12);
}

TEST_F(ChangeTest, APatchWithAVersionIsForThatVersionOnly) {
  const std::string version = tune_["metadata"]["resourceVersion"];
  const std::string patch = R"({"metadata":{"resourceVersion":")" + version + R"(","labels":{"n":"1"}}})";
  EXPECT_EQ(Merge(Path("tune"), patch).code, 200);
  EXPECT_EQ(Merge(Path("tune"), patch).code, 409);
}

TEST_F(ChangeTest, StrategicPatchesAreForBuiltInKinds) {
  const std::string type = "application/strategic-merge-patch+json";
  const Reply refused = Patch(Path("tune"), type, "{}");
  EXPECT_EQ(refused.code, 415);
  EXPECT_THAT(refused.message(), HasSubstr("application/merge-patch+json"));
  const Reply reply = Patch(MapPath("map"), type, R"({"data":{"a":null,"b":"2"},"$setElementOrder/x":[]})");
  EXPECT_EQ(reply.body["data"], json({{"b", "2"}}));
  EXPECT_EQ(reply.Warnings(), "");
  EXPECT_EQ(Patch(Path("tune"), "text/plain", "{}").code, 415);
}

TEST_F(ChangeTest, AnApplyCreatesThenOwns) {
  const std::string type = "application/apply-patch+yaml";
  const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\ndata:\n  a: '1'\n";
  EXPECT_EQ(Patch(MapPath("own"), type, map).Causes(),
            std::vector<std::string>{"fieldManager FieldValueRequired"});
  const Reply created = Patch(MapPath("own") + "?fieldManager=one", type, map);
  ASSERT_EQ(created.code, 201) << created.response.body;
  EXPECT_EQ(created.body["metadata"]["managedFields"][0]["operation"], "Apply");
  now_ += absl::Hours(1);
  const Reply again = Patch(MapPath("own") + "?fieldManager=one", type, map);
  EXPECT_EQ(again.code, 200);
  EXPECT_EQ(again.version(), created.version());

  const std::string other = map.substr(0, map.find("'1'")) + "'2'\n";
  const Reply conflict = Patch(MapPath("own") + "?fieldManager=two", type, other);
  EXPECT_EQ(conflict.code, 409);
  EXPECT_THAT(conflict.Causes(), ElementsAre(".data.a FieldManagerConflict"));
  EXPECT_EQ(Patch(MapPath("own") + "?fieldManager=two&force=true", type, other).body["data"]["a"], "2");
  EXPECT_EQ(Merge(MapPath("own") + "?force=true", "{}").code, 422);
}

TEST_F(ChangeTest, TheStatusIsASubresource) {
  const Reply patched =
      Merge(Path("tune") + "/status", R"({"spec":{"maxTrialCount":99},"status":{"trials":3}})");
  ASSERT_EQ(patched.code, 200) << patched.response.body;
  EXPECT_EQ(patched.body["status"]["trials"], 3);
  EXPECT_EQ(patched.body["spec"]["maxTrialCount"], 10);
  EXPECT_EQ(patched.body["metadata"]["generation"], 1);
  EXPECT_EQ(patched.body["metadata"]["managedFields"].size(), 2u);
  EXPECT_EQ(Get(Path("tune") + "/status"), patched.body);

  EXPECT_EQ(Put(Path("tune") + "/status", tune_).code, 409);
  json status = patched.body;
  status["status"]["trials"] = 4;
  EXPECT_EQ(Put(Path("tune") + "/status", status).body["status"]["trials"], 4);
  EXPECT_EQ(Merge(Path("tune"), R"({"status":{"trials":50}})").body["status"]["trials"], 4);
  EXPECT_EQ(Call("GET", MapPath("map") + "/status").code, 404);
  EXPECT_EQ(Call("DELETE", Path("tune") + "/status").code, 405);
  EXPECT_EQ(Call("DELETE", "/apis/kubeflow.org/v1beta1/experiments").code, 405);
}

TEST_F(ChangeTest, ADryRunOfAChangeStoresNothing) {
  const json before = Get(Path("tune"));
  EXPECT_EQ(
      Merge(Path("tune") + "?dryRun=All", R"({"spec":{"maxTrialCount":30}})").body["spec"]["maxTrialCount"],
      30);
  EXPECT_EQ(Merge(Path("tune") + "/status?dryRun=All", R"({"status":{"trials":3}})").body["status"]["trials"],
            3);
  EXPECT_EQ(Call("DELETE", Path("tune") + "?dryRun=All").code, 200);
  EXPECT_EQ(Call("DELETE", std::string(kExperiments) + "?dryRun=All").code, 200);
  EXPECT_EQ(Get(Path("tune")), before);
}

TEST_F(ChangeTest, WithoutFinalizersADeletionIsDone) {
  const Reply reply = Call("DELETE", Path("tune"), R"({"propagationPolicy":"Background"})");
  EXPECT_EQ(reply.code, 200);
  EXPECT_EQ(reply.body["status"], "Success");
  EXPECT_EQ(reply.body["details"], json({{"name", "tune"},
                                         {"group", "kubeflow.org"},
                                         {"kind", "experiments"},
                                         {"uid", tune_["metadata"]["uid"]}}));
  EXPECT_EQ(Call("DELETE", Path("tune")).code, 404);
}

TEST_F(ChangeTest, WithFinalizersADeletionWaits) {
  ASSERT_EQ(Merge(Path("tune"), R"({"metadata":{"finalizers":["a/b"]}})").code, 200);
  const Reply deleted = Call("DELETE", Path("tune"));
  EXPECT_EQ(deleted.code, 200);
  EXPECT_EQ(deleted.body["kind"], "Experiment");
  EXPECT_EQ(deleted.body["metadata"]["deletionTimestamp"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(deleted.body["metadata"]["generation"], 2);
  EXPECT_EQ(Call("DELETE", Path("tune")).version(), deleted.version());
  EXPECT_EQ(Merge(Path("tune"), R"({"metadata":{"finalizers":["a/b","c/d"]}})").code, 422);
  EXPECT_THAT(Create("tune").message(), HasSubstr("object is being deleted"));
  EXPECT_EQ(Merge(Path("tune"), R"({"metadata":{"finalizers":null}})").code, 200);
  EXPECT_EQ(Call("GET", Path("tune")).code, 404);
}

TEST_F(ChangeTest, ADeletionHasPreconditions) {
  const auto preconditions = [](const std::string& name, const std::string& value) {
    return json({{"preconditions", {{name, value}}}}).dump();
  };
  EXPECT_EQ(Call("DELETE", Path("tune"), preconditions("uid", "other")).code, 409);
  EXPECT_EQ(Call("DELETE", Path("tune"), preconditions("resourceVersion", "1")).code, 409);
  EXPECT_EQ(Call("DELETE", Path("tune"), R"({"propagationPolicy":"Sometimes"})").code, 422);
  EXPECT_EQ(Call("DELETE", Path("tune") + "?propagationPolicy=Sometimes").code, 422);
  EXPECT_EQ(Call("DELETE", Path("tune"), R"({"gracePeriodSeconds":-1})").code, 422);
  EXPECT_EQ(Call("DELETE", Path("tune"), R"({"orphanDependents":true,"propagationPolicy":"Orphan"})").code,
            422);
  EXPECT_EQ(Call("DELETE", Path("tune"), "{").code, 400);
  EXPECT_EQ(Call("DELETE", Path("tune"), preconditions("uid", tune_["metadata"]["uid"])).code, 200);
}

TEST_F(ChangeTest, DependantsFollowAsAsked) {
  const auto dependant = [&](const std::string& name, const std::string& owner) {
    json map = ConfigMap(name);
    map["metadata"]["ownerReferences"] = {{{"apiVersion", "kubeflow.org/v1beta1"},
                                           {"kind", "Experiment"},
                                           {"name", owner},
                                           {"uid", Get(Path(owner))["metadata"]["uid"]}}};
    ASSERT_EQ(Call("POST", kConfigMaps, map.dump()).code, 201);
  };
  Create("other");
  dependant("follows", "tune");
  dependant("stays", "other");
  ASSERT_EQ(Call("DELETE", Path("tune")).code, 200);
  ASSERT_EQ(Call("DELETE", Path("other") + "?propagationPolicy=Orphan").code, 200);
  EXPECT_EQ(Call("GET", MapPath("follows")).code, 404);
  EXPECT_FALSE(Get(MapPath("stays"))["metadata"].contains("ownerReferences"));
}

TEST_F(ChangeTest, ACollectionIsDeletedBySelection) {
  json marked = ConfigMap("marked");
  marked["metadata"]["labels"]["old"] = "yes";
  ASSERT_EQ(Call("POST", kConfigMaps, marked.dump()).code, 201);
  const Reply reply = Call("DELETE", std::string(kConfigMaps) + "?labelSelector=old%3Dyes");
  EXPECT_EQ(reply.body["kind"], "ConfigMapList");
  EXPECT_EQ(reply.body["items"].size(), 1u);
  EXPECT_EQ(Call("GET", MapPath("marked")).code, 404);
  EXPECT_EQ(Call("GET", MapPath("map")).code, 200);
  EXPECT_EQ(Call("DELETE", std::string(kConfigMaps) + "?labelSelector=a%20b").code, 400);
}

TEST_F(ChangeTest, ANamespaceGoesWithEverythingInIt) {
  const std::string maps = "/api/v1/namespaces/team/configmaps";
  json held = ConfigMap("held");
  held["metadata"]["finalizers"] = {"a/b"};
  ASSERT_EQ(Call("POST", maps, ConfigMap("free").dump()).code, 201);
  ASSERT_EQ(Call("POST", maps, held.dump()).code, 201);
  const Reply deleted = Call("DELETE", "/api/v1/namespaces/team");
  EXPECT_EQ(deleted.body["status"]["phase"], "Terminating");
  EXPECT_EQ(Call("GET", maps + "/free").code, 404);
  EXPECT_EQ(Call("GET", MapPath("map")).code, 200);
  const Reply refused = Call("POST", maps, ConfigMap("new").dump());
  EXPECT_EQ(refused.code, 403);
  EXPECT_THAT(refused.Causes(), ElementsAre("metadata.namespace NamespaceTerminating"));
  ASSERT_EQ(Merge(maps + "/held", R"({"metadata":{"finalizers":null}})").code, 200);
  EXPECT_EQ(Call("GET", "/api/v1/namespaces/team").code, 404);
  EXPECT_EQ(Call("DELETE", "/api/v1/namespaces/default").code, 403);
}

TEST_F(ChangeTest, AnExperimentThatIsDeletedNeedsNoAlgorithmAnyMore) {
  api::Experiment orphan;
  orphan.metadata.name = "orphan";
  orphan.metadata.namespace_name = "default";
  orphan.metadata.finalizers = {"a/b"};
  ASSERT_TRUE(store_->Create(orphan).ok());
  EXPECT_EQ(Merge(Path("orphan"), R"({"spec":{"maxTrialCount":3}})").code, 400);
  ASSERT_EQ(Call("DELETE", Path("orphan")).code, 200);
  EXPECT_EQ(Merge(Path("orphan"), R"({"metadata":{"finalizers":[]}})").code, 200);
  EXPECT_EQ(Call("GET", Path("orphan")).code, 404);
}

}  // namespace
}  // namespace qalam::apiserver
