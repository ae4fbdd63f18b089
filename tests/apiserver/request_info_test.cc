#include "apiserver/request_info.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/field_error.h"
#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

RequestInfo Read(const std::string& method, const std::string& target) {
  const std::size_t mark = target.find('?');
  return ReadRequestInfo({.method = method,
                          .target = target,
                          .path = target.substr(0, mark),
                          .query = http::Query(mark == std::string::npos ? "" : target.substr(mark + 1))});
}

TEST(ReadRequestInfo, TellsVerbsOfResourcesApart) {
  struct Case {
    const char *method, *target, *verb, *group, *name_space, *resource, *name, *subresource;
  };
  const std::string e = "/apis/kubeflow.org/v1beta1/namespaces/ns/experiments";
  const Case cases[] = {
      {"GET", "/apis/kubeflow.org/v1beta1/namespaces/ns/experiments/x", "get", "kubeflow.org", "ns",
       "experiments", "x", ""},
      {"HEAD", "/apis/kubeflow.org/v1beta1/namespaces/ns/experiments/x", "get", "kubeflow.org", "ns",
       "experiments", "x", ""},
      {"GET", "/apis/kubeflow.org/v1beta1/namespaces/ns/experiments", "list", "kubeflow.org", "ns",
       "experiments", "", ""},
      {"GET", "/apis/kubeflow.org/v1beta1/experiments", "list", "kubeflow.org", "", "experiments", "", ""},
      {"GET", "/apis/kubeflow.org/v1beta1/experiments?watch=true", "watch", "kubeflow.org", "", "experiments",
       "", ""},
      {"GET", "/apis/kubeflow.org/v1beta1/experiments?watch=false", "list", "kubeflow.org", "", "experiments",
       "", ""},
      {"GET", "/apis/kubeflow.org/v1beta1/namespaces/ns/experiments?watch&fieldSelector=metadata.name%3Dx",
       "watch", "kubeflow.org", "ns", "experiments", "x", ""},
      {"POST", "/api/v1/namespaces/ns/configmaps", "create", "", "ns", "configmaps", "", ""},
      {"PUT", "/api/v1/namespaces/ns/configmaps/c", "update", "", "ns", "configmaps", "c", ""},
      {"PATCH", "/apis/kubeflow.org/v1beta1/namespaces/ns/trials/t/status", "patch", "kubeflow.org", "ns",
       "trials", "t", "status"},
      {"DELETE", "/api/v1/namespaces/ns/configmaps/c", "delete", "", "ns", "configmaps", "c", ""},
      {"DELETE", "/api/v1/namespaces/ns/configmaps", "deletecollection", "", "ns", "configmaps", "", ""},
      {"DELETE", "/api/v1/namespaces/ns/configmaps?fieldSelector=metadata.name%3Dx", "deletecollection", "",
       "ns", "configmaps", "", ""},
      {"GET", "/api/v1/namespaces", "list", "", "", "namespaces", "", ""},
      {"GET", "/api/v1/namespaces/ns", "get", "", "ns", "namespaces", "ns", ""},
      {"PUT", "/api/v1/namespaces/ns/status", "update", "", "ns", "namespaces", "ns", "status"},
      {"GET", "/api/v1/namespaces/ns/pods/p/log?follow=true", "get", "", "ns", "pods", "p", "log"},
      {"GET", "/api/v1/pods/", "list", "", "", "pods", "", ""},
  };
  for (const Case& c : cases) {
    const RequestInfo info = Read(c.method, c.target);
    EXPECT_TRUE(info.is_resource) << c.target;
    EXPECT_EQ(info.verb, c.verb) << c.target;
    EXPECT_EQ(info.group, c.group) << c.target;
    EXPECT_EQ(info.namespace_name, c.name_space) << c.target;
    EXPECT_EQ(info.resource, c.resource) << c.target;
    EXPECT_EQ(info.name, c.name) << c.target;
    EXPECT_EQ(info.subresource, c.subresource) << c.target;
  }
}

TEST(ReadRequestInfo, LeavesOtherPathsAlone) {
  for (const char* target :
       {"/", "/api", "/api/v1", "/apis", "/apis/kubeflow.org", "/apis/kubeflow.org/v1beta1", "/healthz",
        "/api/v1/namespaces//pods", "/api/v1/namespaces/ns/pods/p/log/more", "/openapi/v3"}) {
    const RequestInfo info = Read("GET", target);
    EXPECT_FALSE(info.is_resource) << target;
    EXPECT_EQ(info.verb, "get");
    EXPECT_EQ(info.path, target);
    EXPECT_EQ(info.namespace_name, "");
  }
}

TEST(Failure, SpeaksAsAStatusObject) {
  const absl::Status failure =
      Failure(422, "Invalid", "no", {.name = "x", .group = "g", .kind = "k", .causes = {{"R", "m", "f"}}});
  EXPECT_EQ(CodeOf(failure), 422);
  EXPECT_EQ(failure.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      StatusJson(failure),
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"no","reason":"Invalid",)"
      R"("details":{"name":"x","group":"g","kind":"k","causes":[{"reason":"R","message":"m","field":"f"}]},"code":422})");
  EXPECT_EQ(CodeOf(absl::OkStatus()), 200);
  EXPECT_EQ(CodeOf(absl::InternalError("x")), 500);
}

TEST(Failure, WithoutAReasonHasNone) {
  EXPECT_EQ(
      StatusJson(Failure(400, "", "denied")),
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"denied","code":400})");
}

TEST(ToFailure, TranslatesTheCodesOfStores) {
  const std::pair<absl::Status, int> cases[] = {
      {absl::NotFoundError("m"), 404},         {absl::AlreadyExistsError("m"), 409},
      {absl::AbortedError("m"), 409},          {absl::OutOfRangeError("m"), 410},
      {absl::InvalidArgumentError("m"), 422},  {absl::UnavailableError("m"), 503},
      {absl::PermissionDeniedError("m"), 403}, {absl::DataLossError("m"), 500},
  };
  for (const auto& [status, code] : cases)
    EXPECT_EQ(CodeOf(ToFailure(status, "g", "r", "n")), code) << status;
  EXPECT_EQ(CodeOf(ToFailure(Failure(418, "Teapot", "m"), "g", "r", "n")), 418);
  EXPECT_TRUE(ToFailure(absl::OkStatus(), "g", "r", "n").ok());
}

TEST(ToFailure, CarriesEveryErrorOfAFieldAsACause) {
  const absl::Status invalid = api::InvalidError(
      "Experiment \"x\"",
      {{api::FieldErrorType::kRequired, "a"}, {api::FieldErrorType::kInvalid, "b", "v", "must not"}});
  const auto json = nlohmann::json::parse(StatusJson(ToFailure(invalid, "kubeflow.org", "experiments", "x")));
  EXPECT_EQ(json["details"]["kind"], "Experiment");
  EXPECT_EQ(json["details"]["causes"].dump(),
            R"([{"field":"a","message":"Required value","reason":"FieldValueRequired"},)"
            R"({"field":"b","message":"Invalid value: \"v\": must not","reason":"FieldValueInvalid"}])");
}

}  // namespace
}  // namespace qalam::apiserver
