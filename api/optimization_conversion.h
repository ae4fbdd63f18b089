// Experiments as OptimizationJobs and back.
#pragma once

#include <string>
#include <vector>

#include "api/optimization_job.h"
#include "base/status.h"

namespace qalam::api {

/// The Experiment that searches as `job` asks, under the same name, without defaults. `job` is valid and has
/// its defaults. Each parameter reaches the TrainJob as the variable KUBEFLOW_TRAINER_OPT_<NAME> of
/// trainer.env, before those the job declares, so that they and the command can refer to it as
/// $(KUBEFLOW_TRAINER_OPT_<NAME>).
Experiment ToExperiment(const OptimizationJob& job);

struct ConvertedJob {
  OptimizationJob job;             // with defaults
  std::vector<std::string> notes;  // what was left out or said in another way: "spec.objective.goal: ..."
};

/// The OptimizationJob that comes nearest to a valid Experiment with defaults. Trials may be TrainJobs,
/// batch/v1 Jobs or Processes: of the last two the primary container becomes the trainer. Placeholders become
/// references to variables, as above. What only an Experiment made by ToExperiment has is taken off again, so
/// a round trip changes nothing.
///
/// INVALID_ARGUMENT, naming the field: a template from a ConfigMap or of another kind; an architecture
/// search; a placeholder for something else than a parameter, or outside of command, args and env.
absl::StatusOr<ConvertedJob> ToOptimizationJob(const Experiment& experiment);

}  // namespace qalam::api
