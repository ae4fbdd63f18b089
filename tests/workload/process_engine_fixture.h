// The fixture of the process engine's tests: a clock and programs that the test controls.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_container_runner.h"
#include "fake_event_loop.h"
#include "fmt/format.h"
#include "temporary_directory.h"
#include "workload/process_engine.h"

namespace qalam::workload {

class ProcessEngineTest : public testing::Test {
 protected:
  void MakeEngine() {
    auto fake = std::make_unique<FakeContainerRunner>();
    runner = fake.get();
    engine = std::make_unique<ProcessEngine>(loop, std::move(fake), options);
    engine->SetChangeHandler([this](const TrialRef& trial) { changes.push_back(trial.name); });
  }

  void SetUp() override {
    options.root = root.path();
    options.base_directory = "/base";
    options.environment = {"PATH=/bin", "HOME=/h", "bad", "=x"};
    options.notice = [this](const std::string& text) { notices.push_back(text); };
    MakeEngine();
  }

  static TrialRef Ref(const std::string& name) {
    return {.namespace_name = "ns", .name = name, .uid = "u-" + name};
  }

  static LaunchRequest Request(const std::string& trial, const std::string& spec) {
    LaunchRequest request;
    request.trial = Ref(trial);
    request.experiment = "exp";
    request.run_spec.text = spec;
    request.primary_container = "main";
    request.parallel_trial_count = 2;
    return request;
  }

  static std::string Process(const std::string& program, const std::string& more = "") {
    return fmt::format(R"({{"apiVersion":"qalam.dev/v1","kind":"Process","spec":{{"command":["{}"]{}}}}})",
                       program, more);
  }

  // Containers i1, x (sidecar from the start), i2; main, s.
  static std::string Job(const std::string& spec = "", const std::string& pod = "") {
    return fmt::format(R"({{"apiVersion":"batch/v1","kind":"Job","spec":{{"template":{{"spec":{{
        "initContainers":[{{"name":"i1","command":["i1"]}},{{"name":"x","command":["x"],"restartPolicy":"Always"}},
                          {{"name":"i2","command":["i2"]}}],
        "containers":[{{"name":"main","command":["main"]}},{{"name":"s","command":["s"]}}]{}}}}}{}}}}})",
                       pod, spec);
  }

  void Launch(const std::string& trial, const std::string& spec) {
    const absl::Status status = engine->Launch(Request(trial, spec));
    ASSERT_TRUE(status.ok()) << status;
    loop.RunPosted();
  }

  void LaunchWithCollector(const std::string& spec) {
    LaunchRequest request = Request("t", spec);
    request.collector.text = R"({"command":["collect"]})";
    ASSERT_TRUE(engine->Launch(request).ok());
    loop.RunPosted();
  }

  void Exit(const std::string& program, int code) {
    runner->Exit(program, code);
    loop.RunPosted();
  }

  RunState State(const std::string& trial = "t") { return engine->Observe(Ref(trial)); }
  std::vector<std::string> EnvironmentOf(const std::string& program) {
    return runner->running.at(runner->Find(program)).environment;
  }

  const TemporaryDirectory root;
  FakeEventLoop loop;
  ProcessEngineOptions options;
  FakeContainerRunner* runner = nullptr;
  std::unique_ptr<ProcessEngine> engine;
  std::vector<std::string> changes, notices;
};

}  // namespace qalam::workload
