#include "server/api_audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/workload/temporary_directory.h"

namespace qalam::server {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using workload::ReadFile;

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);

http::Request Get(const std::string& path, const std::string& query = {}) {
  return {.method = "GET",
          .target = query.empty() ? path : path + "?" + query,
          .path = path,
          .query = http::Query(query),
          .headers = {{"User-Agent", "kubectl/v1.33"}, {"Authorization", "Bearer sesame"}},
          .body = "body sesame",
          .peer = {.address = "[::1]:40312"}};
}

std::string Line(const http::Request& request, int code, const apiserver::User* user = nullptr) {
  return AuditLine(request, apiserver::ReadRequestInfo(request), user, code, kNow, absl::Milliseconds(250));
}

TEST(AuditLine, IsAnEventOfKubernetes) {
  const apiserver::User user{.name = "alice", .groups = {"team-a"}};
  const std::string line = Line(
      Get("/apis/kubeflow.org/v1beta1/namespaces/a/experiments/x/status", "fieldManager=me"), 200, &user);
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  json event = json::parse(line);
  EXPECT_THAT(event["auditID"].get<std::string>(),
              testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  event.erase("auditID");
  EXPECT_EQ(event, json::parse(R"({
    "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "stage": "ResponseComplete",
    "requestURI": "/apis/kubeflow.org/v1beta1/namespaces/a/experiments/x/status?fieldManager=me", "verb": "get",
    "user": {"username": "alice", "groups": ["team-a"]}, "sourceIPs": ["::1"], "userAgent": "kubectl/v1.33",
    "objectRef": {"resource": "experiments", "namespace": "a", "name": "x", "apiGroup": "kubeflow.org",
                  "apiVersion": "v1beta1", "subresource": "status"},
    "responseStatus": {"metadata": {}, "code": 200},
    "requestReceivedTimestamp": "2025-12-31T23:59:59.750000Z", "stageTimestamp": "2026-01-01T00:00:00.000000Z"})"));
}

TEST(AuditLine, HoldsNoSecret) {
  const std::string line =
      Line(Get("/api/v1/namespaces/a/secrets", "token=sesame&limit=5&x%26y=sesame"), 401);
  EXPECT_THAT(line, Not(HasSubstr("sesame")));
  EXPECT_EQ(json::parse(line)["requestURI"], "/api/v1/namespaces/a/secrets?limit=5&token=-&x%26y=-");
  EXPECT_EQ(json::parse(line)["user"], json::object());
}

TEST(AuditLine, OfWhatGoesOnTellsItsBeginning) {
  const std::string trials = "/apis/kubeflow.org/v1beta1/trials", log = "/api/v1/namespaces/a/pods/p/log";
  EXPECT_EQ(json::parse(Line(Get(trials, "watch=true"), 200))["stage"], "ResponseStarted");
  EXPECT_EQ(json::parse(Line(Get(trials, "watch=true"), 403))["stage"], "ResponseComplete");
  EXPECT_EQ(json::parse(Line(Get(log, "follow=true"), 200))["stage"], "ResponseStarted");
  EXPECT_EQ(json::parse(Line(Get(log), 200))["stage"], "ResponseComplete");
}

TEST(AuditLine, TakesAnyBytes) {
  http::Request request = Get("/x");
  request.target = "/%ff\xff\n";
  request.headers = {{"User-Agent", std::string(10'000, '\xfe')}};
  EXPECT_TRUE(json::accept(Line(request, 404)));
}

class AuditFileTest : public testing::Test {
 protected:
  size_t LogLines() {
    const std::string text = out_.str();
    return std::count(text.begin(), text.end(), '\n');
  }

  workload::TemporaryDirectory directory_;
  const std::string path_ = directory_ / "audit.log";
  std::ostringstream out_;
  Log log_{out_, LogFormat::kText, LogLevel::kInfo};
};

TEST_F(AuditFileTest, IsTheOwnersAndGoesOnWhereItWas) {
  for (const char* text : {"one", "two"}) {
    AuditFile file(path_, 1'000, log_);
    ASSERT_TRUE(file.Open().ok());
    file.Write(text);
  }
  EXPECT_EQ(ReadFile(path_), "one\ntwo\n");
  struct stat facts {};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(AuditFileTest, BeginsANewOneAtItsSize) {
  AuditFile file(path_, 10, log_);
  ASSERT_TRUE(file.Open().ok());
  for (const char* text : {"first", "1234", "5678", "a line longer than the size"}) file.Write(text);
  EXPECT_EQ(ReadFile(path_), "a line longer than the size\n");
  EXPECT_EQ(ReadFile(path_ + ".1"), "1234\n5678\n");
  EXPECT_EQ(LogLines(), 0u);
}

TEST_F(AuditFileTest, GrowsWhenItCannotBeMovedAwayAndTellsOnce) {
  std::filesystem::create_directories(directory_ / "audit.log.1");
  AuditFile file(path_, 10, log_);
  ASSERT_TRUE(file.Open().ok());
  for (const char* text : {"first one", "second one", "third one"}) file.Write(text);
  EXPECT_EQ(ReadFile(path_), "first one\nsecond one\nthird one\n");
  EXPECT_EQ(LogLines(), 1u);
}

TEST_F(AuditFileTest, FollowsItsPathWhenTold) {
  AuditFile file(path_, 1'000, log_);
  ASSERT_TRUE(file.Open().ok());
  file.Write("one");
  std::filesystem::rename(path_, path_ + ".moved");
  file.Write("two");
  file.Reopen();
  file.Write("three");
  EXPECT_EQ(ReadFile(path_ + ".moved"), "one\ntwo\n");
  EXPECT_EQ(ReadFile(path_), "three\n");
}

TEST_F(AuditFileTest, TellsAFailureOnceAndWhenItIsOver) {
  const std::string path = directory_ / "folder/audit.log";
  AuditFile file(path, 1'000, log_);
  EXPECT_TRUE(absl::IsInvalidArgument(file.Open()));
  for (int i = 0; i < 3; ++i) file.Write("lost");
  EXPECT_EQ(LogLines(), 1u);
  EXPECT_THAT(out_.str(), HasSubstr("the audit log cannot be written"));
  std::filesystem::create_directory(directory_ / "folder");
  for (int i = 0; i < 3; ++i) file.Write("kept");
  EXPECT_EQ(LogLines(), 2u);
  EXPECT_EQ(ReadFile(path), "kept\nkept\nkept\n");
}

}  // namespace
}  // namespace qalam::server
