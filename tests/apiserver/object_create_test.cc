#include <gmock/gmock.h>

#include "tests/apiserver/api_world.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

using CreateTest = ApiWorld;

TEST_F(CreateTest, AnswersWithWhatTheServerSets) {
  json experiment = Experiment("tune");
  experiment["status"] = {{"trials", 7}};
  experiment["metadata"]["uid"] = "mine";
  experiment["metadata"]["generation"] = 9;
  const Reply reply = Call("POST", kExperiments, experiment.dump(), {{"User-Agent", "kubectl/v1.33"}});
  ASSERT_EQ(reply.code, 201) << reply.response.body;
  EXPECT_EQ(reply.response.headers.Find("Content-Type"), "application/json");
  const json& metadata = reply.body["metadata"];
  EXPECT_EQ(metadata["namespace"], "default");
  EXPECT_EQ(metadata["generation"], 1);
  EXPECT_EQ(metadata["creationTimestamp"], "2023-11-14T22:13:20Z");
  EXPECT_THAT(metadata["uid"].get<std::string>(), MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_EQ(metadata["managedFields"][0]["manager"], "kubectl");
  EXPECT_EQ(metadata["managedFields"][0]["operation"], "Update");
  EXPECT_FALSE(reply.body.contains("status"));
  EXPECT_EQ(Call("GET", Path("tune")).body, reply.body);
}

TEST_F(CreateTest, StoresDefaultsOfExperiments) {
  json experiment = Experiment("tune");
  experiment["spec"].erase("parallelTrialCount");
  const Reply reply = Call("POST", kExperiments, experiment.dump());
  ASSERT_EQ(reply.code, 201) << reply.response.body;
  EXPECT_EQ(reply.body["spec"]["parallelTrialCount"], 3);
  EXPECT_EQ(reply.body["spec"]["resumePolicy"], "Never");
}

TEST_F(CreateTest, RefusesExperimentsInTheWordsOfKatibsWebhooks) {
  json experiment = Experiment("tune");
  experiment["spec"]["algorithm"]["algorithmName"] = "randm";
  Reply reply = Call("POST", kExperiments, experiment.dump());
  EXPECT_EQ(reply.code, 400);
  EXPECT_EQ(reply.reason(), "none");
  EXPECT_THAT(reply.message(),
              testing::StartsWith("admission webhook \"validator.experiment.katib.kubeflow.org\" denied "
                                  "the request: spec.algorithm.algorithmName: Invalid value: \"randm\": "));
  experiment["spec"]["maxTrialCount"] = -1;
  EXPECT_THAT(Call("POST", kExperiments, experiment.dump()).message(),
              AllOf(HasSubstr("request: [spec."), HasSubstr(", spec.algorithm"), testing::EndsWith("]")));

  experiment["spec"]["maxTrialCount"] = "3";
  reply = Call("POST", kExperiments, experiment.dump());
  EXPECT_EQ(reply.code, 400);
  EXPECT_THAT(reply.message(),
              AllOf(HasSubstr("defaulter.experiment.katib.kubeflow.org"), HasSubstr("spec.maxTrialCount")));
  EXPECT_EQ(Call("GET", kExperiments).body["items"].size(), 0u);
}

TEST_F(CreateTest, GivesNamesFromAPrefix) {
  json map = ConfigMap("");
  map["metadata"] = {{"generateName", "run-"}};
  for (int i = 0; i < 2; ++i) {
    const Reply reply = Call("POST", kConfigMaps, map.dump());
    ASSERT_EQ(reply.code, 201);
    EXPECT_THAT(reply.body["metadata"]["name"].get<std::string>(),
                MatchesRegex("run-[bcdfghjklmnpqrstvwxz2456789]{5}"));
  }
  EXPECT_EQ(Call("GET", kConfigMaps).body["items"].size(), 2u);
}

TEST_F(CreateTest, TellsWhatIsWrongWithTheObject) {
  Create("taken");
  json bad_name = ConfigMap("Not_A_Name");
  json no_name = ConfigMap("");
  no_name["metadata"] = json::object();
  json other_namespace = ConfigMap("x");
  other_namespace["metadata"]["namespace"] = "team";
  json no_kind = Experiment("x");
  no_kind.erase("kind");
  json other_version = Experiment("x");
  other_version["apiVersion"] = "kubeflow.org/v1";
  json versioned = ConfigMap("x");
  versioned["metadata"]["resourceVersion"] = "1";
  struct Case {
    std::string path, body;
    int code;
    std::string reason, message;
  };
  const Case cases[] = {
      {kExperiments, Experiment("taken").dump(), 409, "AlreadyExists",
       "experiments.kubeflow.org \"taken\" already exists"},
      {kConfigMaps, bad_name.dump(), 422, "Invalid", "metadata.name: Invalid value: \"Not_A_Name\""},
      {kConfigMaps, no_name.dump(), 422, "Invalid", "metadata.name: Required value"},
      {kConfigMaps, other_namespace.dump(), 400, "BadRequest", "does not match the namespace"},
      {kExperiments, no_kind.dump(), 400, "BadRequest", "Object 'Kind' is missing"},
      {kExperiments, other_version.dump(), 400, "BadRequest", "expected API version (kubeflow.org/v1beta1)"},
      {kExperiments, ConfigMap("x").dump(), 400, "BadRequest", "does not match"},
      {kConfigMaps, versioned.dump(), 400, "BadRequest", "resourceVersion should not be set"},
      {kConfigMaps, "{", 400, "BadRequest", "couldn't read"},
      {kConfigMaps, "[]", 400, "BadRequest", "JSON array"},
      {kConfigMaps, "", 400, "BadRequest", "empty"},
      {kConfigMaps, std::string(200, '['), 400, "BadRequest", "nested deeper"},
      {kConfigMaps, R"({"metadata":[]})", 400, "BadRequest", "metadata"},
      {kConfigMaps, R"({"metadata":{"name":"x","labels":{"a":1}}})", 400, "BadRequest", "metadata.labels.a"},
      {"/api/v1/namespaces/nowhere/configmaps", ConfigMap("x").dump(), 404, "NotFound",
       "namespaces \"nowhere\" not found"},
      {"/api/v1/configmaps", ConfigMap("x").dump(), 400, "BadRequest", "an empty namespace may not be set"},
      {std::string(kConfigMaps) + "?dryRun=yes", ConfigMap("x").dump(), 422, "Invalid", "dryRun"},
      {std::string(kConfigMaps) + "?fieldValidation=Loud", ConfigMap("x").dump(), 422, "Invalid",
       "fieldValidation"},
      {std::string(kConfigMaps) + "?timeout=long", ConfigMap("x").dump(), 400, "BadRequest", "timeout"},
  };
  for (const Case& c : cases) {
    const Reply reply = Call("POST", c.path, c.body);
    EXPECT_EQ(reply.code, c.code) << c.message << "\n" << reply.response.body;
    EXPECT_EQ(reply.body["kind"], "Status");
    EXPECT_EQ(reply.reason(), c.reason) << c.message;
    EXPECT_THAT(reply.message(), HasSubstr(c.message));
  }
  EXPECT_THAT(Call("POST", kConfigMaps, no_name.dump()).Causes(),
              ElementsAre("metadata.name FieldValueRequired"));
}

TEST_F(CreateTest, ReadsYamlAndRefusesOtherMedia) {
  const std::string yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata:\n  a: '1'\n";
  const Reply created = Call("POST", kConfigMaps, yaml, {{"Content-Type", "application/yaml"}});
  EXPECT_EQ(created.code, 201) << created.response.body;
  EXPECT_EQ(created.body["data"]["a"], "1");
  EXPECT_EQ(Call("POST", kConfigMaps, yaml + "---\n" + yaml, {{"Content-Type", "application/yaml"}}).code,
            400);
  const Reply reply = Call("POST", kConfigMaps, "x", {{"Content-Type", "application/xml; charset=utf-8"}});
  EXPECT_EQ(reply.code, 415);
  EXPECT_EQ(reply.reason(), "UnsupportedMediaType");
  EXPECT_THAT(reply.message(), HasSubstr("application/json, application/yaml"));
}

TEST_F(CreateTest, ReportsUnknownFieldsAsAsked) {
  json experiment = Experiment("tune");
  experiment["spec"]["parallelTrailCount"] = 2;
  experiment["mood"] = "good";
  const std::string path = kExperiments;
  const Reply strict = Call("POST", path + "?fieldValidation=Strict", experiment.dump());
  EXPECT_EQ(strict.code, 400);
  EXPECT_THAT(strict.message(),
              AllOf(HasSubstr("strict decoding error: "), HasSubstr("unknown field \"mood\""),
                    HasSubstr("unknown field \"spec.parallelTrailCount\"")));
  const Reply warn = Call("POST", path + "?dryRun=All", experiment.dump());
  EXPECT_EQ(warn.code, 201);
  EXPECT_THAT(warn.Warnings(), HasSubstr(R"(299 - "unknown field \"spec.parallelTrailCount\"")"));
  EXPECT_FALSE(warn.body["spec"].contains("parallelTrailCount"));
  const Reply ignore = Call("POST", path + "?fieldValidation=Ignore", experiment.dump());
  EXPECT_EQ(ignore.code, 201);
  EXPECT_EQ(ignore.Warnings(), "");
}

TEST_F(CreateTest, OfADryRunChecksEverythingAndStoresNothing) {
  const std::string path = std::string(kExperiments) + "?dryRun=All";
  const std::string before = Call("GET", kExperiments).version();
  const Reply reply = Call("POST", path, Experiment("tune").dump());
  EXPECT_EQ(reply.code, 201);
  EXPECT_NE(reply.body["metadata"]["uid"], "");
  EXPECT_EQ(Call("GET", Path("tune")).code, 404);
  EXPECT_EQ(Call("GET", kExperiments).version(), before);
  ASSERT_EQ(Create("tune").code, 201);
  EXPECT_EQ(Call("POST", path, Experiment("tune").dump()).code, 409);
}

TEST_F(CreateTest, IsNotAllowedWhereNothingCanBeWritten) {
  EXPECT_EQ(Call("POST", Path("x"), Experiment("x").dump()).code, 405);
  EXPECT_EQ(Call("POST", "/api/v1/namespaces/default/pods", "{}").reason(), "MethodNotAllowed");
  EXPECT_EQ(Call("PUT", kExperiments, "{}").code, 405);
  EXPECT_EQ(Call("OPTIONS", kExperiments).code, 405);
  EXPECT_EQ(Call("DELETECOLLECTION", Path("x")).code, 405);  // no method, though there is a verb of that name
  EXPECT_EQ(Call("POST", Path("x") + "/scale", "{}").response.body, "404 page not found\n");
  EXPECT_EQ(Call("POST", "/apis/kubeflow.org/v1beta1/namespaces/default/unicorns", "{}").response.body,
            "404 page not found\n");
}

TEST_F(CreateTest, AsksWhoCallsAndWhetherHeMay) {
  EXPECT_EQ(Call("GET", kExperiments, "", {{"Authorization", "Bearer wrong"}}).code, 401);
  EXPECT_EQ(Call("POST", "/api/v1/namespaces/secret/configmaps", ConfigMap("x").dump()).code, 403);
  Create("tune");
  ASSERT_EQ(access_.recorded.size(), 3u);
  EXPECT_EQ(access_.recorded[0].code, 401);
  EXPECT_EQ(access_.recorded[0].user, "");
  EXPECT_EQ(access_.recorded[1].code, 403);
  EXPECT_EQ(access_.recorded[1].user, "jane");
  EXPECT_EQ(access_.recorded[2].code, 201);
  EXPECT_EQ(access_.recorded[2].info.verb, "create");
}

}  // namespace
}  // namespace qalam::apiserver
