// TrainJob of trainer.kubeflow.org/v1alpha1: its node, as a Job of the runtime's template and the trainer.
#include <algorithm>

#include "api/train_job.h"
#include "fmt/format.h"
#include "workload/run_plan_fields.h"

namespace qalam::workload {
namespace {

constexpr char kNode[] = "node";  // the replicated job, and its container

absl::StatusOr<Json> ReadRuntime(const JsonField& train_job, std::string_view runtime) {
  const JsonField name = train_job["spec"]["runtimeRef"]["name"];
  if (runtime.empty()) {
    return name.Error(
        "must name a TrainingRuntime of the namespace or a ClusterTrainingRuntime, such as plain");
  }
  absl::StatusOr<Json> parsed = ParseJson(runtime);
  if (!parsed.ok() || !parsed->is_object()) return name.Error("names a runtime that cannot be read");
  return parsed;
}

// The template of the Job that runs nodes: the one marked as the trainer's, else the one of that name.
JsonField NodeTemplate(const JsonField& runtime) {
  const JsonField jobs = runtime["spec"]["template"]["spec"]["replicatedJobs"];
  const bool is_list = jobs.present() && jobs.value()->is_array();
  std::optional<JsonField> named;
  for (size_t i = 0; is_list && i < jobs.size(); ++i) {
    const JsonField job = jobs.At(i);
    const JsonField step =
        job["template"]["metadata"]["labels"]["trainer.kubeflow.org/trainjob-ancestor-step"];
    if (step.present() && *step.value() == "trainer") return job["template"];
    if (!named && job["name"].present() && *job["name"].value() == kNode) named = job["template"];
  }
  return named.value_or(runtime["none"]);
}

// Variables of the job take the place of the runtime's.
absl::Status MergeEnvironment(const JsonField& from, Json& container) {
  QALAM_RETURN_IF_ERROR(from.ExpectList());
  Json& env = container["env"];
  if (!env.is_array()) env = Json::array();
  for (size_t i = 0; i < from.size(); ++i) {
    const JsonField variable = from.At(i);
    QALAM_RETURN_IF_ERROR(variable.ExpectMap());
    QALAM_ASSIGN_OR_RETURN(const std::string name, variable["name"].Text());
    const auto same = std::find_if(env.begin(), env.end(), [&](const Json& other) {
      return other.is_object() && other.value("name", Json()) == name;
    });
    if (same != env.end()) env.erase(same);
    env.push_back(*variable.value());
  }
  return absl::OkStatus();
}

struct Processes {
  long long nodes = 1, per_node = 1;
};

absl::StatusOr<Processes> ReadProcesses(const JsonField& trainer, const JsonField& policy) {
  Processes result;
  QALAM_ASSIGN_OR_RETURN(result.nodes, policy["numNodes"].Integer(1));
  QALAM_ASSIGN_OR_RETURN(result.nodes, trainer["numNodes"].Integer(result.nodes));
  for (const JsonField& field : {policy["torch"]["numProcPerNode"], trainer["numProcPerNode"]}) {
    QALAM_ASSIGN_OR_RETURN(const std::string text, field.TextOrScalar());
    if (text.empty() || text == "auto" || text == "cpu" || text == "gpu") continue;
    QALAM_ASSIGN_OR_RETURN(result.per_node, field.Integer(1));
  }
  constexpr long long kMost = 1024;
  if (result.nodes < 1 || result.nodes > kMost) return trainer["numNodes"].Error("must be from 1 to 1024");
  if (result.per_node < 1 || result.per_node > kMost) {
    return trainer["numProcPerNode"].Error("must be auto, cpu, gpu or a number from 1 to 1024");
  }
  return result;
}

// What torchrun reads. All nodes are one node here, with the processes of all.
absl::Status AddTorchEnvironment(const Processes& processes, Json& container) {
  const Json variables = {
      {{"name", "PET_NNODES"}, {"value", "1"}},
      {{"name", "PET_NPROC_PER_NODE"}, {"value", fmt::format("{}", processes.nodes * processes.per_node)}},
      {{"name", "PET_NODE_RANK"}, {"value", "0"}},
      // A rendezvous of its own, on a free port: trials run beside each other.
      {{"name", "PET_STANDALONE"}, {"value", "1"}},
  };
  const Json own = container.value("env", Json::array());
  container["env"] = variables;
  return MergeEnvironment(JsonField(own, "env"), container);
}

absl::Status FillContainer(const JsonField& train_job, const JsonField& runtime, Json& container) {
  const JsonField trainer = train_job["spec"]["trainer"];
  QALAM_RETURN_IF_ERROR(trainer.ExpectMap());
  for (const char* field : {"image", "command", "args"}) {
    if (trainer[field].present()) container[field] = *trainer[field].value();
  }
  if (trainer["resourcesPerNode"].present()) container["resources"] = *trainer["resourcesPerNode"].value();
  QALAM_RETURN_IF_ERROR(MergeEnvironment(trainer["env"], container));
  const JsonField command = trainer["command"];
  if (!container.contains("command") || container["command"].empty()) {
    return command.Error(
        "must be given, because the runtime has none and programs run without containers here");
  }
  const JsonField policy = runtime["spec"]["mlPolicy"];
  QALAM_ASSIGN_OR_RETURN(const Processes processes, ReadProcesses(trainer, policy));
  if (policy["torch"].present()) return AddTorchEnvironment(processes, container);
  if (processes.nodes > 1) {
    return trainer["numNodes"].Error(
        "must be 1 on this machine, unless the runtime's mlPolicy is torch: a trial is one node here");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RunPlan> ReadTrainJobPlan(const JsonField& train_job, const PlanInputs& inputs) {
  const JsonField spec = train_job["spec"];
  if (spec["suspend"].present() && *spec["suspend"].value() == true) {
    return spec["suspend"].Error("must be false, or the trial would never start");
  }
  if (spec["initializer"].present()) {
    return spec["initializer"].Error(
        "must be left out: nothing here downloads datasets and models; have the program do it");
  }
  for (const char* patches : {"podTemplateOverrides", "runtimePatches"}) {
    if (spec[patches].size() > 0) {
      return spec[patches].Error("must be left out: write what it changes into the runtime");
    }
  }
  QALAM_ASSIGN_OR_RETURN(const Json runtime_json, ReadRuntime(train_job, inputs.runtime));
  const JsonField runtime(runtime_json, "runtime");
  const JsonField node = NodeTemplate(runtime);
  Json job = node.present() && node.value()->is_object() ? *node.value() : Json::object();
  if (!job["spec"].is_object()) job["spec"] = Json::object();
  for (const char* of_cluster : {"parallelism", "completions"}) job["spec"].erase(of_cluster);
  if (spec["activeDeadlineSeconds"].present()) {
    job["spec"]["activeDeadlineSeconds"] = *spec["activeDeadlineSeconds"].value();
  }
  for (const char* level : {"template", "spec"}) {
    Json& parent = level == std::string_view("template") ? job["spec"] : job["spec"]["template"];
    if (!parent[level].is_object()) parent[level] = Json::object();
  }
  Json& containers = job["spec"]["template"]["spec"]["containers"];
  if (!containers.is_array()) containers = Json::array();
  auto container = std::find_if(containers.begin(), containers.end(), [](const Json& candidate) {
    return candidate.is_object() && candidate.value("name", Json()) == kNode;
  });
  if (container == containers.end()) {
    containers.push_back({{"name", kNode}});
    container = containers.end() - 1;
  }
  QALAM_RETURN_IF_ERROR(FillContainer(train_job, runtime, *container));
  QALAM_ASSIGN_OR_RETURN(RunPlan plan, ReadJobPlan(JsonField(job, ""), inputs));
  // Scripts of Kubeflow's SDK leave files in their working directory, under names that all trials share.
  plan.in_own_directory = true;
  return plan;
}

}  // namespace qalam::workload
