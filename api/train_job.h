// TrainJobs (trainer.kubeflow.org/v1alpha1) as what a trial runs, and the runtimes that fill what they leave
// out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/plain.h"

namespace qalam::api {

inline constexpr std::string_view kTrainJobKind = "TrainJob";
inline constexpr std::string_view kTrainerApiVersion = "trainer.kubeflow.org/v1alpha1";
/// The container of a TrainJob whose output and exit code count.
inline constexpr std::string_view kTrainJobContainer = "node";
/// Names the framework of a runtime; Kubeflow's SDK passes over runtimes without it.
inline constexpr std::string_view kFrameworkLabel = "trainer.kubeflow.org/framework";

struct RuntimeRef {
  Kind kind;  // kTrainingRuntime or kClusterTrainingRuntime
  std::string name;
  bool operator==(const RuntimeRef&) const = default;
};

/// The runtime that a TrainJob names. Nothing for another object, without a name, and for another kind of
/// runtime.
std::optional<RuntimeRef> RuntimeOf(const JsonText& train_job);

/// torch-distributed, which clients name when they are told nothing, and plain, which adds nothing to the
/// command.
std::vector<ClusterTrainingRuntime> BuiltInRuntimes();

}  // namespace qalam::api
