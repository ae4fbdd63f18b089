// A ContainerRunner that records, and whose programs end when the test says so.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "workload/container_runner.h"

namespace qalam::workload {

class FakeContainerRunner final : public ContainerRunner {
 public:
  absl::Status Start(RunId id, const ContainerRun& run) override {
    if (broken) return absl::UnavailableError("the launcher process was killed");
    running[id] = run;
    started.push_back(run.argv.front());
    return absl::OkStatus();
  }

  void Stop(RunId id) override {
    if (running.contains(id)) stopped.push_back(running[id].argv.front());
  }

  void SetExitHandler(ExitHandler handler) override { handler_ = std::move(handler); }

  /// The run whose program has this name.
  RunId Find(const std::string& program) const {
    for (const auto& [id, run] : running) {
      if (run.argv.front() == program) return id;
    }
    return 0;
  }

  void End(const std::string& program, ContainerExit exit) {
    const RunId id = Find(program);
    running.erase(id);
    handler_(id, exit);
  }
  void Exit(const std::string& program, int code) {
    End(program, {.kind = ContainerExit::Kind::kExited, .code = code});
  }

  std::map<RunId, ContainerRun> running;
  std::vector<std::string> started, stopped;  // programs, in order
  bool broken = false;

 private:
  ExitHandler handler_;
};

}  // namespace qalam::workload
