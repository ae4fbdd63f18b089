#include "server/local_services.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include "algorithms/registry.h"
#include "db/db_manager_service.h"
#include "server/observation_curves.h"
#include "suggestion/services.h"

namespace qalam::server {

struct LocalServices::State {
  std::unique_ptr<grpc::Service> suggestion, early_stopping, db_manager;
  std::unique_ptr<grpc::Server> server;
};

absl::StatusOr<std::unique_ptr<LocalServices>> LocalServices::Start(
    db::ObservationLog* log, std::function<absl::Status(const std::string&)> set_trial_status) {
  auto state = std::make_unique<State>();
  state->suggestion = suggestion::NewSuggestionService();
  state->early_stopping = suggestion::NewEarlyStoppingService(
      std::move(set_trial_status), NewObservationCurves({.own_log = log, .own_addresses = {}}));
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(-1);
  // One process calls itself: a handful of threads suffices.
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 4);
  builder.RegisterService(state->suggestion.get());
  builder.RegisterService(state->early_stopping.get());
  if (log != nullptr) {
    state->db_manager = db::NewDbManagerService(*log);
    builder.RegisterService(state->db_manager.get());
  }
  state->server = builder.BuildAndStart();
  if (state->server == nullptr) return absl::InternalError("the in-process gRPC server could not be started");
  return std::unique_ptr<LocalServices>(new LocalServices(std::move(state)));
}

LocalServices::LocalServices(std::unique_ptr<State> state) : state_(std::move(state)) {}

LocalServices::~LocalServices() { state_->server->Shutdown(std::chrono::system_clock::now()); }

std::shared_ptr<grpc::Channel> LocalServices::channel() const {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return state_->server->InProcessChannel(arguments);
}

std::vector<std::string> LocalAlgorithms() { return algorithms::AlgorithmNames(); }
std::vector<std::string> LocalEarlyStoppingAlgorithms() { return algorithms::EarlyStopperNames(); }

}  // namespace qalam::server
