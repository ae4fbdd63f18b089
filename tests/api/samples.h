// Resources with every field set, for the tests of this room.
#pragma once

#include "api/core.h"
#include "api/suggestion.h"

namespace qalam::api {

inline absl::Time At(int seconds) { return absl::FromUnixSeconds(1'780'000'000 + seconds); }

inline ObjectMeta FullMeta() {
  ObjectMeta m;
  m.name = "digits";
  m.generate_name = "dig-";
  m.namespace_name = "team-a";
  m.uid = "8f1d";
  m.resource_version = "42";
  m.generation = 3;
  m.creation_timestamp = At(0);
  m.deletion_timestamp = At(9);
  m.deletion_grace_period_seconds = 0;
  m.labels = {{"app", "x"}, {"empty", ""}};
  m.annotations = {{"note", "two\nlines \"quoted\" \\ \t\x01 ü \xF0\x9F\x98\x80"}};
  m.finalizers = {"update-prometheus-metrics"};
  m.owner_references = {{"kubeflow.org/v1beta1", "Experiment", "digits", "u1", true, true}};
  m.managed_fields.text = R"([{"manager":"kubectl","fieldsV1":{"f:spec":{}}}])";
  return m;
}

inline ParameterSpec FullParameter() {
  return {"lr", ParameterType::kDouble, {"0.1", "0.01", {}, "0.01", Distribution::kLogUniform}};
}

inline ObjectiveSpec FullObjective() {
  return {ObjectiveType::kMaximize,
          0.0,
          "accuracy",
          {"loss", "auc"},
          {{"accuracy", MetricStrategyType::kLatest}}};
}

inline MetricsCollectorSpec FullCollector() {
  MetricsCollectorSpec c;
  c.kind = CollectorKind::kPrometheusMetric;
  c.custom_collector.text = R"({"name":"c","image":"i"})";
  c.source = MetricsSource{FileSystemPath{"/log", "File", "TEXT"},
                           HttpGet{"/metrics", "8080", "localhost", "HTTP", true, {{"X-A", "1"}}},
                           std::vector<std::string>{R"(([\w|-]+)\s*=\s*([+-]?\d*))"}};
  return c;
}

inline Conditions FullConditions() {
  return {{"Created", "True", "ExperimentCreated", "Experiment is created", At(0), At(0)},
          {"Running", "False", "ExperimentRunning", "Experiment is running", At(5), At(6)}};
}

inline std::vector<EarlyStoppingRule> FullRules() {
  return {{"accuracy", "0.5", Comparison::kLess, 4}, {"loss", "1", Comparison::kEqual, 0}};
}

inline Experiment FullExperiment() {
  Experiment e;
  e.metadata = FullMeta();
  ExperimentSpec& s = e.spec;
  s.parameters = {
      FullParameter(),
      {"opt", ParameterType::kCategorical, {"", "", {"adam", "no", "1e3", ""}, "", Distribution::kUnset}},
      {"n", ParameterType::kInt, {"9", "1", {}, "2", Distribution::kNormal}},
      {"d", ParameterType::kDiscrete, {"", "", {"32", "64"}, "", Distribution::kUnknown}}};
  s.objective = FullObjective();
  s.algorithm = AlgorithmSpec{"random", {{"seed", "7"}}};
  s.early_stopping = AlgorithmSpec{"medianstop", {{"start_step", "2"}}};
  TrialTemplate t;
  t.retain = true;
  t.trial_spec.text =
      R"({"apiVersion":"batch/v1","kind":"Job","spec":{"z":1,"a":[0.10,9007199254740993,true,null,"${trialParameters.lr}"]}})";
  t.config_map = ConfigMapSource{"m", "ns", "t.yaml"};
  t.trial_parameters = {{"lr", "learning rate", "lr"}};
  t.primary_container_name = "main";
  t.primary_pod_labels = {{"role", "master"}};
  t.success_condition = "status.conditions.#(type==\"Complete\")#|#(status==\"True\")#";
  t.failure_condition = "f";
  s.trial_template = t;
  s.parallel_trial_count = 2;
  s.max_trial_count = 10;
  s.max_failed_trial_count = 0;
  s.metrics_collector = FullCollector();
  s.nas_config = NasConfig{{8, {32, 32, 3}, {10}}, {{"convolution", {FullParameter()}}}};
  s.resume_policy = ResumePolicy::kFromVolume;
  ExperimentStatus& st = e.status;
  st.start_time = At(1);
  st.completion_time = At(2);
  st.conditions = FullConditions();
  st.current_optimal_trial = {"digits-x", {{"lr", "0.02"}}, {{{"accuracy", "0.1", "0.9", "unavailable"}}}};
  st.pending = {"a"};
  st.running = {"b", "c"};
  st.succeeded = {"d", "e", "f"};
  st.failed = {"g"};
  st.killed = {"h"};
  st.early_stopped = {"i"};
  st.metrics_unavailable = {"j"};
  st.trials = 10;
  return e;
}

inline Trial FullTrial() {
  Trial t;
  t.metadata = FullMeta();
  t.spec.objective = FullObjective();
  t.spec.parameter_assignments = {{"lr", "0.02"}, {"opt", "adam"}};
  t.spec.early_stopping_rules = FullRules();
  t.spec.run_spec.text = R"({"kind":"Job","metadata":{"name":"digits-x"}})";
  t.spec.retain_run = true;
  t.spec.metrics_collector = FullCollector();
  t.spec.primary_pod_labels = {{"a", "b"}};
  t.spec.primary_container_name = "main";
  t.spec.success_condition = "s";
  t.spec.failure_condition = "f";
  t.spec.labels = {{"pbt", "1"}};
  t.status.start_time = At(3);
  t.status.completion_time = At(4);
  t.status.conditions = FullConditions();
  t.status.observation = Observation{{{"accuracy", "0.1", "0.9", "0.8"}}};
  return t;
}

inline Suggestion FullSuggestion() {
  Suggestion s;
  s.metadata = FullMeta();
  s.spec.algorithm = {"tpe", {{"n", "1"}}};
  s.spec.early_stopping = AlgorithmSpec{"medianstop", {}};
  s.spec.requests = 5;
  s.spec.resume_policy = ResumePolicy::kLongRunning;
  s.status.algorithm_settings = {{"state", "x"}};
  s.status.suggestions = {TrialAssignment{"digits-x", {{"lr", "0.02"}}, FullRules(), {{"g", "1"}}},
                          TrialAssignment{"digits-y", {}, {}, {}}};
  s.status.start_time = At(3);
  s.status.conditions = FullConditions();
  return s;
}

inline Event FullEvent() {
  Event e;
  e.metadata = FullMeta();
  e.spec = {{"kubeflow.org/v1beta1", "Experiment", "team-a", "digits", "u1"},
            "Warning",
            "Failed",
            "it broke",
            "experiment-controller",
            At(1),
            At(2),
            0};
  return e;
}

inline ConfigMap FullConfigMap() {
  ConfigMap c;
  c.metadata = FullMeta();
  c.spec.data = {{"t.yaml", "kind: Job\nspec:\n  a: 1\n"}, {"other", " leading"}};
  return c;
}

}  // namespace qalam::api
