// ContainerRunner over the launcher process.
#pragma once

#include <memory>

#include "base/asio_event_loop.h"
#include "workload/container_runner.h"
#include "workload/launcher.h"

namespace qalam::workload {

/// When the launcher is killed, every run is reported as lost once its processes are gone, and Start is
/// UNAVAILABLE from then on: a launcher can only be forked before threads exist. Cost: one send and one
/// receive per run in this process; requests are buffered when the launcher is slow.
class LauncherRunner final : public ContainerRunner {
 public:
  /// `loop` must outlive this and may not be running its tasks on another thread while this is constructed or
  /// destroyed.
  LauncherRunner(AsioEventLoop& loop, std::unique_ptr<Launcher> launcher);
  ~LauncherRunner() override;

  absl::Status Start(RunId id, const ContainerRun& run) override;
  void Stop(RunId id) override;
  void SetExitHandler(ExitHandler handler) override;

 private:
  class Connection;
  std::shared_ptr<Connection> connection_;
};

}  // namespace qalam::workload
