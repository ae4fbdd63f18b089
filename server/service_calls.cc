#include "server/service_calls.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/cord.h"
#include "algorithms/registry.h"
#include "api/did_you_mean.h"
#include "api/early_stopping.h"
#include "base/extensions.h"
#include "controller/grpc_clients.h"
#include "controller/wire_convert.h"
#include "metrics/collector.h"
#include "server/local_services.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;

constexpr char kFieldPayload[] = "qalam.dev/field";

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

// Beside the text that clients of the service compare: what may have been meant. Empty where that is not known.
std::string HintFor(const absl::Status& refusal, const api::AlgorithmSpec& rule) {
  const auto info = algorithms::FindEarlyStopper(rule.algorithm_name);
  if (!info.ok()) return "";
  std::vector<std::string_view> known((*info)->settings.begin(), (*info)->settings.end());
  known.push_back(api::kEvaluateSetting);
  for (const api::AlgorithmSetting& setting : rule.algorithm_settings) {
    if (std::find(known.begin(), known.end(), setting.name) != known.end()) continue;
    const bool is_meant = refusal.message().find("unknown setting " + setting.name) != std::string::npos;
    return is_meant ? fmt::format("; {}", api::NameHint(setting.name, known)) : "";
  }
  return "";
}

absl::Status RefuseEarlyStopping(absl::StatusCode code, const std::string& message) {
  absl::Status refusal(code, message);
  refusal.SetPayload(kFieldPayload, absl::Cord("spec.earlyStopping"));
  return refusal;
}

// What is wrong with an extension is said of the annotation, where the experiment has it there.
absl::Status RefuseAlgorithm(const absl::Status& verdict, const api::Experiment& experiment) {
  const std::string_view message = MessageOf(verdict);
  const std::string_view name = message.substr(0, message.find(':'));
  if (!IsExtension(name) ||
      experiment.metadata.annotations.find(std::string(name)) == experiment.metadata.annotations.end())
    return verdict;
  absl::Status refusal(verdict.code(), verdict.message());
  refusal.SetPayload(kFieldPayload, absl::Cord("metadata.annotations"));
  return refusal;
}

