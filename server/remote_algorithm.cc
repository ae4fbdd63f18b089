#include "server/remote_algorithm.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include "base/number_text.h"
#include "controller/grpc_clients.h"
#include "controller/wire_convert.h"
#include "proto/api.grpc.pb.h"
#include "suggestion/labels.h"
#include "suggestion/proto_convert.h"

namespace qalam::server {
namespace {

namespace wire = ::api::v1::beta1;

using algorithms::Parameter;
using algorithms::ParameterType;
using algorithms::TrialStatus;

constexpr absl::Duration kTimeout = absl::Minutes(10);  // slow services are what is measured

wire::Distribution ToWire(algorithms::Distribution distribution) {
  switch (distribution) {
    case algorithms::Distribution::kUniform:
      return wire::UNIFORM;
    case algorithms::Distribution::kLogUniform:
      return wire::LOG_UNIFORM;
    case algorithms::Distribution::kNormal:
      return wire::NORMAL;
    case algorithms::Distribution::kLogNormal:
      return wire::LOG_NORMAL;
  }
  return wire::UNIFORM;
}

void ToWire(const Parameter& parameter, wire::ParameterSpec& to) {
  to.set_name(parameter.name());
  wire::FeasibleSpace& space = *to.mutable_feasible_space();
  if (parameter.is_numeric()) {
    const algorithms::Range& range = parameter.range();
    to.set_parameter_type(parameter.type() == ParameterType::kInt ? wire::INT : wire::DOUBLE);
    space.set_min(NumberText(range.min));
    space.set_max(NumberText(range.max));
    if (range.step) space.set_step(NumberText(*range.step));
    space.set_distribution(ToWire(range.distribution));
  } else {
    to.set_parameter_type(parameter.type() == ParameterType::kDiscrete ? wire::DISCRETE : wire::CATEGORICAL);
    space.mutable_list()->Add(parameter.list().begin(), parameter.list().end());
  }
}

wire::TrialStatus::TrialConditionType ToWire(TrialStatus status) {
  switch (status) {
    case TrialStatus::kPending:
      return wire::TrialStatus::RUNNING;
    case TrialStatus::kSucceeded:
      return wire::TrialStatus::SUCCEEDED;
    case TrialStatus::kEarlyStopped:
      return wire::TrialStatus::EARLYSTOPPED;
    case TrialStatus::kFailed:
    case TrialStatus::kInfeasible:
      return wire::TrialStatus::FAILED;
    case TrialStatus::kKilled:
      return wire::TrialStatus::KILLED;
    case TrialStatus::kMetricsUnavailable:
      return wire::TrialStatus::METRICSUNAVAILABLE;
    case TrialStatus::kUnknown:
      break;
  }
  return wire::TrialStatus::UNKNOWN;
}

std::string TimeText(const std::optional<absl::Time>& time) {
  return time ? absl::FormatTime(absl::RFC3339_full, *time, absl::UTCTimeZone()) : "";
}

class RemoteSuggester final : public algorithms::Algorithm {
 public:
  RemoteSuggester(const std::string& address, const std::string& algorithm_name,
                  const algorithms::Problem& problem)
      : stub_(wire::Suggestion::NewStub(controller::ChannelTo(address))), space_(problem.space) {
    experiment_.set_name(problem.experiment_name);
    wire::ExperimentSpec& spec = *experiment_.mutable_spec();
    for (const Parameter& parameter : space_.parameters())
      ToWire(parameter, *spec.mutable_parameter_specs()->add_parameters());
    wire::ObjectiveSpec& objective = *spec.mutable_objective();
    objective.set_objective_metric_name(problem.objectives[0].metric);
    objective.set_type(problem.objectives[0].direction == algorithms::Direction::kMaximize ? wire::MAXIMIZE
                                                                                           : wire::MINIMIZE);
    spec.mutable_algorithm()->set_algorithm_name(algorithm_name);
    for (const algorithms::Setting& setting : problem.settings) {
      wire::AlgorithmSetting& to = *spec.mutable_algorithm()->add_algorithm_settings();
      to.set_name(setting.name == "seed" ? "random_state" : setting.name);
      to.set_value(setting.value);
    }
    spec.set_parallel_trial_count(problem.parallel_trial_count);
    spec.set_max_trial_count(problem.max_trial_count);
  }

