#include "apiserver/access_reviews.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "apiserver/failure.h"

namespace qalam::apiserver {
namespace {

using nlohmann::json;

constexpr const char* kSelfAccess = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
constexpr const char* kAccess = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
constexpr const char* kRules = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
constexpr const char* kSelf = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

// "admin" may do everything, others may read experiments of the namespace "team" and /version.
class TeamAccess : public Access {
 public:
  absl::StatusOr<User> Authenticate(const http::Request&) override { return User{}; }
  absl::Status Authorize(const User& user, const RequestInfo& info) override {
    const bool reads = info.is_resource && info.group == "kubeflow.org" && info.resource == "experiments" &&
                       info.subresource.empty() && info.namespace_name == "team" && info.verb == "get";
    if (user.name == "admin" || reads || (!info.is_resource && info.path == "/version"))
      return absl::OkStatus();
    return Failure(403, "Forbidden", user.name + " may not");
  }
  void Record(const http::Request&, const RequestInfo&, const User*, int, absl::Duration) override {}
};

http::Response Post(const std::string& path, const json& body, std::string user = "alice") {
  TeamAccess access;
  http::Request request;
  request.method = "POST";
  request.path = path;
  request.headers.Add("Content-Type", "application/json");
  request.body = body.dump();
  return AnswerReview(request, {.name = std::move(user), .groups = {"people"}}, access)
      .value_or(http::Response{.status = 404});
}

json MayGet(const std::string& namespace_name) {
  return {{"spec",
           {{"resourceAttributes",
             {{"namespace", namespace_name},
              {"verb", "get"},
              {"group", "kubeflow.org"},
              {"resource", "experiments"}}}}}};
}

TEST(AnswerReview, TellsWhatOneMayDo) {
  const http::Response yes = Post(kSelfAccess, MayGet("team"));
  EXPECT_EQ(yes.status, 201);
  const json review = json::parse(yes.body);
  EXPECT_EQ(review["kind"], "SelfSubjectAccessReview");
  EXPECT_EQ(review["apiVersion"], "authorization.k8s.io/v1");
  EXPECT_EQ(review["spec"], MayGet("team")["spec"]);
  EXPECT_EQ(review["status"], json({{"allowed", true}}));

  const json no = json::parse(Post(kSelfAccess, MayGet("other")).body)["status"];
  EXPECT_EQ(no, json({{"allowed", false}, {"reason", "alice may not"}}));
}

TEST(AnswerReview, KnowsPathsThatAreNoResources) {
  const auto ask = [](const char* path) {
    return json::parse(
        Post(kSelfAccess, {{"spec", {{"nonResourceAttributes", {{"path", path}, {"verb", "get"}}}}}})
            .body)["status"];
  };
  EXPECT_EQ(ask("/version")["allowed"], true);
  EXPECT_EQ(ask("/metrics")["allowed"], false);
}

TEST(AnswerReview, TakesProtobufAsKubectlSendsIt) {
  const auto field = [](int number, const std::string& bytes) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
  };
  const std::string attributes =
      field(1, "team") + field(2, "get") + field(3, "kubeflow.org") + field(5, "experiments");
  TeamAccess access;
  http::Request request;
  request.method = "POST";
  request.path = kSelfAccess;
  request.headers.Add("Content-Type", "application/vnd.kubernetes.protobuf");
  request.body = std::string("k8s\0", 4) +
                 field(1, field(1, "authorization.k8s.io/v1") + field(2, "SelfSubjectAccessReview")) +
                 field(2, field(1, "") + field(2, field(1, attributes)));
  const auto response = AnswerReview(request, {.name = "alice"}, access);
  EXPECT_EQ(json::parse(response->body)["status"], json({{"allowed", true}}));
}

TEST(AnswerReview, TellsAboutOthersOnlyToWhoMayAsk) {
  json body = MayGet("team");
  body["spec"]["user"] = "bob";
  EXPECT_EQ(Post(kAccess, body).status, 403);
  EXPECT_EQ(json::parse(Post(kAccess, body, "admin").body)["status"]["allowed"], true);
  body["spec"]["resourceAttributes"]["namespace"] = "other";
  EXPECT_EQ(json::parse(Post(kAccess, body, "admin").body)["status"]["reason"], "bob may not");
  body["spec"].erase("user");
  EXPECT_EQ(Post(kAccess, body, "admin").status, 422);
}

TEST(AnswerReview, ListsWhatOneMayDoInANamespace) {
  const json status = json::parse(Post(kRules, {{"spec", {{"namespace", "team"}}}}).body)["status"];
  EXPECT_EQ(status["incomplete"], false);
  json experiments;
  for (const json& rule : status["resourceRules"]) {
    if (rule["apiGroups"] == json::array({"kubeflow.org"})) experiments.push_back(rule);
  }
  EXPECT_EQ(
      experiments,
      json::array({{{"verbs", {"get"}}, {"apiGroups", {"kubeflow.org"}}, {"resources", {"experiments"}}}}));
  EXPECT_EQ(status["nonResourceRules"],
            json::array({{{"verbs", {"get"}}, {"nonResourceURLs", {"/version"}}}}));
}

TEST(AnswerReview, TellsWhoOneIs) {
  const json review = json::parse(Post(kSelf, json::object()).body);
  EXPECT_EQ(review["status"], json({{"userInfo", {{"username", "alice"}, {"groups", {"people"}}}}}));
}

TEST(AnswerReview, RefusesWhatIsNoQuestion) {
  EXPECT_EQ(Post(kSelfAccess, json::object()).status, 422);
  EXPECT_EQ(Post(kSelfAccess, json::array()).status, 400);
  EXPECT_EQ(Post(kSelfAccess, {{"kind", "Pod"}}).status, 400);
  EXPECT_EQ(Post(kSelfAccess, {{"spec", {{"resourceAttributes", {{"verb", 7}}}}}}).status, 201);
  EXPECT_EQ(Post("/apis/authorization.k8s.io/v1/elses", json::object()).status, 404);
  TeamAccess access;
  http::Request request;
  request.method = "GET";
  request.path = kSelfAccess;
  EXPECT_EQ(AnswerReview(request, {.name = "alice"}, access)->status, 405);
}

}  // namespace
}  // namespace qalam::apiserver
