#include "cli/db_read_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "controller/experiment_progress.h"
#include "controller/vocabulary.h"
#include "db/embedded_resource_store.h"
#include "db/observation_log.h"
#include "server/runtime.h"

namespace qalam::cli {
namespace {

class DbReadStore final : public ReadStore {
 public:
  explicit DbReadStore(std::string directory) : layout_(std::move(directory)) {}

  absl::StatusOr<std::vector<ExperimentPtr>> Experiments(std::string_view namespace_name) const override {
    QALAM_ASSIGN_OR_RETURN(const Snapshot snapshot, Open());
    QALAM_ASSIGN_OR_RETURN(const api::ResourceList list,
                           snapshot.store->List(api::Kind::kExperiment, namespace_name));
    std::vector<ExperimentPtr> experiments;
    for (const api::ResourcePtr& item : list.items) {
      experiments.push_back(std::static_pointer_cast<const api::Experiment>(item));
    }
    return experiments;
  }

  absl::StatusOr<ExperimentPtr> Experiment(std::string_view namespace_name,
                                           std::string_view name) const override {
    QALAM_ASSIGN_OR_RETURN(const Snapshot snapshot, Open());
    return api::Get<api::Experiment>(*snapshot.store, {std::string(namespace_name), std::string(name)});
  }

  absl::StatusOr<std::vector<TrialPtr>> Trials(const api::Experiment& experiment) const override {
    QALAM_ASSIGN_OR_RETURN(const Snapshot snapshot, Open());
    QALAM_ASSIGN_OR_RETURN(
        const api::ResourceList list,
        snapshot.store->List(api::Kind::kTrial, experiment.metadata.namespace_name,
                             {{std::string(controller::kExperimentLabel), experiment.metadata.name}}));
    std::vector<TrialPtr> trials;
    for (const api::ResourcePtr& item : list.items)
      trials.push_back(std::static_pointer_cast<const api::Trial>(item));
    std::sort(trials.begin(), trials.end(),
              [](const TrialPtr& a, const TrialPtr& b) { return controller::CreatedBefore(*a, *b); });
    return trials;
  }

  absl::StatusOr<TrialPtr> Trial(const api::Experiment& experiment,
                                 std::string_view trial_name) const override {
    QALAM_ASSIGN_OR_RETURN(const Snapshot snapshot, Open());
    return api::Get<api::Trial>(*snapshot.store,
                                {experiment.metadata.namespace_name, std::string(trial_name)});
  }

  absl::StatusOr<SuggestionPtr> Suggestion(const api::Experiment& experiment) const override {
    QALAM_ASSIGN_OR_RETURN(const Snapshot snapshot, Open());
    return api::Get<api::Suggestion>(*snapshot.store, experiment.key());
  }

  absl::StatusOr<std::vector<api::Event>> Warnings(const api::Trial& trial) const override {
    QALAM_ASSIGN_OR_RETURN(const Snapshot snapshot, Open());
    QALAM_ASSIGN_OR_RETURN(const api::ResourceList list,
                           snapshot.store->List(api::Kind::kEvent, trial.metadata.namespace_name));
    std::vector<api::Event> warnings;
    for (const api::ResourcePtr& item : list.items) {
      const auto& event = static_cast<const api::Event&>(*item);
      if (event.spec.involved_object.uid == trial.metadata.uid && event.spec.type == "Warning")
        warnings.push_back(event);
    }
    std::stable_sort(warnings.begin(), warnings.end(), [](const api::Event& a, const api::Event& b) {
      return a.spec.last_timestamp < b.spec.last_timestamp;
    });
    return warnings;
  }

  absl::Status Curve(const api::Trial& trial,
                     const std::function<void(const CurvePoint&)>& point) const override {
    QALAM_ASSIGN_OR_RETURN(const std::unique_ptr<db::Database> database,
                           db::Database::OpenReadOnly(layout_.database()));
    return db::ObservationLog(*database).Read({.trial_key = trial.metadata.uid}, [&](db::LogEntry entry) {
      point({std::move(entry.time_stamp), std::move(entry.metric), std::move(entry.value)});
      return absl::OkStatus();
    });
  }

  absl::StatusOr<TrialFiles> Files(const api::Trial& trial) const override {
    const auto label = trial.metadata.labels.find(controller::kExperimentLabel);
    const std::string experiment = label == trial.metadata.labels.end() ? std::string() : label->second;
    const std::string directory = layout_.trial_directory(trial, experiment);
    if (!std::filesystem::exists(directory)) {
      return absl::NotFoundError(fmt::format("trial {} has no files in {}", trial.metadata.name, directory));
    }
    return TrialFiles{directory, directory + "/output.log"};
  }

 private:
  struct Snapshot {
    std::unique_ptr<db::Database> database;
    std::unique_ptr<db::EmbeddedResourceStore> store;
  };

  absl::StatusOr<Snapshot> Open() const {
    Snapshot snapshot;
    QALAM_ASSIGN_OR_RETURN(snapshot.database, db::Database::OpenReadOnly(layout_.database()));
    QALAM_ASSIGN_OR_RETURN(snapshot.store, db::EmbeddedResourceStore::Open(*snapshot.database,
                                                                           {.now = [] { return absl::Now(); },
                                                                            .random = [] { return 0; }}));
    return snapshot;
  }

  const server::DataLayout layout_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ReadStore>> OpenDataDirectory(const std::string& data_directory) {
  const server::DataLayout layout(data_directory);
  if (!std::filesystem::exists(layout.database())) {
    return absl::NotFoundError(
        fmt::format("there are no experiments in {}; start one with \"qalam run\", or name "
                    "another directory with --data-dir",
                    data_directory));
  }
  return std::make_unique<DbReadStore>(data_directory);
}

}  // namespace qalam::cli
