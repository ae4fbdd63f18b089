#include <grpcpp/grpcpp.h>
#include <grpcpp/support/method_handler.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "proto/api.grpc.pb.h"
#include "proto/grpc_status.h"
#include "suggestion/services.h"
#include "suggestion/suggester.h"

namespace qalam::suggestion {
namespace {

// Registers its methods itself, as the generated class would, because that class parses every request as a
// whole: of a long experiment's history that is milliseconds, which random, grid and sobol do not need.
class SuggestionService final : public grpc::Service {
 public:
  SuggestionService() {
    AddUnary<grpc::ByteBuffer, grpc::ByteBuffer>("/api.v1.beta1.Suggestion/GetSuggestions", &GetSuggestions);
    AddUnary<wire::ValidateAlgorithmSettingsRequest, google::protobuf::MessageLite>(
        "/api.v1.beta1.Suggestion/ValidateAlgorithmSettings", &ValidateAlgorithmSettings);
  }

 private:
  template <class Request, class BaseRequest, class Reply>
  void AddUnary(const char* name, grpc::Status (*answer)(grpc::ServerContext*, const Request&, Reply*)) {
    using Handler = grpc::internal::RpcMethodHandler<SuggestionService, Request, Reply, BaseRequest,
                                                     google::protobuf::MessageLite>;
    const auto call = [answer](SuggestionService*, grpc::ServerContext* context, const Request* request,
                               Reply* reply) { return answer(context, *request, reply); };
    AddMethod(new grpc::internal::RpcServiceMethod(name, grpc::internal::RpcMethod::NORMAL_RPC,
                                                   new Handler(call, this)));
  }

  static grpc::Status GetSuggestions(grpc::ServerContext* context, const grpc::ByteBuffer& request,
                                     wire::GetSuggestionsReply* reply) {
    grpc::ByteBuffer bytes = request;  // shares them; a reader wants its buffer not const, and alive
    const auto open = [&bytes] { return std::make_unique<grpc::ProtoBufferReader>(&bytes); };
    auto answer = suggestion::GetSuggestions(open, [context] { return context->IsCancelled(); });
    if (!answer.ok()) return ToGrpc(answer.status());
    *reply = *std::move(answer);
    return grpc::Status::OK;
  }

  static grpc::Status ValidateAlgorithmSettings(grpc::ServerContext*,
                                                const wire::ValidateAlgorithmSettingsRequest& request,
                                                wire::ValidateAlgorithmSettingsReply*) {
    return ToGrpc(suggestion::ValidateAlgorithmSettings(request.experiment()));
  }
};

}  // namespace

std::unique_ptr<grpc::Service> NewSuggestionService() { return std::make_unique<SuggestionService>(); }

}  // namespace qalam::suggestion
