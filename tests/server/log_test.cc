#include "server/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace qalam::server {
namespace {

const absl::Time kTime = absl::FromUnixMillis(1'767'323'045'678);  // 2026-01-02T03:04:05.678Z

std::string Written(LogFormat format, std::string_view message, const std::vector<LogField>& fields) {
  std::ostringstream out;
  Log(out, format, LogLevel::kInfo).Write(LogLevel::kInfo, kTime, message, fields);
  return out.str();
}

TEST(Log, WritesFieldsAsText) {
  EXPECT_EQ(Written(LogFormat::kText, "call",
                    {{"method", "GetSuggestions"}, {"trials", std::int64_t{200}}, {"ms", 3.25}}),
            "2026-01-02T03:04:05.678Z info call method=GetSuggestions trials=200 ms=3.250\n");
}

TEST(Log, QuotesWhatWouldBreakALineOfText) {
  EXPECT_EQ(Written(LogFormat::kText, "call", {{"a", "two words"}, {"b", ""}, {"c", "x=\"1\"\nfake info"}}),
            "2026-01-02T03:04:05.678Z info call a=\"two words\" b=\"\" c=\"x=\\\"1\\\"\\nfake info\"\n");
}

TEST(Log, WritesOneObjectALineAsJson) {
  const std::string line = Written(LogFormat::kJson, "call",
                                   {{"name", "a \"b\"\n\xFF"}, {"trials", std::int64_t{-1}}, {"ms", 0.5}});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["time"], "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(json["level"], "info");
  EXPECT_EQ(json["message"], "call");
  EXPECT_EQ(json["name"], "a \"b\"\n\xEF\xBF\xBD");
  EXPECT_EQ(json["trials"], -1);
  EXPECT_EQ(json["ms"], 0.5);
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  std::ostringstream out;
  Log log(out, LogFormat::kText, LogLevel::kWarning);
  log.Write(LogLevel::kInfo, kTime, "info");
  EXPECT_EQ(out.str(), "");
  log.Write(LogLevel::kError, kTime, "error");
  EXPECT_EQ(out.str(), "2026-01-02T03:04:05.678Z error error\n");
  EXPECT_FALSE(Log(out, LogFormat::kText, LogLevel::kOff).Wants(LogLevel::kError));
}

TEST(ParseLogLevel, KnowsItsNames) {
  EXPECT_EQ(*ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(*ParseLogLevel("off"), LogLevel::kOff);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseLogLevel("loud").status()));
  EXPECT_EQ(*ParseLogFormat("json"), LogFormat::kJson);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseLogFormat("").status()));
}

}  // namespace
}  // namespace qalam::server
