#include "apiserver/pod_projection.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apiserver/json_member.h"
#include "apiserver/trial_program.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

constexpr const char* kNode = "localhost";
constexpr const char* kAddress = "127.0.0.1";

const api::Trial& Cast(const api::Resource& resource) { return static_cast<const api::Trial&>(resource); }

const char* PhaseName(const TrialProgram& program) {
  switch (program.phase) {
    case ProgramPhase::kRunning:
      return "Running";
    case ProgramPhase::kSucceeded:
      return "Succeeded";
    case ProgramPhase::kFailed:
      return "Failed";
    case ProgramPhase::kWaiting:
      return program.started ? "Running" : "Pending";
    default:
      return "Pending";
  }
}

// Labels by which clients find the pods of a job of this kind, with the job's uid.
void AddJobLabels(const api::Trial& trial, const Json& run_spec, api::StringMap& labels) {
  const std::string kind = TextOf(Member(run_spec, {"kind"}));
  const std::string& name = trial.metadata.name;
  std::string job = name;
  if (kind == "TrainJob") {
    job += "-node-0";
    labels["jobset.sigs.k8s.io/jobset-name"] = name;
    labels["jobset.sigs.k8s.io/replicatedjob-name"] = "node";
    labels["jobset.sigs.k8s.io/job-index"] = "0";
    labels["trainer.kubeflow.org/trainjob-ancestor-step"] = "trainer";
    labels["batch.kubernetes.io/job-completion-index"] = "0";
  } else if (kind != "Job") {
    return;
  }
  const std::string uid = DerivedUid(trial, "job");
  for (const char* prefix : {"", "batch.kubernetes.io/"}) {
    labels[fmt::format("{}job-name", prefix)] = job;
    labels[fmt::format("{}controller-uid", prefix)] = uid;
  }
}

api::StringMap Labels(const api::Trial& trial, const Json& run_spec) {
  api::StringMap labels;
  const auto& of_template = Member(run_spec, {"spec", "template", "metadata", "labels"});
  if (of_template.is_object()) {
    for (const auto& [name, value] : of_template.items()) labels[name] = TextOf(value);
  }
  for (const auto& [name, value] : trial.metadata.labels) labels[name] = value;
  for (const auto& [name, value] : trial.spec.primary_pod_labels) labels[name] = value;
  labels["katib.kubeflow.org/trial"] = trial.metadata.name;
  AddJobLabels(trial, run_spec, labels);
  return labels;
}

