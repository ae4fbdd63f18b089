#include "server/observation_curves.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <limits>
#include <list>
#include <mutex>
#include <optional>

#include "absl/time/clock.h"
#include "base/number_text.h"
#include "db/observation_log.h"
#include "proto/api.grpc.pb.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;
using suggestion::Curve;
using suggestion::CurveQuery;

constexpr size_t kMaxCalls = 8;
constexpr size_t kMaxChannels = 32;
constexpr int kMaxReplyBytes = 256 << 20;
constexpr absl::Duration kPollInterval = absl::Milliseconds(100);  // for a caller that has gone

double ValueOf(const std::string& text) {
  return ParseDouble(text).value_or(std::numeric_limits<double>::quiet_NaN());
}

absl::Status CheckCaller(const CurveQuery& query) {
  if (query.stop_requested && query.stop_requested()) {
    return absl::CancelledError("the caller does not wait any more");
  }
  if (absl::Now() < query.deadline) return absl::OkStatus();
  return absl::DeadlineExceededError(
      fmt::format("DBManager{} did not answer in time", query.address.empty() ? "" : " at " + query.address));
}

absl::StatusOr<Curve> ReadOwn(const db::ObservationLog& log, const std::string& trial,
                              const CurveQuery& query) {
  Curve curve;
  const absl::Status enough = absl::OutOfRangeError("all that is wanted has been read");
  const absl::Status status =
      log.Read({.trial_key = trial, .metric = query.metric, .start_time = {}, .end_time = {}},
               [&](const db::LogEntry& entry) {
                 curve.push_back(ValueOf(entry.value));
                 return static_cast<int>(curve.size()) < query.length ? absl::OkStatus() : enough;
               });
  if (!status.ok() && status != enough) return status;
  return curve;
}

absl::StatusOr<std::vector<Curve>> ReadAllOwn(const db::ObservationLog& log, const CurveQuery& query) {
  std::vector<Curve> curves;
  for (const std::string& trial : query.trials) {
    QALAM_RETURN_IF_ERROR(CheckCaller(query));
    QALAM_ASSIGN_OR_RETURN(Curve curve, ReadOwn(log, trial, query));
    curves.push_back(std::move(curve));
  }
  return curves;
}

// HOST:PORT or [IPV6]:PORT, and nothing that gRPC would take for another kind of target.
bool IsAddress(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  std::string_view host = address.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  constexpr std::string_view kNameCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  constexpr std::string_view kIpv6Characters = "0123456789abcdefABCDEF:.";
  if (host.find_first_not_of(brackets ? kIpv6Characters : kNameCharacters) != std::string_view::npos) {
    return false;
  }
  const std::string_view port = address.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != std::string_view::npos) return false;
  const std::optional<long long> number = ParseInt(port);
  return number && *number >= 1 && *number <= 65'535;
}

// The channels used last, so that a connection is not made for every call.
class Channels {
 public:
  std::shared_ptr<grpc::Channel> To(const std::string& address) {
    const std::lock_guard lock(mutex_);
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->first != address) continue;
      entries_.splice(entries_.begin(), entries_, entry);
      return entries_.front().second;
    }
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxReplyBytes);
    // A DBManager that comes back should be seen at once.
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
    entries_.emplace_front(address, grpc::CreateCustomChannel("dns:///" + address,
                                                              grpc::InsecureChannelCredentials(), arguments));
    if (entries_.size() > kMaxChannels) entries_.pop_back();
    return entries_.front().second;
  }

 private:
  std::mutex mutex_;
  std::list<std::pair<std::string, std::shared_ptr<grpc::Channel>>> entries_;  // the one used last first
};

// One query: calls under way on a queue of its own.
class RemoteRead {
 public:
  RemoteRead(std::unique_ptr<wire::DBManager::Stub> stub, const CurveQuery& query)
      : stub_(std::move(stub)), query_(query), curves_(query.trials.size()) {}

  ~RemoteRead() {
    for (Call& call : calls_) call.context.TryCancel();
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  absl::StatusOr<std::vector<Curve>> Run() {
    while (true) {
      while (calls_.size() < kMaxCalls && next_ < query_.trials.size()) Start(next_++);
      if (calls_.empty()) return std::move(curves_);
      QALAM_RETURN_IF_ERROR(CheckCaller(query_));
      void* tag;
      bool ok;
      const auto wait = absl::ToChronoTime(absl::Now() + kPollInterval);
      if (queue_.AsyncNext(&tag, &ok, wait) != grpc::CompletionQueue::GOT_EVENT) continue;
      QALAM_RETURN_IF_ERROR(Finish(static_cast<Call*>(tag)));
    }
  }

 private:
  struct Call {
    size_t index;
    std::list<Call>::iterator place;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<wire::GetObservationLogReply>> reader;
    wire::GetObservationLogReply reply;
    grpc::Status status;
  };

  void Start(size_t index) {
    Call& call = calls_.emplace_back();
    call.index = index;
    call.place = std::prev(calls_.end());
    call.context.set_deadline(absl::ToChronoTime(query_.deadline));
    wire::GetObservationLogRequest request;
    request.set_trial_name(query_.trials[index]);
    request.set_metric_name(query_.metric);
    call.reader = stub_->AsyncGetObservationLog(&call.context, request, &queue_);
    call.reader->Finish(&call.reply, &call.status, &call);
  }

  absl::Status Finish(Call* call) {
    if (!call->status.ok()) {
      return absl::Status(static_cast<absl::StatusCode>(call->status.error_code()),
                          fmt::format("DBManager at {}, observations of trial {}: {}", query_.address,
                                      query_.trials[call->index], call->status.error_message()));
    }
    Curve& curve = curves_[call->index];
    for (const wire::MetricLog& entry : call->reply.observation_log().metric_logs()) {
      if (static_cast<int>(curve.size()) == query_.length) break;
      if (entry.metric().name() == query_.metric) curve.push_back(ValueOf(entry.metric().value()));
    }
    calls_.erase(call->place);
    return absl::OkStatus();
  }

  const std::unique_ptr<wire::DBManager::Stub> stub_;
  const CurveQuery& query_;
  grpc::CompletionQueue queue_;
  std::list<Call> calls_;
  size_t next_ = 0;
  std::vector<Curve> curves_;
};

}  // namespace

suggestion::ReadCurves NewObservationCurves(ObservationCurvesOptions options) {
  return [options = std::move(options), channels = std::make_shared<Channels>()](
             const CurveQuery& query) -> absl::StatusOr<std::vector<Curve>> {
    if (options.own_log != nullptr &&
        (query.address.empty() || options.own_addresses.count(query.address) > 0)) {
      return ReadAllOwn(*options.own_log, query);
    }
    if (!IsAddress(query.address)) {
      return absl::InvalidArgumentError(
          fmt::format("db_manager_address must be HOST:PORT, got '{}'", query.address));
    }
    return RemoteRead(wire::DBManager::NewStub(channels->To(query.address)), query).Run();
  };
}

}  // namespace qalam::server
