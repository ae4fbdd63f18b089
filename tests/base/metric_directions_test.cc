#include "base/metric_directions.h"

#include <gtest/gtest.h>

namespace qalam {
namespace {

using Directions = std::vector<MetricDirection>;

TEST(MetricDirections, AreReadWithTheBlanksAndLinesPeopleWrite) {
  const Directions expected = {{"latency", false}, {"val/acc", true}};
  for (const char* text : {"latency:minimize;val/acc:maximize", " latency : minimize ;\n val/acc: maximize\n",
                           ";latency: minimize;;val/acc: maximize;"}) {
    EXPECT_EQ(*ParseMetricDirections(text), expected) << text;
  }
}

TEST(MetricDirections, KeepColonsInNames) {
  EXPECT_EQ(*ParseMetricDirections("layer:0: maximize"), (Directions{{"layer:0", true}}));
}

TEST(MetricDirections, AreRefusedWithTheEntry) {
  const auto refusal = [](std::string_view text) {
    return std::string(ParseMetricDirections(text).status().message());
  };
  EXPECT_EQ(refusal("latency"), "\"latency\" should be like METRIC: minimize");
  EXPECT_EQ(refusal("a: minimize; : maximize"), "\": maximize\" names no metric before the colon");
  EXPECT_EQ(refusal("a: min"), "\"a: min\": the direction is \"min\"; should be minimize or maximize");
  EXPECT_EQ(refusal("a: minimize; a: maximize"), "metric a is named twice");
  EXPECT_NE(refusal(" ;\n").find("names no metric"), std::string::npos);
}

}  // namespace
}  // namespace qalam
