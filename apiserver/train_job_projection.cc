#include "apiserver/train_job_projection.h"

#include <nlohmann/json.hpp>

#include "api/train_job.h"
#include "api/trial_facts.h"
#include "apiserver/json_member.h"
#include "apiserver/trial_program.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

const api::Trial& Cast(const api::Resource& resource) { return static_cast<const api::Trial&>(resource); }

// A trial whose program could not be started has failed, too.
bool Failed(const api::Trial& trial, const TrialProgram& program) {
  return program.phase == ProgramPhase::kFailed ||
         (program.phase == ProgramPhase::kNone && api::IsFinished(api::StateOf(trial)));
}

api::StringMap Labels(const api::Trial& trial, const Json& run_spec) {
  api::StringMap labels = trial.metadata.labels;
  const Json& own = Member(run_spec, {"metadata", "labels"});
  if (own.is_object()) {
    for (const auto& [name, value] : own.items()) labels[name] = TextOf(value);
  }
  labels["katib.kubeflow.org/trial"] = trial.metadata.name;
  return labels;
}

Json Status(const api::Trial& trial) {
  const TrialProgram program = ProgramOf(trial);
  const bool succeeded = program.phase == ProgramPhase::kSucceeded, failed = Failed(trial, program);
  const bool running = program.phase == ProgramPhase::kRunning;
  Json status{{"jobsStatus", Json::array({{{"name", api::kTrainJobContainer},
                                           {"ready", running || succeeded ? 1 : 0},
                                           {"active", succeeded || failed ? 0 : 1},
                                           {"succeeded", succeeded ? 1 : 0},
                                           {"failed", failed ? 1 : 0},
                                           {"suspended", 0}}})}};
  if (!succeeded && !failed) return status;
  std::string message = succeeded ? "The program has succeeded" : program.message;
  if (message.empty() && !trial.status.conditions.empty()) message = trial.status.conditions.back().message;
  Json condition{{"type", succeeded ? "Complete" : "Failed"},
                 {"status", "True"},
                 {"reason", succeeded ? "JobsCompleted" : "JobsFailed"},
                 {"message", std::move(message)}};
  const std::optional<absl::Time> end = program.finished ? program.finished : trial.status.completion_time;
  condition["lastTransitionTime"] =
      TimeText(end.value_or(trial.metadata.creation_timestamp.value_or(absl::UnixEpoch())));
  status["conditions"] = Json::array({std::move(condition)});
  return status;
}

class TrainJobProjection final : public Projection {
 public:
  bool Shows(const api::Resource& resource) const override {
    return TextOf(Member(RunSpecOf(Cast(resource)), {"kind"})) == api::kTrainJobKind;
  }

  api::StringMap LabelsOf(const api::Resource& resource) const override {
    return Labels(Cast(resource), RunSpecOf(Cast(resource)));
  }

  std::string JsonOf(const api::Resource& resource) const override {
    const api::Trial& trial = Cast(resource);
    const Json run_spec = RunSpecOf(trial);
    Json metadata = DerivedMetadata(trial, trial.metadata.name, "trainjob");
    metadata["labels"] = Labels(trial, run_spec);
    metadata["annotations"] = ObjectOf(Member(run_spec, {"metadata", "annotations"}));
    metadata["ownerReferences"] = Json::array({{{"apiVersion", std::string(api::ApiVersion(trial.kind()))},
                                                {"kind", std::string(api::KindName(trial.kind()))},
                                                {"name", trial.metadata.name},
                                                {"uid", trial.metadata.uid},
                                                {"controller", true},
                                                {"blockOwnerDeletion", true}}});
    return Json{{"apiVersion", std::string(api::kTrainerApiVersion)},
                {"kind", std::string(api::kTrainJobKind)},
                {"metadata", std::move(metadata)},
                {"spec", ObjectOf(Member(run_spec, {"spec"}))},
                {"status", Status(trial)}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
  }
};

}  // namespace

const Projection& TrialTrainJobs() {
  static const TrainJobProjection kTrainJobs;
  return kTrainJobs;
}

std::string TrainJobState(const api::Resource& resource) {
  const api::Trial& trial = Cast(resource);
  const TrialProgram program = ProgramOf(trial);
  if (program.phase == ProgramPhase::kSucceeded) return "Complete";
  return Failed(trial, program) ? "Failed" : "";
}

}  // namespace qalam::apiserver
