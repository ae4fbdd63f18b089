#include "server/curve_reads.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "proto/api.grpc.pb.h"
#include "proto/grpc_status.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;

class ReadingDbManager final : public wire::DBManager::Service {
 public:
  ReadingDbManager(const db::ObservationLog& log, CurveReads::KeyOf key_of)
      : log_(log), key_of_(std::move(key_of)) {}

  grpc::Status GetObservationLog(grpc::ServerContext* context, const wire::GetObservationLogRequest* request,
                                 wire::GetObservationLogReply* reply) override {
    wire::ObservationLog& rows = *reply->mutable_observation_log();
    const absl::Status status = log_.Read(
        {key_of_(request->trial_name()), request->metric_name(), request->start_time(), request->end_time()},
        [&](db::LogEntry entry) {
          wire::MetricLog& row = *rows.add_metric_logs();
          row.set_time_stamp(std::move(entry.time_stamp));
          row.mutable_metric()->set_name(std::move(entry.metric));
          row.mutable_metric()->set_value(std::move(entry.value));
          return context->IsCancelled() ? absl::CancelledError("the caller has gone") : absl::OkStatus();
        });
    return ToGrpc(status);
  }

 private:
  const db::ObservationLog& log_;
  const CurveReads::KeyOf key_of_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<CurveReads>> CurveReads::Start(const db::ObservationLog& log, KeyOf key_of) {
  std::unique_ptr<CurveReads> reads(
      new CurveReads(std::make_unique<ReadingDbManager>(log, std::move(key_of))));
  grpc::Service* const services[] = {reads->service_.get()};
  QALAM_ASSIGN_OR_RETURN(reads->listener_,
                         GrpcListener::Start({.address = "127.0.0.1:0"}, grpc::InsecureServerCredentials(),
                                             services, reads->open_calls_));
  return reads;
}

CurveReads::CurveReads(std::unique_ptr<grpc::Service> service) : service_(std::move(service)) {}
CurveReads::~CurveReads() = default;

}  // namespace qalam::server
