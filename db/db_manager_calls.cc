#include "db/db_manager_calls.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "db/observation_log_encoder.h"
#include "db/report_request.h"
#include "proto/api.pb.h"
#include "proto/grpc_status.h"

namespace qalam::db {
namespace {

namespace wire = ::api::v1::beta1;

constexpr size_t kMaxReplyBytes = 256u << 20;
constexpr int kPointsBetweenLooks =
    10'000;  // whether the call is cancelled costs as much to ask as 20 points

template <class Message>
grpc::Status Parse(const grpc::ByteBuffer& bytes, Message& message) {
  grpc::ByteBuffer shared = bytes;
  grpc::ProtoBufferReader reader(&shared);
  if (reader.status().ok() && message.ParseFromZeroCopyStream(&reader)) return grpc::Status::OK;
  return {grpc::StatusCode::INVALID_ARGUMENT,
          fmt::format("the bytes are no {}", message.GetDescriptor()->name())};
}

}  // namespace

void ReportObservationLog(ObservationLog& log, const grpc::ByteBuffer& request,
                          std::string_view idempotency_key, std::string& trial_name,
                          std::function<void(const grpc::Status&)> done) {
  grpc::Slice bytes;
  if (!request.TrySingleSlice(&bytes).ok() && !request.DumpToSingleSlice(&bytes).ok()) {
    return done({grpc::StatusCode::INTERNAL, "the request's bytes cannot be read"});
  }
  const auto report = ReadReportRequest({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
  if (!report.ok()) return done(ToGrpc(report.status()));
  trial_name = report->trial_name;
  log.Submit(trial_name, report->entries, idempotency_key,
             [bytes, done = std::move(done)](const absl::Status& status) { done(ToGrpc(status)); });
}

grpc::Status GetObservationLog(ObservationLog& log, const grpc::ByteBuffer& request, grpc::ByteBuffer& reply,
                               const std::function<bool()>& abandoned, std::string& trial_name,
                               const std::function<std::string(const std::string& name)>& key_of) {
  wire::GetObservationLogRequest wanted;
  if (const grpc::Status status = Parse(request, wanted); !status.ok()) return status;
  trial_name = wanted.trial_name();
  if (key_of) wanted.set_trial_name(key_of(trial_name));
  ObservationLogEncoder out;
  int points = 0;
  const LogQuery query{wanted.trial_name(), wanted.metric_name(), wanted.start_time(), wanted.end_time()};
  const absl::Status status = log.Read(query, [&](const LogEntry& entry) {
    out.Add(entry);
    if (out.bytes() > kMaxReplyBytes) {
      return absl::ResourceExhaustedError(
          fmt::format("trial '{}' has more than {} MiB of observations; ask for one metric or a shorter time",
                      query.trial_key.substr(0, 64), kMaxReplyBytes >> 20));
    }
    const bool look = ++points % kPointsBetweenLooks == 0;
    return look && abandoned() ? absl::CancelledError("the caller has gone") : absl::OkStatus();
  });
  if (status.ok()) reply = out.Finish();
  return ToGrpc(status);
}

grpc::Status DeleteObservationLog(ObservationLog& log, const grpc::ByteBuffer& request,
                                  std::string& trial_name) {
  wire::DeleteObservationLogRequest wanted;
  if (const grpc::Status status = Parse(request, wanted); !status.ok()) return status;
  trial_name = wanted.trial_name();
  return ToGrpc(log.Delete(wanted.trial_name()));
}

grpc::ByteBuffer EmptyReply() {
  const grpc::Slice nothing;
  return {&nothing, 1};
}

}  // namespace qalam::db
