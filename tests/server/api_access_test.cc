#include "server/api_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apiserver/failure.h"
#include "server/api_policy.h"
#include "tests/workload/temporary_directory.h"

namespace qalam::server {
namespace {

using apiserver::CodeOf;
using apiserver::User;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using workload::ReadFile;
using workload::WriteFile;

http::Request Get(const std::string& path, const std::string& token = {}) {
  http::Request request{
      .method = "GET", .target = path, .path = path, .headers = {{"Host", "localhost:8080"}}};
  if (!token.empty()) request.headers.Add("Authorization", "Bearer " + token);
  return request;
}

const std::string kTrials = "/apis/kubeflow.org/v1beta1/namespaces/a/trials";

class ApiAccessTest : public testing::Test {
 protected:
  absl::Status Start(ApiAccessOptions options = {}) {
    options.data_directory = directory_.path();
    auto loaded = ApiAccess::Load(std::move(options), log_, [this] { return now_; });
    if (loaded.ok()) access_ = *std::move(loaded);
    return loaded.status();
  }
  std::string AdminToken() {
    std::string text = ReadFile(directory_ / "access/admin.token");
    EXPECT_EQ(text.back(), '\n');
    text.pop_back();
    return text;
  }
  int CodeOfUser(const http::Request& request) { return CodeOf(access_->Authenticate(request).status()); }
  int CodeOfRequest(const http::Request& request) {
    const auto user = access_->Authenticate(request);
    if (!user.ok()) return CodeOf(user.status());
    return CodeOf(access_->Authorize(*user, apiserver::ReadRequestInfo(request)));
  }

