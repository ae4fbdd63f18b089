#include "cli/import_trials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/defaults.h"
#include "cli/check_command.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/run_input.h"
#include "cli/study.h"
#include "cli/trial_history.h"
#include "cli/writable_store.h"
#include "controller/experiment_progress.h"
#include "controller/vocabulary.h"

namespace qalam::cli {
namespace {

constexpr std::string_view kReasonImported = "Imported";
constexpr std::string_view kMessage = "Trials were imported";

int ReportErrors(const api::FieldErrors& errors, Streams& streams) {
  for (const api::FieldError& error : errors) streams.err << "qalam: " << error.Text() << "\n";
  return ToInt(ExitCode::kInvalidInput);
}

absl::StatusOr<Study> NoSuggestions(const api::Experiment& experiment) {
  if (!experiment.spec.objective)
    return absl::InvalidArgumentError("spec.objective: is required to know what the results are");
  return Study::Make(experiment,
                     [](const auto&, auto, const auto&, int) -> absl::StatusOr<server::SuggestionBatch> {
                       return absl::UnimplementedError("nothing is suggested");
                     });
}

// The finished ones, as if they had been run here.
std::vector<std::shared_ptr<api::Trial>> Finished(const Study& study, const api::Experiment& stored) {
  std::vector<std::shared_ptr<api::Trial>> trials;
  for (const api::Trial& told : study.trials()) {
    if (!api::IsFinished(StateOf(told))) continue;
    auto trial = std::make_shared<api::Trial>(told);
    trial->metadata.name = fmt::format("{}-{:05}", stored.metadata.name, trials.size() + 1);
    trial->metadata.namespace_name = stored.metadata.namespace_name;
    trial->metadata.labels.emplace(controller::kExperimentLabel, stored.metadata.name);
    trial->metadata.annotations[std::string(controller::kTrialIndexAnnotation)] =
        std::to_string(trials.size());
    trial->metadata.owner_references = {{.api_version = std::string(api::ApiVersion(api::Kind::kExperiment)),
                                         .kind = std::string(api::KindName(api::Kind::kExperiment)),
                                         .name = stored.metadata.name,
                                         .uid = stored.metadata.uid,
                                         .controller = true,
                                         .block_owner_deletion = false}};
    trials.push_back(std::move(trial));
  }
  return trials;
}

absl::Status StoreTrials(const std::vector<std::shared_ptr<api::Trial>>& trials, api::ResourceStore& store) {
  const std::vector<api::ResourcePtr> resources(trials.begin(), trials.end());
  const auto created = store.CreateAll(resources);
  for (size_t i = 0; i < created.size(); ++i) {
    QALAM_RETURN_IF_ERROR(created[i].status());
    api::Trial with_status = static_cast<const api::Trial&>(**created[i]);
    with_status.status = trials[i]->status;
    QALAM_RETURN_IF_ERROR(store.UpdateStatus(with_status).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> Store(const api::Experiment& wanted, const Study& study,
                             const std::string& data_directory) {
  QALAM_ASSIGN_OR_RETURN(const WritableStore opened, OpenWritableStore(data_directory));
  api::ResourceStore& store = *opened.store;
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr created, store.Create(wanted));
  api::Experiment experiment = static_cast<const api::Experiment&>(*created);
  const std::vector<std::shared_ptr<api::Trial>> trials = Finished(study, experiment);
  absl::Status status = StoreTrials(trials, store);
  if (status.ok()) {
    std::vector<controller::TrialFacts> facts;
    for (const auto& trial : trials) facts.emplace_back(trial);
    controller::SummariseTrials(experiment.spec.objective->type, facts, experiment.status,
                                controller::MetricBounds(experiment));
    const absl::Time now = absl::Now();
    SetCondition(experiment.status.conditions, controller::kCreated, true, kReasonImported, kMessage, now);
    SetCondition(experiment.status.conditions, controller::kSucceeded, true, kReasonImported, kMessage, now);
    status = store.UpdateStatus(experiment).status();
  }
  if (status.ok()) return trials.size();
  static_cast<void>(store.Delete(api::Kind::kExperiment, experiment.key()));
  return status;
}

}  // namespace

int RunTrialImport(const TrialImport& options, std::istream& input, Streams& streams) {
  QuickFormOptions overrides;
  overrides.name = options.name;
  overrides.namespace_name = options.namespace_name;
  absl::StatusOr<RunInput> read = FromFile(options.experiment, overrides, input);
  if (!read.ok()) return ReportError(read.status(), streams);
  if (!read->errors.empty()) return ReportErrors(read->errors, streams);
  api::Experiment& experiment = *read->experiment;
  api::SetDefaults(experiment);
  absl::StatusOr<Study> study = NoSuggestions(experiment);
  if (!study.ok()) return ReportError(study.status(), streams);
  for (const std::string& file : options.files) {
    const absl::StatusOr<std::string> text = ReadText(file, input);
    if (!text.ok()) return ReportError(text.status(), streams);
    std::vector<std::string> ignored;
    const api::FieldErrors errors = ReadHistory(*text, file, *study, ignored);
    if (!errors.empty()) return ReportErrors(errors, streams);
    if (!ignored.empty() && !options.quiet)
      streams.err << fmt::format("note: {}: columns {} mean nothing here\n", file, fmt::join(ignored, ", "));
  }
  const absl::StatusOr<size_t> stored = Store(experiment, *study, options.data_directory);
  if (!stored.ok()) return ReportError(stored.status(), streams);
  if (!options.quiet) {
    const size_t left_out = study->trials().size() - *stored;
    streams.err << fmt::format(
        "experiment {}: {} trials{}\n", experiment.metadata.name, *stored,
        left_out == 0 ? "" : fmt::format(", {} that have not ended left out", left_out));
  }
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
