#include "apiserver/job_projection.h"

#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "apiserver/age_text.h"
#include "apiserver/json_member.h"
#include "apiserver/trial_program.h"

namespace qalam::apiserver {
namespace {

using Json = nlohmann::json;

const api::Trial& Cast(const api::Resource& resource) { return static_cast<const api::Trial&>(resource); }

api::StringMap Labels(const api::Trial& trial, const Json& run_spec) {
  api::StringMap labels = trial.metadata.labels;
  const Json& own = Member(run_spec, {"metadata", "labels"});
  if (own.is_object()) {
    for (const auto& [name, value] : own.items()) labels[name] = TextOf(value);
  }
  labels["katib.kubeflow.org/trial"] = trial.metadata.name;
  return labels;
}

Json Status(const TrialProgram& program) {
  Json status = Json::object();
  if (program.started) status["startTime"] = TimeText(*program.started);
  if (!program.ended()) {
    status["active"] = 1;
    status["ready"] = program.phase == ProgramPhase::kRunning ? 1 : 0;
    return status;
  }
  const bool succeeded = program.phase == ProgramPhase::kSucceeded;
  status[succeeded ? "succeeded" : "failed"] = 1;
  Json condition{{"type", succeeded ? "Complete" : "Failed"}, {"status", "True"}};
  if (!succeeded) {
    condition["reason"] = program.reason;
    condition["message"] = program.message;
  }
  if (program.finished) {
    condition["lastProbeTime"] = condition["lastTransitionTime"] = TimeText(*program.finished);
    if (succeeded) status["completionTime"] = TimeText(*program.finished);
  }
  status["conditions"] = Json::array({std::move(condition)});
  return status;
}

class JobProjection final : public Projection {
 public:
  bool Shows(const api::Resource& resource) const override {
    const api::Trial& trial = Cast(resource);
    return ProgramOf(trial).phase != ProgramPhase::kNone &&
           TextOf(Member(RunSpecOf(trial), {"kind"})) == "Job";
  }

  api::StringMap LabelsOf(const api::Resource& resource) const override {
    return Labels(Cast(resource), RunSpecOf(Cast(resource)));
  }

  std::string JsonOf(const api::Resource& resource) const override {
    const api::Trial& trial = Cast(resource);
    Json run_spec = RunSpecOf(trial);
    Json metadata = DerivedMetadata(trial, trial.metadata.name, "job");
    metadata["labels"] = Labels(trial, run_spec);
    metadata["annotations"] = ObjectOf(Member(run_spec, {"metadata", "annotations"}));
    metadata["ownerReferences"] = Json::array({{{"apiVersion", std::string(api::ApiVersion(trial.kind()))},
                                                {"kind", std::string(api::KindName(trial.kind()))},
                                                {"name", trial.metadata.name},
                                                {"uid", trial.metadata.uid},
                                                {"controller", true},
                                                {"blockOwnerDeletion", true}}});
    Json spec = ObjectOf(Member(run_spec, {"spec"}));
    spec.emplace("parallelism", 1);
    spec.emplace("completions", 1);
    spec.emplace("backoffLimit", 0);
    spec["selector"] = {{"matchLabels", {{"batch.kubernetes.io/controller-uid", DerivedUid(trial, "job")}}}};
    return Json{{"apiVersion", "batch/v1"},
                {"kind", "Job"},
                {"metadata", std::move(metadata)},
                {"spec", std::move(spec)},
                {"status", Status(ProgramOf(trial))}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
  }
};

}  // namespace

const Projection& TrialJobs() {
  static const JobProjection kJobs;
  return kJobs;
}

std::string JobCompletions(const api::Resource& resource) {
  return ProgramOf(Cast(resource)).phase == ProgramPhase::kSucceeded ? "1/1" : "0/1";
}

std::string JobDuration(const api::Resource& resource) {
  const TrialProgram program = ProgramOf(Cast(resource));
  if (!program.started) return "";
  const absl::Time end = program.ended() ? program.finished.value_or(*program.started) : absl::Now();
  return AgeText(end - *program.started);
}

}  // namespace qalam::apiserver
