#include "controller/grpc_clients.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "proto/api.grpc.pb.h"

namespace qalam::controller {
namespace {

absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

/// Owns the calls under way, so that they can be cancelled and awaited.
class Calls {
 public:
  explicit Calls(EventLoop& loop, absl::Duration timeout) : loop_(loop), timeout_(timeout) {}
  ~Calls() { Close(); }

  /// Cancels what runs and returns when nothing of it is left. A call holds its channel; were the last holder a
  /// call that ends in a thread of gRPC, that thread would have to take down the queue it serves.
  void Close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    for (const auto& [key, call] : running_) call->context.TryCancel();
    idle_.wait(lock, [this] { return running_.empty(); });
  }

  /// `start(context, reply, on_status)` begins an asynchronous call.
  template <class Reply, class Start>
  void Run(ReplyHandler<Reply> done, Start start) {
    struct TypedCall : Call {
      Reply reply;
      ReplyHandler<Reply> done;
    };
    auto owned = std::make_unique<TypedCall>();
    TypedCall* call = owned.get();
    call->done = std::move(done);
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + timeout_));
    {
      std::lock_guard lock(mutex_);
      running_.emplace(call, std::move(owned));
    }
    start(&call->context, &call->reply, [this, call](const grpc::Status& status) {
      absl::StatusOr<Reply> result = status.ok() ? absl::StatusOr<Reply>(std::move(call->reply))
                                                 : absl::StatusOr<Reply>(FromGrpc(status));
      std::lock_guard lock(mutex_);
      if (!closed_) {
        loop_.Post([done = std::move(call->done), result = std::move(result)]() mutable {
          done(std::move(result));
        });
      }
      running_.erase(call);
      idle_.notify_all();
    });
  }

 private:
  struct Call {
    virtual ~Call() = default;
    grpc::ClientContext context;
  };

  EventLoop& loop_;
  const absl::Duration timeout_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::map<Call*, std::unique_ptr<Call>> running_;
  bool closed_ = false;
};

/// A unary method whose request is given as its bytes.
template <class Reply>
class BytesMethod {
 public:
  explicit BytesMethod(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}

  void Run(Calls& calls, const std::string& path, std::string request, ReplyHandler<Reply> done) {
    auto* owned = new std::string(std::move(request));
    const grpc::Slice slice(
        owned->data(), owned->size(), [](void* text) { delete static_cast<std::string*>(text); }, owned);
    const grpc::ByteBuffer bytes(&slice, 1);
    calls.Run<Reply>(std::move(done), [&](auto* context, auto* reply, auto on_status) {
      stub_.UnaryCall(context, path, {}, &bytes, reply, std::move(on_status));
    });
  }

 private:
  grpc::TemplatedGenericStub<grpc::ByteBuffer, Reply> stub_;
};

class GrpcSuggestionClient final : public SuggestionClient {
 public:
  GrpcSuggestionClient(Calls& calls, const std::shared_ptr<grpc::Channel>& channel)
      : calls_(calls), stub_(wire::Suggestion::NewStub(channel)), get_suggestions_(channel) {}

  void GetSuggestions(std::string request, ReplyHandler<wire::GetSuggestionsReply> done) override {
    get_suggestions_.Run(calls_, "/api.v1.beta1.Suggestion/GetSuggestions", std::move(request),
                         std::move(done));
  }
  void Validate(const wire::ValidateAlgorithmSettingsRequest& request,
                ReplyHandler<wire::ValidateAlgorithmSettingsReply> done) override {
    calls_.Run<wire::ValidateAlgorithmSettingsReply>(
        std::move(done), [&](auto* context, auto* reply, auto on_status) {
          stub_->async()->ValidateAlgorithmSettings(context, &request, reply, std::move(on_status));
        });
  }

 private:
  Calls& calls_;
  std::unique_ptr<wire::Suggestion::Stub> stub_;
  BytesMethod<wire::GetSuggestionsReply> get_suggestions_;
};

class GrpcEarlyStoppingClient final : public EarlyStoppingClient {
 public:
  GrpcEarlyStoppingClient(Calls& calls, const std::shared_ptr<grpc::Channel>& channel)
      : calls_(calls), stub_(wire::EarlyStopping::NewStub(channel)), get_rules_(channel) {}

  void GetRules(std::string request, ReplyHandler<wire::GetEarlyStoppingRulesReply> done) override {
    get_rules_.Run(calls_, "/api.v1.beta1.EarlyStopping/GetEarlyStoppingRules", std::move(request),
                   std::move(done));
  }
  void Validate(const wire::ValidateEarlyStoppingSettingsRequest& request,
                ReplyHandler<wire::ValidateEarlyStoppingSettingsReply> done) override {
    calls_.Run<wire::ValidateEarlyStoppingSettingsReply>(
        std::move(done), [&](auto* context, auto* reply, auto on_status) {
          stub_->async()->ValidateEarlyStoppingSettings(context, &request, reply, std::move(on_status));
        });
  }

