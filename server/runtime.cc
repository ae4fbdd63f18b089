#include "server/runtime.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "controller/grpc_clients.h"
#include "metrics/local_metrics_collection.h"
#include "server/curve_reads.h"
#include "server/local_services.h"
#include "server/report_sink.h"
#include "server/storage.h"
#include "server/trial_access.h"
#include "server/trial_reports.h"
#include "server/trial_status.h"
#include "workload/cgroup.h"
#include "workload/fallback_programs.h"
#include "workload/launcher.h"
#include "workload/launcher_runner.h"
#include "workload/process_engine.h"

namespace qalam::server {
namespace {

std::string ReadText(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Only when the launcher has been forked: it and this process are the ones that may share a delegated cgroup.
std::string CgroupRoot(int launcher_pid) {
  return workload::FindCgroupRoot(std::nullopt, ReadText("/proc/self/mounts"), ReadText("/proc/self/cgroup"),
                                  {static_cast<int>(getpid()), launcher_pid});
}

// Entries are kept by the uids of trials. Services know their names; ours know their uids, too.
CurveReads::KeyOf UidsOf(const api::ResourceStore& store, const std::optional<api::ObjectKey>& experiment) {
  const std::string name_space = experiment ? experiment->namespace_name : "default";
  return [&store, name_space](const std::string& trial_name) {
    const auto trial = store.Get(api::Kind::kTrial, {name_space, trial_name});
    return trial.ok() ? (*trial)->metadata.uid : trial_name;
  };
}

}  // namespace

// Members are destroyed from the last to the first.
struct Runtime::State {
  AsioEventLoop loop;
  std::unique_ptr<Storage> storage;
  std::unique_ptr<InProcessServer> services;
  std::unique_ptr<CurveReads> curve_reads;
  std::unique_ptr<controller::ServiceDirectory> directory;
  std::unique_ptr<workload::ProcessEngine> engine;
  std::unique_ptr<metrics::LocalMetricsCollection> collection;
  std::unique_ptr<TrialReports> reports;
  std::unique_ptr<controller::Controller> controller;
};

absl::StatusOr<std::unique_ptr<Runtime>> Runtime::Create(RuntimeOptions options) {
  const DataLayout layout(options.data_directory);
  auto state = std::make_unique<State>();
  // The storage comes first, because its lock tells at once who else is here.
  QALAM_ASSIGN_OR_RETURN(state->storage, Storage::Open(options.data_directory, options.storage));
  QALAM_RETURN_IF_ERROR(workload::WriteFallbackPrograms(layout.fallback_programs()));
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<workload::Launcher> launcher,
                         workload::Launcher::Start({.lock_file = layout.launcher_lock()}));
  launcher->set_max_grace(options.grace);
  const int launcher_pid = launcher->pid();
  QALAM_RETURN_IF_ERROR(state->storage->Load());
  api::ResourceStore& store = state->storage->store();
  db::ObservationLog& observations = state->storage->observations();
  QALAM_ASSIGN_OR_RETURN(state->services,
                         StartLocalServices(&observations, [&store](const std::string& name) {
                           return MarkEarlyStopped(store, name);
                         }));
  if (!options.services.early_stopping.empty()) {
    QALAM_ASSIGN_OR_RETURN(state->curve_reads, CurveReads::Start(observations, UidsOf(store, options.only)));
  }
  state->directory = controller::NewGrpcServiceDirectory(
      state->loop, {.default_channel = state->services->channel(),
                    .suggestion_addresses = options.services.suggestion,
                    .early_stopping_addresses = options.services.early_stopping,
                    .observations_address = state->curve_reads ? state->curve_reads->address() : ""});
  state->engine = std::make_unique<workload::ProcessEngine>(
      state->loop, std::make_unique<workload::LauncherRunner>(state->loop, std::move(launcher)),
      workload::ProcessEngineOptions{.root = layout.trials(),
                                     .base_directory = options.base_directory,
                                     .environment = std::move(options.environment),
                                     .gpus = std::move(options.gpus),
                                     .grace = options.grace,
                                     .cgroup_root = CgroupRoot(launcher_pid),
                                     .fallback_programs = layout.fallback_programs(),
                                     .notice = options.notice});
  state->collection = std::make_unique<metrics::LocalMetricsCollection>(
      state->loop, NewReportSink(*state->directory, std::random_device()(), options.notice));
  state->reports = std::make_unique<TrialReports>(TrialReports::Dependencies{.loop = state->loop,
                                                                             .services = *state->directory,
                                                                             .collection = *state->collection,
                                                                             .new_token = RandomToken});
  state->controller = std::make_unique<controller::Controller>(
      controller::Controller::Dependencies{.loop = state->loop,
                                           .store = store,
                                           .services = *state->directory,
                                           .engine = *state->engine,
                                           .collection = *state->collection,
                                           .reporting = state->reports.get(),
                                           .only = std::move(options.only)});
  return std::unique_ptr<Runtime>(new Runtime(std::move(state)));
}

Runtime::Runtime(std::unique_ptr<State> state) : state_(std::move(state)) {}
Runtime::~Runtime() = default;

AsioEventLoop& Runtime::loop() { return state_->loop; }
Storage& Runtime::storage() { return *state_->storage; }
api::ResourceStore& Runtime::store() { return state_->storage->store(); }
controller::ServiceDirectory& Runtime::services() { return *state_->directory; }
controller::Controller& Runtime::controller() { return *state_->controller; }

void Runtime::SetPointHandler(PointHandler handler) {
  state_->controller->SetPointHandler(
      [handler = std::move(handler)](const std::string& trial_uid, const metrics::MetricPoint& point) {
        handler(trial_uid, point.name, point.value);
      });
}

}  // namespace qalam::server
