#include "cli/stop_command.h"

#include <fmt/format.h>
#include <signal.h>

#include "cli/db_read_store.h"
#include "cli/exit_code.h"
#include "cli/lookup.h"
#include "cli/running_session.h"

namespace qalam::cli {

int RunStop(const StopOptions& options, Streams& streams) {
  const auto store = OpenDataDirectory(options.data_directory);
  if (!store.ok()) return ReportError(store.status(), streams);
  const auto experiment = (*store)->Experiment(options.namespace_name, options.name);
  if (!experiment.ok()) return ReportError(experiment.status(), streams);
  const std::optional<RunningSession> session = FindRunningSession(options.data_directory);
  if (session && session->runs_all) {
    return ReportError(absl::FailedPreconditionError(fmt::format(
                           "experiment {} is run by qalam serve (process {}) beside all others; delete it "
                           "(kubectl delete experiment "
                           "{} -n {}), or end them all: kill {}; the next start goes on with them",
                           options.name, session->pid, options.name, options.namespace_name, session->pid)),
                       streams);
  }
  if (!session || session->experiment != (*experiment)->key()) {
    return ReportError(
        absl::NotFoundError(fmt::format("experiment {} is not running; nothing to stop", options.name)),
        streams);
  }
  if (kill(session->pid, options.now ? SIGTERM : SIGINT) != 0) {
    return ReportError(
        absl::UnavailableError(fmt::format("process {} that runs experiment {} cannot be signalled: {}",
                                           session->pid, options.name, strerror(errno))),
        streams);
  }
  streams.err << (options.now ? "ending the running trials of " : "letting the running trials finish of ")
              << options.name << " (process " << session->pid << ")\n";
  return ToInt(ExitCode::kOk);
}

int RunRm(const RmOptions& options, Streams& streams) {
  // Looking first, so that a name with a typo creates no database.
  const auto present = OpenDataDirectory(options.runtime.data_directory);
  if (!present.ok()) return ReportError(present.status(), streams);
  if (const auto found = (*present)->Experiment(options.namespace_name, options.name); !found.ok()) {
    return ReportError(found.status(), streams);
  }
  const api::ObjectKey key{options.namespace_name, options.name};
  server::RuntimeOptions runtime_options = options.runtime;
  runtime_options.only = key;
  auto runtime = server::Runtime::Create(std::move(runtime_options));
  if (!runtime.ok()) return ReportError(runtime.status(), streams);
  server::Runtime& to = **runtime;

  // The controller's finalizers delete observations and files; it must not start anything meanwhile.
  bool trials_left = true;
  const auto check = [&] {
    const auto trials =
        to.store().List(api::Kind::kTrial, key.namespace_name, {{"katib.kubeflow.org/experiment", key.name}});
    trials_left = !trials.ok() || !trials->items.empty();
    if (!trials_left && absl::IsNotFound(to.store().Get(api::Kind::kExperiment, key).status()))
      to.loop().Stop();
  };
  to.controller().Drain();
  to.controller().SetChangeHandler([&](const api::ResourcePtr&, bool) { to.loop().Post(check); });
  absl::Status status = to.store().Delete(api::Kind::kExperiment, key);
  if (status.ok()) status = to.controller().Start();
  if (!status.ok()) return ReportError(status, streams);
  to.loop().Post(check);
  to.loop().Run();
  streams.err << "experiment " << options.name << " deleted\n";
  return ToInt(ExitCode::kOk);
}

}  // namespace qalam::cli
