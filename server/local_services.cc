#include "server/local_services.h"

#include <grpcpp/impl/codegen/service_type.h>

#include "algorithms/registry.h"
#include "db/db_manager_service.h"
#include "server/observation_curves.h"
#include "suggestion/services.h"

namespace qalam::server {

absl::StatusOr<std::unique_ptr<InProcessServer>> StartLocalServices(
    db::ObservationLog* log, std::function<absl::Status(const std::string&)> set_trial_status) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(suggestion::NewSuggestionService());
  services.push_back(suggestion::NewEarlyStoppingService(
      std::move(set_trial_status), NewObservationCurves({.own_log = log, .own_addresses = {}})));
  if (log != nullptr) services.push_back(db::NewDbManagerService(*log));
  return InProcessServer::Start(std::move(services));
}

std::vector<std::string> LocalAlgorithms() { return algorithms::AlgorithmNames(); }
std::vector<std::string> LocalEarlyStoppingAlgorithms() { return algorithms::EarlyStopperNames(); }

}  // namespace qalam::server
