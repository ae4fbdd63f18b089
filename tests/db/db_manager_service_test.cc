#include "db/db_manager_service.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

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
