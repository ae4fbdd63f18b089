#include "cli/pareto_front.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "algorithms/hypervolume.h"
#include "api/objectives.h"
#include "base/number_text.h"
#include "cli/resource_facts.h"
#include "controller/metric_bounds.h"

namespace qalam::cli {
namespace {

using algorithms::Losses;

// Of a front whose hypervolume takes some 0.1 s, by the number of objectives.
size_t MostComputed(size_t objectives) {
  constexpr size_t kMost[] = {0, 0, 100'000, 500, 100, 40, 20};
  return objectives < std::size(kMost) ? kMost[objectives] : 10;
}

std::vector<MetricDirection> ObjectivesOf(const api::Experiment& experiment) {
  std::vector<MetricDirection> objectives;
  if (!experiment.spec.objective) return objectives;
  objectives.push_back({experiment.spec.objective->objective_metric_name,
                        experiment.spec.objective->type == api::ObjectiveType::kMaximize});
  for (MetricDirection& further : api::FurtherObjectives(experiment))
    objectives.push_back(std::move(further));
  return objectives;
}

// In the units of the metrics.
std::optional<std::vector<double>> ValuesOf(const api::Experiment& experiment, const api::Trial& trial,
                                            const std::vector<MetricDirection>& objectives) {
  const TrialState state = StateOf(trial);
  if (state != TrialState::kSucceeded && state != TrialState::kEarlyStopped) return std::nullopt;
  if (!trial.status.observation) return std::nullopt;
  std::vector<double> values;
  for (const MetricDirection& objective : objectives) {
    const std::optional<double> value =
        ParseDouble(MetricText(*experiment.spec.objective, *trial.status.observation, objective.metric));
    if (!value || !std::isfinite(*value)) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

// As shares of the way from best to worst.
std::optional<double> HypervolumeOf(const ParetoFront& front, const std::vector<Losses>& losses) {
  const size_t m = front.objectives.size();
  if (losses.empty() || losses.size() > MostComputed(m)) return std::nullopt;
  std::vector<Losses> shares = losses;
  for (size_t j = 0; j < m; ++j) {
    const double sign = front.objectives[j].maximize ? -1 : 1;
    const double best = sign * front.best[j], range = sign * front.worst[j] - best;
    if (!(range > 0) || !std::isfinite(range)) return std::nullopt;
    for (Losses& share : shares) share[j] = (share[j] - best) / range;
  }
  return algorithms::Hypervolume(shares, Losses(m, 1));
}

std::string Corner(const ParetoFront& front, const std::vector<double>& values) {
  std::string text;
  for (size_t j = 0; j < values.size(); ++j) {
    text += fmt::format("{}{}={}", j > 0 ? " " : "", front.objectives[j].metric,
                        ShortNumber(NumberText(values[j])));
  }
  return text;
}

}  // namespace

std::vector<std::string> ObjectiveNames(const api::Experiment& experiment) {
  std::vector<std::string> names;
  for (MetricDirection& objective : ObjectivesOf(experiment)) names.push_back(std::move(objective.metric));
  return names;
}

std::optional<ParetoFront> FindFront(const api::Experiment& experiment, const std::vector<TrialPtr>& trials) {
  ParetoFront front{
      .objectives = ObjectivesOf(experiment), .trials = {}, .best = {}, .worst = {}, .hypervolume = {}};
  const size_t m = front.objectives.size();
  if (m < 2) return std::nullopt;
  const controller::MetricBounds bounds(experiment);
  std::vector<TrialPtr> with_result;
  std::vector<Losses> losses;
  Losses least(m, std::numeric_limits<double>::infinity()), most(m, -least[0]);
  for (const TrialPtr& trial : trials) {
    std::optional<std::vector<double>> values = ValuesOf(experiment, *trial, front.objectives);
    if (!values || (!bounds.empty() && bounds.Violation(*trial->status.observation) > 0)) continue;
    for (size_t j = 0; j < m; ++j) {
      if (front.objectives[j].maximize) (*values)[j] *= -1;
      least[j] = std::min(least[j], (*values)[j]);
      most[j] = std::max(most[j], (*values)[j]);
    }
    with_result.push_back(trial);
    losses.push_back(*std::move(values));
  }
  front.trials_with_result = static_cast<int>(losses.size());
  if (losses.empty()) return front;
  for (size_t j = 0; j < m; ++j) {
    front.best.push_back(front.objectives[j].maximize ? -least[j] : least[j]);
    front.worst.push_back(front.objectives[j].maximize ? -most[j] : most[j]);
  }
  std::vector<size_t> rows = algorithms::ParetoFront(losses);
  std::stable_sort(rows.begin(), rows.end(), [&](size_t a, size_t b) { return losses[a] < losses[b]; });
  std::vector<Losses> of_front;
  for (const size_t row : rows) {
    front.trials.push_back(with_result[row]);
    of_front.push_back(losses[row]);
  }
  front.hypervolume = HypervolumeOf(front, of_front);
  return front;
}

std::string FrontText(const ParetoFront& front) {
  if (front.trials.empty()) return "none: no trial has reported every objective yet";
  std::string text = fmt::format("{} of {} {}", front.trials.size(), front.trials_with_result,
                                 front.trials_with_result == 1 ? "trial" : "trials");
  if (!front.hypervolume) return text;
  return text + fmt::format("; hypervolume {:.3g} of the box from {} to {}", *front.hypervolume,
                            Corner(front, front.worst), Corner(front, front.best));
}

api::Experiment WithFront(api::Experiment experiment, const std::optional<ParetoFront>& front) {
  if (!front) return experiment;
  using Json = nlohmann::ordered_json;
  Json json = {{"trials", Json::array()}, {"hypervolume", nullptr}};
  for (const TrialPtr& trial : front->trials) json["trials"].push_back(trial->metadata.name);
  if (front->hypervolume) json["hypervolume"] = *front->hypervolume;
  const auto corner = [&](const std::vector<double>& values) {
    Json object = Json::object();
    for (size_t j = 0; j < values.size(); ++j) object[front->objectives[j].metric] = values[j];
    return object;
  };
  json["best"] = corner(front->best);
  json["worst"] = corner(front->worst);
  experiment.metadata.annotations["qalam.dev/pareto-front-report"] =
      json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return experiment;
}

}  // namespace qalam::cli
