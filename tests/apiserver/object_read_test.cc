#include <gmock/gmock.h>

#include "tests/apiserver/api_world.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class ReadTest : public ApiWorld {
 protected:
  void CreateMaps(int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_EQ(Call("POST", kConfigMaps, ConfigMap("m" + std::to_string(i)).dump()).code, 201);
  }
  static std::vector<std::string> Names(const Reply& reply) {
    std::vector<std::string> names;
    for (const json& item : reply.body["items"]) names.push_back(item["metadata"]["name"]);
    return names;
  }
  Reply List(const std::string& query) { return Call("GET", std::string(kConfigMaps) + "?" + query); }
  static std::string Token(const Reply& reply) {
    return http::PercentEncode(reply.body["metadata"].value("continue", ""));
  }
};

TEST_F(ReadTest, AMissingObjectIsAStatusWithItsName) {
  const Reply reply = Call("GET", Path("x"));
  EXPECT_EQ(reply.code, 404);
  EXPECT_EQ(reply.message(), "experiments.kubeflow.org \"x\" not found");
  EXPECT_EQ(reply.body["details"], json({{"name", "x"}, {"group", "kubeflow.org"}, {"kind", "experiments"}}));
  EXPECT_EQ(Call("GET", "/apis/kubeflow.org/v1beta1/experiments/x").response.body, "404 page not found\n");
  EXPECT_EQ(Call("GET", "/api/v1/namespaces/default/pods/x").message(), "pods \"x\" not found");
}

TEST_F(ReadTest, HeadIsAnsweredLikeGet) {
  ASSERT_EQ(Create("tune").code, 201);
  EXPECT_EQ(Call("HEAD", Path("tune")).code, 200);
  EXPECT_EQ(Call("HEAD", Path("none")).code, 404);
}

TEST_F(ReadTest, PrettyIsIndented) {
  CreateMaps(1);
  const Reply reply = Call("GET", MapPath("m0") + "?pretty=true");
  EXPECT_THAT(reply.response.body, HasSubstr("{\n  \"apiVersion\": \"v1\",\n"));
  EXPECT_EQ(reply.body, Call("GET", MapPath("m0")).body);
}

TEST_F(ReadTest, ListsWithTheVersionOfTheWholeStore) {
  CreateMaps(2);
  const Reply last = Create("tune");
  const Reply reply = Call("GET", kConfigMaps);
  EXPECT_EQ(reply.body["kind"], "ConfigMapList");
  EXPECT_EQ(reply.version(), last.version());
  EXPECT_THAT(Names(reply), ElementsAre("m0", "m1"));
  EXPECT_EQ(Call("GET", "/api/v1/configmaps").body["items"].size(), 2u);
  EXPECT_EQ(Call("GET", "/api/v1/namespaces/team/configmaps").body["items"].size(), 0u);
}

TEST_F(ReadTest, PagesAreOneListHoweverTheStoreChanges) {
  CreateMaps(5);
  const Reply first = List("limit=2");
  EXPECT_THAT(Names(first), ElementsAre("m0", "m1"));
  EXPECT_EQ(first.body["metadata"]["remainingItemCount"], 3);
  ASSERT_EQ(Call("DELETE", MapPath("m3")).code, 200);
  ASSERT_EQ(Call("POST", kConfigMaps, ConfigMap("m2a").dump()).code, 201);
  const Reply second = List("limit=2&continue=" + Token(first));
  EXPECT_THAT(Names(second), ElementsAre("m2", "m3"));
  EXPECT_EQ(second.version(), first.version());
  const Reply third = List("limit=2&continue=" + Token(second));
  EXPECT_THAT(Names(third), ElementsAre("m4"));
  EXPECT_FALSE(third.body["metadata"].contains("continue"));
  EXPECT_FALSE(third.body["metadata"].contains("remainingItemCount"));
}

TEST_F(ReadTest, APageEndsTheListWhenNothingIsLeftToSelect) {
  CreateMaps(3);
  const Reply reply = List("limit=1&fieldSelector=metadata.name%3Dm1");
  EXPECT_THAT(Names(reply), ElementsAre("m1"));
  EXPECT_FALSE(reply.body["metadata"].contains("continue"));
  EXPECT_FALSE(List("limit=1&labelSelector=%21none").body["metadata"].contains("remainingItemCount"));
}

