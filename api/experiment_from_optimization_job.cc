#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/optimization_conversion.h"
#include "api/train_job.h"

namespace qalam::api {
namespace {

using Json = nlohmann::ordered_json;

// kubectl's record of what was applied is a whole OptimizationJob.
constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

ParameterSpec ToParameter(const SearchedParameter& searched) {
  ParameterSpec parameter{.name = searched.name};
  const SearchSpace& space = searched.search_space;
  if (space.categorical) {
    parameter.type = ParameterType::kCategorical;
    parameter.feasible_space.list = space.categorical->choices;
    return parameter;
  }
  const NumberRange range = space.uniform       ? *space.uniform
                            : space.log_uniform ? *space.log_uniform
                                                : NumberRange{};
  parameter.type = range.type == NumberType::kInt ? ParameterType::kInt : ParameterType::kDouble;
  parameter.feasible_space = {
      .max = range.max,
      .min = range.min,
      .list = {},
      .step = {},
      .distribution = space.uniform ? Distribution::kUniform : Distribution::kLogUniform};
  return parameter;
}

AlgorithmSpec ToAlgorithm(const SearchAlgorithm& algorithm) {
  if (algorithm.grid) return {.algorithm_name = "grid", .algorithm_settings = {}};
  AlgorithmSpec random{.algorithm_name = "random", .algorithm_settings = {}};
  if (algorithm.random && algorithm.random->seed) {
    random.algorithm_settings.push_back({"random_state", std::to_string(*algorithm.random->seed)});
  }
  return random;
}

Json ToJsonMap(const StringMap& map) {
  Json object = Json::object();
  for (const auto& [key, value] : map) object[key] = value;
  return object;
}

JsonText ToTrialSpec(const OptimizationJobSpec& spec) {
  Json job{{"apiVersion", kTrainerApiVersion}, {"kind", kTrainJobKind}};
  const ObjectMeta& metadata = spec.train_job_template.metadata;
  if (!metadata.labels.empty()) job["metadata"]["labels"] = ToJsonMap(metadata.labels);
  if (!metadata.annotations.empty()) job["metadata"]["annotations"] = ToJsonMap(metadata.annotations);
  Json train = Json::parse(spec.train_job_template.spec.text, nullptr, /*allow_exceptions=*/false);
  if (!train.is_object()) train = Json::object();
  Json& trainer = train["trainer"];
  if (!trainer.is_object()) trainer = Json::object();
  Json variables = Json::array();
  for (const SearchedParameter& parameter : spec.parameters) {
    variables.push_back({{"name", ParameterVariable(parameter.name)},
                         {"value", fmt::format("${{trialParameters.{}}}", parameter.name)}});
  }
  if (const auto env = trainer.find("env"); env != trainer.end() && env->is_array()) {
    variables.insert(variables.end(), env->begin(), env->end());
  }
  trainer["env"] = std::move(variables);
  job["spec"] = std::move(train);
  return {job.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace

Experiment ToExperiment(const OptimizationJob& job) {
  Experiment experiment;
  experiment.metadata.name = job.metadata.name;
  experiment.metadata.generate_name = job.metadata.generate_name;
  experiment.metadata.namespace_name = job.metadata.namespace_name;
  experiment.metadata.labels = job.metadata.labels;
  experiment.metadata.annotations = job.metadata.annotations;
  experiment.metadata.annotations.erase(std::string(kLastApplied));

  ExperimentSpec& spec = experiment.spec;
  for (const SearchedParameter& parameter : job.spec.parameters)
    spec.parameters.push_back(ToParameter(parameter));
  if (!job.spec.objectives.empty()) {
    const OptimizationObjective& objective = job.spec.objectives.front();
    spec.objective.emplace();
    spec.objective->type =
        objective.direction == Direction::kMaximize ? ObjectiveType::kMaximize : ObjectiveType::kMinimize;
    spec.objective->objective_metric_name = objective.metric;
  }
  spec.algorithm = ToAlgorithm(job.spec.search_algorithm.value_or(SearchAlgorithm()));
  spec.max_trial_count = job.spec.num_trials;
  spec.parallel_trial_count = job.spec.parallel_trials;
  TrialTemplate& trial = spec.trial_template.emplace();
  trial.retain = true;
  trial.trial_spec = ToTrialSpec(job.spec);
  trial.primary_container_name = kTrainJobContainer;
  for (const SearchedParameter& parameter : job.spec.parameters) {
    trial.trial_parameters.push_back({parameter.name, "", parameter.name});
  }
  return experiment;
}

}  // namespace qalam::api
