// Everything that an experiment needs, in one process: database, services, engine, controller.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "base/asio_event_loop.h"
#include "controller/controller.h"
#include "server/data_layout.h"
#include "server/storage.h"

namespace qalam::server {

/// Which outside services stand in for our own, by algorithm name: "host:port".
struct ServiceAddresses {
  std::map<std::string, std::string> suggestion, early_stopping;
};

struct RuntimeOptions {
  std::string data_directory;  // absolute; created when missing
  StorageOptions storage;
  std::string base_directory;                // absolute; where programs start
  std::vector<std::string> environment;      // "NAME=value"; what programs inherit
  std::vector<std::string> gpus;             // split over the slots; empty: GPUs are left alone
  absl::Duration grace = absl::Seconds(10);  // from TERM to KILL
  ServiceAddresses services;
  std::optional<api::ObjectKey> only;              // drive this experiment alone
  std::function<void(const std::string&)> notice;  // things the user should be told once
};

/// Owns the parts and their order of life. Threads: all functions on the thread that runs `loop()`.
class Runtime {
 public:
  using PointHandler =
      std::function<void(const std::string& trial_uid, const std::string& metric, const std::string& value)>;

  /// To be called while the process has one thread: it forks the launcher of trials. The controller starts
  /// with `controller().Start()`.
  /// Codes: those of Storage, UNAVAILABLE when another qalam uses the directory (its process is named) or
  /// when programs of a killed one do not end.
  static absl::StatusOr<std::unique_ptr<Runtime>> Create(RuntimeOptions options);

  /// Ends everything that runs, within the grace period and a few seconds.
  ~Runtime();

  AsioEventLoop& loop();
  Storage& storage();
  api::ResourceStore& store();
  controller::Controller& controller();

  controller::ServiceDirectory& services();

  /// Every metric value as it is read.
  void SetPointHandler(PointHandler handler);

 private:
  struct State;
  explicit Runtime(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qalam::server
