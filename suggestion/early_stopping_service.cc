#include <grpcpp/grpcpp.h>

#include "algorithms/registry.h"
#include "proto/api.grpc.pb.h"
#include "suggestion/grpc_status.h"
#include "suggestion/proto_convert.h"
#include "suggestion/services.h"

namespace qalam::suggestion {
namespace {

class EarlyStoppingService final : public wire::EarlyStopping::Service {
 public:
  explicit EarlyStoppingService(StopTrial stop_trial) : stop_trial_(std::move(stop_trial)) {}

  grpc::Status GetEarlyStoppingRules(grpc::ServerContext*, const wire::GetEarlyStoppingRulesRequest*,
                                     wire::GetEarlyStoppingRulesReply*) override {
    return grpc::Status::OK;
  }

  grpc::Status SetTrialStatus(grpc::ServerContext*, const wire::SetTrialStatusRequest* request,
                              wire::SetTrialStatusReply*) override {
    if (request->trial_name().empty()) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "trial_name must name a trial, got ''"};
    }
    return ToGrpc(stop_trial_(request->trial_name()));
  }

  grpc::Status ValidateEarlyStoppingSettings(grpc::ServerContext*,
                                             const wire::ValidateEarlyStoppingSettingsRequest* request,
                                             wire::ValidateEarlyStoppingSettingsReply*) override {
    const wire::EarlyStoppingSpec& spec = request->early_stopping();
    const auto info = algorithms::FindEarlyStopper(spec.algorithm_name());
    return ToGrpc(info.ok() ? (*info)->validate(ToSettings(spec)) : info.status());
  }

 private:
  const StopTrial stop_trial_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewEarlyStoppingService(StopTrial stop_trial) {
  return std::make_unique<EarlyStoppingService>(std::move(stop_trial));
}

}  // namespace qalam::suggestion
