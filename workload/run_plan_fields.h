// Reading fields that several kinds of run specification share. Internal to this room.
#pragma once

#include "workload/json_parse.h"
#include "workload/run_plan.h"

namespace qalam::workload {

/// cpu and memory quantities; 0 and absence mean no limit.
absl::StatusOr<ResourceLimits> ReadLimits(const JsonField& limits);

/// Whole seconds >= 1; absent: unlimited.
absl::StatusOr<absl::Duration> ReadSeconds(const JsonField& field);

/// A count from 0 to 2^31 - 1; absent: `otherwise`.
absl::StatusOr<int> ReadCount(const JsonField& field, int otherwise);

/// A variable's name: not empty, no '=', no NUL.
absl::Status CheckVariableName(const JsonField& field, std::string_view name);

/// Programs, arguments and variables end at a NUL on this side of exec.
absl::Status CheckNoNul(const JsonField& field, std::string_view text);

absl::StatusOr<RunPlan> ReadJobPlan(const JsonField& job, const PlanInputs& inputs);
/// `container` is one of no pod.
absl::StatusOr<ContainerPlan> ReadLoneContainer(const JsonField& container, const PlanInputs& inputs);
absl::StatusOr<RunPlan> ReadTrainJobPlan(const JsonField& train_job, const PlanInputs& inputs);
absl::StatusOr<RunPlan> ReadProcessPlan(const JsonField& process, const PlanInputs& inputs);

}  // namespace qalam::workload
