// Questions to the suggestion services outside of any run: are the settings right, what would be tried first.
#pragma once

#include <vector>

#include "api/experiment.h"
#include "base/asio_event_loop.h"
#include "controller/clients.h"
#include "server/runtime.h"

namespace qalam::server {

/// Both run `loop` until the answer is there, and leave it stopped.

/// The services' verdict on algorithm and early-stopping settings, as the controller will hear it.
absl::Status CheckSettings(AsioEventLoop& loop, controller::ServiceDirectory& services,
                           const api::Experiment& experiment);

/// The first `count` points that a new run would try. OUT_OF_RANGE: the space has fewer.
absl::StatusOr<std::vector<std::vector<api::ParameterAssignment>>> FirstSuggestions(
    AsioEventLoop& loop, controller::ServiceDirectory& services, const api::Experiment& experiment,
    int count);

/// Services without a database, for commands that run nothing.
class StandaloneServices {
 public:
  static absl::StatusOr<std::unique_ptr<StandaloneServices>> Start(const ServiceAddresses& addresses);
  ~StandaloneServices();

  absl::Status CheckSettings(const api::Experiment& experiment);
  absl::StatusOr<std::vector<std::vector<api::ParameterAssignment>>> FirstSuggestions(
      const api::Experiment& experiment, int count);

 private:
  struct State;
  explicit StandaloneServices(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
