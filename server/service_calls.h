// Questions to the suggestion services outside of any run: are the settings right, what would be tried first.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/experiment.h"
#include "api/suggestion.h"
#include "api/trial.h"
#include "base/asio_event_loop.h"
#include "controller/clients.h"
#include "server/runtime.h"

namespace qalam::server {

/// Both run `loop` until the answer is there, and leave it stopped.

/// The services' verdict on algorithm and early-stopping settings, as the controller will hear it; to one on a setting that
/// does not exist in early stopping it adds which one may have been meant.
absl::Status CheckSettings(AsioEventLoop& loop, controller::ServiceDirectory& services,
                           const api::Experiment& experiment);

/// The field that a refusal by CheckSettings is about: "spec.algorithm", "spec.earlyStopping", or "metadata.annotations" where the message
/// begins with the name of one.
std::string RefusedField(const absl::Status& verdict);

/// What a suggestion service answers.
struct SuggestionBatch {
  std::vector<api::TrialAssignment> assignments;  // `name` is empty where the service leaves it to the caller
  std::vector<api::AlgorithmSetting> settings;    // to be sent with the next question
};

/// A trial in the form in which questions carry it: whoever asks again and again keeps it until the trial changes.
std::string EncodeTrial(const api::Trial& trial);

/// The `count` points to try after `trials`, each from EncodeTrial, all there are and in the order of creation.
/// `settings`: what earlier answers said. The service's code and message; OUT_OF_RANGE: the space has fewer points left.
absl::StatusOr<SuggestionBatch> Suggest(AsioEventLoop& loop, controller::ServiceDirectory& services,
                                        const api::Experiment& experiment,
                                        std::span<const std::string> trials,
                                        const std::vector<api::AlgorithmSetting>& settings, int count);

/// The first `count` points that a new run would try. OUT_OF_RANGE: the space has fewer.
absl::StatusOr<std::vector<std::vector<api::ParameterAssignment>>> FirstSuggestions(
    AsioEventLoop& loop, controller::ServiceDirectory& services, const api::Experiment& experiment,
    int count);

/// Services without a database, for commands that run nothing.
class StandaloneServices {
 public:
  /// `call_timeout`: a service that takes longer for one answer counts as away.
  static absl::StatusOr<std::unique_ptr<StandaloneServices>> Start(
      const ServiceAddresses& addresses, absl::Duration call_timeout = absl::Seconds(10));
  ~StandaloneServices();

  absl::Status CheckSettings(const api::Experiment& experiment);
  absl::StatusOr<std::vector<std::vector<api::ParameterAssignment>>> FirstSuggestions(
      const api::Experiment& experiment, int count);
  absl::StatusOr<SuggestionBatch> Suggest(const api::Experiment& experiment,
                                          std::span<const std::string> trials,
                                          const std::vector<api::AlgorithmSetting>& settings, int count);

 private:
  struct State;
  explicit StandaloneServices(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