  bool uses_history() const override { return true; }

  absl::StatusOr<algorithms::Suggestions> Suggest(const algorithms::History& history,
                                                  const algorithms::Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    wire::GetSuggestionsRequest request;
    *request.mutable_experiment() = experiment_;
    for (const algorithms::Trial& trial : history.trials) AddTrial(trial, request);
    request.set_current_request_number(ask.count);
    request.set_total_request_number(static_cast<std::int32_t>(ask.handed_out) + ask.count);

    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kTimeout));
    wire::GetSuggestionsReply reply;
    const grpc::Status status = stub_->GetSuggestions(&context, request, &reply);
    if (!status.ok())
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
    return FromReply(reply, ask.count);
  }

 private:
  void AddTrial(const algorithms::Trial& trial, wire::GetSuggestionsRequest& request) const {
    wire::Trial& to = *request.add_trials();
    to.set_name(trial.name);
    *to.mutable_spec()->mutable_objective() = experiment_.spec().objective();
    to.mutable_spec()->mutable_labels()->insert(trial.labels.begin(), trial.labels.end());
    for (size_t i = 0; trial.point && i < space_.size(); ++i) {
      wire::ParameterAssignment& assignment =
          *to.mutable_spec()->mutable_parameter_assignments()->add_assignments();
      assignment.set_name(space_.parameters()[i].name());
      assignment.set_value(space_.parameters()[i].Text((*trial.point)[i]));
    }
    if (trial.status == TrialStatus::kInfeasible) {
      to.mutable_spec()->mutable_labels()->insert(
          {std::string(suggestion::kFailureLabel), std::string(suggestion::kInfeasible)});
    }
    to.mutable_status()->set_condition(ToWire(trial.status));
    to.mutable_status()->set_start_time(TimeText(trial.start_time));
    to.mutable_status()->set_completion_time(TimeText(trial.completion_time));
    if (!algorithms::HasResult(trial)) return;
    wire::Metric& metric = *to.mutable_status()->mutable_observation()->add_metrics();
    metric.set_name(experiment_.spec().objective().objective_metric_name());
    metric.set_value(NumberText(trial.objectives[0]));
  }

  absl::StatusOr<algorithms::Suggestions> FromReply(const wire::GetSuggestionsReply& reply, int count) const {
    algorithms::Suggestions suggestions;
    for (const auto& from : reply.parameter_assignments()) {
      if (suggestions.proposals.size() == static_cast<size_t>(count)) break;
      algorithms::Proposal proposal;
      for (const Parameter& parameter : space_.parameters()) {
        const auto found =
            std::find_if(from.assignments().begin(), from.assignments().end(),
                         [&](const wire::ParameterAssignment& a) { return a.name() == parameter.name(); });
        const std::string text = found == from.assignments().end() ? "" : found->value();
        const std::optional<algorithms::Value> value = parameter.Parse(text);
        if (!value) {
          return absl::InternalError(fmt::format(
              "the service answered \"{}\" for {}, which is not in the space", text, parameter.name()));
        }
        proposal.point.push_back(*value);
      }
      proposal.trial_name = from.trial_name();
      proposal.labels.insert(from.labels().begin(), from.labels().end());
      suggestions.proposals.push_back(std::move(proposal));
    }
    if (suggestions.proposals.empty() && count > 0)
      return absl::InternalError("the service answered no points");
    for (const wire::AlgorithmSetting& setting : reply.algorithm().algorithm_settings())
      suggestions.settings.push_back({setting.name(), setting.value()});
    return suggestions;
  }

  std::unique_ptr<wire::Suggestion::Stub> stub_;
  algorithms::SearchSpace space_;
  wire::Experiment experiment_;
};

}  // namespace

std::unique_ptr<algorithms::Algorithm> RemoteAlgorithm(const std::string& address,
                                                       const std::string& algorithm_name,
                                                       const algorithms::Problem& problem) {
  return std::make_unique<RemoteSuggester>(address, algorithm_name, problem);
}

absl::StatusOr<algorithms::SearchSpace> SearchSpaceOf(const api::Experiment& experiment) {
  QALAM_ASSIGN_OR_RETURN(algorithms::Problem problem,
                         suggestion::ToProblem(controller::ToWire(experiment, {})));
  return std::move(problem.space);
}

}  // namespace qalam::server
