// Any bytes as requests to DBManager: never a crash, the quick reader agrees with protobuf's, what was accepted can be read
// back, and a report sent twice is stored once. The first byte chooses the method, the second makes the request large.

#include <google/protobuf/stubs/logging.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>

#include "db/db_manager_calls.h"
#include "db/report_request.h"
#include "proto/api.pb.h"

namespace wire = ::api::v1::beta1;
using qalam::db::ObservationLog;

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

struct Store {
  Store() {
    google::protobuf::SetLogHandler(nullptr);
    directory = (std::filesystem::temp_directory_path() / "qalam-fuzz-XXXXXX").string();
    Check(mkdtemp(directory.data()) != nullptr);
    database = *qalam::db::Database::Open(directory + "/q.db");
    log = std::make_unique<ObservationLog>(*database);
  }
  ~Store() { std::filesystem::remove_all(directory); }

  std::string directory;
  std::unique_ptr<qalam::db::Database> database;
  std::unique_ptr<ObservationLog> log;
};

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return {&slice, 1};
}

std::string Text(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  Check(bytes.DumpToSingleSlice(&slice).ok());
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

grpc::Status Report(Store& store, const std::string& bytes) {
  std::promise<grpc::Status> status;
  std::string trial;
  qalam::db::ReportObservationLog(*store.log, Bytes(bytes), "", trial,
                                  [&](const grpc::Status& result) { status.set_value(result); });
  return status.get_future().get();
}

wire::GetObservationLogReply Get(Store& store, const std::string& trial) {
  wire::GetObservationLogRequest request;
  request.set_trial_name(trial);
  grpc::ByteBuffer reply;
  std::string name;
  const grpc::Status status = GetObservationLog(
      *store.log, Bytes(request.SerializeAsString()), reply, [] { return false; }, name);
  Check(status.ok());
  wire::GetObservationLogReply message;
  Check(message.ParseFromString(Text(reply)) && message.has_observation_log());
  return message;
}

// Tens of thousands of entries, or texts of a megabyte.
void Enlarge(wire::ReportObservationLogRequest& request, std::uint8_t how) {
  if (how < 250 || request.observation_log().metric_logs_size() == 0) return;
  auto& entries = *request.mutable_observation_log()->mutable_metric_logs();
  if (how < 253) {
    for (int i = 0; entries.size() < 20'000; ++i) *entries.Add() = wire::MetricLog(entries[i]);
  } else {
    entries[0].mutable_metric()->mutable_value()->append(1 << 20, 'x');
    entries[0].mutable_metric()->mutable_name()->append(1 << 20, 'y');
  }
}

void FuzzReport(Store& store, const std::string& bytes, std::uint8_t how) {
  wire::ReportObservationLogRequest request;
  const bool parsed = request.ParseFromString(bytes);
  const auto read = qalam::db::ReadReportRequest(bytes);
  if (!parsed) {
    Check(!read.ok());
    Check(Report(store, bytes).error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    return;
  }
  if (read.ok()) {
    Check(read->trial_name == request.trial_name());
    Check(read->entries.size() == static_cast<size_t>(request.observation_log().metric_logs_size()));
    for (size_t i = 0; i < read->entries.size(); ++i) {
      const wire::MetricLog& entry = request.observation_log().metric_logs(static_cast<int>(i));
      Check(read->entries[i].time_stamp == entry.time_stamp() &&
            read->entries[i].metric == entry.metric().name() &&
            read->entries[i].value == entry.metric().value());
    }
  }
  Enlarge(request, how);
  const std::string sent = request.SerializeAsString();
  const grpc::Status status = Report(store, sent);
  Check(status.ok() || status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  const int points = Get(store, request.trial_name()).observation_log().metric_logs_size();
  Check(points <= (status.ok() ? request.observation_log().metric_logs_size() : 0));
  if (points != 1) {
    Check(Report(store, sent).ok() == status.ok());
    Check(Get(store, request.trial_name()).observation_log().metric_logs_size() == points);
  }
  Check(store.log->Delete(request.trial_name()).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Store store;
  if (size < 2) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  std::string trial;
  grpc::ByteBuffer reply;
  if (data[0] % 4 == 0) {
    (void)GetObservationLog(
        *store.log, Bytes(bytes), reply, [] { return false; }, trial);
  } else if (data[0] % 4 == 1) {
    (void)DeleteObservationLog(*store.log, Bytes(bytes), trial);
  } else {
    FuzzReport(store, bytes, data[1]);
  }
  return 0;
}