TEST_F(ReadTest, AnOldPageExpiresWithATokenThatGoesOn) {
  CreateMaps(3);
  const Reply first = List("limit=1");
  now_ += absl::Minutes(6);
  ASSERT_EQ(Call("DELETE", MapPath("m1")).code, 200);
  const Reply expired = List("limit=1&continue=" + Token(first));
  EXPECT_EQ(expired.code, 410);
  EXPECT_EQ(expired.reason(), "Expired");
  const Reply rest = List("continue=" + Token(expired));
  EXPECT_THAT(Names(rest), ElementsAre("m2"));
}

TEST_F(ReadTest, RefusesWhatIsNoListRequest) {
  CreateMaps(3);
  const std::string token = Token(List("limit=1"));
  const std::pair<std::string, int> cases[] = {
      {"limit=-1", 400},
      {"limit=many", 400},
      {"continue=abc", 400},
      {"resourceVersion=abc", 400},
      {"resourceVersion=999999", 504},
      {"resourceVersion=1&resourceVersionMatch=Exact", 410},
      {"resourceVersionMatch=Exact", 422},
      {"resourceVersion=0&resourceVersionMatch=Exact", 422},
      {"resourceVersion=1&resourceVersionMatch=Roughly", 422},
      {"resourceVersion=5&continue=" + token, 400},
      {"sendInitialEvents=true", 422},
      {"labelSelector=a%20b%20c", 400},
      {"fieldSelector=spec.data%3D1", 400},
  };
  for (const auto& [query, code] : cases)
    EXPECT_EQ(List(query).code, code) << query << List(query).response.body;
  for (const char* query :
       {"resourceVersion=0", "resourceVersion=1", "resourceVersion=1&resourceVersionMatch=NotOlderThan",
        "resourceVersion=0&limit=2"}) {
    EXPECT_EQ(List(query).code, 200) << query;
  }
}

TEST_F(ReadTest, AnExactVersionIsServedWhileItIsCurrent) {
  CreateMaps(1);
  const std::string query = "resourceVersionMatch=Exact&resourceVersion=" + List("").version();
  EXPECT_EQ(List(query).code, 200);
  CreateMaps(0);
  ASSERT_EQ(Call("POST", kConfigMaps, ConfigMap("later").dump()).code, 201);
  EXPECT_EQ(List(query).code, 410);
}

TEST_F(ReadTest, GetWaitsForNoVersionToCome) {
  CreateMaps(1);
  EXPECT_EQ(Call("GET", MapPath("m0") + "?resourceVersion=1").code, 200);
  const Reply reply = Call("GET", MapPath("m0") + "?resourceVersion=999999");
  EXPECT_EQ(reply.code, 504);
  EXPECT_THAT(reply.Causes(), ElementsAre(" ResourceVersionTooLarge"));
}

TEST_F(ReadTest, RefusesWatchesThatKubernetesRefuses) {
  for (const char* query : {"sendInitialEvents=true", "resourceVersionMatch=NotOlderThan",
                            "sendInitialEvents=true&resourceVersionMatch=NotOlderThan"}) {
    EXPECT_EQ(List(std::string("watch=true&") + query).code, 422) << query;
  }
  EXPECT_EQ(List("watch=true&timeoutSeconds=soon").code, 400);
  EXPECT_EQ(List("watch=true&labelSelector=a%20b").code, 400);
}

TEST_F(ReadTest, ThePathOfANamespaceLeadsToNoOther) {
  EXPECT_EQ(Call("GET", "/api/v1/namespaces").body["items"].size(), 2u);
  EXPECT_EQ(Call("GET", "/api/v1/namespaces/team").code, 200);
  for (const char* path : {"/api/v1/namespaces/team/namespaces", "/api/v1/namespaces/team/namespaces/default",
                           "/api/v1/namespaces/team/namespaces?fieldSelector=metadata.name%3Dteam",
                           "/api/v1/namespaces/team/namespaces?watch=true"}) {
    EXPECT_EQ(Call("GET", path).code, 404) << path;
  }
  EXPECT_EQ(Call("POST", "/api/v1/namespaces/team/namespaces", R"({"metadata":{"name":"more"}})").code, 404);
  EXPECT_EQ(Call("DELETE", "/api/v1/namespaces/team/namespaces").code, 404);
}

TEST_F(ReadTest, AnswersWhatIsNoResource) {
  EXPECT_EQ(Call("GET", "/healthz").response.body, "ok");
  EXPECT_EQ(Call("GET", "/readyz").code, 200);
  ready_ = false;
  EXPECT_EQ(Call("GET", "/readyz").code, 500);
  EXPECT_EQ(Call("GET", "/apis/kubeflow.org/v1beta1").body["kind"], "APIResourceList");
  EXPECT_EQ(Call("GET", "/nowhere").response.body, "404 page not found\n");
}

}  // namespace
}  // namespace qalam::apiserver
