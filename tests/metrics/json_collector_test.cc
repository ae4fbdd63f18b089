#include "metrics/json_collector.h"

#include <gmock/gmock.h>

#include <random>

#include "metrics/timestamps.h"
#include "tests/metrics/read_all.h"

namespace qalam::metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MetricPoint At0(std::string name, std::string value) {
  return {std::string(kZeroTime), std::move(name), std::move(value)};
}

ReadResult Read(std::string_view output) {
  JsonCollector collector({"loss", "acc"});
  return ReadAll(collector, output);
}

struct Case {
  const char* line;
  std::vector<std::string> values;  // of loss
  bool valid = true;
};

class JsonLine : public testing::TestWithParam<Case> {};

TEST_P(JsonLine, GivesTheValue) {
  const ReadResult result = Read(GetParam().line);
  std::vector<std::string> values;
  for (const MetricPoint& point : result.points) values.push_back(point.value);
  EXPECT_EQ(values, GetParam().values);
  EXPECT_EQ(result.invalid, GetParam().valid ? 0 : 1);
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, JsonLine,
    testing::Values(Case{R"({"loss": "0.22"})", {"0.22"}}, Case{R"({"loss": 0.22})", {"0.22"}},
                    Case{R"({"loss": 1.50E-05})", {"1.50E-05"}}, Case{R"({"loss": -3})", {"-3"}},
                    Case{R"({"loss": 18446744073709551615})", {"18446744073709551615"}},
                    Case{R"({"loss": 100000000000000000000})", {"100000000000000000000"}},
                    Case{R"({"loss": " x "})", {" x "}}, Case{R"({"loss": ""})", {""}},
                    Case{R"({"l\u006fss": 1})", {"1"}}, Case{R"( {"loss":1} )", {"1"}}));

INSTANTIATE_TEST_SUITE_P(NotScalar, JsonLine,
                         testing::Values(Case{R"({"loss": null})", {}}, Case{R"({"loss": true})", {}},
                                         Case{R"({"loss": [1, 2]})", {}},
                                         Case{R"({"loss": {"loss": 1}})", {}},
                                         Case{R"({"x": {"loss": 1}})", {}},
                                         Case{R"({"x": [{"loss": 1}]})", {}},
                                         Case{R"({"Loss": 1, "other": 2})", {}}, Case{"{}", {}}));

INSTANTIATE_TEST_SUITE_P(Repeated, JsonLine,
                         testing::Values(Case{R"({"loss": 1, "loss": "2"})", {"2"}},
                                         Case{R"({"loss": 1, "loss": null})", {}},
                                         Case{R"({"loss": 1, "x": {"loss": 2}})", {"1"}}));

// As json.dumps of Python writes them.
INSTANTIATE_TEST_SUITE_P(NonFinite, JsonLine,
                         testing::Values(Case{R"({"loss": NaN})", {"NaN"}},
                                         Case{R"({"loss": -Infinity})", {"-Infinity"}},
                                         Case{R"({"x": "a \" NaN", "loss": Infinity})", {"Infinity"}},
                                         Case{R"({"x": [NaN, -Infinity], "loss": 1})", {"1"}},
                                         Case{R"({"loss": NaNa})", {}, false},
                                         Case{R"({NaN: 1, "loss": 2})", {"2"}}));

INSTANTIATE_TEST_SUITE_P(Invalid, JsonLine,
                         testing::Values(Case{"loss=0.3", {}, false}, Case{R"({"loss": 0.3)", {}, false},
                                         Case{R"({"loss": 0.3} x)", {}, false},
                                         Case{R"([{"loss": 1}])", {}, false}, Case{"3", {}, false},
                                         Case{R"("loss")", {}, false}, Case{"null", {}, false},
                                         Case{R"({'loss': 1})", {}, false},
                                         Case{R"({"loss": 1e999})", {}, false},
                                         Case{R"({"loss": .5})", {}, false}));

