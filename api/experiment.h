// kubeflow.org/v1beta1 Experiment: what to search, how, with which workload, until when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/condition.h"
#include "api/resource.h"

namespace qalam::api {

enum class ParameterType { kUnknown, kDouble, kInt, kDiscrete, kCategorical };
enum class Distribution { kUnset, kUniform, kLogUniform, kNormal, kLogNormal, kUnknown };
enum class ObjectiveType { kUnset, kMinimize, kMaximize };
enum class MetricStrategyType { kUnset, kMin, kMax, kLatest };
enum class ResumePolicy { kUnset, kNever, kLongRunning, kFromVolume };

struct NameValue {
  std::string name, value;
  bool operator==(const NameValue&) const = default;
};
using AlgorithmSetting = NameValue;
using ParameterAssignment = NameValue;

/// Bounds and steps are text, as on the wire; for categorical and discrete `list` holds the choices.
struct FeasibleSpace {
  std::string max, min;
  std::vector<std::string> list;
  std::string step;
  Distribution distribution = Distribution::kUnset;
  bool operator==(const FeasibleSpace&) const = default;
};

struct ParameterSpec {
  std::string name;
  ParameterType type = ParameterType::kUnknown;
  FeasibleSpace feasible_space;
  bool operator==(const ParameterSpec&) const = default;
};

struct MetricStrategy {
  std::string name;
  MetricStrategyType value = MetricStrategyType::kUnset;
  bool operator==(const MetricStrategy&) const = default;
};

struct ObjectiveSpec {
  ObjectiveType type = ObjectiveType::kUnset;
  std::optional<double> goal;  // 0 is a real goal
  std::string objective_metric_name;
  std::vector<std::string> additional_metric_names;
  std::vector<MetricStrategy> metric_strategies;
  bool operator==(const ObjectiveSpec&) const = default;
};

/// For both `algorithm` and `earlyStopping`.
struct AlgorithmSpec {
  std::string algorithm_name;
  std::vector<AlgorithmSetting> algorithm_settings;
  bool operator==(const AlgorithmSpec&) const = default;
};

struct TrialParameterSpec {
  std::string name, description, reference;
  bool operator==(const TrialParameterSpec&) const = default;
};

struct ConfigMapSource {
  std::string config_map_name, config_map_namespace, template_path;
  bool operator==(const ConfigMapSource&) const = default;
};

struct TrialTemplate {
  bool retain = false;
  JsonText trial_spec;  // any object, with ${trialParameters.name} in its strings
  std::optional<ConfigMapSource> config_map;
  std::vector<TrialParameterSpec> trial_parameters;
  std::string primary_container_name;
  StringMap primary_pod_labels;
  std::string success_condition, failure_condition;  // GJSON paths on the job object
  bool operator==(const TrialTemplate&) const = default;
};

enum class CollectorKind {
  kUnset,
  kStdOut,
  kFile,
  kTensorFlowEvent,
  kPrometheusMetric,
  kCustom,
  kPush,
  kNone,
  kInvalid
};

struct FileSystemPath {
  std::string path, kind, format;  // kind File, Directory or Invalid; format TEXT or JSON
  bool operator==(const FileSystemPath&) const = default;
};

struct HttpHeader {
  std::string name, value;
  bool operator==(const HttpHeader&) const = default;
};

struct HttpGet {
  std::string path, port, host, scheme;  // port as text: a number, or a name
  bool port_is_number = true;
  std::vector<HttpHeader> http_headers;
  bool operator==(const HttpGet&) const = default;
};

struct MetricsSource {
  std::optional<FileSystemPath> file_system_path;
  std::optional<HttpGet> http_get;
  std::optional<std::vector<std::string>> metrics_format;  // source.filter.metricsFormat: RE2 with two groups
  bool operator==(const MetricsSource&) const = default;
};

struct MetricsCollectorSpec {
  CollectorKind kind = CollectorKind::kUnset;
  std::string kind_text;  // what the file says, kept for kInvalid
  JsonText custom_collector;
  std::optional<MetricsSource> source;
  bool operator==(const MetricsCollectorSpec&) const = default;
};

struct GraphConfig {
  std::optional<std::int32_t> num_layers;
  std::vector<std::int32_t> input_sizes, output_sizes;
  bool operator==(const GraphConfig&) const = default;
};

struct NasOperation {
  std::string operation_type;
  std::vector<ParameterSpec> parameters;
  bool operator==(const NasOperation&) const = default;
};

struct NasConfig {
  GraphConfig graph_config;
  std::vector<NasOperation> operations;
  bool operator==(const NasConfig&) const = default;
};

struct ExperimentSpec {
  std::vector<ParameterSpec> parameters;
  std::optional<ObjectiveSpec> objective;
  std::optional<AlgorithmSpec> algorithm;
  std::optional<AlgorithmSpec> early_stopping;
  std::optional<TrialTemplate> trial_template;
  std::optional<std::int32_t> parallel_trial_count, max_trial_count, max_failed_trial_count;
  std::optional<MetricsCollectorSpec> metrics_collector;
  std::optional<NasConfig> nas_config;
  ResumePolicy resume_policy = ResumePolicy::kUnset;
  bool operator==(const ExperimentSpec&) const = default;
};

/// One metric of a trial: texts as reported, "unavailable" where nothing parsed.
struct MetricValue {
  std::string name, min, max, latest;
  bool operator==(const MetricValue&) const = default;
};

struct Observation {
  std::vector<MetricValue> metrics;
  bool operator==(const Observation&) const = default;
};

struct OptimalTrial {
  std::string best_trial_name;
  std::vector<ParameterAssignment> parameter_assignments;
  Observation observation;
  bool operator==(const OptimalTrial&) const = default;
};

struct ExperimentStatus {
  std::optional<absl::Time> start_time, completion_time;
  Conditions conditions;
  OptimalTrial current_optimal_trial;  // always serialised, at least as {"observation":{}}
  std::vector<std::string> pending, running, succeeded, failed, killed, early_stopped, metrics_unavailable;
  std::int32_t trials = 0;
  bool operator==(const ExperimentStatus&) const = default;
};

class Experiment final : public ResourceWithStatus<Experiment, Kind::kExperiment> {
 public:
  ExperimentSpec spec;
  ExperimentStatus status;
};

}  // namespace qalam::api
