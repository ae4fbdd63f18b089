#include "collect/report_client.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "proto/api.grpc.pb.h"

namespace qalam::collect {
namespace {

namespace wire = ::api::v1::beta1;

constexpr auto kCallTimeout = std::chrono::seconds(30);

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const Connection& connection) {
  if (!connection.tls) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({connection.ca, connection.key, connection.certificate});
}

class GrpcReportClient final : public ReportClient {
 public:
  GrpcReportClient(EventLoop& loop, const Connection& connection,
                   const std::shared_ptr<grpc::Channel>& channel)
      : loop_(loop),
        token_(connection.token),
        observations_(wire::DBManager::NewStub(channel)),
        early_stopping_(wire::EarlyStopping::NewStub(channel)) {}

  // Waits for gRPC to let go of the calls: it writes into what they own.
  ~GrpcReportClient() override {
    std::unique_lock lock(mutex_);
    closed_ = true;
    for (grpc::ClientContext* context : running_) context->TryCancel();
    idle_.wait(lock, [this] { return running_.empty(); });
  }

  void Report(const std::string& trial, const Batch& batch, Done done) override {
    auto call = NewCall<wire::ReportObservationLogRequest, wire::ReportObservationLogReply>();
    call->request.set_trial_name(trial);
    call->request.mutable_observation_log()->ParseFromString(batch.bytes);
    call->context.AddMetadata("idempotency-key", batch.id);
    auto* raw = call.get();
    observations_->async()->ReportObservationLog(&raw->context, &raw->request, &raw->reply,
                                                 Finisher(std::move(call), std::move(done)));
  }

  void SetTrialStatus(const std::string& trial, Done done) override {
    auto call = NewCall<wire::SetTrialStatusRequest, wire::SetTrialStatusReply>();
    call->request.set_trial_name(trial);
    auto* raw = call.get();
    early_stopping_->async()->SetTrialStatus(&raw->context, &raw->request, &raw->reply,
                                             Finisher(std::move(call), std::move(done)));
  }

 private:
  template <class Request, class Reply>
  struct Call {
    grpc::ClientContext context;
    Request request;
    Reply reply;
  };

  template <class Request, class Reply>
  std::shared_ptr<Call<Request, Reply>> NewCall() {
    auto call = std::make_shared<Call<Request, Reply>>();
    call->context.set_deadline(std::chrono::system_clock::now() + kCallTimeout);
    if (!token_.empty()) call->context.AddMetadata("authorization", "Bearer " + token_);
    std::lock_guard lock(mutex_);
    running_.push_back(&call->context);
    return call;
  }

  template <class CallPointer>
  std::function<void(grpc::Status)> Finisher(CallPointer call, Done done) {
    return [this, call = std::move(call), done = std::move(done)](const grpc::Status& status) mutable {
      std::lock_guard lock(mutex_);
      if (!closed_) {
        loop_.Post(
            [done = std::move(done), result = absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                                                           status.error_message())] { done(result); });
      }
      std::erase(running_, &call->context);
      call.reset();  // it holds the channel, which must not outlive us in a thread of gRPC
      idle_.notify_all();
    };
  }

  EventLoop& loop_;
  const std::string token_;
  std::unique_ptr<wire::DBManager::Stub> observations_;
  std::unique_ptr<wire::EarlyStopping::Stub> early_stopping_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::vector<grpc::ClientContext*> running_;
  bool closed_ = false;
};

}  // namespace

std::string EncodePoints(std::span<const metrics::MetricPoint> points) {
  wire::ObservationLog log;
  for (const metrics::MetricPoint& point : points) {
    wire::MetricLog& entry = *log.add_metric_logs();
    entry.set_time_stamp(point.time_stamp);
    entry.mutable_metric()->set_name(point.name);
    entry.mutable_metric()->set_value(point.value);
  }
  return log.SerializeAsString();
}

std::unique_ptr<ReportClient> NewReportClient(EventLoop& loop, const Connection& connection) {
  grpc::ChannelArguments arguments;
  // A server that starts again is found soon, however long it has been away.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  if (IsLocal(connection.address)) arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return std::make_unique<GrpcReportClient>(
      loop, connection, grpc::CreateCustomChannel(connection.address, CredentialsOf(connection), arguments));
}

void SilenceGrpc() {
  gpr_set_log_function([](gpr_log_func_args*) {});
}

bool IsLocal(std::string_view address) {
  if (address.starts_with("unix:")) return true;
  const std::string_view host = address.substr(0, address.rfind(':'));
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace qalam::collect