Json Owner(const api::Trial& trial, const Json& run_spec) {
  const bool is_job = TextOf(Member(run_spec, {"kind"})) == "Job";
  return {{"apiVersion", is_job ? "batch/v1" : std::string(api::ApiVersion(trial.kind()))},
          {"kind", is_job ? "Job" : std::string(api::KindName(trial.kind()))},
          {"name", trial.metadata.name},
          {"uid", is_job ? DerivedUid(trial, "job") : trial.metadata.uid},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

// A container as far as a specification that is no pod's says how it would look.
Json PlainContainer(const Json& run_spec, const std::string& name) {
  const bool of_trainer = TextOf(Member(run_spec, {"kind"})) == "TrainJob";
  const Json& program = of_trainer ? Member(run_spec, {"spec", "trainer"}) : Member(run_spec, {"spec"});
  Json container{{"name", name}, {"image", TextOf(Member(program, {"image"}))}};
  for (const char* list : {"command", "args"}) {
    if (Member(program, {list}).is_array()) container[list] = program[list];
  }
  const Json& env = Member(program, {"env"});
  if (env.is_array()) {
    container["env"] = env;
  } else if (env.is_object()) {
    container["env"] = Json::array();
    for (const auto& [variable, value] : env.items()) {
      container["env"].push_back(
          {{"name", variable}, {"value", value.is_string() ? value.get<std::string>() : value.dump()}});
    }
  }
  return container;
}

Json Spec(const Json& run_spec, const std::vector<TrialContainer>& containers) {
  const bool is_job = TextOf(Member(run_spec, {"kind"})) == "Job";
  Json spec = is_job ? ObjectOf(Member(run_spec, {"spec", "template", "spec"})) : Json::object();
  Json listed = ObjectsOf(Member(spec, {"containers"}));
  for (const TrialContainer& container : containers) {
    const auto is_it = [&](const Json& other) { return TextOf(Member(other, {"name"})) == container.name; };
    if (container.role == ContainerRole::kInit || std::any_of(listed.begin(), listed.end(), is_it)) continue;
    listed.push_back(container.role == ContainerRole::kPrimary
                         ? PlainContainer(run_spec, container.name)
                         : Json{{"name", container.name}, {"image", ""}});
  }
  spec["containers"] = std::move(listed);
  if (!spec.contains("restartPolicy")) spec["restartPolicy"] = "Never";
  spec["nodeName"] = kNode;
  return spec;
}

Json Terminated(const TrialProgram& program, int exit_code, std::string_view reason) {
  Json state{{"exitCode", exit_code}, {"reason", reason}};
  if (exit_code > 128 && exit_code < 256) state["signal"] = exit_code - 128;
  if (!program.message.empty()) state["message"] = program.message;
  if (program.started) state["startedAt"] = TimeText(*program.started);
  if (program.finished) state["finishedAt"] = TimeText(*program.finished);
  return state;
}

Json ContainerState(const TrialProgram& program, ContainerRole role) {
  const bool primary = role == ContainerRole::kPrimary;
  if (program.ended()) {
    return {{"terminated", primary ? Terminated(program, program.exit_code, program.reason)
                                   : Terminated({.started = program.started, .finished = program.finished}, 0,
                                                "Completed")}};
  }
  if (role == ContainerRole::kInit && program.phase == ProgramPhase::kRunning) {
    return {{"terminated", Terminated({.started = program.started}, 0, "Completed")}};
  }
  if (program.phase == ProgramPhase::kRunning) {
    Json running = Json::object();
    if (program.started) running["startedAt"] = TimeText(*program.started);
    return {{"running", running}};
  }
  return {{"waiting", {{"reason", program.reason}, {"message", program.message}}}};
}

Json ContainerStatus(const TrialProgram& program, const TrialContainer& container, const Json& spec) {
  const bool running = program.phase == ProgramPhase::kRunning && container.role != ContainerRole::kInit;
  Json last_state = Json::object();
  if (program.restarts > 0 && !program.ended() && container.role == ContainerRole::kPrimary) {
    last_state["terminated"] = {{"exitCode", program.exit_code}, {"reason", "Error"}};
  }
  std::string image;
  for (const char* list : {"containers", "initContainers"}) {
    for (const Json& known : ObjectsOf(Member(spec, {list}))) {
      if (TextOf(Member(known, {"name"})) == container.name) image = TextOf(Member(known, {"image"}));
    }
  }
  return {{"name", container.name},
          {"image", image},
          {"imageID", ""},
          {"ready", running},
          {"started", running},
          {"restartCount", program.restarts},
          {"state", ContainerState(program, container.role)},
          {"lastState", last_state}};
}

Json Conditions(const TrialProgram& program) {
  Json conditions = Json::array();
  const auto add = [&](const char* type, bool holds, const std::optional<absl::Time>& since) {
    Json condition{{"type", type}, {"status", holds ? "True" : "False"}};
    if (since) condition["lastTransitionTime"] = TimeText(*since);
    if (!holds && program.phase == ProgramPhase::kSucceeded) condition["reason"] = "PodCompleted";
    conditions.push_back(std::move(condition));
  };
  const bool running = program.phase == ProgramPhase::kRunning;
  const auto& since = program.ended() ? program.finished : program.started;
  add("PodScheduled", true, program.started);
  add("Initialized", true, program.started);
  add("ContainersReady", running, since);
  add("Ready", running, since);
  return conditions;
}

Json Status(const TrialProgram& program, const std::vector<TrialContainer>& containers, const Json& spec) {
  Json status{{"phase", PhaseName(program)},
              {"conditions", Conditions(program)},
              {"qosClass", "BestEffort"},
              {"hostIP", kAddress},
              {"podIP", kAddress},
              {"podIPs", {{{"ip", kAddress}}}},
              {"containerStatuses", Json::array()}};
  if (program.started) status["startTime"] = TimeText(*program.started);
  if (program.phase == ProgramPhase::kFailed) {
    if (program.reason == "DeadlineExceeded") status["reason"] = program.reason;
    status["message"] = program.message;
  }
  for (const TrialContainer& container : containers) {
    const bool init = container.role == ContainerRole::kInit;
    status[init ? "initContainerStatuses" : "containerStatuses"].push_back(
        ContainerStatus(program, container, spec));
  }
  return status;
}

class PodProjection final : public Projection {
 public:
  bool Shows(const api::Resource& resource) const override {
    return ProgramOf(Cast(resource)).phase != ProgramPhase::kNone;
  }

  api::ObjectKey KeyOf(const api::Resource& resource) const override {
    return {resource.metadata.namespace_name, PodNameOf(Cast(resource))};
  }

  std::optional<api::ObjectKey> StoredKey(const api::ObjectKey& key) const override {
    const std::optional<std::string_view> trial = TrialOfPodName(key.name);
    if (!trial) return std::nullopt;
    return api::ObjectKey{key.namespace_name, std::string(*trial)};
  }

  api::StringMap LabelsOf(const api::Resource& resource) const override {
    return Labels(Cast(resource), RunSpecOf(Cast(resource)));
  }

  std::optional<std::string> FieldOf(const api::Resource& resource, std::string_view path) const override {
    if (path == "status.phase") return PhaseName(ProgramOf(Cast(resource)));
    if (path == "spec.nodeName") return kNode;
    if (path == "spec.restartPolicy") return "Never";
    if (path == "status.podIP") return kAddress;
    return std::nullopt;
  }

  std::string JsonOf(const api::Resource& resource) const override {
    const api::Trial& trial = Cast(resource);
    const Json run_spec = RunSpecOf(trial);
    const std::vector<TrialContainer> containers = ContainersOf(trial, run_spec);
    Json metadata = DerivedMetadata(trial, PodNameOf(trial), "pod");
    metadata["generateName"] = trial.metadata.name + "-";
    metadata["labels"] = Labels(trial, run_spec);
    metadata["annotations"] = ObjectOf(Member(run_spec, {"spec", "template", "metadata", "annotations"}));
    for (const TrialContainer& container : containers) {
      if (container.role == ContainerRole::kPrimary)
        metadata["annotations"]["kubectl.kubernetes.io/default-container"] = container.name;
    }
    metadata["ownerReferences"] = Json::array({Owner(trial, run_spec)});
    const Json spec = Spec(run_spec, containers);
    const TrialProgram program = ProgramOf(trial);
    return Json{{"apiVersion", "v1"},
                {"kind", "Pod"},
                {"metadata", std::move(metadata)},
                {"spec", spec},
                {"status", Status(program, containers, spec)}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
  }
};

}  // namespace

const Projection& TrialPods() {
  static const PodProjection kPods;
  return kPods;
}

std::string PodReady(const api::Resource& resource) {
  const std::vector<TrialContainer> containers = ContainersOf(Cast(resource));
  const auto count = std::count_if(containers.begin(), containers.end(), [](const TrialContainer& container) {
    return container.role != ContainerRole::kInit;
  });
  return fmt::format("{}/{}", ProgramOf(Cast(resource)).phase == ProgramPhase::kRunning ? count : 0, count);
}

std::string PodStatus(const api::Resource& resource) {
  if (resource.metadata.deletion_timestamp) return "Terminating";
  const TrialProgram program = ProgramOf(Cast(resource));
  return program.reason.empty() ? PhaseName(program) : program.reason;
}

std::string PodRestarts(const api::Resource& resource) {
  return fmt::format("{}", ProgramOf(Cast(resource)).restarts);
}

}  // namespace qalam::apiserver
