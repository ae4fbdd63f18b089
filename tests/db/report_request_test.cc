#include "db/report_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/api.pb.h"

namespace qalam::db {
namespace {

namespace wire = ::api::v1::beta1;

wire::ReportObservationLogRequest Example() {
  wire::ReportObservationLogRequest request;
  request.set_trial_name("t\xc3\xa9");
  for (int i = 0; i < 3; ++i) {
    wire::MetricLog& entry = *request.mutable_observation_log()->add_metric_logs();
    entry.set_time_stamp("2024-01-01T00:00:00Z");
    entry.mutable_metric()->set_name(std::string(200, 'm'));
    entry.mutable_metric()->set_value(std::to_string(i));
  }
  return request;
}

TEST(ReportRequest, SaysWhatTheMessageSays) {
  const std::string bytes = Example().SerializeAsString();
  const auto request = ReadReportRequest(bytes);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->trial_name, "t\xc3\xa9");
  ASSERT_EQ(request->entries.size(), 3u);
  EXPECT_EQ(request->entries[2].time_stamp, "2024-01-01T00:00:00Z");
  EXPECT_EQ(request->entries[2].metric, std::string(200, 'm'));
  EXPECT_EQ(request->entries[2].value, "2");
}

TEST(ReportRequest, MergesFieldsThatComeTwiceAndPassesOverUnknownOnes) {
  wire::ReportObservationLogRequest more;
  more.set_trial_name("last");
  *more.mutable_observation_log()->add_metric_logs() = Example().observation_log().metric_logs(1);
  const std::string unknown("\x7a\x03xyz\x80\x01\x05", 8);  // field 15, text; field 16, number
  const std::string bytes = Example().SerializeAsString() + unknown + more.SerializeAsString();
  const auto request = ReadReportRequest(bytes);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->trial_name, "last");
  EXPECT_EQ(request->entries.size(), 4u);
}

TEST(ReportRequest, RefusesWhatProtobufRefuses) {
  const std::string bytes = Example().SerializeAsString();
  wire::ReportObservationLogRequest message;
  for (size_t length = 0; length < bytes.size(); ++length) {
    const std::string cut = bytes.substr(0, length);
    EXPECT_EQ(ReadReportRequest(cut).ok(), message.ParseFromString(cut)) << length;
  }
  EXPECT_EQ(ReadReportRequest("\x0a\x01\xff").status().code(),
            absl::StatusCode::kInvalidArgument);                     // not UTF-8
  EXPECT_FALSE(ReadReportRequest("\x0a\xff\xff\xff\xff\x0f").ok());  // 4 GB
}

}  // namespace
}  // namespace qalam::db