// The service sees the settings alone; which metrics there are the Experiment says. A rule on another one would never fire.
absl::Status CheckMetricOfRule(const api::Experiment& experiment) {
  const api::AlgorithmSpec& rule = *experiment.spec.early_stopping;
  const auto info = algorithms::FindEarlyStopper(rule.algorithm_name);
  if (!info.ok() || !experiment.spec.objective) return absl::OkStatus();
  constexpr std::string_view kMetric = "metric";
  if (std::find((*info)->settings.begin(), (*info)->settings.end(), kMetric) == (*info)->settings.end())
    return absl::OkStatus();
  const std::vector<std::string> metrics = metrics::WantedMetrics(*experiment.spec.objective);
  for (const api::AlgorithmSetting& setting : rule.algorithm_settings) {
    if (setting.name != kMetric || std::find(metrics.begin(), metrics.end(), setting.value) != metrics.end())
      continue;
    const std::vector<std::string_view> known(metrics.begin(), metrics.end());
    return RefuseEarlyStopping(absl::StatusCode::kInvalidArgument,
                               fmt::format("metric '{}' is not one of the experiment's; {}", setting.value,
                                           api::NameHint(setting.value, known)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSettings(AsioEventLoop& loop, controller::ServiceDirectory& services,
                           const api::Experiment& experiment) {
  wire::ValidateAlgorithmSettingsRequest request;
  *request.mutable_experiment() = controller::ToWire(experiment, {});
  const auto algorithm = Await<wire::ValidateAlgorithmSettingsReply>(loop, [&](auto done) {
    services.Suggestion(experiment.spec.algorithm->algorithm_name)->Validate(request, std::move(done));
  });
  if (IsVerdict(algorithm.status())) return RefuseAlgorithm(algorithm.status(), experiment);
  if (!experiment.spec.early_stopping) return absl::OkStatus();
  wire::ValidateEarlyStoppingSettingsRequest rule;
  *rule.mutable_early_stopping() = controller::ToWireEarlyStopping(*experiment.spec.early_stopping);
  const auto early_stopping = Await<wire::ValidateEarlyStoppingSettingsReply>(loop, [&](auto done) {
    services.EarlyStopping(experiment.spec.early_stopping->algorithm_name)->Validate(rule, std::move(done));
  });
  if (!IsVerdict(early_stopping.status())) return CheckMetricOfRule(experiment);
  const absl::Status& verdict = early_stopping.status();
  const std::string hint = HintFor(verdict, *experiment.spec.early_stopping);
  return RefuseEarlyStopping(verdict.code(), fmt::format("{}{}", MessageOf(verdict), hint));
}

std::string RefusedField(const absl::Status& verdict) {
  const auto field = verdict.GetPayload(kFieldPayload);
  return field ? std::string(*field) : "spec.algorithm";
}

std::string EncodeTrial(const api::Trial& trial) { return controller::ToWireField(trial); }

absl::StatusOr<SuggestionBatch> Suggest(AsioEventLoop& loop, controller::ServiceDirectory& services,
                                        const api::Experiment& experiment,
                                        std::span<const std::string> trials,
                                        const std::vector<api::AlgorithmSetting>& settings, int count) {
  wire::GetSuggestionsRequest request;
  *request.mutable_experiment() = controller::ToWire(experiment, settings);
  request.set_current_request_number(count);
  request.set_total_request_number(static_cast<std::int32_t>(trials.size()) + count);
  std::string bytes = request.SerializeAsString();
  for (const std::string& trial : trials) bytes += trial;
  QALAM_ASSIGN_OR_RETURN(const auto reply, Await<wire::GetSuggestionsReply>(loop, [&](auto done) {
                           services.Suggestion(experiment.spec.algorithm->algorithm_name)
                               ->GetSuggestions(std::move(bytes), std::move(done));
                         }));
  SuggestionBatch batch;
  for (const auto& assignments : reply.parameter_assignments()) {
    batch.assignments.push_back(controller::FromWire(assignments));
  }
  for (const wire::AlgorithmSetting& setting : reply.algorithm().algorithm_settings()) {
    batch.settings.push_back({setting.name(), setting.value()});
  }
  return batch;
}

absl::StatusOr<std::vector<std::vector<api::ParameterAssignment>>> FirstSuggestions(
    AsioEventLoop& loop, controller::ServiceDirectory& services, const api::Experiment& experiment,
    int count) {
  QALAM_ASSIGN_OR_RETURN(SuggestionBatch batch, Suggest(loop, services, experiment, {}, {}, count));
  std::vector<std::vector<api::ParameterAssignment>> points;
  for (api::TrialAssignment& assignment : batch.assignments) {
    points.push_back(std::move(assignment.parameter_assignments));
  }
  return points;
}

struct StandaloneServices::State {
  AsioEventLoop loop;
  std::unique_ptr<InProcessServer> local;
  std::unique_ptr<controller::ServiceDirectory> directory;
};

absl::StatusOr<std::unique_ptr<StandaloneServices>> StandaloneServices::Start(
    const ServiceAddresses& addresses, absl::Duration call_timeout) {
  auto state = std::make_unique<State>();
  QALAM_ASSIGN_OR_RETURN(state->local, StartLocalServices(nullptr, [](const std::string&) {
                           return absl::FailedPreconditionError("no trials run here");
                         }));
  state->directory =
      controller::NewGrpcServiceDirectory(state->loop, {.default_channel = state->local->channel(),
                                                        .suggestion_addresses = addresses.suggestion,
                                                        .early_stopping_addresses = addresses.early_stopping,
                                                        .call_timeout = call_timeout});
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

absl::StatusOr<SuggestionBatch> StandaloneServices::Suggest(
    const api::Experiment& experiment, std::span<const std::string> trials,
    const std::vector<api::AlgorithmSetting>& settings, int count) {
  return server::Suggest(state_->loop, *state_->directory, experiment, trials, settings, count);
}

}  // namespace qalam::server
