#include "server/report_sink.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;

// Says once that reports fail, not for every trial and attempt.
class Trouble {
 public:
  explicit Trouble(std::function<void(const std::string&)> notice) : notice_(std::move(notice)) {}

  void Answered(const absl::Status& status) {
    const bool failed = !status.ok() && !absl::IsInvalidArgument(status);
    if (failed == std::exchange(failing_, failed) || !notice_) return;
    notice_(failed ? fmt::format("metrics cannot be stored now, they wait and are sent again: {}",
                                 MessageOf(status))
                   : "metrics are being stored again");
  }

 private:
  const std::function<void(const std::string&)> notice_;
  bool failing_ = false;
};

wire::ReportObservationLogRequest ToRequest(const std::string& trial_key,
                                            std::vector<metrics::MetricPoint> points) {
  wire::ReportObservationLogRequest request;
  request.set_trial_name(trial_key);
  wire::ObservationLog& log = *request.mutable_observation_log();
  for (metrics::MetricPoint& point : points) {
    wire::MetricLog& row = *log.add_metric_logs();
    row.set_time_stamp(std::move(point.time_stamp));
    row.mutable_metric()->set_name(std::move(point.name));
    row.mutable_metric()->set_value(std::move(point.value));
  }
  return request;
}

}  // namespace

metrics::ReportSink NewReportSink(controller::ServiceDirectory& services, std::uint64_t process,
                                  std::function<void(const std::string&)> notice) {
  return [&services, process, trouble = std::make_shared<Trouble>(std::move(notice))](
             const std::string& trial_key, std::uint64_t batch, std::vector<metrics::MetricPoint> points,
             std::function<void(absl::Status)> done) {
    services.Observations()->Report(
        ToRequest(trial_key, std::move(points)), fmt::format("{:x}-{}", process, batch),
        [trouble, done = std::move(done)](const absl::StatusOr<wire::ReportObservationLogReply>& reply) {
          trouble->Answered(reply.status());
          done(reply.status());
        });
  };
}

}  // namespace qalam::server
