#include "server/health_service.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <mutex>
#include <unordered_set>
#include <utility>

#include "proto/health.grpc.pb.h"

namespace qalam::server {
namespace {

namespace health = ::grpc::health::v1;
using Status = health::HealthCheckResponse::ServingStatus;

// Tells one client, once and again when it changes.
class Watcher final : public grpc::ServerWriteReactor<health::HealthCheckResponse> {
 public:
  Watcher(Status status, std::function<void(Watcher*)> gone) : gone_(std::move(gone)) { Tell(status, false); }

  /// `last`: then let it go.
  void Tell(Status status, bool last) {
    const std::lock_guard lock(mutex_);
    next_ = status;
    last_ = last;
    Continue();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok) return End({grpc::StatusCode::CANCELLED, "the client is gone"});
    Continue();
  }

  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    End({grpc::StatusCode::CANCELLED, "cancelled"});
  }

  void OnDone() override {
    gone_(this);
    delete this;
  }

 private:
  void Continue() {
    if (writing_ || ended_) return;
    if (next_ != told_) {
      writing_ = true;
      told_ = next_;
      response_.set_status(next_);
      StartWrite(&response_);
    } else if (last_) {
      End({grpc::StatusCode::UNAVAILABLE, "shutting down"});
    }
  }

  void End(const grpc::Status& status) {
    if (!std::exchange(ended_, true)) Finish(status);
  }

  const std::function<void(Watcher*)> gone_;
  std::mutex mutex_;
  Status next_ = health::HealthCheckResponse::UNKNOWN, told_ = health::HealthCheckResponse::UNKNOWN;
  bool last_ = false, writing_ = false, ended_ = false;
  health::HealthCheckResponse response_;
};

}  // namespace

class HealthService::Impl final : public health::Health::CallbackService {
 public:
  Impl(std::set<std::string> names, OpenCalls& open) : names_(std::move(names)), open_(open) {}

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const health::HealthCheckRequest* request,
                                  health::HealthCheckResponse* response) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    const std::lock_guard lock(mutex_);
    response->set_status(StatusOf(request->service()));
    if (response->status() == health::HealthCheckResponse::SERVICE_UNKNOWN) {
      reactor->Finish({grpc::StatusCode::NOT_FOUND,
                       fmt::format("service \"{}\" is not served here", request->service().substr(0, 100))});
    } else {
      reactor->Finish(grpc::Status::OK);
    }
    return reactor;
  }

  grpc::ServerWriteReactor<health::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext*, const health::HealthCheckRequest* request) override {
    const std::lock_guard lock(mutex_);
    auto* const watcher = new Watcher(StatusOf(request->service()), [this](Watcher* gone) {
      const std::lock_guard relock(mutex_);
      watchers_.erase(gone);
      open_.Remove();
    });
    watchers_.insert(watcher);
    open_.Add();
    if (draining_) watcher->Tell(StatusOf(request->service()), /*last=*/true);
    return watcher;
  }

  void Drain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (Watcher* watcher : watchers_) watcher->Tell(health::HealthCheckResponse::NOT_SERVING, /*last=*/true);
  }

 private:
  Status StatusOf(const std::string& name) const {
    if (names_.count(name) == 0) return health::HealthCheckResponse::SERVICE_UNKNOWN;
    return draining_ ? health::HealthCheckResponse::NOT_SERVING : health::HealthCheckResponse::SERVING;
  }

  const std::set<std::string> names_;
  OpenCalls& open_;
  std::mutex mutex_;
  bool draining_ = false;
  std::unordered_set<Watcher*> watchers_;
};

HealthService::HealthService(std::set<std::string> names, OpenCalls& open)
    : impl_(std::make_unique<Impl>(std::move(names), open)) {}
HealthService::~HealthService() = default;

grpc::Service& HealthService::service() { return *impl_; }
void HealthService::Drain() { impl_->Drain(); }

}  // namespace qalam::server
