#include "apiserver/discovery.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "apiserver/api_groups.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

// As kubectl from 1.30 on and from 1.27 to 1.29 send it.
constexpr const char* kAcceptV2 =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
constexpr const char* kAcceptBeta =
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

http::Response Get(std::string path, std::string accept = "application/json") {
  http::Request request;
  request.method = "GET";
  request.path = std::move(path);
  request.headers.Add("Accept", std::move(accept));
  return AnswerDiscovery(request).value_or(http::Response{.status = 404});
}

json Body(const http::Response& response) { return json::parse(response.body, nullptr, false); }

// By value, so that it can be walked through while the whole is gone.
json Member(const json& object, const char* name) { return object[name]; }

// The element of a list whose member has that value.
json Find(const json& list, const char* member, const json& value) {
  for (const json& element : list) {
    if (element.value(member, json()) == value) return element;
  }
  return nullptr;
}

TEST(Discovery, ListsVersionsGroupsAndResources) {
  EXPECT_EQ(Body(Get("/api"))["versions"], json::array({"v1"}));
  const json groups = Body(Get("/apis"));
  EXPECT_EQ(groups["kind"], "APIGroupList");
  const json kubeflow = Find(groups["groups"], "name", "kubeflow.org");
  EXPECT_EQ(kubeflow["preferredVersion"]["groupVersion"], "kubeflow.org/v1beta1");
  EXPECT_EQ(Find(groups["groups"], "name", ""), nullptr);
  EXPECT_EQ(Body(Get("/apis/kubeflow.org"))["kind"], "APIGroup");

  const json list = Body(Get("/apis/kubeflow.org/v1beta1"));
  EXPECT_EQ(list["groupVersion"], "kubeflow.org/v1beta1");
  const json experiments = Find(list["resources"], "name", "experiments");
  EXPECT_EQ(experiments["kind"], "Experiment");
  EXPECT_EQ(experiments["singularName"], "experiment");
  EXPECT_EQ(experiments["namespaced"], true);
  EXPECT_EQ(experiments["categories"], json::array({"all", "kubeflow", "katib"}));
  EXPECT_THAT(experiments["verbs"], UnorderedElementsAre("create", "delete", "deletecollection", "get",
                                                         "list", "patch", "update", "watch"));
  EXPECT_THAT(Find(list["resources"], "name", "experiments/status")["verbs"],
              ElementsAre("get", "patch", "update"));
}

TEST(Discovery, HasNothingElse) {
  for (const char* path : {"/apis/kubeflow.org/v1", "/apis/nobody.org", "/api/v2",
                           "/apis/kubeflow.org/v1beta1/experiments", "/", "/apis v2"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
}

TEST(Discovery, OffersViewsForReadingOnly) {
  for (const GroupVersion& group : AllGroupVersions()) {
    for (const ListedResource& resource : group.resources) {
      if (resource.type == nullptr || resource.type->writable == Writable::kYes) continue;
      EXPECT_THAT(resource.verbs, ElementsAre("get", "list", "watch")) << resource.plural;
    }
  }
}

TEST(Discovery, EveryGroupVersionThatIsListedHasItsResources) {
  for (const json& group : Member(Body(Get("/apis")), "groups")) {
    for (const json& version : group["versions"]) {
      const std::string name = version["groupVersion"];
      const http::Response response = Get("/apis/" + name);
      EXPECT_EQ(response.status, 200) << name;
      EXPECT_EQ(Body(response)["groupVersion"], name);
      EXPECT_FALSE(Body(response)["resources"].empty()) << name;
    }
  }
}

TEST(Discovery, ComesAggregatedToWhoAcceptsThat) {
  const http::Response v2 = Get("/apis", kAcceptV2);
  EXPECT_EQ(v2.headers.Find("Content-Type"),
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  EXPECT_EQ(Body(v2)["apiVersion"], "apidiscovery.k8s.io/v2");
  const http::Response beta = Get("/apis", kAcceptBeta);
  EXPECT_EQ(beta.headers.Find("Content-Type"),
            "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList");
  EXPECT_EQ(Body(beta)["apiVersion"], "apidiscovery.k8s.io/v2beta1");
  EXPECT_EQ(Get("/apis").headers.Find("Content-Type"), "application/json");
  EXPECT_EQ(Get("/apis/kubeflow.org/v1beta1", kAcceptV2).headers.Find("Content-Type"), "application/json");
}

TEST(Discovery, AggregatedAndPlainFormsAgree) {
  for (const auto& [root, prefix] : {std::pair{"/api", "/api"}, std::pair{"/apis", "/apis/"}}) {
    for (const json& group : Member(Body(Get(root, kAcceptV2)), "items")) {
      const std::string name = group["metadata"].value("name", "");
      for (const json& version : group["versions"]) {
        const json plain =
            Body(Get(std::string(prefix) + name + "/" + version["version"].get<std::string>()))["resources"];
        std::size_t subresources = 0;
        for (const json& resource : version["resources"]) {
          const json same = Find(plain, "name", resource["resource"]);
          EXPECT_EQ(resource["responseKind"]["kind"], same["kind"]);
          EXPECT_EQ(resource["verbs"], same["verbs"]);
          EXPECT_EQ(resource["scope"] == "Namespaced", same["namespaced"]);
          EXPECT_EQ(resource["singularResource"], same["singularName"]);
          EXPECT_EQ(resource.value("shortNames", json()), same.value("shortNames", json()));
          subresources += resource.value("subresources", json::array()).size();
        }
        EXPECT_EQ(version["resources"].size() + subresources, plain.size()) << name;
      }
    }
  }
}

TEST(Discovery, IsNotSentAgainToWhoHasIt) {
  const http::Response first = Get("/apis", kAcceptV2);
  http::Request request;
  request.method = "GET";
  request.path = "/apis";
  request.headers = {{"Accept", kAcceptV2}, {"If-None-Match", std::string(*first.headers.Find("ETag"))}};
  const auto second = AnswerDiscovery(request);
  EXPECT_EQ(second->status, 304);
  EXPECT_EQ(second->body, "");
  EXPECT_EQ(second->headers.Find("ETag"), first.headers.Find("ETag"));
  // What is known of one form says nothing of another.
  request.headers = {{"Accept", "application/json"},
                     {"If-None-Match", std::string(*first.headers.Find("ETag"))}};
  EXPECT_EQ(AnswerDiscovery(request)->status, 200);
}

TEST(Discovery, CannotBeWritten) {
  http::Request request;
  request.method = "POST";
  request.path = "/apis";
  EXPECT_EQ(AnswerDiscovery(request)->status, 405);
}

}  // namespace
}  // namespace qalam::apiserver
