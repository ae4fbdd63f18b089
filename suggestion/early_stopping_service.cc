#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "algorithms/registry.h"
#include "proto/api.grpc.pb.h"
#include "proto/grpc_status.h"
#include "suggestion/proto_convert.h"
#include "suggestion/services.h"
#include "suggestion/stopping_rules.h"

namespace qalam::suggestion {
namespace {

constexpr absl::Duration kMostTime = absl::Minutes(1);  // what Katib's controller waits at most

class EarlyStoppingService final : public wire::EarlyStopping::Service {
 public:
  EarlyStoppingService(StopTrial stop_trial, ReadCurves read_curves)
      : stop_trial_(std::move(stop_trial)), rules_(std::move(read_curves)) {}

  grpc::Status GetEarlyStoppingRules(grpc::ServerContext* context,
                                     const wire::GetEarlyStoppingRulesRequest* request,
                                     wire::GetEarlyStoppingRulesReply* reply) override {
    const absl::Time deadline = std::min(absl::FromChrono(context->deadline()), absl::Now() + kMostTime);
    auto answer = rules_.Answer(*request, deadline, [context] { return context->IsCancelled(); });
    if (!answer.ok()) return ToGrpc(answer.status());
    *reply = *std::move(answer);
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
  StoppingRules rules_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewEarlyStoppingService(StopTrial stop_trial, ReadCurves read_curves) {
  return std::make_unique<EarlyStoppingService>(std::move(stop_trial), std::move(read_curves));
}

}  // namespace qalam::suggestion
