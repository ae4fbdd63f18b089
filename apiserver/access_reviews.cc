#include "apiserver/access_reviews.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apiserver/api_groups.h"
#include "apiserver/failure.h"
#include "apiserver/kubernetes_protobuf.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

std::string TextAt(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

absl::StatusOr<Json> ReadBody(const http::Request& request, std::string_view kind) {
  const std::string type = request.headers.Joined("Content-Type");
  Json body;
  if (type.starts_with(kProtobufContentType)) {
    QALAM_ASSIGN_OR_RETURN(body, ReadKubernetesProtobuf(request.body));
  } else {
    body = Json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  }
  if (!body.is_object()) {
    return Failure(400, "BadRequest", fmt::format("the body must be a JSON object of kind {}", kind));
  }
  if (const std::string seen = TextAt(body, "kind"); !seen.empty() && seen != kind) {
    return Failure(400, "BadRequest", fmt::format("kind: \"{}\" was sent; here it must be {}", seen, kind));
  }
  Json& spec = body["spec"];
  if (!spec.is_object()) spec = Json::object();
  return body;
}

// What spec asks about.
absl::StatusOr<RequestInfo> ReadQuestion(const Json& spec) {
  RequestInfo info;
  if (const auto resource = spec.find("resourceAttributes");
      resource != spec.end() && resource->is_object()) {
    info.is_resource = true;
    info.verb = TextAt(*resource, "verb");
    info.group = TextAt(*resource, "group");
    info.version = TextAt(*resource, "version");
    info.namespace_name = TextAt(*resource, "namespace");
    info.resource = TextAt(*resource, "resource");
    info.subresource = TextAt(*resource, "subresource");
    info.name = TextAt(*resource, "name");
    return info;
  }
  if (const auto path = spec.find("nonResourceAttributes"); path != spec.end() && path->is_object()) {
    info.verb = TextAt(*path, "verb");
    info.path = TextAt(*path, "path");
    return info;
  }
  return Failure(422, "Invalid", "spec: resourceAttributes or nonResourceAttributes must be given");
}

absl::StatusOr<Json> ReviewAccess(const Json& spec, const User& user, Access& access) {
  QALAM_ASSIGN_OR_RETURN(const RequestInfo info, ReadQuestion(spec));
  const absl::Status answer = access.Authorize(user, info);
  Json status = {{"allowed", answer.ok()}};
  if (!answer.ok()) status["reason"] = MessageOf(answer);
  return status;
}

absl::StatusOr<Json> ReviewOthersAccess(const Json& spec, const User& user, Access& access) {
  QALAM_RETURN_IF_ERROR(access.Authorize(user, {.is_resource = true,
                                                .verb = "create",
                                                .group = "authorization.k8s.io",
                                                .version = "v1",
                                                .resource = "subjectaccessreviews"}));
  User other{.name = TextAt(spec, "user")};
  if (const auto groups = spec.find("groups"); groups != spec.end() && groups->is_array()) {
    for (const Json& group : *groups) {
      if (group.is_string()) other.groups.push_back(group.get<std::string>());
    }
  }
  if (other.name.empty() && other.groups.empty()) {
    return Failure(422, "Invalid", "spec.user: at least one of user and groups must be given");
  }
  return ReviewAccess(spec, other, access);
}

// Every verb of every resource is tried: that tells the truth whatever the policy is made of.
Json ReviewRules(const Json& spec, const User& user, Access& access) {
  const std::string namespace_name = TextAt(spec, "namespace");
  Json rules = Json::array();
  const auto try_verbs = [&](const GroupVersion& group, const ListedResource& resource,
                             std::string_view subresource, const std::vector<std::string_view>& verbs) {
    std::vector<std::string_view> allowed;
    for (const std::string_view verb : verbs) {
      RequestInfo info{.is_resource = true,
                       .verb = std::string(verb),
                       .group = std::string(group.group),
                       .version = std::string(group.version),
                       .namespace_name = resource.namespaced ? namespace_name : "",
                       .resource = std::string(resource.plural),
                       .subresource = std::string(subresource)};
      if (resource.type == nullptr || access.Authorize(user, info).ok()) allowed.push_back(verb);
    }
    if (allowed.empty()) return;
    const std::string name = subresource.empty() ? std::string(resource.plural)
                                                 : fmt::format("{}/{}", resource.plural, subresource);
    rules.push_back({{"verbs", allowed}, {"apiGroups", {group.group}}, {"resources", {name}}});
  };
  for (const GroupVersion& group : AllGroupVersions()) {
    for (const ListedResource& resource : group.resources) {
      if (resource.plural == "subjectaccessreviews") continue;
      try_verbs(group, resource, {}, resource.verbs);
      for (const Subresource& subresource : resource.subresources) {
        try_verbs(group, resource, subresource.name, subresource.verbs);
      }
    }
  }
  std::vector<std::string_view> paths;
  for (const std::string_view path :
       {"/api", "/apis", "/healthz", "/livez", "/openapi", "/readyz", "/version"}) {
    if (access.Authorize(user, {.verb = "get", .path = std::string(path)}).ok()) paths.push_back(path);
  }
  Json urls = Json::array();
  if (!paths.empty()) urls.push_back({{"verbs", {"get"}}, {"nonResourceURLs", paths}});
  return {{"resourceRules", rules}, {"nonResourceRules", urls}, {"incomplete", false}};
}

Json Describe(const User& user) {
  Json info = {{"username", user.name}};
  if (!user.groups.empty()) info["groups"] = user.groups;
  return {{"userInfo", info}};
}

using Reviewer = absl::StatusOr<Json> (*)(const Json& spec, const User& user, Access& access);

struct Review {
  std::string_view path, api_version, kind;
  Reviewer review;
};

const Review kReviews[] = {
    {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "authorization.k8s.io/v1",
     "SelfSubjectAccessReview", ReviewAccess},
    {"/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "authorization.k8s.io/v1",
     "SelfSubjectRulesReview",
     [](const Json& spec, const User& user, Access& access) -> absl::StatusOr<Json> {
       return ReviewRules(spec, user, access);
     }},
    {"/apis/authorization.k8s.io/v1/subjectaccessreviews", "authorization.k8s.io/v1", "SubjectAccessReview",
     ReviewOthersAccess},
    {"/apis/authentication.k8s.io/v1/selfsubjectreviews", "authentication.k8s.io/v1", "SelfSubjectReview",
     [](const Json&, const User& user, Access&) -> absl::StatusOr<Json> { return Describe(user); }},
};

absl::StatusOr<Json> Answer(const Review& review, const http::Request& request, const User& user,
                            Access& access) {
  if (request.method != "POST") {
    return Failure(405, "MethodNotAllowed",
                   fmt::format("{} is not allowed for {}; POST is", request.method, request.path));
  }
  QALAM_ASSIGN_OR_RETURN(Json object, ReadBody(request, review.kind));
  object["kind"] = review.kind;
  object["apiVersion"] = review.api_version;
  object.emplace("metadata", Json::object());
  QALAM_ASSIGN_OR_RETURN(object["status"], review.review(object["spec"], user, access));
  if (review.kind == "SelfSubjectReview") object.erase("spec");
  return object;
}

}  // namespace

std::optional<http::Response> AnswerReview(const http::Request& request, const User& user, Access& access) {
  for (const Review& review : kReviews) {
    if (request.path != review.path) continue;
    const absl::StatusOr<Json> answer = Answer(review, request, user, access);
    if (!answer.ok()) return ToResponse(answer.status());
    return http::Response{.status = 201,
                          .headers = {{"Content-Type", "application/json"}},
                          .body = answer->dump(-1, ' ', false, Json::error_handler_t::replace)};
  }
  return std::nullopt;
}

}  // namespace qalam::apiserver
