#include "suggestion/proto_convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/number_text.h"
#include "suggestion/architecture_convert.h"
#include "suggestion/earlier_trials.h"
#include "suggestion/extensions.h"
#include "suggestion/labels.h"

namespace qalam::suggestion {
namespace {

using algorithms::Distribution;
using algorithms::Parameter;
using algorithms::TrialStatus;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

absl::StatusOr<double> ToNumber(const wire::ParameterSpec& spec, std::string_view field,
                                const std::string& text) {
  if (const std::optional<double> number = ParseDouble(text)) return *number;
  return absl::InvalidArgumentError(
      fmt::format("parameter {}: {} must be a number, got '{}'", spec.name(), field, text));
}

absl::StatusOr<Distribution> ToDistribution(const wire::ParameterSpec& spec) {
  switch (spec.feasible_space().distribution()) {
    case wire::DISTRIBUTION_UNSPECIFIED:
    case wire::UNIFORM:
      return Distribution::kUniform;
    case wire::LOG_UNIFORM:
      return Distribution::kLogUniform;
    case wire::NORMAL:
      return Distribution::kNormal;
    case wire::LOG_NORMAL:
      return Distribution::kLogNormal;
    default:
      return absl::InvalidArgumentError(fmt::format(
          "parameter {}: Unsupported distribution {}, must be UNIFORM, LOG_UNIFORM, NORMAL or LOG_NORMAL",
          spec.name(), static_cast<int>(spec.feasible_space().distribution())));
  }
}

absl::StatusOr<algorithms::Range> ToDistributedRange(const wire::ParameterSpec& spec) {
  QALAM_ASSIGN_OR_RETURN(algorithms::Range range, ToRange(spec));
  QALAM_ASSIGN_OR_RETURN(range.distribution, ToDistribution(spec));
  return range;
}

absl::StatusOr<Parameter> ToParameter(const wire::ParameterSpec& spec) {
  const auto list = [&] {
    return std::vector<std::string>(spec.feasible_space().list().begin(), spec.feasible_space().list().end());
  };
  switch (spec.parameter_type()) {
    case wire::DOUBLE: {
      QALAM_ASSIGN_OR_RETURN(const algorithms::Range range, ToDistributedRange(spec));
      return Parameter::Double(spec.name(), range);
    }
    case wire::INT: {
      QALAM_ASSIGN_OR_RETURN(const algorithms::Range range, ToDistributedRange(spec));
      return Parameter::Int(spec.name(), range);
    }
    case wire::DISCRETE:
      return Parameter::Discrete(spec.name(), list());
    case wire::CATEGORICAL:
      return Parameter::Categorical(spec.name(), list());
    default:
      return absl::InvalidArgumentError(
          fmt::format("parameter {}: type must be DOUBLE, INT, DISCRETE or CATEGORICAL, got {}", spec.name(),
                      static_cast<int>(spec.parameter_type())));
  }
}

algorithms::Objective ToObjective(const wire::ObjectiveSpec& spec) {
  return {spec.objective_metric_name(), spec.type() == wire::MAXIMIZE ? algorithms::Direction::kMaximize
                                                                      : algorithms::Direction::kMinimize};
}

// What a failed trial says about its point.
TrialStatus ToFailure(const wire::TrialSpec& spec) {
  const auto label = spec.labels().find(std::string(kFailureLabel));
  if (label == spec.labels().end()) return TrialStatus::kFailed;
  if (label->second == kInfeasible) return TrialStatus::kInfeasible;
  return label->second == kTemporary ? TrialStatus::kKilled : TrialStatus::kFailed;
}

TrialStatus ToStatus(const wire::Trial& trial) {
  switch (trial.status().condition()) {
    case wire::TrialStatus::CREATED:
    case wire::TrialStatus::RUNNING:
      return TrialStatus::kPending;
    case wire::TrialStatus::SUCCEEDED:
      return TrialStatus::kSucceeded;
    case wire::TrialStatus::KILLED:
      return TrialStatus::kKilled;
    case wire::TrialStatus::FAILED:
      return ToFailure(trial.spec());
    case wire::TrialStatus::METRICSUNAVAILABLE:
      return TrialStatus::kMetricsUnavailable;
    case wire::TrialStatus::EARLYSTOPPED:
      return TrialStatus::kEarlyStopped;
    default:
      return TrialStatus::kUnknown;
  }
}

double MetricOf(const wire::Trial& trial, const std::string& name) {
  for (const wire::Metric& metric : trial.status().observation().metrics()) {
    if (metric.name() != name) continue;
    const double value = ParseDouble(metric.value()).value_or(kNaN);
    return std::isfinite(value) ? value : kNaN;
  }
  return kNaN;
}

std::optional<absl::Time> ToTime(const std::string& text) {
  absl::Time time;
  if (text.empty() || !absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  return time;
}

using Places = std::unordered_map<std::string_view, size_t>;

// Values of other names than the space's go to `texts`.
std::optional<algorithms::Point> ToPoint(const wire::TrialSpec& spec, const algorithms::SearchSpace& space,
                                         const Places& places, std::map<std::string, std::string>& texts) {
  std::vector<std::optional<algorithms::Value>> values(space.size());
  for (const wire::ParameterAssignment& assignment : spec.parameter_assignments().assignments()) {
    const auto place = places.find(assignment.name());
    if (place == places.end()) {
      texts.insert_or_assign(assignment.name(), assignment.value());
      continue;
    }
    values[place->second] = space.parameters()[place->second].Parse(assignment.value());
  }
  algorithms::Point point;
  point.reserve(values.size());
  for (size_t j = 0; j < values.size(); ++j) {
    if (!values[j] && space.conditions().empty()) return std::nullopt;
    point.push_back(values[j].value_or(space.parameters()[j].FromUnit(0.5)));
  }
  if (space.conditions().empty()) return point;
  // Whoever chose the point may have left out what is inactive there.
  const std::vector<bool> active = space.Active(point);
  for (size_t j = 0; j < values.size(); ++j) {
    if (!values[j] && active[j]) return std::nullopt;
  }
  return space.Canonical(std::move(point));
}

std::vector<algorithms::Trial>& TrialsOf(const std::string* earlier, algorithms::History& history) {
  if (earlier == nullptr) return history.trials;
  return std::find_if(history.earlier.begin(), history.earlier.end(),
                      [&](const auto& experiment) { return experiment.name == *earlier; })
      ->trials;
}

}  // namespace

absl::StatusOr<algorithms::Range> ToRange(const wire::ParameterSpec& spec) {
  const wire::FeasibleSpace& space = spec.feasible_space();
  algorithms::Range range;
  QALAM_ASSIGN_OR_RETURN(range.min, ToNumber(spec, "min", space.min()));
  QALAM_ASSIGN_OR_RETURN(range.max, ToNumber(spec, "max", space.max()));
  if (!space.step().empty()) {
    QALAM_ASSIGN_OR_RETURN(range.step, ToNumber(spec, "step", space.step()));
  }
  return range;
}

absl::StatusOr<algorithms::Problem> ToProblem(const wire::Experiment& experiment) {
  const wire::ExperimentSpec& spec = experiment.spec();
  algorithms::Problem problem;
  problem.experiment_name = experiment.name();
  std::vector<Parameter> parameters;
  for (const wire::ParameterSpec& parameter : spec.parameter_specs().parameters()) {
    QALAM_ASSIGN_OR_RETURN(Parameter converted, ToParameter(parameter));
    parameters.push_back(std::move(converted));
  }
  QALAM_ASSIGN_OR_RETURN(problem.space, algorithms::SearchSpace::Make(std::move(parameters)));
  problem.objectives.push_back(ToObjective(spec.objective()));
  for (const wire::AlgorithmSetting& setting : spec.algorithm().algorithm_settings()) {
    problem.settings.push_back({setting.name(), setting.value()});
  }
  problem.parallel_trial_count = spec.parallel_trial_count();
  problem.max_trial_count = spec.max_trial_count();
  QALAM_RETURN_IF_ERROR(ReadArchitecture(spec, problem));
  const auto& additional = spec.objective().additional_metric_names();
  QALAM_RETURN_IF_ERROR(ReadExtensions({additional.begin(), additional.end()}, problem));
  return problem;
}

algorithms::Settings ToSettings(const wire::EarlyStoppingSpec& spec) {
  algorithms::Settings settings;
  for (const wire::EarlyStoppingSetting& setting : spec.algorithm_settings()) {
    settings.push_back({setting.name(), setting.value()});
  }
  return settings;
}

algorithms::Problem ToStoppingProblem(const wire::Experiment& experiment) {
  algorithms::Problem problem;
  problem.experiment_name = experiment.name();
  problem.objectives.push_back(ToObjective(experiment.spec().objective()));
  problem.settings = ToSettings(experiment.spec().early_stopping());
  return problem;
}

algorithms::History ToHistory(const google::protobuf::RepeatedPtrField<wire::Trial>& trials,
                              const algorithms::Problem& problem) {
  Places places;
  for (size_t i = 0; i < problem.space.size(); ++i) places.emplace(problem.space.parameters()[i].name(), i);
  std::unordered_set<std::string> names;
  algorithms::History history;
  for (const std::string& name : problem.earlier_experiments) history.earlier.push_back({name, {}});
  history.trials.reserve(trials.size());
  for (const wire::Trial& from : trials) {
    const std::string* earlier = EarlierExperimentOf(from, problem);
    const std::string unique = (earlier == nullptr ? "" : *earlier) + "/" + from.name();
    if (!from.name().empty() && !names.insert(unique).second) continue;
    algorithms::Trial& trial = TrialsOf(earlier, history).emplace_back();
    trial.name = from.name();
    trial.status = ToStatus(from);
    EarlierFit unused;
    trial.point = earlier == nullptr ? ToPoint(from.spec(), problem.space, places, trial.texts)
                                     : FitPoint(from, problem.space, unused);
    const std::string& metric = problem.objectives[0].metric.empty()
                                    ? from.spec().objective().objective_metric_name()
                                    : problem.objectives[0].metric;
    trial.objectives = {MetricOf(from, metric)};
    for (size_t i = 1; i < problem.objectives.size(); ++i) {
      trial.objectives.push_back(MetricOf(from, problem.objectives[i].metric));
    }
    for (const algorithms::MetricConstraint& constraint : problem.metric_constraints) {
      trial.constraint_values.push_back(MetricOf(from, constraint.metric));
    }
    trial.labels.insert(from.spec().labels().begin(), from.spec().labels().end());
    if (const auto index = trial.labels.find(std::string(kTrialIndexLabel)); index != trial.labels.end()) {
      trial.number = ParseInt(index->second);
    }
    trial.start_time = ToTime(from.status().start_time());
    trial.completion_time = ToTime(from.status().completion_time());
  }
  return history;
}

std::int64_t HandedOut(const wire::GetSuggestionsRequest& request, int trials) {
  if (request.total_request_number() < request.current_request_number()) return trials;
  return request.total_request_number() - request.current_request_number();
}

void ToWire(const algorithms::Suggestions& suggestions, const algorithms::SearchSpace& space,
            wire::GetSuggestionsReply& reply) {
  for (const algorithms::Proposal& proposal : suggestions.proposals) {
    wire::GetSuggestionsReply::ParameterAssignments& to = *reply.add_parameter_assignments();
    to.set_trial_name(proposal.trial_name);
    to.mutable_labels()->insert(proposal.labels.begin(), proposal.labels.end());
    for (size_t i = 0; i < space.size(); ++i) {
      wire::ParameterAssignment& assignment = *to.add_assignments();
      assignment.set_name(space.parameters()[i].name());
      assignment.set_value(space.parameters()[i].Text(proposal.point[i]));
    }
    for (const auto& [name, value] : proposal.texts) {
      wire::ParameterAssignment& assignment = *to.add_assignments();
      assignment.set_name(name);
      assignment.set_value(value);
    }
  }
  for (const algorithms::Setting& setting : suggestions.settings) {
    wire::AlgorithmSetting& to = *reply.mutable_algorithm()->add_algorithm_settings();
    to.set_name(setting.name);
    to.set_value(setting.value);
  }
}

}  // namespace qalam::suggestion
