#include "db/db_manager_service.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>

#include "proto/api.grpc.pb.h"
#include "tests/db/temp_dir.h"

namespace qalam::db {
namespace {

namespace wire = ::api::v1::beta1;

class DbManagerServiceTest : public testing::Test {
 protected:
  DbManagerServiceTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = wire::DBManager::NewStub(server_->InProcessChannel({}));
  }
  ~DbManagerServiceTest() override { server_->Shutdown(); }

  grpc::Status Report(const wire::ReportObservationLogRequest& request) {
    grpc::ClientContext context;
    wire::ReportObservationLogReply reply;
    return stub_->ReportObservationLog(&context, request, &reply);
  }

  grpc::Status Get(const wire::GetObservationLogRequest& request, wire::GetObservationLogReply& reply) {
    grpc::ClientContext context;
    return stub_->GetObservationLog(&context, request, &reply);
  }

  static wire::MetricLog Entry(const std::string& time, const std::string& name, const std::string& value) {
    wire::MetricLog entry;
    entry.set_time_stamp(time);
    entry.mutable_metric()->set_name(name);
    entry.mutable_metric()->set_value(value);
    return entry;
  }

  TempDir dir_;
  std::unique_ptr<Database> database_ = *Database::Open(dir_.File("q.db"));
  ObservationLog log_{*database_};
  std::unique_ptr<grpc::Service> service_ = NewDbManagerService(log_);
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<wire::DBManager::Stub> stub_;
};

TEST_F(DbManagerServiceTest, GivesBackWhatWasReportedUntilItIsDeleted) {
  wire::ReportObservationLogRequest report;
  report.set_trial_name("t");
  *report.mutable_observation_log()->add_metric_logs() = Entry("2024-03-04T17:55:09.120Z", "loss", "0.1");
  *report.mutable_observation_log()->add_metric_logs() =
      Entry("2024-03-04T18:55:08+01:00", "accuracy", "nan");
  ASSERT_TRUE(Report(report).ok());

  wire::GetObservationLogRequest get;
  get.set_trial_name("t");
  wire::GetObservationLogReply reply;
  ASSERT_TRUE(Get(get, reply).ok());
  ASSERT_EQ(reply.observation_log().metric_logs_size(), 2);
  EXPECT_EQ(reply.observation_log().metric_logs(0).time_stamp(), "2024-03-04T17:55:08Z");
  EXPECT_EQ(reply.observation_log().metric_logs(0).metric().value(), "nan");
  EXPECT_EQ(reply.observation_log().metric_logs(1).time_stamp(), "2024-03-04T17:55:09.12Z");

  get.set_metric_name("loss");
  get.set_end_time("2024-03-04T17:55:09.12Z");
  ASSERT_TRUE(Get(get, reply).ok());
  ASSERT_EQ(reply.observation_log().metric_logs_size(), 1);
  EXPECT_EQ(reply.observation_log().metric_logs(0).metric().name(), "loss");

  grpc::ClientContext context;
  wire::DeleteObservationLogRequest remove;
  remove.set_trial_name("t");
  wire::DeleteObservationLogReply removed;
  ASSERT_TRUE(stub_->DeleteObservationLog(&context, remove, &removed).ok());
  ASSERT_TRUE(Get(get, reply).ok());
  EXPECT_EQ(reply.observation_log().metric_logs_size(), 0);
}

TEST_F(DbManagerServiceTest, KnowsARepeatedReportByItsIdempotencyKey) {
  wire::ReportObservationLogRequest report;
  report.set_trial_name("t");
  *report.mutable_observation_log()->add_metric_logs() = Entry("0001-01-01T00:00:00Z", "loss", "1");
  for (const char* key : {"first", "first", "second"}) {
    grpc::ClientContext context;
    context.AddMetadata("idempotency-key", key);
    wire::ReportObservationLogReply reply;
    ASSERT_TRUE(stub_->ReportObservationLog(&context, report, &reply).ok());
  }
  wire::GetObservationLogRequest get;
  get.set_trial_name("t");
  wire::GetObservationLogReply reply;
  ASSERT_TRUE(Get(get, reply).ok());
  EXPECT_EQ(reply.observation_log().metric_logs_size(), 2);
}

TEST_F(DbManagerServiceTest, AlwaysSetsTheObservationLog) {
  wire::GetObservationLogReply reply;
  ASSERT_TRUE(Get({}, reply).ok());
  EXPECT_TRUE(reply.has_observation_log());
}

TEST_F(DbManagerServiceTest, SurvivesMissingSubMessages) {
  EXPECT_TRUE(Report({}).ok());
  wire::ReportObservationLogRequest report;
  report.set_trial_name("t");
  EXPECT_TRUE(Report(report).ok());
  report.mutable_observation_log();
  EXPECT_TRUE(Report(report).ok());
  report.mutable_observation_log()->add_metric_logs();  // no time either: skipped
  EXPECT_TRUE(Report(report).ok());
  *report.mutable_observation_log()->add_metric_logs() = Entry("0001-01-01T00:00:00Z", "loss", "1");
  report.mutable_observation_log()->add_metric_logs()->set_time_stamp("0001-01-01T00:00:00Z");
  const grpc::Status status = Report(report);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), testing::HasSubstr("metric_logs[2].metric"));
  wire::GetObservationLogRequest get;
  get.set_trial_name("t");
  wire::GetObservationLogReply reply;
  ASSERT_TRUE(Get(get, reply).ok());
  EXPECT_EQ(reply.observation_log().metric_logs_size(), 0);
}

TEST_F(DbManagerServiceTest, RepliesOfAnySizeSayWhatProtobufWouldSay) {
  wire::ReportObservationLogRequest report;
  report.set_trial_name("t");
  auto& entries = *report.mutable_observation_log()->mutable_metric_logs();
  *entries.Add() = Entry("0001-01-01T00:00:00Z", "", "");
  *entries.Add() = Entry("0001-01-01T00:00:00Z", std::string(200, 'n'), std::string(300'000, 'v'));
  for (int i = 0; i < 10'000; ++i) *entries.Add() = Entry("0001-01-01T00:00:00Z", "loss", std::to_string(i));
  ASSERT_TRUE(Report(report).ok());
  wire::GetObservationLogRequest get;
  get.set_trial_name("t");
  wire::GetObservationLogReply reply;
  ASSERT_TRUE(Get(get, reply).ok());
  EXPECT_EQ(reply.observation_log().SerializeAsString(), report.observation_log().SerializeAsString());
}

TEST_F(DbManagerServiceTest, RefusesBytesThatAreNoRequest) {
  grpc::GenericStub stub(server_->InProcessChannel({}));
  for (const char* method : {"ReportObservationLog", "GetObservationLog", "DeleteObservationLog"}) {
    const grpc::Slice slice("\x0a\x05t");
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer reply;
    grpc::ClientContext context;
    std::promise<grpc::Status> status;
    stub.UnaryCall(&context, std::string("/api.v1.beta1.DBManager/") + method, {}, &request, &reply,
                   [&](grpc::Status result) { status.set_value(std::move(result)); });
    EXPECT_EQ(status.get_future().get().error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
  }
}

TEST_F(DbManagerServiceTest, RefusesTimesThatCannotBeRead) {
  wire::ReportObservationLogRequest report;
  *report.mutable_observation_log()->add_metric_logs() = Entry("2024", "loss", "1");
  EXPECT_EQ(Report(report).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  wire::GetObservationLogRequest get;
  get.set_start_time("2024");
  wire::GetObservationLogReply reply;
  EXPECT_EQ(Get(get, reply).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace qalam::db
