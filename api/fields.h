// Every field of the contract, named once. A visitor `v` is called with wire name and member, in wire order;
// reader and writer are such visitors. Internal to this room.
//
//   v(name, member)              absent on the wire when empty, zero or unset
//   v.Always(name, member)       written even then
//   v.OmitDefault(name, member)  a struct that is absent when it equals T{}
//   v.Group(name, present, f)    an object on the wire whose fields are members here; f(v) names them
//   v.Count(name, count)         derived: written when not zero, never read
//   v.Ignored(name)              known, never kept
//   v.Rest(text)                 every field that was not named before, as one object
#pragma once

#include <concepts>
#include <type_traits>

#include "api/core.h"
#include "api/optimization_job.h"
#include "api/plain.h"
#include "api/suggestion.h"

namespace qalam::api {

template <class T, class U>
concept Like = std::same_as<std::remove_const_t<T>, U>;

void Fields(auto& v, Like<OwnerReference> auto& o) {
  v("apiVersion", o.api_version);
  v("kind", o.kind);
  v("name", o.name);
  v("uid", o.uid);
  v("controller", o.controller);
  v("blockOwnerDeletion", o.block_owner_deletion);
}

void Fields(auto& v, Like<ObjectMeta> auto& m) {
  v("name", m.name);
  v("generateName", m.generate_name);
  v("namespace", m.namespace_name);
  v("uid", m.uid);
  v("resourceVersion", m.resource_version);
  v("generation", m.generation);
  v("creationTimestamp", m.creation_timestamp);
  v("deletionTimestamp", m.deletion_timestamp);
  v("deletionGracePeriodSeconds", m.deletion_grace_period_seconds);
  v("labels", m.labels);
  v("annotations", m.annotations);
  v("finalizers", m.finalizers);
  v("ownerReferences", m.owner_references);
  v("managedFields", m.managed_fields);
  v.Ignored("selfLink");
}

void Fields(auto& v, Like<Condition> auto& c) {
  v.Always("type", c.type);
  v.Always("status", c.status);
  v("reason", c.reason);
  v("message", c.message);
  v("lastUpdateTime", c.last_update_time);
  v("lastTransitionTime", c.last_transition_time);
}

void Fields(auto& v, Like<NameValue> auto& n) {
  v("name", n.name);
  v("value", n.value);
}

void Fields(auto& v, Like<FeasibleSpace> auto& f) {
  v("max", f.max);
  v("min", f.min);
  v("list", f.list);
  v("step", f.step);
  v("distribution", f.distribution);
}

void Fields(auto& v, Like<ParameterSpec> auto& p) {
  v("name", p.name);
  v("parameterType", p.type);
  v("feasibleSpace", p.feasible_space);
}

void Fields(auto& v, Like<MetricStrategy> auto& m) {
  v("name", m.name);
  v("value", m.value);
}

void Fields(auto& v, Like<ObjectiveSpec> auto& o) {
  v("type", o.type);
  v("goal", o.goal);
  v("objectiveMetricName", o.objective_metric_name);
  v("additionalMetricNames", o.additional_metric_names);
  v("metricStrategies", o.metric_strategies);
}

void Fields(auto& v, Like<AlgorithmSpec> auto& a) {
  v("algorithmName", a.algorithm_name);
  v("algorithmSettings", a.algorithm_settings);
}

void Fields(auto& v, Like<TrialParameterSpec> auto& t) {
  v("name", t.name);
  v("description", t.description);
  v("reference", t.reference);
}

void Fields(auto& v, Like<ConfigMapSource> auto& c) {
  v("configMapName", c.config_map_name);
  v("configMapNamespace", c.config_map_namespace);
  v("templatePath", c.template_path);
}

void Fields(auto& v, Like<TrialTemplate> auto& t) {
  v("retain", t.retain);
  v("trialSpec", t.trial_spec);
  v("configMap", t.config_map);
  v("trialParameters", t.trial_parameters);
  v("primaryContainerName", t.primary_container_name);
  v("primaryPodLabels", t.primary_pod_labels);
  v("successCondition", t.success_condition);
  v("failureCondition", t.failure_condition);
}

void Fields(auto& v, Like<FileSystemPath> auto& f) {
  v("path", f.path);
  v("kind", f.kind);
  v("format", f.format);
}

void Fields(auto& v, Like<HttpHeader> auto& h) {
  v("name", h.name);
  v("value", h.value);
}

void Fields(auto& v, Like<HttpGet> auto& h) {
  v("path", h.path);
  v.Port("port", h.port, h.port_is_number);
  v("host", h.host);
  v("scheme", h.scheme);
  v("httpHeaders", h.http_headers);
}

void Fields(auto& v, Like<MetricsSource> auto& s) {
  v("fileSystemPath", s.file_system_path);
  v("httpGet", s.http_get);
  v.Group("filter", s.metrics_format.has_value(),
          [&](auto& g) { g.Required("metricsFormat", s.metrics_format); });
}

void Fields(auto& v, Like<MetricsCollectorSpec> auto& m) {
  const bool present = m.kind != CollectorKind::kUnset || !m.custom_collector.empty();
  v.Group("collector", present, [&](auto& g) {
    g.KindText("kind", m.kind, m.kind_text);
    g("customCollector", m.custom_collector);
  });
  v("source", m.source);
}

void Fields(auto& v, Like<GraphConfig> auto& g) {
  v("numLayers", g.num_layers);
  v("inputSizes", g.input_sizes);
  v("outputSizes", g.output_sizes);
}

void Fields(auto& v, Like<NasOperation> auto& n) {
  v("operationType", n.operation_type);
  v("parameters", n.parameters);
}

void Fields(auto& v, Like<NasConfig> auto& n) {
  v("graphConfig", n.graph_config);
  v("operations", n.operations);
}

void Fields(auto& v, Like<ExperimentSpec> auto& e) {
  v("parameters", e.parameters);
  v("objective", e.objective);
  v("algorithm", e.algorithm);
  v("earlyStopping", e.early_stopping);
  v("trialTemplate", e.trial_template);
  v("parallelTrialCount", e.parallel_trial_count);
  v("maxTrialCount", e.max_trial_count);
  v("maxFailedTrialCount", e.max_failed_trial_count);
  v("metricsCollectorSpec", e.metrics_collector);
  v("nasConfig", e.nas_config);
  v("resumePolicy", e.resume_policy);
}

void Fields(auto& v, Like<MetricValue> auto& m) {
  v("name", m.name);
  v("min", m.min);
  v("max", m.max);
  v("latest", m.latest);
}

void Fields(auto& v, Like<Observation> auto& o) { v("metrics", o.metrics); }

void Fields(auto& v, Like<OptimalTrial> auto& o) {
  v("bestTrialName", o.best_trial_name);
  v("parameterAssignments", o.parameter_assignments);
  v("observation", o.observation);
}

void Fields(auto& v, Like<ExperimentStatus> auto& s) {
  v("startTime", s.start_time);
  v("completionTime", s.completion_time);
  v.Ignored("lastReconcileTime");
  v("conditions", s.conditions);
  v("currentOptimalTrial", s.current_optimal_trial);
  v("pendingTrialList", s.pending);
  v("runningTrialList", s.running);
  v("succeededTrialList", s.succeeded);
  v("failedTrialList", s.failed);
  v("killedTrialList", s.killed);
  v("earlyStoppedTrialList", s.early_stopped);
  v("metricsUnavailableTrialList", s.metrics_unavailable);
  v("trials", s.trials);
  v.Count("trialsPending", s.pending.size());
  v.Count("trialsRunning", s.running.size());
  v.Count("trialsSucceeded", s.succeeded.size());
  v.Count("trialsFailed", s.failed.size());
  v.Count("trialsKilled", s.killed.size());
  v.Count("trialsEarlyStopped", s.early_stopped.size());
  v.Count("trialMetricsUnavailable", s.metrics_unavailable.size());
}

void Fields(auto& v, Like<EarlyStoppingRule> auto& r) {
  v("name", r.name);
  v("value", r.value);
  v("comparison", r.comparison);
  v("startStep", r.start_step);
}

void Fields(auto& v, Like<TrialSpec> auto& t) {
  v.OmitDefault("objective", t.objective);
  v("parameterAssignments", t.parameter_assignments);
  v("earlyStoppingRules", t.early_stopping_rules);
  v("runSpec", t.run_spec);
  v("retainRun", t.retain_run);
  v.OmitDefault("metricsCollector", t.metrics_collector);
  v("primaryPodLabels", t.primary_pod_labels);
  v("primaryContainerName", t.primary_container_name);
  v("successCondition", t.success_condition);
  v("failureCondition", t.failure_condition);
  v("labels", t.labels);
}

void Fields(auto& v, Like<TrialStatus> auto& s) {
  v("startTime", s.start_time);
  v("completionTime", s.completion_time);
  v.Ignored("lastReconcileTime");
  v("conditions", s.conditions);
  v("observation", s.observation);
}

void Fields(auto& v, Like<SuggestionSpec> auto& s) {
  v.OmitDefault("algorithm", s.algorithm);
  v("earlyStopping", s.early_stopping);
  v("requests", s.requests);
  v("resumePolicy", s.resume_policy);
}

void Fields(auto& v, Like<TrialAssignment> auto& t) {
  v("name", t.name);
  v("parameterAssignments", t.parameter_assignments);
  v("earlyStoppingRules", t.early_stopping_rules);
  v("labels", t.labels);
}

void Fields(auto& v, Like<SuggestionStatus> auto& s) {
  v("algorithmSettings", s.algorithm_settings);
  v.Count("suggestionCount", s.suggestions.size());
  v("suggestions", s.suggestions);
  v("startTime", s.start_time);
  v.Ignored("completionTime");
  v.Ignored("lastReconcileTime");
  v("conditions", s.conditions);
}

void Fields(auto& v, Like<ObjectReference> auto& r) {
  v("kind", r.kind);
  v("namespace", r.namespace_name);
  v("name", r.name);
  v("uid", r.uid);
  v("apiVersion", r.api_version);
}

void Fields(auto& v, Like<EventData> auto& e) {
  v("involvedObject", e.involved_object);
  v("reason", e.reason);
  v("message", e.message);
  v.Group("source", !e.source_component.empty(), [&](auto& g) { g("component", e.source_component); });
  v("firstTimestamp", e.first_timestamp);
  v("lastTimestamp", e.last_timestamp);
  v.Always("count", e.count);
  v("type", e.type);
}

void Fields(auto& v, Like<OptimizationObjective> auto& o) {
  v("metric", o.metric);
  v("direction", o.direction);
}

void Fields(auto& v, Like<RandomSearch> auto& r) { v("seed", r.seed); }

void Fields(auto&, Like<GridSearch> auto&) {}

void Fields(auto& v, Like<SearchAlgorithm> auto& a) {
  v("random", a.random);
  v("grid", a.grid);
}

void Fields(auto& v, Like<NumberRange> auto& r) {
  v("min", r.min);
  v("max", r.max);
  v("type", r.type);
}

void Fields(auto& v, Like<Choices> auto& c) { v("choices", c.choices); }

void Fields(auto& v, Like<SearchSpace> auto& s) {
  v("uniform", s.uniform);
  v("logUniform", s.log_uniform);
  v("categorical", s.categorical);
}

void Fields(auto& v, Like<SearchedParameter> auto& p) {
  v("name", p.name);
  v("searchSpace", p.search_space);
}

void Fields(auto& v, Like<TrainJobTemplate> auto& t) {
  v.OmitDefault("metadata", t.metadata);
  v("spec", t.spec);
}

void Fields(auto& v, Like<OptimizationJobSpec> auto& o) {
  v("objectives", o.objectives);
  v("searchAlgorithm", o.search_algorithm);
  v("parameters", o.parameters);
  v("numTrials", o.num_trials);
  v("parallelTrials", o.parallel_trials);
  v.OmitDefault("trainJobTemplate", o.train_job_template);
}

void Fields(auto& v, Like<OptimizationResult> auto& r) {
  v("trainJobName", r.train_job_name);
  v("parameters", r.parameters);
}

void Fields(auto& v, Like<TrialRecord> auto& t) {
  v("trainJobName", t.train_job_name);
  v("parameters", t.parameters);
  v("metrics", t.metrics);
  v("state", t.state);
  v("reason", t.reason);
  v("creationTime", t.creation_time);
  v("completionTime", t.completion_time);
}

void Fields(auto& v, Like<OptimizationJobStatus> auto& s) {
  v("conditions", s.conditions);
  v("result", s.result);
  v("trials", s.trials);
}

/// Everything of a resource but apiVersion, kind and metadata.
template <class V, class R>
void ResourceFields(V& v, R& resource) {
  if constexpr (Like<R, Event>) {
    Fields(v, resource.spec);
  } else if constexpr (Like<R, ConfigMap>) {
    v("data", resource.spec.data);
  } else if constexpr (std::is_same_v<decltype(resource.spec), JsonText>) {
    v("status", resource.status);
    v.Rest(resource.spec);
  } else {
    v("spec", resource.spec);
    v.OmitDefault("status", resource.status);
  }
}

/// Calls `visit` with the resource as what it is.
template <class R, class Visit>
void VisitKind(R& resource, Visit visit) {
  const auto as = [&]<class T>(std::type_identity<T>) {
    visit(static_cast<std::conditional_t<std::is_const_v<R>, const T, T>&>(resource));
  };
  switch (resource.kind()) {
    case Kind::kExperiment:
      return as(std::type_identity<Experiment>{});
    case Kind::kSuggestion:
      return as(std::type_identity<Suggestion>{});
    case Kind::kTrial:
      return as(std::type_identity<Trial>{});
    case Kind::kEvent:
      return as(std::type_identity<Event>{});
    case Kind::kConfigMap:
      return as(std::type_identity<ConfigMap>{});
    case Kind::kNamespace:
      return as(std::type_identity<Namespace>{});
    case Kind::kSecret:
      return as(std::type_identity<Secret>{});
    case Kind::kPersistentVolumeClaim:
      return as(std::type_identity<PersistentVolumeClaim>{});
    case Kind::kOptimizationJob:
      return as(std::type_identity<OptimizationJob>{});
    case Kind::kTrainingRuntime:
      return as(std::type_identity<TrainingRuntime>{});
    case Kind::kClusterTrainingRuntime:
      return as(std::type_identity<ClusterTrainingRuntime>{});
  }
}

}  // namespace qalam::api
