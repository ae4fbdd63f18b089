// What a rendered run specification asks of this machine: programs to run, in which order, within which
// limits.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "api/resource.h"
#include "base/status.h"
#include "workload/exit_meaning.h"

namespace qalam::workload {

using Environment = std::vector<std::pair<std::string, std::string>>;  // later entries win

struct ResourceLimits {
  std::optional<double> cpus;                // cores, > 0
  std::optional<std::int64_t> memory_bytes;  // > 0
  bool operator==(const ResourceLimits&) const = default;
};

struct ContainerPlan {
  std::string name;
  std::vector<std::string> argv;  // program first, never empty
  Environment environment;        // what the specification declares, references resolved
  std::string working_dir;        // empty: none given
  ResourceLimits limits;
};

struct InitStep {
  ContainerPlan container;
  bool sidecar = false;  // restartPolicy Always: goes on running beside the primary container
};

struct RunPlan {
  std::vector<InitStep> init;           // one after another, in order
  std::vector<ContainerPlan> sidecars;  // run beside the primary container, ended when it ends
  ContainerPlan primary;
  std::optional<ContainerPlan> collector;  // runs beside the primary container, and may go on after its end
  absl::Duration deadline = absl::InfiniteDuration();          // for all attempts together
  absl::Duration attempt_deadline = absl::InfiniteDuration();  // for each attempt
  int retries = 0;                                             // attempts after failures
  int requeues =
      kDefaultRequeues;  // attempts after kTryAgain (exit_meaning.h), in a row; not counted in `retries`
  bool in_own_directory = false;     // containers without a working directory start in the trial's own
  std::vector<std::string> ignored;  // features of the specification without effect here: "image", "volumes"
};

/// What a secret, its values decoded, or a config map holds, by kind and name. NOT_FOUND: there is none.
using DataLookup = std::function<absl::StatusOr<api::StringMap>(api::Kind kind, const std::string& name)>;

struct PlanInputs {
  std::string_view trial_name, namespace_name, primary_container;
  Environment injected;             // set for every container; a specification's own variables win over them
  std::string_view collector = {};  // a container as JSON, beside those of the specification; empty: none
  Environment of_collector = {};    // set for it besides `injected`
  std::string_view runtime = {};    // of a TrainJob: the runtime that it names, as JSON; empty: there is none
  DataLookup data = {};             // empty: there are none
};

/// Reads a run specification. Pure.
///
/// batch/v1 Job: the pod template's containers by `command` + `args`, `env` (value, or valueFrom with secretKeyRef,
/// configMapKeyRef, or fieldRef of metadata.name, metadata.namespace, metadata.labels['k'], metadata.annotations['k']; name and
/// namespace are the trial's), `envFrom` (secretRef, configMapRef, prefix), workingDir, resources.limits cpu and memory, initContainers, activeDeadlineSeconds of Job
/// and pod, backoffLimit. $(NAME) in command, args and env values is resolved as Kubernetes does, from the
/// container's and the injected variables. An absent backoffLimit counts as 0: the 6 of a Kubernetes Job is
/// meant for nodes that fail, and a program that fails here fails again. The Job's annotation qalam.dev/requeues
/// is a number, kDefaultRequeues when absent. ttlSecondsAfterFinished, probes,
/// security contexts and requests have no effect.
///
/// qalam.dev/v1 Process: spec.command (argv, taken as it is), env (map), workingDir, timeoutSeconds, retries,
/// requeues, resources.cpu and resources.memory; numbers may be given as text, because that is what templates produce.
///
/// trainer.kubeflow.org/v1alpha1 TrainJob: a Job, made of the runtime's template for nodes, in which the container `node` gets the
/// trainer's command, args, env and resourcesPerNode, and the trial's own directory to start in. Under a runtime with mlPolicy.torch the
/// variables of torchrun tell of one node with numNodes * numProcPerNode processes; under others numNodes is 1.
///
/// The collector is a container as those of a Job; without a name it is called metrics-collector.
///
/// INVALID_ARGUMENT, naming the field: another kind; no container of the primary's name; no command (the
/// image's entry point is not known here); parallelism or completions beyond 1; suspend; a variable from
/// elsewhere; a TrainJob's initializer or patches of its runtime. FAILED_PRECONDITION, naming it: a secret or a
/// config map, or a key of one, that is not there and not optional.
absl::StatusOr<RunPlan> ReadRunPlan(std::string_view run_spec, const PlanInputs& inputs);

}  // namespace qalam::workload