  workload::TemporaryDirectory directory_;
  absl::Time now_ = absl::UnixEpoch();
  std::ostringstream out_;
  Log log_{out_, LogFormat::kText, LogLevel::kInfo};
  std::unique_ptr<ApiAccess> access_;
};

TEST_F(ApiAccessTest, MakesATokenForTheAdministratorOnce) {
  ASSERT_TRUE(Start().ok());
  const std::string token = AdminToken();
  EXPECT_GE(token.size(), 32u);
  const auto user = access_->Authenticate(Get(kTrials, token));
  ASSERT_TRUE(user.ok()) << user.status();
  EXPECT_EQ(user->name, "admin");
  EXPECT_THAT(user->groups, Contains(std::string(kMasters)));
  EXPECT_THAT(user->groups, Contains("system:authenticated"));
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(AdminToken(), token);
}

TEST_F(ApiAccessTest, AsksEverybodyForAToken) {
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(CodeOfUser(Get(kTrials)), 401);
  EXPECT_EQ(CodeOfUser(Get(kTrials, "nonsense")), 401);
  EXPECT_EQ(CodeOfUser(Get("/healthz", "nonsense")), 401);
  http::Request basic = Get(kTrials);
  basic.headers.Add("Authorization", "Basic " + AdminToken());
  EXPECT_EQ(CodeOfUser(basic), 401);
  http::Request loopback = Get(kTrials);
  loopback.peer.loopback = true;
  EXPECT_EQ(CodeOfUser(loopback), 401);
}

TEST_F(ApiAccessTest, TellsEverybodyHealthAndVersionOnly) {
  ASSERT_TRUE(Start().ok());
  for (const char* path : {"/healthz", "/livez", "/readyz", "/version", "/livez/ping"}) {
    EXPECT_EQ(CodeOfRequest(Get(path)), 200) << path;
    http::Request post = Get(path);
    post.method = "POST";
    EXPECT_EQ(CodeOfRequest(post), 403) << path;
  }
  for (const char* path : {"/", "/api", "/apis", "/openapi/v2", "/healthzz", "/metrics", "/version.txt"}) {
    EXPECT_EQ(CodeOfRequest(Get(path)), 401) << path;
  }
}

TEST_F(ApiAccessTest, KnowsClientsByCertificates) {
  ASSERT_TRUE(Start().ok());
  http::Request request = Get(kTrials);
  request.peer.certificate_name = "carol";
  request.peer.certificate_groups = {"team-c"};
  const auto user = access_->Authenticate(request);
  ASSERT_TRUE(user.ok());
  EXPECT_EQ(user->name, "carol");
  EXPECT_THAT(user->groups, testing::ElementsAre("team-c", "system:authenticated"));
}

TEST_F(ApiAccessTest, NobodyActsAsSomebodyElse) {
  ASSERT_TRUE(Start().ok());
  http::Request request = Get(kTrials, AdminToken());
  request.headers.Add("Impersonate-User", "bob");
  EXPECT_EQ(CodeOfUser(request), 403);
}

TEST_F(ApiAccessTest, RefusesOtherHostsBeforeItLooksAtTokens) {
  ASSERT_TRUE(Start().ok());
  http::Request request = Get("/healthz", AdminToken());
  request.headers = {{"Host", "evil.example"}};
  EXPECT_EQ(CodeOfUser(request), 403);
}

TEST_F(ApiAccessTest, WithoutAPolicyEveryUserMayEverything) {
  WriteFile(directory_ / "tokens", "one,alice,1\n");
  ASSERT_TRUE(Start({.token_file = directory_ / "tokens"}).ok());
  EXPECT_EQ(CodeOfRequest(Get(kTrials, "one")), 200);
  EXPECT_EQ(CodeOf(access_->Authorize({.name = "system:anonymous", .groups = {}},
                                      apiserver::ReadRequestInfo(Get(kTrials)))),
            403);
}

TEST_F(ApiAccessTest, WithAPolicyUsersMayWhatItSaysAndAskWhatThereIs) {
  WriteFile(directory_ / "tokens", "one,alice,1,team-a\n");
  WriteFile(directory_ / "policy",
            "rules: [{groups: [team-a], namespaces: [a], verbs: [list], resources: [trials]}]");
  ASSERT_TRUE(Start({.token_file = directory_ / "tokens", .policy_file = directory_ / "policy"}).ok());
  for (const std::string& path : {kTrials, std::string("/api"), std::string("/apis/kubeflow.org/v1beta1"),
                                  std::string("/openapi/v3"), std::string("/version")}) {
    EXPECT_EQ(CodeOfRequest(Get(path, "one")), 200) << path;
  }
  for (const char* path :
       {"/apis/kubeflow.org/v1beta1/trials", "/apis/kubeflow.org/v1beta1/namespaces/b/trials",
        "/apis/kubeflow.org/v1beta1/namespaces/a/trials/x", "/metrics", "/api/v1/namespaces"}) {
    EXPECT_EQ(CodeOfRequest(Get(path, "one")), 403) << path;
    EXPECT_EQ(CodeOfRequest(Get(path, AdminToken())), 200) << path;
  }
  const User alice{.name = "alice", .groups = {"team-a"}};
  apiserver::RequestInfo review{.is_resource = true,
                                .verb = "create",
                                .group = "authorization.k8s.io",
                                .version = "v1",
                                .resource = "selfsubjectaccessreviews"};
  EXPECT_TRUE(access_->Authorize(alice, review).ok());
  review.resource = "subjectaccessreviews";
  EXPECT_FALSE(access_->Authorize(alice, review).ok());
}

TEST_F(ApiAccessTest, ReadsChangedFilesAgainAndKeepsWhatWasGood) {
  WriteFile(directory_ / "tokens", "one,alice,1\n");
  ASSERT_TRUE(Start({.token_file = directory_ / "tokens"}).ok());
  WriteFile(directory_ / "tokens", "secret,alice\n");
  EXPECT_EQ(CodeOfUser(Get(kTrials, "one")), 200);
  EXPECT_EQ(out_.str(), "");  // it is not looked at for every request
  for (int i = 0; i < 3; ++i) {
    now_ += absl::Seconds(1);
    EXPECT_EQ(CodeOfUser(Get(kTrials, "one")), 200);
  }
  EXPECT_THAT(out_.str(), HasSubstr("tokens:1: 2 columns"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("secret")));
  const std::string lines = out_.str();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
  WriteFile(directory_ / "tokens", "two,alice,1\n");
  now_ += absl::Seconds(1);
  EXPECT_EQ(CodeOfUser(Get(kTrials, "two")), 200);
  EXPECT_EQ(CodeOfUser(Get(kTrials, "one")), 401);
}

TEST_F(ApiAccessTest, NoAuthIsForThisMachineAlone) {
  ASSERT_TRUE(Start({.no_auth = true}).ok());
  const auto user = access_->Authenticate(Get(kTrials));
  ASSERT_TRUE(user.ok());
  EXPECT_EQ(user->name, "system:admin");
  EXPECT_EQ(CodeOfRequest(Get("/api/v1/namespaces")), 200);
  http::Request page = Get(kTrials);
  page.headers.Add("Origin", "https://evil.example");
  EXPECT_EQ(CodeOfUser(page), 403);

  for (const char* address : {"0.0.0.0:8080", "[::]:8080", "lab.example:8080", ":8080"}) {
    const absl::Status status = Start({.address = address, .no_auth = true});
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << address;
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("--no-auth: "));
  }
  WriteFile(directory_ / "policy", "rules: []");
  EXPECT_TRUE(absl::IsInvalidArgument(Start({.no_auth = true, .policy_file = directory_ / "policy"})));
}

TEST_F(ApiAccessTest, FilesThatCannotBeUsedStopTheStart) {
  EXPECT_TRUE(absl::IsInvalidArgument(Start({.token_file = directory_ / "none"})));
  EXPECT_TRUE(absl::IsInvalidArgument(Start({.policy_file = directory_ / "none"})));
  EXPECT_TRUE(absl::IsInvalidArgument(Start({.policy_file = directory_ / "."})));
  EXPECT_TRUE(absl::IsInvalidArgument(Start({.audit_log = directory_ / "none/audit.log"})));
  ASSERT_TRUE(Start().ok());
  ASSERT_EQ(chmod((directory_ / "access/admin.token").c_str(), 0640), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(Start()));
  WriteFile(directory_ / "access/admin.token", "\n");
  ASSERT_EQ(chmod((directory_ / "access/admin.token").c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(Start()));
}

TEST_F(ApiAccessTest, RecordsRequests) {
  ASSERT_TRUE(Start({.audit_log = directory_ / "audit.log"}).ok());
  const http::Request request = Get(kTrials, AdminToken());
  const auto user = access_->Authenticate(request);
  ASSERT_TRUE(user.ok());
  access_->Record(request, apiserver::ReadRequestInfo(request), &*user, 200, absl::Milliseconds(1));
  access_->Record(Get(kTrials), apiserver::ReadRequestInfo(request), nullptr, 401, absl::Milliseconds(1));
  std::istringstream lines(ReadFile(directory_ / "audit.log"));
  std::string first, second;
  ASSERT_TRUE(std::getline(lines, first) && std::getline(lines, second));
  EXPECT_EQ(nlohmann::json::parse(first)["user"]["username"], "admin");
  EXPECT_EQ(nlohmann::json::parse(second)["responseStatus"]["code"], 401);
  EXPECT_THAT(first, Not(HasSubstr(AdminToken())));
}

}  // namespace
}  // namespace qalam::server
