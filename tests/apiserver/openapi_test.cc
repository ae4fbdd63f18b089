#include "apiserver/openapi.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "apiserver/resource_type.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

constexpr const char* kProtobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

http::Response Get(std::string path, std::string accept = "application/json") {
  http::Request request;
  request.method = "GET";
  request.path = path.substr(0, path.find('?'));
  request.headers.Add("Accept", std::move(accept));
  return AnswerOpenApi(request).value_or(http::Response{.status = 404});
}

json Body(const std::string& path) { return json::parse(Get(path).body, nullptr, false); }

// What the index leads to, by group and version.
std::map<std::string, json> Documents() {
  std::map<std::string, json> documents;
  const json index = Body("/openapi/v3");
  for (const auto& [key, entry] : index["paths"].items()) documents[key] = Body(entry["serverRelativeURL"]);
  return documents;
}

// Every object within, with where it is.
void Walk(const json& value, const std::string& where,
          const std::function<void(const std::string&, const json&)>& visit) {
  if (value.is_object()) visit(where, value);
  if (!value.is_structured()) return;
  for (const auto& [key, below] : value.items()) Walk(below, where + "/" + key, visit);
}

json KubeflowSchemas() { return Body("/openapi/v3/apis/kubeflow.org/v1beta1")["components"]["schemas"]; }

TEST(OpenApiV3, TheIndexLeadsToADocumentOfEveryGroupVersion) {
  const json paths = Body("/openapi/v3")["paths"];
  for (const ResourceType& type : AllResourceTypes()) {
    const std::string key = (type.group.empty() ? "api/" : "apis/") + type.api_version();
    ASSERT_TRUE(paths.contains(key)) << key;
    const std::string url = paths[key]["serverRelativeURL"];
    EXPECT_THAT(url, testing::HasSubstr("?hash="));
    EXPECT_EQ(Body(url)["openapi"], "3.0.0") << url;
  }
  EXPECT_EQ(Get("/openapi/v3/apis/nobody.org/v1").status, 404);
}

TEST(OpenApiV3, EveryReferenceResolves) {
  for (const auto& [key, document] : Documents()) {
    std::size_t references = 0;
    Walk(document, "", [&](const std::string& where, const json& object) {
      if (!object.contains("$ref")) return;
      ++references;
      EXPECT_EQ(object.size(), 1) << where << ": nothing may stand beside $ref";
      EXPECT_TRUE(document.contains(json::json_pointer(object["$ref"].get<std::string>().substr(1))))
          << object["$ref"];
    });
    EXPECT_GT(references, 0u) << key;
  }
}

TEST(OpenApiV3, EveryFieldHasATypeAndASentence) {
  for (const auto& [key, document] : Documents()) {
    Walk(document["components"]["schemas"], key, [](const std::string& where, const json& object) {
      if (!object.contains("properties") || where.ends_with("/properties")) return;
      for (const auto& [name, field] : object["properties"].items()) {
        EXPECT_TRUE(field.contains("type") || field.contains("allOf") ||
                    field.contains("x-kubernetes-preserve-unknown-fields"))
            << where << "/" << name;
        EXPECT_TRUE(field.contains("description") && field["description"].get<std::string>().ends_with('.'))
            << where << "/" << name << " has no description";
      }
    });
  }
}

TEST(OpenApiV3, EveryKindIsDescribed) {
  for (const auto& [key, document] : Documents()) {
    for (const auto& [name, schema] : document["components"]["schemas"].items()) {
      EXPECT_NE(schema.value("description", ""), "") << name;
    }
  }
}

