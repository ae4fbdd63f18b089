#include "db/db_manager_service.h"

#include <fmt/format.h>

#include <vector>

#include "proto/api.grpc.pb.h"

namespace qalam::db {
namespace {

namespace wire = ::api::v1::beta1;

constexpr size_t kMaxReplyBytes = 256u << 20;

// The codes are the same numbers on both sides.
grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

class DbManagerService final : public wire::DBManager::Service {
 public:
  explicit DbManagerService(ObservationLog& log) : log_(log) {}

  grpc::Status ReportObservationLog(grpc::ServerContext*, const wire::ReportObservationLogRequest* request,
                                    wire::ReportObservationLogReply*) override {
    const auto& metric_logs = request->observation_log().metric_logs();
    std::vector<LogEntry> entries;
    entries.reserve(metric_logs.size());
    for (const wire::MetricLog& entry : metric_logs) {
      if (!entry.has_metric() && !entry.time_stamp().empty()) {
        return ToGrpc(absl::InvalidArgumentError(
            fmt::format("observation_log.metric_logs[{}].metric: required", entries.size())));
      }
      entries.push_back({entry.time_stamp(), entry.metric().name(), entry.metric().value()});
    }
    return ToGrpc(log_.Append(request->trial_name(), entries));
  }

  grpc::Status GetObservationLog(grpc::ServerContext*, const wire::GetObservationLogRequest* request,
                                 wire::GetObservationLogReply* reply) override {
    wire::ObservationLog& out = *reply->mutable_observation_log();
    size_t bytes = 0;
    const LogQuery query{request->trial_name(), request->metric_name(), request->start_time(),
                         request->end_time()};
    return ToGrpc(log_.Read(query, [&](LogEntry entry) {
      bytes += entry.time_stamp.size() + entry.metric.size() + entry.value.size();
      if (bytes > kMaxReplyBytes) {
        return absl::ResourceExhaustedError(fmt::format(
            "trial '{}' has more than {} MiB of observations; ask for one metric or a shorter time",
            query.trial_key, kMaxReplyBytes >> 20));
      }
      wire::MetricLog& row = *out.add_metric_logs();
      row.set_time_stamp(std::move(entry.time_stamp));
      row.mutable_metric()->set_name(std::move(entry.metric));
      row.mutable_metric()->set_value(std::move(entry.value));
      return absl::OkStatus();
    }));
  }

  grpc::Status DeleteObservationLog(grpc::ServerContext*, const wire::DeleteObservationLogRequest* request,
                                    wire::DeleteObservationLogReply*) override {
    return ToGrpc(log_.Delete(request->trial_name()));
  }

 private:
  ObservationLog& log_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewDbManagerService(ObservationLog& log) {
  return std::make_unique<DbManagerService>(log);
}

}  // namespace qalam::db
