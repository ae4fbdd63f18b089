#include "apiserver/trial_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/times.h"
#include "api/trial_attempts.h"
#include "api/trial_facts.h"
#include "apiserver/json_member.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kSuffix = 5;
constexpr std::string_view kSuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";  // Kubernetes' own
constexpr int kTerminated = 128 + 15;                                        // exit code after SIGTERM

std::uint64_t Hash(std::string_view text, std::uint64_t seed) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::string SuffixOf(const api::Trial& trial) {
  std::uint64_t hash = Hash(trial.metadata.uid, 0);
  std::string suffix;
  for (std::size_t i = 0; i < kSuffix; ++i) {
    suffix += kSuffixAlphabet[hash % kSuffixAlphabet.size()];
    hash /= kSuffixAlphabet.size();
  }
  return suffix;
}

TrialProgram Ended(TrialProgram program, ProgramPhase phase, std::string reason, int exit_code) {
  program.phase = phase;
  program.reason = std::move(reason);
  program.exit_code = exit_code;
  return program;
}

// The name of the container in which Katib's controller runs a collector of that kind; empty: it has none.
std::string CollectorName(const api::MetricsCollectorSpec& collector) {
  switch (collector.kind) {
    case api::CollectorKind::kStdOut:
    case api::CollectorKind::kFile:
      return "metrics-logger-and-collector";
    case api::CollectorKind::kTensorFlowEvent:
    case api::CollectorKind::kPrometheusMetric:
      return "metrics-collector";
    default:
      return "";
  }
}

std::string CustomCollectorName(const api::Trial& trial) {
  const Json container = Json::parse(trial.spec.metrics_collector.custom_collector.text, nullptr, false);
  const std::string name = TextOf(Member(container, {"name"}));
  return name.empty() ? "metrics-collector" : name;
}

}  // namespace

std::string TimeText(absl::Time time) {
  std::string text;
  api::AppendTime(time, text);
  return text;
}

TrialProgram ProgramOf(const api::Trial& trial) {
  const api::TrialAttempts attempts = api::AttemptsOf(trial);
  const api::Conditions& conditions = trial.status.conditions;
  TrialProgram program{.restarts = std::max(0, attempts.started - 1), .started = trial.status.start_time};
  const api::Condition* running = api::FindCondition(conditions, "Running");
  if (running == nullptr) {
    const api::Condition* created = api::FindCondition(conditions, "Created");
    if (created != nullptr && created->reason == api::kReasonWaitsForEnvironment &&
        !api::IsFinished(api::StateOf(trial))) {
      program.phase = ProgramPhase::kWaiting;
      program.reason = created->reason;
      program.message = created->message;
      program.started.reset();
    }
    return program;
  }
  program.finished = trial.status.completion_time;
  switch (api::StateOf(trial)) {
    case api::TrialState::kPending:
    case api::TrialState::kRunning:
      break;
    case api::TrialState::kSucceeded:
    case api::TrialState::kMetricsUnavailable:
      return Ended(std::move(program), ProgramPhase::kSucceeded, "Completed", 0);
    case api::TrialState::kFailed: {
      const api::Condition& failed = *api::FindCondition(conditions, "Failed");
      const std::string_view reason = api::JobReason(failed);
      program.message = failed.message;
      return Ended(std::move(program), ProgramPhase::kFailed, std::string(reason.empty() ? "Error" : reason),
                   attempts.exit_code.value_or(1));
    }
    case api::TrialState::kKilled:
      return Ended(std::move(program), ProgramPhase::kFailed, "Killed", kTerminated);
    case api::TrialState::kEarlyStopped:
      if (api::AwaitsObservation(trial)) break;
      if (!program.finished) {
        program.finished = api::FindCondition(conditions, "EarlyStopped")->last_transition_time;
      }
      return Ended(std::move(program), ProgramPhase::kFailed, "EarlyStopped", kTerminated);
  }
  program.finished.reset();
  program.exit_code = attempts.exit_code.value_or(program.restarts > 0 ? 1 : 0);
  program.phase = ProgramPhase::kRunning;
  if (attempts.next) {
    program.phase = ProgramPhase::kWaiting;
    program.reason = "CrashLoopBackOff";
    program.message =
        fmt::format("{}; the next attempt starts at {}", attempts.last_failure, TimeText(*attempts.next));
  }
  return program;
}

Json RunSpecOf(const api::Trial& trial) {
  Json spec = Json::parse(trial.spec.run_spec.text, nullptr, /*allow_exceptions=*/false);
  return spec.is_object() ? spec : Json::object();
}

std::vector<TrialContainer> ContainersOf(const api::Trial& trial) {
  return ContainersOf(trial, RunSpecOf(trial));
}

std::vector<TrialContainer> ContainersOf(const api::Trial& trial, const Json& run_spec) {
  const std::string primary =
      trial.spec.primary_container_name.empty() ? "main" : trial.spec.primary_container_name;
  std::vector<TrialContainer> containers, init;
  if (TextOf(Member(run_spec, {"kind"})) == "Job") {
    const Json& pod = Member(run_spec, {"spec", "template", "spec"});
    for (const Json& container : ObjectsOf(Member(pod, {"containers"}))) {
      const std::string name = TextOf(Member(container, {"name"}));
      containers.push_back({name, name == primary ? ContainerRole::kPrimary : ContainerRole::kOther});
    }
    for (const Json& container : ObjectsOf(Member(pod, {"initContainers"}))) {
      init.push_back({TextOf(Member(container, {"name"})), ContainerRole::kInit});
    }
  }
  if (containers.empty()) containers.push_back({primary, ContainerRole::kPrimary});
  if (trial.spec.metrics_collector.kind == api::CollectorKind::kCustom) {
    containers.push_back({CustomCollectorName(trial), ContainerRole::kOther});
  } else if (std::string name = CollectorName(trial.spec.metrics_collector); !name.empty()) {
    containers.push_back({std::move(name), ContainerRole::kCollector});
  }
  containers.insert(containers.end(), init.begin(), init.end());
  return containers;
}

std::string DerivedUid(const api::Trial& trial, std::string_view purpose) {
  const std::string text = fmt::format("{}/{}", purpose, trial.metadata.uid);
  const std::uint64_t high = Hash(text, 0), low = Hash(text, 0x9e3779b97f4a7c15);
  // Version 8: made in a way of our own.
  return fmt::format("{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff,
                     0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

std::string PodNameOf(const api::Trial& trial) {
  return fmt::format("{}-{}", trial.metadata.name, SuffixOf(trial));
}

std::optional<std::string_view> TrialOfPodName(std::string_view pod_name) {
  if (pod_name.size() < kSuffix + 2) return std::nullopt;
  const std::size_t dash = pod_name.size() - kSuffix - 1;
  if (pod_name[dash] != '-') return std::nullopt;
  return pod_name.substr(0, dash);
}

Json DerivedMetadata(const api::Trial& trial, std::string_view name, std::string_view purpose) {
  const api::ObjectMeta& meta = trial.metadata;
  Json result{{"name", name},
              {"namespace", meta.namespace_name},
              {"uid", DerivedUid(trial, purpose)},
              {"resourceVersion", meta.resource_version}};
  if (meta.creation_timestamp) result["creationTimestamp"] = TimeText(*meta.creation_timestamp);
  if (meta.deletion_timestamp) {
    result["deletionTimestamp"] = TimeText(*meta.deletion_timestamp);
    result["deletionGracePeriodSeconds"] = 0;
  }
  return result;
}

}  // namespace qalam::apiserver
