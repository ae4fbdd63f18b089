#include "server/call_log.h"

#include <grpcpp/support/status.h>

#include <vector>

#include "server/service_metrics.h"

namespace qalam::server {
namespace {

// The caller hears the whole message; the log has room for its beginning.
constexpr size_t kMaxLoggedText = 300;

}  // namespace

void WriteCall(Log& log, absl::Time now, const CallRecord& record) {
  const bool failed = record.code == grpc::StatusCode::INTERNAL || record.code == grpc::StatusCode::UNKNOWN ||
                      record.code == grpc::StatusCode::DATA_LOSS;
  const bool report = record.method.ends_with("/ReportObservationLog");
  const LogLevel level = failed                       ? LogLevel::kError
                         : report && record.code == 0 ? LogLevel::kDebug
                                                      : LogLevel::kInfo;
  if (!log.Wants(level)) return;
  std::vector<LogField> fields = {{"method", record.method.substr(record.method.rfind('/') + 1)}};
  const auto add_text = [&](std::string_view key, std::string_view text) {
    if (!text.empty()) fields.push_back({key, text.substr(0, kMaxLoggedText)});
  };
  add_text("experiment", record.facts.experiment);
  add_text("algorithm", record.facts.algorithm);
  add_text("trial", record.facts.trial);
  if (record.facts.trials >= 0) fields.push_back({"trials", std::int64_t{record.facts.trials}});
  add_text("code", CodeName(record.code));
  fields.push_back({"ms", absl::ToDoubleMilliseconds(record.duration)});
  add_text("request_id", record.request_id);
  add_text("traceparent", record.traceparent);
  add_text("error", record.message);
  log.Write(level, now, "call", fields);
}

}  // namespace qalam::server
