#include "cli/why_command.h"

#include <fmt/format.h>

#include "cli/diagnose_experiment.h"
#include "cli/diagnose_trial.h"
#include "cli/diagnosis_output.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"

namespace qalam::cli {
namespace {

absl::StatusOr<Diagnosis> Diagnose(const api::Experiment& experiment, const std::string& trial_name,
                                   const ReadStore& store, const Surroundings& around) {
  if (!trial_name.empty()) {
    QALAM_ASSIGN_OR_RETURN(const TrialPtr trial, FindTrial(store, experiment, trial_name));
    return DiagnoseTrial(GatherEvidence(store, experiment, *trial, around), around);
  }
  ExperimentEvidence evidence{.experiment = &experiment};
  QALAM_ASSIGN_OR_RETURN(evidence.trials, store.Trials(experiment));
  const auto suggestion = store.Suggestion(experiment);
  if (suggestion.ok()) evidence.suggestion = suggestion->get();
  evidence.gather = [&](const api::Trial& trial) { return GatherEvidence(store, experiment, trial, around); };
  return DiagnoseExperiment(evidence, around);
}

}  // namespace

int RunWhy(const WhyOptions& options, const ReadStore& store, const Surroundings& around, Streams& streams) {
  if (options.format != "text" && options.format != "json") {
    return ReportError(
        absl::InvalidArgumentError(fmt::format("-o: \"{}\" should be text or json", options.format)),
        streams);
  }
  const auto [name, trial_name] = ReadTarget(options.name, options.trial);
  const absl::StatusOr<ExperimentPtr> experiment = store.Experiment(options.namespace_name, name);
  if (!experiment.ok()) return ReportError(experiment.status(), streams);
  const absl::StatusOr<Diagnosis> diagnosis = Diagnose(**experiment, trial_name, store, around);
  if (!diagnosis.ok()) return ReportError(diagnosis.status(), streams);
  if (options.format == "json") {
    PrintDiagnosisJson(*diagnosis, streams.out);
  } else {
    PrintDiagnosis(*diagnosis, streams.out, streams.out_terminal);
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
