#include "cli/study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/number_text.h"
#include "cli/resource_facts.h"
#include "cli/text_width.h"
#include "controller/metric_bounds.h"
#include "controller/vocabulary.h"
#include "server/remote_algorithm.h"

namespace qalam::cli {
namespace {

constexpr size_t kShownEntries = 12;

api::FieldError Invalid(std::string field, std::string_view value, std::string detail) {
  return {.type = api::FieldErrorType::kInvalid,
          .field = std::move(field),
          .value = Printable(value.substr(0, 200), true),
          .detail = std::move(detail),
          .file = {}};
}

api::FieldError Required(std::string field, std::string detail) {
  return {.type = api::FieldErrorType::kRequired,
          .field = std::move(field),
          .value = {},
          .detail = std::move(detail),
          .file = {}};
}

std::string Names(const algorithms::SearchSpace& space) {
  std::vector<std::string> names;
  for (const algorithms::Parameter& parameter : space.parameters()) names.push_back(parameter.name());
  return fmt::format("{}", fmt::join(names, ", "));
}

void SetState(api::Trial& trial, api::TrialState state) {
  trial.status.conditions.clear();
  if (state == api::TrialState::kPending) return;
  api::SetCondition(trial.status.conditions, StateName(state), true, "Told", "", absl::UnixEpoch());
}

}  // namespace

std::optional<std::string> CanonicalText(const algorithms::Parameter& parameter, std::string_view text) {
  if (const std::optional<algorithms::Value> value = parameter.Parse(text)) return parameter.Text(*value);
  if (parameter.is_numeric()) return std::nullopt;
  const std::optional<double> number = ParseDouble(text);
  if (!number) return std::nullopt;
  for (const std::string& entry : parameter.list()) {
    if (ParseDouble(entry) == number) return entry;
  }
  return std::nullopt;
}

std::string RangeText(const algorithms::Parameter& parameter) {
  if (parameter.is_numeric()) {
    return fmt::format("must be a {} from {} to {}",
                       parameter.type() == algorithms::ParameterType::kInt ? "whole number" : "number",
                       NumberText(parameter.range().min), NumberText(parameter.range().max));
  }
  const std::vector<std::string>& list = parameter.list();
  const auto end = list.begin() + static_cast<std::ptrdiff_t>(std::min(list.size(), kShownEntries));
  return fmt::format("must be one of {}{}", fmt::join(list.begin(), end, ", "),
                     end == list.end() ? "" : fmt::format(", and {} more", list.end() - end));
}

absl::StatusOr<Study> Study::Make(api::Experiment experiment, Suggest suggest) {
  QALAM_ASSIGN_OR_RETURN(algorithms::SearchSpace space, server::SearchSpaceOf(experiment));
  return Study(std::move(experiment), std::move(space), std::move(suggest));
}

api::FieldErrors Study::Tell(const TrialReport& report) {
  api::FieldErrors errors;
  const auto known = places_.find(report.trial);
  const bool is_known = known != places_.end() && !report.trial.empty();
  std::vector<api::ParameterAssignment> parameters;
  if (!IsUtf8(report.trial)) errors.push_back(Invalid("trial", report.trial, "must be valid UTF-8"));
  if (!report.parameters.empty()) {
    parameters = Canonical(report, errors);
    if (is_known && errors.empty() && !HasParameters(trials_[known->second], parameters)) {
      errors.push_back(
          Invalid("trial", report.trial,
                  fmt::format("was tried with {}; leave the parameters out, or use another name",
                              AssignmentsText(trials_[known->second].spec.parameter_assignments, false))));
    }
  } else if (report.trial.empty()) {
    errors.push_back(Required("trial", "name the trial, or give its parameters"));
  } else if (!is_known) {
    errors.push_back(
        Invalid("trial", report.trial, "is unknown; to add a trial from elsewhere, give its parameters"));
  }
  const api::TrialState state = CheckResult(report, errors);
  if (!errors.empty()) return errors;

  if (!is_known) {
    Add(report.trial.empty() ? NextName() : report.trial, std::move(parameters)).spec.labels = report.labels;
  }
  told_ = is_known ? known->second : trials_.size() - 1;
  api::Trial& trial = trials_[told_];
  SetState(trial, state);
  trial.status.observation.reset();
  if (!report.metrics.empty()) trial.status.observation = api::Observation{report.metrics};
  trial.status.start_time = report.start;
  trial.status.completion_time = report.end;
  encoded_[told_] = server::EncodeTrial(trial);
  return {};
}

bool Study::HasParameters(const api::Trial& trial,
                          const std::vector<api::ParameterAssignment>& canonical) const {
  const std::vector<api::ParameterAssignment>& own = trial.spec.parameter_assignments;
  for (size_t i = 0; i < canonical.size(); ++i) {
    const auto same =
        std::find_if(own.begin(), own.end(), [&](const auto& p) { return p.name == canonical[i].name; });
    if (same == own.end()) return false;
    // Outside services have spellings of their own.
    if (CanonicalText(space_.parameters()[i], same->value).value_or(same->value) != canonical[i].value)
      return false;
  }
  return true;
}

std::vector<api::ParameterAssignment> Study::Canonical(const TrialReport& report,
                                                       api::FieldErrors& errors) const {
  std::vector<api::ParameterAssignment> canonical;
  for (const algorithms::Parameter& parameter : space_.parameters()) {
    const std::string field = "parameters." + parameter.name();
    const auto given = std::find_if(report.parameters.begin(), report.parameters.end(),
                                    [&](const auto& p) { return p.name == parameter.name(); });
    if (given == report.parameters.end()) {
      errors.push_back(Required(field, RangeText(parameter)));
    } else if (std::optional<std::string> text = CanonicalText(parameter, given->value)) {
      canonical.push_back({parameter.name(), *std::move(text)});
    } else {
      errors.push_back(Invalid(field, given->value, RangeText(parameter)));
    }
  }
  for (const api::ParameterAssignment& given : report.parameters) {
    const bool known = std::any_of(space_.parameters().begin(), space_.parameters().end(),
                                   [&](const auto& parameter) { return parameter.name() == given.name; });
    if (!known) {
      errors.push_back(Invalid("parameters." + Printable(given.name, true), given.value,
                               fmt::format("there is no such parameter, only {}", Names(space_))));
    }
  }
  return canonical;
}

api::TrialState Study::CheckResult(const TrialReport& report, api::FieldErrors& errors) const {
  const api::TrialState state = report.state.value_or(api::TrialState::kSucceeded);
  if (state != api::TrialState::kSucceeded) return state;
  const std::string& objective = experiment_.spec.objective->objective_metric_name;
  const std::string field = "metrics." + objective;
  const std::string text(
      api::MetricText(*experiment_.spec.objective, api::Observation{report.metrics}, objective));
  const std::optional<double> value = ParseDouble(text);
  if (text.empty()) {
    errors.push_back(
        Required(field,
                 "a succeeded trial needs its objective; otherwise its status is failed, killed, "
                 "running, early-stopped or metrics-unavailable"));
  } else if (!value) {
    errors.push_back(
        Invalid(field, text, "must be a number; otherwise the status is failed or metrics-unavailable"));
  } else if (!std::isfinite(*value)) {
    return api::TrialState::kMetricsUnavailable;
  }
  return state;
}

absl::StatusOr<std::span<const api::Trial>> Study::Ask(int count) {
  if (count < 1) {
    return absl::InvalidArgumentError(
        fmt::format("the number of suggestions must be 1 or more, got {}", count));
  }
  QALAM_ASSIGN_OR_RETURN(server::SuggestionBatch batch, AskForAsManyAsThereAre(count));
  if (batch.assignments.empty()) return absl::InternalError("the suggestion service answered no points");
  std::set<std::string_view> names;
  for (const api::TrialAssignment& assignment : batch.assignments) {
    if (assignment.name.empty()) continue;
    if (places_.count(assignment.name) > 0 || !names.insert(assignment.name).second) {
      return absl::InternalError(
          fmt::format("the suggestion service named a trial {} a second time", assignment.name));
    }
  }
  for (const api::AlgorithmSetting& setting : batch.settings) {
    auto same = std::find_if(settings_.begin(), settings_.end(),
                             [&](const auto& known) { return known.name == setting.name; });
    if (same == settings_.end()) same = settings_.insert(settings_.end(), {setting.name, {}});
    same->value = setting.value;
  }
  const size_t before = trials_.size();
  for (api::TrialAssignment& assignment : batch.assignments) {
    api::Trial& trial = Add(assignment.name.empty() ? NextName() : std::move(assignment.name),
                            std::move(assignment.parameter_assignments));
    trial.spec.labels = std::move(assignment.labels);
    SetState(trial, api::TrialState::kRunning);
    encoded_.back() = server::EncodeTrial(trial);
  }
  return std::span<const api::Trial>(trials_).subspan(before);
}

// Services give all points or none; where the rule to end holds, none of any number.
absl::StatusOr<server::SuggestionBatch> Study::AskForAsManyAsThereAre(int count) const {
  auto batch = suggest_(experiment_, encoded_, settings_, count);
  if (!absl::IsOutOfRange(batch.status()) || count == 1 ||
      MessageOf(batch.status()).starts_with(controller::kReasonEndRuleMet)) {
    return batch;
  }
  int too_many = count, most = 0;
  auto best = batch;
  while (too_many - most > 1) {
    const int middle = most + (too_many - most) / 2;
    batch = suggest_(experiment_, encoded_, settings_, middle);
    if (batch.ok()) {
      best = std::move(batch);
      most = middle;
    } else if (absl::IsOutOfRange(batch.status())) {
      too_many = middle;
    } else {
      return batch;
    }
  }
  return best;
}

api::Trial& Study::Add(std::string name, std::vector<api::ParameterAssignment> parameters) {
  api::Trial trial;
  trial.metadata.name = std::move(name);
  trial.metadata.annotations.emplace(controller::kTrialIndexAnnotation, std::to_string(trials_.size()));
  trial.spec.objective = *experiment_.spec.objective;
  trial.spec.parameter_assignments = std::move(parameters);
  places_.emplace(trial.metadata.name, trials_.size());
  encoded_.emplace_back();
  return trials_.emplace_back(std::move(trial));
}

std::string Study::NextName() const {
  for (size_t number = trials_.size() + 1;; ++number) {
    std::string name = fmt::format("{}-{}", experiment_.metadata.name, number);
    if (places_.count(name) == 0) return name;
  }
}

const api::Trial* Study::Best() const {
  const api::ObjectiveSpec& objective = *experiment_.spec.objective;
  const api::Trial* best = nullptr;
  std::optional<double> best_value;
  const controller::MetricBounds bounds(experiment_);
  double least_violation = 0;
  for (const api::Trial& trial : trials_) {
    if (api::StateOf(trial) != api::TrialState::kSucceeded) continue;
    const std::optional<double> value = api::ObjectiveValue(objective, *trial.status.observation);
    if (!value) continue;
    const double violation = bounds.empty() ? 0 : bounds.Violation(*trial.status.observation);
    const bool better = !best_value || violation < least_violation ||
                        (violation == least_violation && api::IsBetter(objective.type, *value, *best_value));
    if (!better) continue;
    best = &trial;
    least_violation = violation;
    best_value = value;
  }
  return best;
}

}  // namespace qalam::cli
