#include "suggestion/earlier_trials.h"

#include <algorithm>
#include <utility>

#include "algorithms/random_engine.h"
#include "suggestion/labels.h"
#include "suggestion/proto_convert.h"

namespace qalam::suggestion {
namespace {

void AddOnce(std::vector<std::string>& to, const std::string& name) {
  if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
}

}  // namespace

const std::string* EarlierExperimentOf(const wire::Trial& trial, const algorithms::Problem& problem) {
  if (problem.earlier_experiments.empty()) return nullptr;
  const auto label = trial.spec().labels().find(std::string(kEarlierExperimentLabel));
  if (label == trial.spec().labels().end()) return nullptr;
  const auto& names = problem.earlier_experiments;
  const auto found = std::find(names.begin(), names.end(), label->second);
  return found == names.end() ? nullptr : &*found;
}

std::optional<algorithms::Point> FitPoint(const wire::Trial& trial, const algorithms::SearchSpace& space,
                                          EarlierFit& fit) {
  std::map<std::string_view, std::string_view> values;
  for (const auto& assignment : trial.spec().parameter_assignments().assignments()) {
    values[assignment.name()] = assignment.value();
  }
  algorithms::Rng rng({algorithms::HashText(trial.name())});
  algorithms::Point point;
  for (const algorithms::Parameter& parameter : space.parameters()) {
    const double u = rng.Uniform();
    const auto found = values.find(parameter.name());
    if (found == values.end()) {
      AddOnce(fit.drawn, parameter.name());
      point.push_back(parameter.FromUnit(u));
      continue;
    }
    const auto value = parameter.Parse(found->second);
    if (!value) {
      ++fit.out_of_range[parameter.name()];
      return std::nullopt;
    }
    point.push_back(parameter.cardinality() ? parameter.At(parameter.IndexOf(*value)) : *value);
    values.erase(found);
  }
  for (const auto& [name, value] : values) AddOnce(fit.dropped, std::string(name));
  return space.Canonical(std::move(point));
}

EarlierFit FitOf(const std::vector<wire::Trial>& trials, const algorithms::Problem& problem) {
  EarlierFit fit;
  algorithms::Problem alone = problem;
  alone.earlier_experiments.clear();
  for (const wire::Trial& trial : trials) {
    google::protobuf::RepeatedPtrField<wire::Trial> one;
    *one.Add() = trial;
    if (!algorithms::HasResult(ToHistory(one, alone).trials.front())) {
      ++fit.without_result;
    } else if (FitPoint(trial, problem.space, fit)) {
      ++fit.used;
    }
  }
  return fit;
}

}  // namespace qalam::suggestion