TEST(JsonCollector, GoesOnAfterLinesThatAreNotJson) {
  const ReadResult result = Read("Epoch 1\n{\"loss\": 1}\n\n   \nWarning!\n{\"loss\": 2}");
  EXPECT_THAT(result.points, ElementsAre(At0("loss", "1"), At0("loss", "2")));
  EXPECT_EQ(result.invalid, 2);
}

TEST(JsonCollector, OrdersThePointsOfALineByWantedName) {
  EXPECT_THAT(Read(R"({"acc": 0.5, "loss": 1})").points, ElementsAre(At0("loss", "1"), At0("acc", "0.5")));
}

TEST(JsonCollector, ReadsTimestamps) {
  const auto time_of = [](std::string_view value) {
    return Read("{\"loss\": 1, \"timestamp\": " + std::string(value) + "}").points.at(0).time_stamp;
  };
  EXPECT_EQ(time_of("\"2021-12-02T14:27:51+09:00\""), "2021-12-02T14:27:51+09:00");
  EXPECT_EQ(time_of("1638422847.28721"), "2021-12-02T05:27:27.28721Z");  // Katib: .000028721
  EXPECT_EQ(time_of("1638422847"), "2021-12-02T05:27:27Z");
  EXPECT_EQ(time_of("1.5e1"), "1970-01-01T00:00:15Z");
  EXPECT_EQ(time_of("\"yesterday\""), kZeroTime);
  EXPECT_EQ(time_of("null"), kZeroTime);
  EXPECT_EQ(time_of("{\"timestamp\": 5}"), kZeroTime);
  EXPECT_EQ(time_of("NaN"), kZeroTime);
  EXPECT_EQ(time_of("5, \"timestamp\": null"), kZeroTime);
}

TEST(JsonCollector, ReadsLinesThatAreNotUtf8) {
  const ReadResult result = Read("{\"loss\": \"0.5\xFF\", \"\x80\": 1}");
  EXPECT_THAT(result.points, ElementsAre(At0("loss", "0.5\xEF\xBF\xBD")));
  EXPECT_EQ(result.invalid, 1);
}

TEST(JsonCollector, RefusesTextBehindANul) {
  const ReadResult result = Read(std::string("{\"loss\": 1}\0garbage", 19));
  EXPECT_THAT(result.points, IsEmpty());
  EXPECT_EQ(result.invalid, 1);
}

TEST(JsonCollector, StandsDeepNestingAndLongLines) {
  const ReadResult deep = Read(std::string(500'000, '[') + "\n{\"x\": " + std::string(100'000, '[') +
                               std::string(100'000, ']') + ", \"loss\": 1}\n");
  EXPECT_THAT(deep.points, ElementsAre(At0("loss", "1")));
  EXPECT_EQ(deep.invalid, 1);
  const ReadResult huge =
      Read("{\"loss\": 1, \"x\": \"" + std::string(10 << 20, 'x') + "\"}\n{\"loss\": 2}\n");
  EXPECT_THAT(huge.points, ElementsAre(At0("loss", "2")));
  EXPECT_EQ(huge.invalid, 1);
}

TEST(JsonCollector, GivesTheSamePointsHoweverTheBytesAreDivided) {
  std::mt19937 random(13);
  const std::vector<std::string> pieces = {
      "{\"loss\": 1}", "\n", "{\"loss\": ", "}", "NaN", "\"timestamp\": 5,", "\r\n", "{", "\xC3", " ", "\r"};
  JsonCollector collector({"loss"});
  for (int round = 0; round < 300; ++round) {
    std::string output;
    for (int i = 0; i < 20; ++i) output += pieces[random() % pieces.size()];
    const ReadResult whole = ReadAll(collector, output);
    ASSERT_EQ(ReadAll(collector, output, 1), whole) << testing::PrintToString(output);
    ASSERT_EQ(ReadAll(collector, output, 5), whole) << testing::PrintToString(output);
  }
}

}  // namespace
}  // namespace qalam::metrics
