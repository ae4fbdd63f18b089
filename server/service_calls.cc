#include "server/service_calls.h"

#include "controller/grpc_clients.h"
#include "controller/wire_convert.h"
#include "server/local_services.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;

// Starts an asynchronous call and runs the loop until its reply.
template <class Reply, class Start>
absl::StatusOr<Reply> Await(AsioEventLoop& loop, Start start) {
  absl::StatusOr<Reply> result = absl::UnknownError("no reply");
  start([&](absl::StatusOr<Reply> reply) {
    result = std::move(reply);
    loop.Stop();
  });
  loop.Run();
  return result;
}

bool IsVerdict(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsUnknown(status);
}

}  // namespace

absl::Status CheckSettings(AsioEventLoop& loop, controller::ServiceDirectory& services,
                           const api::Experiment& experiment) {
  wire::ValidateAlgorithmSettingsRequest request;
  *request.mutable_experiment() = controller::ToWire(experiment, {});
  const auto algorithm = Await<wire::ValidateAlgorithmSettingsReply>(loop, [&](auto done) {
    services.Suggestion(experiment.spec.algorithm->algorithm_name)->Validate(request, std::move(done));
  });
  if (IsVerdict(algorithm.status())) return algorithm.status();
  if (!experiment.spec.early_stopping) return absl::OkStatus();
  wire::ValidateEarlyStoppingSettingsRequest rule;
  *rule.mutable_early_stopping() = controller::ToWireEarlyStopping(*experiment.spec.early_stopping);
  const auto early_stopping = Await<wire::ValidateEarlyStoppingSettingsReply>(loop, [&](auto done) {
    services.EarlyStopping(experiment.spec.early_stopping->algorithm_name)->Validate(rule, std::move(done));
  });
  return IsVerdict(early_stopping.status()) ? early_stopping.status() : absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<api::ParameterAssignment>>> FirstSuggestions(
    AsioEventLoop& loop, controller::ServiceDirectory& services, const api::Experiment& experiment,
    int count) {
  wire::GetSuggestionsRequest request;
  *request.mutable_experiment() = controller::ToWire(experiment, {});
  request.set_current_request_number(count);
  request.set_total_request_number(count);
  QALAM_ASSIGN_OR_RETURN(const auto reply, Await<wire::GetSuggestionsReply>(loop, [&](auto done) {
                           services.Suggestion(experiment.spec.algorithm->algorithm_name)
                               ->GetSuggestions(request.SerializeAsString(), std::move(done));
                         }));
  std::vector<std::vector<api::ParameterAssignment>> points;
  for (const auto& assignments : reply.parameter_assignments()) {
    points.push_back(controller::FromWire(assignments).parameter_assignments);
  }
  return points;
}

struct StandaloneServices::State {
  AsioEventLoop loop;
  std::unique_ptr<LocalServices> local;
  std::unique_ptr<controller::ServiceDirectory> directory;
};

absl::StatusOr<std::unique_ptr<StandaloneServices>> StandaloneServices::Start(
    const ServiceAddresses& addresses) {
  auto state = std::make_unique<State>();
  QALAM_ASSIGN_OR_RETURN(state->local, LocalServices::Start(nullptr, [](const std::string&) {
                           return absl::FailedPreconditionError("no trials run here");
                         }));
  state->directory =
      controller::NewGrpcServiceDirectory(state->loop, {.default_channel = state->local->channel(),
                                                        .suggestion_addresses = addresses.suggestion,
                                                        .early_stopping_addresses = addresses.early_stopping,
                                                        .call_timeout = absl::Seconds(10)});
  return std::unique_ptr<StandaloneServices>(new StandaloneServices(std::move(state)));
}

StandaloneServices::StandaloneServices(std::unique_ptr<State> state) : state_(std::move(state)) {}
StandaloneServices::~StandaloneServices() = default;

absl::Status StandaloneServices::CheckSettings(const api::Experiment& experiment) {
  return server::CheckSettings(state_->loop, *state_->directory, experiment);
}

absl::StatusOr<std::vector<std::vector<api::ParameterAssignment>>> StandaloneServices::FirstSuggestions(
    const api::Experiment& experiment, int count) {
  return server::FirstSuggestions(state_->loop, *state_->directory, experiment, count);
}

}  // namespace qalam::server
