#include "apiserver/health.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace qalam::apiserver {
namespace {

http::Request Get(std::string path, std::string_view query = {}) {
  http::Request request;
  request.method = "GET";
  request.path = std::move(path);
  request.query = http::Query(query);
  return request;
}

TEST(AnswerHealth, SaysOkAsLongAsItAnswers) {
  for (const char* path : {"/healthz", "/livez"}) {
    const auto response = AnswerHealth(Get(path), [] { return false; });
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "ok");
  }
}

TEST(AnswerHealth, IsReadyWhenAskedToBe) {
  EXPECT_EQ(AnswerHealth(Get("/readyz"), [] { return true; })->body, "ok");
  const auto refused = AnswerHealth(Get("/readyz"), [] { return false; });
  EXPECT_EQ(refused->status, 500);
  EXPECT_EQ(refused->body, "[+]ping ok\n[-]ready failed\nreadyz check failed\n");
}

TEST(AnswerHealth, NamesItsChecksWhenAsked) {
  EXPECT_EQ(AnswerHealth(Get("/readyz", "verbose"), [] { return true; })->body,
            "[+]ping ok\n[+]ready ok\nreadyz check passed\n");
}

TEST(AnswerHealth, TellsTheVersionWithEveryFieldThatClientsRequire) {
  const auto response = AnswerHealth(Get("/version"), [] { return true; });
  ASSERT_TRUE(response);
  const nlohmann::json version = nlohmann::json::parse(response->body);
  EXPECT_EQ(version["major"], "1");
  EXPECT_THAT(version["gitVersion"].get<std::string>(), testing::MatchesRegex(R"(v1\.[0-9]+\.0\+qalam\..+)"));
  for (const char* field :
       {"minor", "platform", "buildDate", "gitCommit", "gitTreeState", "goVersion", "compiler"}) {
    EXPECT_TRUE(version[field].is_string()) << field;
  }
}

TEST(AnswerHealth, LeavesOtherPathsAlone) {
  EXPECT_FALSE(AnswerHealth(Get("/health"), [] { return true; }));
  EXPECT_FALSE(AnswerHealth(Get("/"), [] { return true; }));
}

TEST(AnswerHealth, RefusesToBeWritten) {
  http::Request request = Get("/healthz");
  request.method = "POST";
  EXPECT_EQ(AnswerHealth(request, [] { return true; })->status, 405);
}

}  // namespace
}  // namespace qalam::apiserver