TEST(OpenApiV3, AnExperimentsSchemaIsItsContract) {
  const json experiment = KubeflowSchemas()["org.kubeflow.v1beta1.Experiment"];
  EXPECT_EQ(experiment["x-kubernetes-group-version-kind"],
            json::array({{{"group", "kubeflow.org"}, {"version", "v1beta1"}, {"kind", "Experiment"}}}));
  const auto field = [&](const std::string& path) {
    return experiment.value(json::json_pointer(path), json());
  };
  const std::string spec = "/properties/spec/properties";
  EXPECT_EQ(field(spec + "/maxTrialCount/type"), "integer");
  EXPECT_EQ(field(spec + "/objective/properties/goal/type"), "number");
  EXPECT_EQ(field(spec + "/objective/properties/type/enum"), json::array({"minimize", "maximize"}));
  EXPECT_EQ(field(spec + "/parameters/items/properties/feasibleSpace/properties/min/type"), "string");
  EXPECT_EQ(field(spec + "/trialTemplate/properties/trialSpec/x-kubernetes-preserve-unknown-fields"), true);
  EXPECT_EQ(field(spec + "/metricsCollectorSpec/properties/source/properties/httpGet/properties/port/format"),
            "int-or-string");
  EXPECT_EQ(field("/properties/status/properties/trialsRunning/type"), "integer");
  EXPECT_EQ(field("/properties/status/properties/startTime/format"), "date-time");
  EXPECT_EQ(field("/properties/metadata/allOf/0/$ref"),
            "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
}

// Server-side apply replaces lists as a whole; a schema that told otherwise would mislead clients that merge.
TEST(OpenApiV3, ListsAreAtomicAndNothingIsRequired) {
  Walk(KubeflowSchemas(), "", [](const std::string& where, const json& object) {
    if (where.ends_with("/properties")) return;  // names of fields, not words of a schema
    if (object.value("type", "") == "array") {
      EXPECT_EQ(object.value("x-kubernetes-list-type", ""), "atomic") << where;
    }
    EXPECT_FALSE(object.contains("required")) << where;
  });
}

// kubectl leaves the check of fields to the server only when it finds this.
TEST(OpenApiV3, PatchesSayThatTheServerValidatesFields) {
  for (const ResourceType& type : AllResourceTypes()) {
    if (type.writable != Writable::kYes) continue;
    const std::string key = (type.group.empty() ? "api/" : "apis/") + type.api_version();
    bool found = false;
    const json document = Body("/openapi/v3/" + key);
    for (const auto& [path, item] : document["paths"].items()) {
      if (!item.contains("patch") || item["patch"]["x-kubernetes-group-version-kind"]["kind"] != type.kind)
        continue;
      std::set<std::string> names;
      for (const json& parameter : item["patch"]["parameters"]) names.insert(parameter["name"]);
      EXPECT_TRUE(names.contains("fieldValidation") && names.contains("dryRun")) << path;
      found = true;
    }
    EXPECT_TRUE(found) << type.plural;
  }
}

TEST(OpenApiV3, OperationsHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const auto& [key, document] : Documents()) {
    Walk(document["paths"], "", [&](const std::string& where, const json& object) {
      if (!object.contains("operationId")) return;
      EXPECT_TRUE(names.insert(object["operationId"]).second) << where;
      EXPECT_FALSE(object["responses"].empty()) << where;
    });
  }
  EXPECT_TRUE(names.contains("patchKubeflowOrgV1beta1NamespacedExperiment"));
}

TEST(OpenApiV2, EveryReferenceResolves) {
  const json document = Body("/openapi/v2");
  EXPECT_EQ(document["swagger"], "2.0");
  EXPECT_TRUE(document["definitions"].contains("org.kubeflow.v1beta1.Trial"));
  Walk(document, "", [&](const std::string& where, const json& object) {
    EXPECT_FALSE(object.contains("allOf") || object.contains("requestBody") || object.contains("content"))
        << where;
    if (!object.contains("$ref")) return;
    EXPECT_FALSE(object.contains("type")) << where;
    EXPECT_TRUE(document.contains(json::json_pointer(object["$ref"].get<std::string>().substr(1))))
        << object["$ref"];
  });
}

TEST(OpenApiV2, ComesAsProtobufToWhoAcceptsThat) {
  const http::Response response = Get("/openapi/v2", kProtobuf);
  EXPECT_EQ(response.headers.Find("Content-Type"),
            "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  EXPECT_TRUE(
      response.body.starts_with("\n\x03"
                                "2.0"));
  EXPECT_EQ(Get("/openapi/v2", std::string("application/json,") + kProtobuf).headers.Find("Content-Type"),
            "application/json");
}

TEST(OpenApi, IsNotSentAgainToWhoHasIt) {
  for (const char* path : {"/openapi/v2", "/openapi/v3", "/openapi/v3/apis/kubeflow.org/v1beta1"}) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    request.headers.Add("If-None-Match", std::string(*Get(path).headers.Find("ETag")));
    EXPECT_EQ(AnswerOpenApi(request)->status, 304) << path;
  }
}

}  // namespace
}  // namespace qalam::apiserver
