#include "server/unary_service.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <list>
#include <mutex>

#include "absl/time/clock.h"
#include "proto/grpc_status.h"
#include "server/trace_context.h"

namespace qalam::server {
namespace {

class Call final : public UnaryCall, public grpc::ServerUnaryReactor {
 public:
  Call(const std::string& method, grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
       grpc::ByteBuffer& reply, const CallHooks& hooks)
      : method_(method),
        context_(context),
        request_(request),
        reply_(reply),
        hooks_(hooks),
        bytes_(request.Length()),
        began_(absl::Now()),
        deadline_(absl::FromChrono(context.deadline())) {
    if (context.deadline() == std::chrono::system_clock::time_point::max())
      deadline_ = absl::InfiniteFuture();
    request_id_ = RequestId(metadata("x-request-id"));
    if (const auto trace = metadata("traceparent"); trace && IsTraceParent(*trace)) traceparent_ = *trace;
  }

  std::optional<std::string_view> metadata(const char* key) const override {
    const auto found = context_.client_metadata().find(key);
    if (found == context_.client_metadata().end()) return std::nullopt;
    return std::string_view(found->second.data(), found->second.size());
  }

  const std::string& method() const override { return method_; }
  const grpc::ByteBuffer& request() const override { return request_; }
  grpc::ByteBuffer& reply() override { return reply_; }
  absl::Time deadline() const override { return deadline_; }
  bool abandoned() const override { return cancelled_.load(std::memory_order_relaxed) || TooLate(); }

  void OnAbandoned(std::function<void()> hook) override {
    const std::lock_guard lock(mutex_);
    if (cancelled_) {
      hook();
    } else {
      hook_ = std::move(hook);
    }
  }

  void Finish(const grpc::Status& status) override {
    {
      const std::lock_guard lock(mutex_);  // the hook may touch what goes when the call is finished
      hook_ = nullptr;
    }
    grpc::Status sent = status;
    if (status.error_code() == grpc::StatusCode::CANCELLED && TooLate()) {
      sent = {grpc::StatusCode::DEADLINE_EXCEEDED, "the deadline has passed"};
    }
    context_.AddTrailingMetadata("x-request-id", request_id_);
    if (!traceparent_.empty()) context_.AddTrailingMetadata("traceparent", traceparent_);
    if (hooks_.ended) {
      hooks_.ended({method_, sent.error_code(), sent.error_message(), absl::Now() - began_, request_id_,
                    traceparent_, facts_});
    }
    grpc::ServerUnaryReactor::Finish(sent);
  }

  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (hook_) std::exchange(hook_, nullptr)();
  }

  void OnDone() override {
    OpenCalls& open = hooks_.open;
    const size_t bytes = bytes_;
    delete this;
    open.Remove(bytes);
  }

 private:
  bool TooLate() const { return deadline_ != absl::InfiniteFuture() && absl::Now() >= deadline_; }

  const std::string& method_;
  grpc::CallbackServerContext& context_;
  const grpc::ByteBuffer& request_;
  grpc::ByteBuffer& reply_;
  const CallHooks& hooks_;
  const size_t bytes_;
  const absl::Time began_;
  absl::Time deadline_;
  std::string request_id_, traceparent_;
  std::atomic<bool> cancelled_ = false;
  std::mutex mutex_;
  std::function<void()> hook_;
};

class UnaryService final : public grpc::Service {
 public:
  UnaryService(const std::string& name, std::vector<UnaryMethod> methods, const CallHooks& hooks)
      : hooks_(hooks) {
    using Handler = grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;
    int index = 0;
    for (UnaryMethod& method : methods) {
      Entry& entry = entries_.emplace_back(Entry{fmt::format("/{}/{}", name, method.name), method.answer});
      AddMethod(new grpc::internal::RpcServiceMethod(entry.path.c_str(),
                                                     grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
      MarkMethodRawCallback(
          index++, new Handler([this, &entry](grpc::CallbackServerContext* context,
                                              const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) {
            return Begin(entry, *context, *request, *reply);
          }));
    }
  }

 private:
  struct Entry {
    std::string path;  // gRPC keeps a pointer to it
    UnaryHandler answer;
  };

  grpc::ServerUnaryReactor* Begin(const Entry& entry, grpc::CallbackServerContext& context,
                                  const grpc::ByteBuffer& request, grpc::ByteBuffer& reply) {
    hooks_.open.Add(request.Length());
    auto* const call = new Call(entry.path, context, request, reply, hooks_);
    if (hooks_.began) hooks_.began(entry.path);
    absl::Status allowed =
        hooks_.authorize ? hooks_.authorize(call->metadata("authorization")) : absl::OkStatus();
    if (allowed.ok() && hooks_.open.bytes() > hooks_.max_open_bytes) {
      allowed =
          absl::ResourceExhaustedError(fmt::format("overloaded: the requests under way are larger than {} "
                                                   "bytes together; try again later or elsewhere",
                                                   hooks_.max_open_bytes));
    }
    if (allowed.ok()) {
      entry.answer(*call);
    } else {
      static_cast<UnaryCall*>(call)->Finish(ToGrpc(allowed));
    }
    return call;
  }

  const CallHooks& hooks_;
  std::list<Entry> entries_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewUnaryService(const std::string& name, std::vector<UnaryMethod> methods,
                                               const CallHooks& hooks) {
  return std::make_unique<UnaryService>(name, std::move(methods), hooks);
}

}  // namespace qalam::server
