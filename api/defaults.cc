#include "api/defaults.h"

#include <algorithm>
#include <array>

#include "api/json_text.h"
#include "api/objectives.h"
#include "api/process_schema.h"
#include "api/train_job.h"

namespace qalam::api {
namespace {

constexpr std::int32_t kParallelTrials = 3;
constexpr char kAlgorithm[] = "auto";
constexpr std::string_view kLogFile = "/var/log/katib/metrics.log";
constexpr std::string_view kEventDirectory = "/var/log/katib/tfevent/";

struct TemplateKind {
  std::string_view kind;
  std::string_view success, failure;  // the condition types that tell the end
};
constexpr std::array kTemplateKinds = {
    TemplateKind{"Job", "Complete", "Failed"},         TemplateKind{"TFJob", "Succeeded", "Failed"},
    TemplateKind{"PyTorchJob", "Succeeded", "Failed"}, TemplateKind{"MPIJob", "Succeeded", "Failed"},
    TemplateKind{"XGBoostJob", "Succeeded", "Failed"}, TemplateKind{kTrainJobKind, "Complete", "Failed"},
    TemplateKind{kProcessKind, "Complete", "Failed"},
};

void SetIfEmpty(std::string& text, std::string_view value) {
  if (text.empty()) text = value;
}

std::string ConditionPath(std::string_view type) {
  return "status.conditions.#(type==\"" + std::string(type) + "\")#|#(status==\"True\")#";
}

StringMap PodLabels(std::string_view kind) {
  if (kind == kTrainJobKind) {
    return {{"jobset.sigs.k8s.io/replicatedjob-name", "node"},
            {"batch.kubernetes.io/job-completion-index", "0"}};
  }
  if (kind == "TFJob" || kind == "PyTorchJob" || kind == "MPIJob" || kind == "XGBoostJob") {
    return {{"training.kubeflow.org/job-role", "master"}};
  }
  return {};
}

void SetObjectiveDefaults(ObjectiveSpec& objective, const std::vector<MetricDirection>& further) {
  const MetricStrategyType best = objective.type == ObjectiveType::kMinimize   ? MetricStrategyType::kMin
                                  : objective.type == ObjectiveType::kMaximize ? MetricStrategyType::kMax
                                                                               : MetricStrategyType::kLatest;
  // The values of several objectives are those of one state of the program, its last: the least of one and the least of
  // another may be of different epochs, and no model has both.
  const auto add = [&](const std::string& name, bool is_objective) {
    if (name.empty()) return;
    const bool listed = std::any_of(objective.metric_strategies.begin(), objective.metric_strategies.end(),
                                    [&](const MetricStrategy& given) { return given.name == name; });
    if (listed) return;
    const bool latest = is_objective && !further.empty();
    objective.metric_strategies.push_back({name, latest ? MetricStrategyType::kLatest : best});
  };
  add(objective.objective_metric_name, true);
  for (const std::string& name : objective.additional_metric_names) {
    add(name, std::any_of(further.begin(), further.end(), [&](const auto& f) { return f.metric == name; }));
  }
}

void SetTemplateDefaults(TrialTemplate& trial_template, const std::vector<ParameterSpec>& parameters) {
  const absl::StatusOr<Document> document = ParseJson(trial_template.trial_spec.text);
  const Node* kind = document.ok() ? document->root->Find("kind") : nullptr;
  if (kind == nullptr) return;
  const auto known =
      std::find_if(kTemplateKinds.begin(), kTemplateKinds.end(),
                   [&](const TemplateKind& candidate) { return candidate.kind == kind->text; });
  if (known == kTemplateKinds.end()) return;
  SetIfEmpty(trial_template.success_condition, ConditionPath(known->success));
  SetIfEmpty(trial_template.failure_condition, ConditionPath(known->failure));
  if (trial_template.primary_pod_labels.empty()) trial_template.primary_pod_labels = PodLabels(known->kind);
  if (known->kind != kProcessKind) return;
  SetIfEmpty(trial_template.primary_container_name, "main");
  if (!trial_template.trial_parameters.empty()) return;
  for (const ParameterSpec& parameter : parameters) {
    trial_template.trial_parameters.push_back({parameter.name, "", parameter.name});
  }
}

void SetCollectorDefaults(MetricsCollectorSpec& collector) {
  if (collector.kind == CollectorKind::kUnset) collector.kind = CollectorKind::kStdOut;
  const auto source = [&]() -> MetricsSource& {
    return collector.source ? *collector.source : collector.source.emplace();
  };
  const auto file = [&]() -> FileSystemPath& {
    MetricsSource& s = source();
    return s.file_system_path ? *s.file_system_path : s.file_system_path.emplace();
  };
  if (collector.kind == CollectorKind::kFile) {
    SetIfEmpty(file().kind, "File");
    SetIfEmpty(file().path, kLogFile);
    SetIfEmpty(file().format, "TEXT");
  } else if (collector.kind == CollectorKind::kTensorFlowEvent) {
    SetIfEmpty(file().kind, "Directory");
    SetIfEmpty(file().path, kEventDirectory);
  } else if (collector.kind == CollectorKind::kPrometheusMetric) {
    HttpGet& http = source().http_get ? *source().http_get : source().http_get.emplace();
    SetIfEmpty(http.path, "/metrics");
    if (http.port.empty()) {
      http.port = "8080";
      http.port_is_number = true;
    }
  }
}

}  // namespace

void SetDefaults(Experiment& experiment) {
  ExperimentSpec& spec = experiment.spec;
  if (!spec.parallel_trial_count) {
    // Katib fills in 3 and then refuses maxTrialCount 1 and 2 for it.
    const std::int32_t most = spec.max_trial_count.value_or(kParallelTrials);
    spec.parallel_trial_count = most > 0 ? std::min(kParallelTrials, most) : kParallelTrials;
  }
  if (spec.resume_policy == ResumePolicy::kUnset) spec.resume_policy = ResumePolicy::kNever;
  if (spec.objective) SetObjectiveDefaults(*spec.objective, FurtherObjectives(experiment));
  if (!spec.algorithm && !spec.nas_config) spec.algorithm = AlgorithmSpec{kAlgorithm, {}};
  for (ParameterSpec& parameter : spec.parameters) {
    Distribution& distribution = parameter.feasible_space.distribution;
    if (distribution == Distribution::kUnset) distribution = Distribution::kUniform;
  }
  if (spec.trial_template && !spec.trial_template->trial_spec.empty()) {
    SetTemplateDefaults(*spec.trial_template, spec.parameters);
  }
  if (!spec.metrics_collector) spec.metrics_collector.emplace();
  SetCollectorDefaults(*spec.metrics_collector);
}

}  // namespace qalam::api
