#include "metrics/exposition.h"

#include <gmock/gmock.h>

namespace qalam::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

struct Read {
  std::vector<std::string> samples;  // name, labels, value, timestamp
  std::int64_t bad = 0;
};

Read ReadAll(std::string_view text) {
  Read result;
  result.bad = ReadExposition(text, [&](const Sample& sample) {
    std::string line(sample.name);
    for (const auto& [name, value] : sample.labels) line += "|" + name + "=" + value;
    line += " " + std::string(sample.value);
    if (!sample.timestamp.empty()) line += " @" + std::string(sample.timestamp);
    result.samples.push_back(line);
  });
  return result;
}

TEST(Exposition, ReadsTheExampleOfTheFormat) {
  const Read read = ReadAll(R"(# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
)");
  EXPECT_THAT(read.samples,
              ElementsAre("http_requests_total|method=post|code=200 1027 @1395066363000",
                          "msdos_file_access_time_seconds|path=C:\\DIR\\FILE.TXT|error=Cannot find "
                          "file:\n\"FILE.TXT\" 1.458255915e9",
                          "metric_without_timestamp_and_labels 12.47",
                          "something_weird|problem=division by zero +Inf @-3982045"));
  EXPECT_EQ(read.bad, 0);
}

TEST(Exposition, PassesOverExemplarsAndTheEndOfOpenMetrics) {
  EXPECT_THAT(ReadAll("foo_total 17.0 1520879607.789 # {trace=\"K\"} 9.8 1520879607.7\n"
                      "bar_bucket{le=\"1.0\"} 3 # {} 0.67\n# EOF\n")
                  .samples,
              ElementsAre("foo_total 17.0 @1520879607.789", "bar_bucket|le=1.0 3"));
}

TEST(Exposition, TakesBlanksLineEndsAndTrailingCommas) {
  EXPECT_THAT(ReadAll("  a \t{ x = \"1\" , }\t NaN \r\nb{}2").samples, ElementsAre("a|x=1 NaN", "b 2"));
}

TEST(Exposition, CountsLinesThatAreNoSamples) {
  const Read read = ReadAll("a\na b\na{x=1} 2\na{x=\"1} 2\na{x=\"1\"\n{} 1\na 1 b\na 1 2 3\na 5\n<html>");
  EXPECT_THAT(read.samples, ElementsAre("a 5"));
  EXPECT_EQ(read.bad, 9);
}

TEST(Selector, SelectsByNameAndByTheLabelsItGives) {
  const auto selected = [](const char* selector, const char* line) {
    bool result = false;
    EXPECT_EQ(ReadExposition(line, [&](const Sample& s) { result = ReadSelector(selector)->Selects(s); }), 0);
    return result;
  };
  EXPECT_TRUE(selected("loss", "loss 1"));
  EXPECT_TRUE(selected("loss", "loss{phase=\"val\"} 1"));
  EXPECT_FALSE(selected("loss", "val_loss 1"));
  EXPECT_TRUE(selected("loss{phase=\"val\"}", "loss{a=\"b\",phase=\"val\"} 1"));
  EXPECT_FALSE(selected("loss{phase=\"val\"}", "loss{phase=\"train\"} 1"));
  EXPECT_FALSE(selected("loss{phase=\"val\"}", "loss 1"));
}

TEST(Selector, RefusesWhatIsNone) {
  for (const char* bad :
       {"", "a b", "loss{", "loss{a}", "loss{a=b}", "loss{a=\"b\"} x", "train/loss", "{a=\"b\"}"}) {
    EXPECT_FALSE(ReadSelector(bad)) << bad;
  }
  EXPECT_THAT(ReadSelector("loss{a=\"b\"}")->labels, ElementsAre(Pair("a", "b")));
  EXPECT_THAT(ReadSelector("loss{}")->labels, IsEmpty());
}

}  // namespace
}  // namespace qalam::metrics
