// trainer.kubeflow.org/v1alpha1 OptimizationJob, the successor of the Experiment: a search over TrainJobs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/condition.h"
#include "api/experiment.h"
#include "api/field_error.h"
#include "api/resource.h"

namespace qalam::api {

enum class Direction { kUnset, kMinimize, kMaximize };
enum class NumberType { kUnset, kInt, kFloat };

struct OptimizationObjective {
  std::string metric;
  Direction direction = Direction::kUnset;
  bool operator==(const OptimizationObjective&) const = default;
};

struct RandomSearch {
  std::optional<std::int64_t> seed;
  bool operator==(const RandomSearch&) const = default;
};

struct GridSearch {
  bool operator==(const GridSearch&) const = default;
};

/// Exactly one is given.
struct SearchAlgorithm {
  std::optional<RandomSearch> random;
  std::optional<GridSearch> grid;
  bool operator==(const SearchAlgorithm&) const = default;
};

/// Bounds are text, as on the wire.
struct NumberRange {
  std::string min, max;
  NumberType type = NumberType::kUnset;
  bool operator==(const NumberRange&) const = default;
};

struct Choices {
  std::vector<std::string> choices;
  bool operator==(const Choices&) const = default;
};

/// Exactly one is given.
struct SearchSpace {
  std::optional<NumberRange> uniform, log_uniform;
  std::optional<Choices> categorical;
  bool operator==(const SearchSpace&) const = default;
};

struct SearchedParameter {
  std::string name;
  SearchSpace search_space;
  bool operator==(const SearchedParameter&) const = default;
};

struct TrainJobTemplate {
  ObjectMeta metadata;  // labels and annotations
  JsonText spec;        // a TrainJob's
  bool operator==(const TrainJobTemplate&) const = default;
};

struct OptimizationJobSpec {
  std::vector<OptimizationObjective> objectives;  // one
  std::optional<SearchAlgorithm> search_algorithm;
  std::vector<SearchedParameter> parameters;
  std::optional<std::int32_t> num_trials, parallel_trials;
  TrainJobTemplate train_job_template;
  bool operator==(const OptimizationJobSpec&) const = default;
};

/// The best trial so far.
struct OptimizationResult {
  std::string train_job_name;
  std::vector<ParameterAssignment> parameters;
  bool operator==(const OptimizationResult&) const = default;
};

struct TrialRecord {
  std::string train_job_name;
  std::vector<ParameterAssignment> parameters;
  std::vector<NameValue> metrics;
  std::string state;   // Running, Succeeded, Failed or EarlyStopped
  std::string reason;  // of Failed
  std::optional<absl::Time> creation_time, completion_time;
  bool operator==(const TrialRecord&) const = default;
};

struct OptimizationJobStatus {
  Conditions conditions;  // Created, Complete, Failed; without lastUpdateTime
  std::optional<OptimizationResult> result;
  std::vector<TrialRecord> trials;  // in order of creation
  bool operator==(const OptimizationJobStatus&) const = default;
};

class OptimizationJob final : public ResourceWithStatus<OptimizationJob, Kind::kOptimizationJob> {
 public:
  OptimizationJobSpec spec;
  OptimizationJobStatus status;
};

/// direction Minimize, searchAlgorithm random, numTrials 1, parallelTrials 1, type Float.
void SetDefaults(OptimizationJob& job);

/// All errors at once. `job` has its defaults. Trainer's rules, except that numTrials may exceed 100.
FieldErrors Validate(const OptimizationJob& job);

/// The rules for changing `old_job` into `new_job`, both with defaults. Not included: Validate. Only
/// numTrials and parallelTrials may change, until the job has ended; numTrials not below the number of trials
/// there are.
FieldErrors ValidateUpdate(const OptimizationJob& new_job, const OptimizationJob& old_job);

/// KUBEFLOW_TRAINER_OPT_LEARNING_RATE for learning_rate: how a trial's program is told a parameter's value.
std::string ParameterVariable(std::string_view parameter);

}  // namespace qalam::api
