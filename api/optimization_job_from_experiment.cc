#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "api/optimization_conversion.h"
#include "api/process_schema.h"
#include "api/train_job.h"
#include "base/number_text.h"

namespace qalam::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostChoices = 100;  // Trainer takes no more
constexpr std::int32_t kMostTrials = 100;
constexpr std::string_view kPlaceholder = "${trialParameters.";

std::string ReplaceAll(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Trainer's pattern for numbers has no leading plus or dot.
std::string NumberFor(const std::string& text) {
  const bool plain = !text.empty() && (std::isdigit(static_cast<unsigned char>(text.front())) != 0 ||
                                       (text.front() == '-' && text.size() > 1 && text[1] != '.'));
  if (plain && text.back() != '.' && text.find(' ') == std::string::npos) return text;
  const std::optional<double> value = ParseDouble(text);
  return value ? NumberText(*value) : text;
}

class Converter {
 public:
  explicit Converter(const Experiment& experiment) : from_(experiment), spec_(experiment.spec) {}

  absl::StatusOr<ConvertedJob> Convert() {
    if (spec_.nas_config) {
      return absl::InvalidArgumentError("spec.nasConfig: an OptimizationJob cannot search architectures");
    }
    if (!spec_.trial_template || spec_.trial_template->trial_spec.empty()) {
      return absl::InvalidArgumentError(
          "spec.trialTemplate.trialSpec: must be there; an OptimizationJob cannot take its template from a "
          "ConfigMap");
    }
    OptimizationJob& job = result_.job;
    job.metadata.name = from_.metadata.name;
    job.metadata.generate_name = from_.metadata.generate_name;
    job.metadata.namespace_name = from_.metadata.namespace_name;
    job.metadata.labels = from_.metadata.labels;
    job.metadata.annotations = from_.metadata.annotations;
    job.metadata.annotations.erase("kubectl.kubernetes.io/last-applied-configuration");
    Counts();
    Objective();
    Algorithm();
    for (const ParameterSpec& parameter : spec_.parameters) Parameter(parameter);
    QALAM_RETURN_IF_ERROR(Template());
    LeaveOut();
    SetDefaults(job);
    return std::move(result_);
  }

 private:
  void Note(std::string_view field, std::string_view text) {
    result_.notes.push_back(fmt::format("{}: {}", field, text));
  }

  void Counts() {
    OptimizationJobSpec& to = result_.job.spec;
    to.num_trials = spec_.max_trial_count;
    to.parallel_trials = spec_.parallel_trial_count;
    if (!spec_.max_trial_count) {
      to.num_trials = kMostTrials;
      Note("spec.maxTrialCount", "an OptimizationJob needs a number of trials; written as 100");
    } else if (*spec_.max_trial_count > kMostTrials) {
      Note("spec.maxTrialCount", "Kubeflow Trainer takes at most 100 trials; Qalam runs them all");
    }
    if (spec_.max_failed_trial_count) Note("spec.maxFailedTrialCount", "has no counterpart; left out");
  }

  void Objective() {
    if (!spec_.objective) return;
    const ObjectiveSpec& objective = *spec_.objective;
    const bool maximize = objective.type == ObjectiveType::kMaximize;
    result_.job.spec.objectives = {
        {objective.objective_metric_name, maximize ? Direction::kMaximize : Direction::kMinimize}};
    if (objective.goal) Note("spec.objective.goal", "has no counterpart; left out");
    if (!objective.additional_metric_names.empty()) {
      Note("spec.objective.additionalMetricNames", "has no counterpart; left out");
    }
    const MetricStrategyType usual = maximize ? MetricStrategyType::kMax : MetricStrategyType::kMin;
    for (const MetricStrategy& strategy : objective.metric_strategies) {
      if (strategy.name != objective.objective_metric_name || strategy.value == usual) continue;
      Note("spec.objective.metricStrategies",
           "has no counterpart: the best value of a trial counts; left out");
    }
  }

  void Algorithm() {
    SearchAlgorithm& to = result_.job.spec.search_algorithm.emplace();
    const AlgorithmSpec from = spec_.algorithm.value_or(AlgorithmSpec());
    if (from.algorithm_name == "grid") {
      to.grid.emplace();
    } else {
      to.random.emplace();
      if (from.algorithm_name != "random") {
        Note("spec.algorithm.algorithmName",
             fmt::format("there is no {}, only random and grid; written as random", from.algorithm_name));
      }
    }
    for (const AlgorithmSetting& setting : from.algorithm_settings) {
      const std::optional<long long> seed = ParseInt(setting.value);
      if (to.random && seed && (setting.name == "seed" || setting.name == "random_state")) {
        to.random->seed = *seed;
      } else {
        Note(fmt::format("spec.algorithm.algorithmSettings[{}]", setting.name),
             "has no counterpart; left out");
      }
    }
  }

  void Parameter(const ParameterSpec& from) {
    SearchedParameter& to = result_.job.spec.parameters.emplace_back();
    to.name = NameFor(from.name);
    const std::string field = fmt::format("spec.parameters[{}]", from.name);
    if (to.name != from.name)
      Note(field, fmt::format("the name may have letters, digits and '_' only; now {}", to.name));
    const FeasibleSpace& space = from.feasible_space;
    if (from.type == ParameterType::kCategorical || from.type == ParameterType::kDiscrete) {
      if (from.type == ParameterType::kDiscrete)
        Note(field, "discrete became categorical, which knows no order");
      to.search_space.categorical = Choices{space.list};
      return;
    }
    const bool grid = result_.job.spec.search_algorithm->grid.has_value();
    if (grid || !space.step.empty()) {
      if (std::optional<std::vector<std::string>> values = ValuesOf(from)) {
        if (grid || from.type != ParameterType::kInt || space.step != "1") {
          Note(field, fmt::format("written as its {} values, which have no order", values->size()));
          to.search_space.categorical = Choices{*std::move(values)};
          return;
        }
      } else {
        Note(field + ".feasibleSpace.step",
             grid ? "grid needs a list of at most 100 values; give one as categorical"
                  : "has no counterpart; left out");
      }
    }
    if (space.distribution == Distribution::kNormal || space.distribution == Distribution::kLogNormal) {
      Note(field + ".feasibleSpace.distribution", "there is no normal distribution; written without");
    }
    const bool log =
        space.distribution == Distribution::kLogUniform || space.distribution == Distribution::kLogNormal;
    NumberRange range{NumberFor(space.min), NumberFor(space.max),
                      from.type == ParameterType::kInt ? NumberType::kInt : NumberType::kFloat};
    (log ? to.search_space.log_uniform : to.search_space.uniform) = std::move(range);
  }

  // The values of a number with steps; nothing when there are too many, or no end of them.
  static std::optional<std::vector<std::string>> ValuesOf(const ParameterSpec& parameter) {
    const FeasibleSpace& space = parameter.feasible_space;
    const std::optional<double> min = ParseDouble(space.min), max = ParseDouble(space.max);
    std::optional<double> step = ParseDouble(space.step);
    if (!step && parameter.type == ParameterType::kInt) step = 1;
    if (!min || !max || !step || !(*step > 0) || !(*max >= *min)) return std::nullopt;
    const double count = std::floor((*max - *min) / *step + 1e-9) + 1;
    if (!(count <= static_cast<double>(kMostChoices))) return std::nullopt;
    std::vector<std::string> values;
    for (int i = 0; i < static_cast<int>(count); ++i) {
      const double value = *min + i * *step;
      // 0.1 + 2 * 0.1 is 0.30000000000000004: digits that no step has.
      const double rounded = *ParseDouble(fmt::format("{:.12g}", value));
      values.push_back(NumberText(std::abs(value) < *step * 1e-9 ? 0.0 : rounded));
    }
    return values;
  }

  std::string NameFor(std::string_view name) {
    while (name.starts_with('-')) name.remove_prefix(1);
    std::string result;
    for (const char c : name) result += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    if (result.empty() || std::isdigit(static_cast<unsigned char>(result[0])) != 0) result.insert(0, "_");
    std::string unique = result;
    for (int i = 2; !variables_.emplace(ParameterVariable(unique), unique).second; ++i) {
      unique = fmt::format("{}_{}", result, i);
    }
    return unique;
  }

  absl::Status Template() {
    const TrialTemplate& from = *spec_.trial_template;
    for (std::size_t i = 0; i < from.trial_parameters.size(); ++i) {
      const TrialParameterSpec& entry = from.trial_parameters[i];
      const auto of = std::find_if(spec_.parameters.begin(), spec_.parameters.end(),
                                   [&](const ParameterSpec& p) { return p.name == entry.reference; });
      if (of == spec_.parameters.end()) {
        return absl::InvalidArgumentError(
            fmt::format("spec.trialTemplate.trialParameters[{}].reference: \"{}\": an OptimizationJob can "
                        "refer to parameters only",
                        i, entry.reference));
      }
      const auto at = static_cast<std::size_t>(of - spec_.parameters.begin());
      references_[fmt::format("{}{}}}", kPlaceholder, entry.name)] = {
          of->name, ParameterVariable(result_.job.spec.parameters[at].name)};
    }
    Json object = Json::parse(from.trial_spec.text, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object())
      return absl::InvalidArgumentError("spec.trialTemplate.trialSpec: must be an object");
    const std::string kind =
        object.value("kind", Json()).is_string() ? object["kind"].get<std::string>() : "";
    Json spec;
    if (kind == kTrainJobKind) {
      spec = object.value("spec", Json::object());
    } else if (kind == "Job" || kind == kProcessKind) {
      QALAM_ASSIGN_OR_RETURN(spec, kind == "Job" ? FromJob(object) : FromProcess(object));
      spec["runtimeRef"] = {{"name", "torch-distributed"}};
      Note("spec.trialTemplate.trialSpec",
           fmt::format(
               "the {} became a TrainJob of the runtime torch-distributed; its own features remain outside",
               kind));
    } else {
      return absl::InvalidArgumentError(
          fmt::format("spec.trialTemplate.trialSpec.kind: \"{}\": an OptimizationJob runs TrainJobs, and "
                      "Jobs and Processes as such",
                      kind));
    }
    if (spec.is_object() && spec.contains("trainer")) Refer(spec["trainer"]);
    TrainJobTemplate& to = result_.job.spec.train_job_template;
    for (const auto& [name, map] :
         {std::pair{"labels", &to.metadata.labels}, {"annotations", &to.metadata.annotations}}) {
      const Json texts = object.value("metadata", Json::object()).value(name, Json::object());
      for (const auto& [key, value] : texts.items()) {
        if (value.is_string()) map->emplace(key, value.get<std::string>());
      }
    }
    to.spec.text = spec.dump(-1, ' ', false, Json::error_handler_t::replace);
    for (const std::string& text :
         {to.spec.text, Json(to.metadata.labels).dump(), Json(to.metadata.annotations).dump()}) {
      if (text.find(kPlaceholder) == std::string::npos) continue;
      return absl::InvalidArgumentError(
          "spec.trialTemplate.trialSpec: an OptimizationJob can use parameters in command, args and env "
          "only, as "
          "variables");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Json> FromJob(const Json& job) {
    const Json spec = job.value("spec", Json::object());
    const Json pod = spec.value("template", Json::object()).value("spec", Json::object());
    const std::string& primary = spec_.trial_template->primary_container_name;
    Json result = Json::object(), trainer = Json::object();
    bool found = false;
    for (const Json& container : pod.value("containers", Json::array())) {
      if (!container.is_object() || container.value("name", "") != primary || found) {
        Note("spec.trialTemplate.trialSpec", "has more containers than the primary one; left out");
        continue;
      }
      found = true;
      for (const auto& [key, value] : container.items()) {
        if (key == "image" || key == "command" || key == "args" || key == "env") {
          trainer[key] = value;
        } else if (key == "resources") {
          trainer["resourcesPerNode"] = value;
        } else if (key != "name") {
          Note(fmt::format("spec.trialTemplate.trialSpec: container {}.{}", primary, key),
               "has no counterpart; left out");
        }
      }
    }
    if (!found) {
      return absl::InvalidArgumentError(fmt::format(
          "spec.trialTemplate.primaryContainerName: no container of the Job is named \"{}\"", primary));
    }
    for (const auto& [key, value] : pod.items()) {
      if (key == "containers" || key == "restartPolicy") continue;
      Note(fmt::format("spec.trialTemplate.trialSpec: the pod's {}", key), "has no counterpart; left out");
    }
    for (const auto& [key, value] : spec.items()) {
      if (key == "template") continue;
      if (key == "activeDeadlineSeconds") {
        result[key] = value;
      } else {
        Note(fmt::format("spec.trialTemplate.trialSpec.spec.{}", key), "has no counterpart; left out");
      }
    }
    result["trainer"] = std::move(trainer);
    return result;
  }

  absl::StatusOr<Json> FromProcess(const Json& process) {
    const auto text = [](const Json& value) {
      return value.is_string() ? value.get<std::string>() : value.dump();
    };
    // A Process's words are taken as they are; a TrainJob's may refer to variables.
    const auto literal = [&](const Json& value) { return ReplaceAll(text(value), "$(", "$$("); };
    Json result = Json::object(), trainer = Json::object();
    const Json spec = process.value("spec", Json::object());
    for (const auto& [key, value] : spec.items()) {
      if (key == "command" && value.is_array()) {
        for (const Json& word : value) trainer["command"].push_back(literal(word));
      } else if (key == "env" && value.is_object()) {
        for (const auto& [name, of] : value.items()) {
          trainer["env"].push_back({{"name", name}, {"value", literal(of)}});
        }
      } else if (key == "timeoutSeconds") {
        result["activeDeadlineSeconds"] = value;
      } else if (key == "resources" && value.is_object()) {
        trainer["resourcesPerNode"]["limits"] = value;
      } else {
        Note(fmt::format("spec.trialTemplate.trialSpec.spec.{}", key), "has no counterpart; left out");
      }
    }
    result["trainer"] = std::move(trainer);
    return result;
  }

  // Placeholders to references, and without the variables that ToExperiment has added.
  void Refer(Json& trainer) {
    if (!trainer.is_object()) return;
    if (const auto env = trainer.find("env"); env != trainer.end() && env->is_array()) {
      Json kept = Json::array();
      for (const Json& variable : *env) {
        if (!IsOurs(variable)) kept.push_back(variable);
      }
      if (kept.empty()) {
        trainer.erase(env);
      } else {
        *env = std::move(kept);
        for (Json& variable : *env) {
          if (variable.is_object() && variable.contains("value")) Refer(variable["value"], 0);
        }
      }
    }
    for (const char* list : {"command", "args"}) {
      if (trainer.contains(list)) Refer(trainer[list], 1);
    }
  }

  void Refer(Json& value, int levels) {
    if (value.is_array() && levels > 0) {
      for (Json& element : value) Refer(element, levels - 1);
    }
    if (!value.is_string()) return;
    std::string text = value.get<std::string>();
    for (const auto& [placeholder, target] : references_) {
      text = ReplaceAll(std::move(text), placeholder, fmt::format("$({})", target.variable));
    }
    value = std::move(text);
  }

  bool IsOurs(const Json& variable) const {
    if (!variable.is_object() || !variable.contains("value") || !variable["value"].is_string()) return false;
    const auto target = references_.find(variable["value"].get<std::string>());
    return target != references_.end() && variable.value("name", "") == target->second.variable;
  }

  void LeaveOut() {
    if (spec_.early_stopping) Note("spec.earlyStopping", "has no counterpart; left out");
    if (spec_.resume_policy == ResumePolicy::kLongRunning ||
        spec_.resume_policy == ResumePolicy::kFromVolume) {
      Note("spec.resumePolicy", "has no counterpart; left out");
    }
    if (!spec_.metrics_collector) return;
    const MetricsCollectorSpec& collector = *spec_.metrics_collector;
    if (collector.kind != CollectorKind::kStdOut && collector.kind != CollectorKind::kUnset) {
      Note("spec.metricsCollectorSpec",
           "has no counterpart: programs print their metrics, \"loss=0.1\"; left out");
    } else if (collector.source && collector.source->metrics_format) {
      Note("spec.metricsCollectorSpec.source.filter", "has no counterpart; left out");
    }
  }

  struct Target {
    std::string parameter, variable;
  };

  const Experiment& from_;
  const ExperimentSpec& spec_;
  ConvertedJob result_;
  std::map<std::string, std::string> variables_;  // by variable, the parameter of that name
  std::map<std::string, Target> references_;      // by placeholder
};

}  // namespace

absl::StatusOr<ConvertedJob> ToOptimizationJob(const Experiment& experiment) {
  // nlohmann's accessors throw where a free-form template has another shape than Kubernetes gives it.
  try {
    return Converter(experiment).Convert();
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(fmt::format("spec.trialTemplate.trialSpec: {}", error.what()));
  }
}

}  // namespace qalam::api
