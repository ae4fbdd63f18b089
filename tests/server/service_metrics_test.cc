#include "server/service_metrics.h"

#include <gmock/gmock.h>

namespace qalam::server {
namespace {

using testing::HasSubstr;

void Call(ServiceMetrics& metrics, int code, absl::Duration duration) {
  metrics.Began("/service/Method");
  const CallFacts facts;
  metrics.Ended({.method = "/service/Method", .code = code, .duration = duration, .facts = facts});
}

TEST(ServiceMetrics, CountsCallsByMethodAndCode) {
  ServiceMetrics metrics;
  Call(metrics, 0, absl::Milliseconds(1));
  Call(metrics, 0, absl::Milliseconds(1));
  Call(metrics, 3, absl::Milliseconds(1));
  metrics.Began("/service/Method");
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("# HELP qalam_calls_total Calls answered\n# TYPE qalam_calls_total counter\n"
                              "qalam_calls_total{code=\"OK\",method=\"/service/Method\"} 2\n"
                              "qalam_calls_total{code=\"INVALID_ARGUMENT\",method=\"/service/Method\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("qalam_calls_under_way{method=\"/service/Method\"} 1\n"));
}

TEST(ServiceMetrics, BucketsAreCumulativeAndTheirBoundsBelongToThem) {
  ServiceMetrics metrics;
  for (const double seconds : {0.001, 0.0011, 0.3, 100.0}) Call(metrics, 0, absl::Seconds(seconds));
  const std::string text = metrics.Text();
  const auto bucket = [](const char* bound, int count) {
    return "qalam_call_seconds_bucket{method=\"/service/Method\",le=\"" + std::string(bound) + "\"} " +
           std::to_string(count) + "\n";
  };
  for (const auto& [bound, count] :
       {std::pair("0.0005", 0), std::pair("0.001", 1), std::pair("0.0025", 2), std::pair("0.25", 2),
        std::pair("0.5", 3), std::pair("60", 3), std::pair("+Inf", 4)}) {
    EXPECT_THAT(text, HasSubstr(bucket(bound, count)));
  }
  EXPECT_THAT(text, HasSubstr("qalam_call_seconds_sum{method=\"/service/Method\"} 100.3021\n"
                              "qalam_call_seconds_count{method=\"/service/Method\"} 4\n"));
}

TEST(ServiceMetrics, TakesReadingsWhenAsked) {
  ServiceMetrics metrics;
  double value = 1;
  using Type = ServiceMetrics::Type;
  metrics.AddReading(Type::kGauge, "length", "Of queues", "queue=a", [&] { return value; });
  metrics.AddReading(Type::kGauge, "length", "Of queues", "queue=\"b\"\\\n", [] { return 2; });
  metrics.AddReading(Type::kCounter, "total", "All", "", [] { return 0.5; });
  value = 3;
  EXPECT_THAT(metrics.Text(),
              HasSubstr("# HELP length Of queues\n# TYPE length gauge\nlength{queue=\"a\"} 3\n"
                        "length{queue=\"\\\"b\\\"\\\\\\n\"} 2\n"
                        "# HELP total All\n# TYPE total counter\ntotal 0.5\n"));
}

}  // namespace
}  // namespace qalam::server
