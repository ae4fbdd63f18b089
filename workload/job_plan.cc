// batch/v1 Job as local processes.
#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "workload/container_environment.h"
#include "workload/run_plan_fields.h"

namespace qalam::workload {
namespace {

// Reads the containers of one pod template.
class PodReader {
 public:
  PodReader(const JsonField& pod, const PlanInputs& inputs) : pod_(pod), inputs_(inputs) {}

  absl::StatusOr<ContainerPlan> ReadContainer(const JsonField& container) const {
    ContainerPlan plan;
    QALAM_ASSIGN_OR_RETURN(plan.name, container["name"].Text());
    if (plan.name.empty() || plan.name == "." || plan.name == ".." ||
        plan.name.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
      return container["name"].Error("must be a name without '/'");
    }
    Variables variables(inputs_.injected.begin(), inputs_.injected.end());
    QALAM_ASSIGN_OR_RETURN(plan.environment, ReadEnvironment(container, pod_, inputs_, variables));
    for (const char* field : {"command", "args"}) {
      QALAM_RETURN_IF_ERROR(AppendWords(container[field], variables, plan.argv));
    }
    if (container["command"].size() == 0) {
      return container["command"].Error(
          "must be given, because programs run without containers here and the image's entry point is not "
          "known");
    }
    if (plan.argv.front().empty()) return container["command"].At(0).Error("must name a program");
    QALAM_ASSIGN_OR_RETURN(plan.working_dir, container["workingDir"].Text());
    QALAM_RETURN_IF_ERROR(CheckNoNul(container["workingDir"], plan.working_dir));
    QALAM_ASSIGN_OR_RETURN(plan.limits, ReadLimits(container["resources"]["limits"]));
    return plan;
  }

 private:
  static absl::Status AppendWords(const JsonField& words, const Variables& variables,
                                  std::vector<std::string>& argv) {
    QALAM_RETURN_IF_ERROR(words.ExpectList());
    for (size_t i = 0; i < words.size(); ++i) {
      if (!words.At(i).present()) return words.At(i).Error("must be text");
      QALAM_ASSIGN_OR_RETURN(const std::string word, words.At(i).Text());
      QALAM_RETURN_IF_ERROR(CheckNoNul(words.At(i), word));
      argv.push_back(Expand(word, variables));
    }
    return absl::OkStatus();
  }

  const JsonField& pod_;
  const PlanInputs& inputs_;
};

absl::Status CheckSingleRun(const JsonField& spec) {
  for (const char* name : {"parallelism", "completions"}) {
    QALAM_ASSIGN_OR_RETURN(const long long count, spec[name].Integer(1));
    if (count != 1) return spec[name].Error("must be 1 on this machine: a trial is one process here");
  }
  if (spec["suspend"].present() && *spec["suspend"].value() == true) {
    return spec["suspend"].Error("must be false, or the trial would never start");
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> PrimaryIndex(const JsonField& containers, std::string_view primary) {
  std::vector<std::string> names;
  for (size_t i = 0; i < containers.size(); ++i) {
    QALAM_ASSIGN_OR_RETURN(const std::string name, containers.At(i)["name"].Text());
    if (name == primary) return i;
    names.push_back(fmt::format("'{}'", name));
  }
  return absl::InvalidArgumentError(
      fmt::format("{}: no container is named '{}' (primaryContainerName); there {}: {}", containers.path(),
                  primary, names.size() == 1 ? "is" : "are", fmt::join(names, ", ")));
}

}  // namespace

absl::StatusOr<ContainerPlan> ReadLoneContainer(const JsonField& container, const PlanInputs& inputs) {
  const Json nothing;
  const JsonField no_pod(nothing, "");
  return PodReader(no_pod, inputs).ReadContainer(container);
}

absl::StatusOr<RunPlan> ReadJobPlan(const JsonField& job, const PlanInputs& inputs) {
  const JsonField spec = job["spec"];
  QALAM_RETURN_IF_ERROR(CheckSingleRun(spec));
  const JsonField pod = spec["template"];
  const JsonField pod_spec = pod["spec"];
  const JsonField containers = pod_spec["containers"];
  if (!containers.present() || !containers.value()->is_array() || containers.size() == 0) {
    return containers.Error("must list at least one container");
  }

  RunPlan plan;
  QALAM_ASSIGN_OR_RETURN(plan.deadline, ReadSeconds(spec["activeDeadlineSeconds"]));
  QALAM_ASSIGN_OR_RETURN(plan.attempt_deadline, ReadSeconds(pod_spec["activeDeadlineSeconds"]));
  QALAM_ASSIGN_OR_RETURN(plan.retries, ReadCount(spec["backoffLimit"], 0));
  QALAM_ASSIGN_OR_RETURN(plan.requeues,
                         ReadCount(job["metadata"]["annotations"]["qalam.dev/requeues"], kDefaultRequeues));
  QALAM_ASSIGN_OR_RETURN(const size_t primary, PrimaryIndex(containers, inputs.primary_container));

  const PodReader reader(pod, inputs);
  bool has_image = false, has_mounts = false;
  std::vector<std::string> names;
  const auto read = [&](const JsonField& container) -> absl::StatusOr<ContainerPlan> {
    QALAM_ASSIGN_OR_RETURN(ContainerPlan result, reader.ReadContainer(container));
    if (std::find(names.begin(), names.end(), result.name) != names.end()) {
      return container["name"].Error("must be given to one container only");
    }
    names.push_back(result.name);
    has_image |= container["image"].present();
    has_mounts |= container["volumeMounts"].size() > 0;
    return result;
  };
  for (size_t i = 0; i < containers.size(); ++i) {
    QALAM_ASSIGN_OR_RETURN(ContainerPlan container, read(containers.At(i)));
    if (i == primary) {
      plan.primary = std::move(container);
    } else {
      plan.sidecars.push_back(std::move(container));
    }
  }
  const JsonField init = pod_spec["initContainers"];
  QALAM_RETURN_IF_ERROR(init.ExpectList());
  for (size_t i = 0; i < init.size(); ++i) {
    QALAM_ASSIGN_OR_RETURN(ContainerPlan container, read(init.At(i)));
    QALAM_ASSIGN_OR_RETURN(const std::string policy, init.At(i)["restartPolicy"].Text());
    plan.init.push_back({std::move(container), policy == "Always"});
  }
  if (has_image) plan.ignored.push_back("image");
  if (has_mounts) plan.ignored.push_back("volumeMounts");
  return plan;
}

}  // namespace qalam::workload