 private:
  Calls& calls_;
  std::unique_ptr<wire::EarlyStopping::Stub> stub_;
  BytesMethod<wire::GetEarlyStoppingRulesReply> get_rules_;
};

class GrpcObservationClient final : public ObservationClient {
 public:
  GrpcObservationClient(Calls& calls, const std::shared_ptr<grpc::Channel>& channel)
      : calls_(calls), stub_(wire::DBManager::NewStub(channel)) {}

  void Report(const wire::ReportObservationLogRequest& request, const std::string& report_id,
              ReplyHandler<wire::ReportObservationLogReply> done) override {
    calls_.Run<wire::ReportObservationLogReply>(
        std::move(done), [&](auto* context, auto* reply, auto on_status) {
          if (!report_id.empty()) context->AddMetadata("idempotency-key", report_id);
          stub_->async()->ReportObservationLog(context, &request, reply, std::move(on_status));
        });
  }
  void Get(const wire::GetObservationLogRequest& request,
           ReplyHandler<wire::GetObservationLogReply> done) override {
    calls_.Run<wire::GetObservationLogReply>(
        std::move(done), [&](auto* context, auto* reply, auto on_status) {
          stub_->async()->GetObservationLog(context, &request, reply, std::move(on_status));
        });
  }
  void Delete(const wire::DeleteObservationLogRequest& request,
              ReplyHandler<wire::DeleteObservationLogReply> done) override {
    calls_.Run<wire::DeleteObservationLogReply>(
        std::move(done), [&](auto* context, auto* reply, auto on_status) {
          stub_->async()->DeleteObservationLog(context, &request, reply, std::move(on_status));
        });
  }

 private:
  Calls& calls_;
  std::unique_ptr<wire::DBManager::Stub> stub_;
};

class GrpcServiceDirectory final : public ServiceDirectory {
 public:
  GrpcServiceDirectory(EventLoop& loop, GrpcServiceOptions options)
      : options_(std::move(options)), calls_(loop, options_.call_timeout) {
    default_suggestion_ = std::make_shared<GrpcSuggestionClient>(calls_, options_.default_channel);
    default_early_stopping_ = std::make_shared<GrpcEarlyStoppingClient>(calls_, options_.default_channel);
    observations_ = std::make_shared<GrpcObservationClient>(calls_, options_.default_channel);
    for (const auto& [name, address] : options_.suggestion_addresses) {
      suggestion_[name] = std::make_shared<GrpcSuggestionClient>(calls_, ChannelTo(address));
    }
    for (const auto& [name, address] : options_.early_stopping_addresses) {
      early_stopping_[name] = std::make_shared<GrpcEarlyStoppingClient>(calls_, ChannelTo(address));
    }
  }
  ~GrpcServiceDirectory() override { calls_.Close(); }

  std::shared_ptr<SuggestionClient> Suggestion(const std::string& algorithm_name) override {
    const auto found = suggestion_.find(algorithm_name);
    return found == suggestion_.end() ? default_suggestion_ : found->second;
  }
  std::shared_ptr<EarlyStoppingClient> EarlyStopping(const std::string& algorithm_name) override {
    const auto found = early_stopping_.find(algorithm_name);
    return found == early_stopping_.end() ? default_early_stopping_ : found->second;
  }
  std::shared_ptr<ObservationClient> Observations() override { return observations_; }
  std::string ObservationsAddress(const std::string& algorithm_name) const override {
    return early_stopping_.contains(algorithm_name) ? options_.observations_address : std::string();
  }

 private:
  GrpcServiceOptions options_;
  Calls calls_;
  std::shared_ptr<SuggestionClient> default_suggestion_;
  std::shared_ptr<EarlyStoppingClient> default_early_stopping_;
  std::shared_ptr<ObservationClient> observations_;
  std::map<std::string, std::shared_ptr<SuggestionClient>> suggestion_;
  std::map<std::string, std::shared_ptr<EarlyStoppingClient>> early_stopping_;
};

}  // namespace

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  // A service that comes up a moment after us should not wait for a minute of back-off.
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::unique_ptr<ServiceDirectory> NewGrpcServiceDirectory(EventLoop& loop, GrpcServiceOptions options) {
  return std::make_unique<GrpcServiceDirectory>(loop, std::move(options));
}

}  // namespace qalam::controller
