#include "db/db_manager_service.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/method_handler.h>

#include <functional>
#include <future>

#include "db/db_manager_calls.h"

namespace qalam::db {
namespace {

std::string_view IdempotencyKey(const grpc::ServerContext& context) {
  const auto found = context.client_metadata().find("idempotency-key");
  if (found == context.client_metadata().end()) return {};
  return {found->second.data(), found->second.size()};
}

// Registers its methods itself, as the generated class would, because that class turns requests and replies into objects,
// several for each point: that costs more than storing the points, and a multiple of their memory.
class DbManagerService final : public grpc::Service {
 public:
  explicit DbManagerService(ObservationLog& log) : log_(log) {
    AddUnary("/api.v1.beta1.DBManager/ReportObservationLog", &DbManagerService::Report);
    AddUnary("/api.v1.beta1.DBManager/GetObservationLog", &DbManagerService::Get);
    AddUnary("/api.v1.beta1.DBManager/DeleteObservationLog", &DbManagerService::Delete);
  }

 private:
  using Answer = grpc::Status (DbManagerService::*)(grpc::ServerContext*, const grpc::ByteBuffer*,
                                                    grpc::ByteBuffer*);

  void AddUnary(const char* method, Answer answer) {
    using Handler = grpc::internal::RpcMethodHandler<DbManagerService, grpc::ByteBuffer, grpc::ByteBuffer,
                                                     grpc::ByteBuffer, grpc::ByteBuffer>;
    AddMethod(new grpc::internal::RpcServiceMethod(method, grpc::internal::RpcMethod::NORMAL_RPC,
                                                   new Handler(std::mem_fn(answer), this)));
  }

  grpc::Status Report(grpc::ServerContext* context, const grpc::ByteBuffer* request,
                      grpc::ByteBuffer* reply) {
    std::promise<grpc::Status> status;
    std::string trial_name;
    ReportObservationLog(log_, *request, IdempotencyKey(*context), trial_name,
                         [&](const grpc::Status& result) { status.set_value(result); });
    *reply = EmptyReply();
    return status.get_future().get();
  }

  grpc::Status Get(grpc::ServerContext* context, const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) {
    std::string trial_name;
    return GetObservationLog(
        log_, *request, *reply, [&] { return context->IsCancelled(); }, trial_name);
  }

  grpc::Status Delete(grpc::ServerContext*, const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) {
    std::string trial_name;
    *reply = EmptyReply();
    return DeleteObservationLog(log_, *request, trial_name);
  }

  ObservationLog& log_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewDbManagerService(ObservationLog& log) {
  return std::make_unique<DbManagerService>(log);
}

}  // namespace qalam::db
