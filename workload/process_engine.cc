#include "workload/process_engine.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "workload/checkpoint_copy.h"
#include "workload/run_plan.h"
#include "workload/trial_files.h"
#include "workload/trial_run.h"

namespace qalam::workload {
namespace {

constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

std::string ResolveDirectory(const std::string& base, const std::string& directory) {
  if (directory.empty()) return base;
  return directory.front() == '/' ? directory : fmt::format("{}/{}", base, directory);
}

}  // namespace

// One launched trial: its place, its files and its run.
class ProcessEngine::Trial final : public TrialRun::Host {
 public:
  Trial(ProcessEngine& engine, const LaunchRequest& request, TrialFiles files)
      : engine_(engine), request_(request), files_(std::move(files)), slot_(engine.slots_.Acquire()) {
    base_directory_ = engine_.options_.base_directory;
    metrics_file_ = files_.metrics_path(request_.metrics_file);
    metrics_directory_ = files_.metrics_path(request_.metrics_directory);
  }
  ~Trial() override { FreeSlot(); }

  absl::Status Begin() {
    QALAM_RETURN_IF_ERROR(AcquirePort());
    PlanInputs inputs;
    inputs.trial_name = request_.trial.name;
    inputs.namespace_name = request_.trial.namespace_name;
    inputs.primary_container = request_.primary_container;
    inputs.injected = InjectedVariables();
    inputs.collector = request_.collector.text;
    inputs.runtime = request_.runtime.text;
    inputs.of_collector = {{"QALAM_PRIMARY_LOG", files_.log_file()}};
    inputs.data = std::exchange(request_.data, nullptr);
    QALAM_ASSIGN_OR_RETURN(RunPlan plan, ReadRunPlan(request_.run_spec.text, inputs));
    ReplacePath(plan, request_.metrics_file, metrics_file_);
    ReplaceDirectory(plan, request_.metrics_directory, metrics_directory_);
    ReplacePort(plan, request_.metrics_port, metrics_port_);
    ReplaceDirectory(plan, request_.checkpoint_path, files_.checkpoint_directory());
    QALAM_RETURN_IF_ERROR(files_.Prepare());
    QALAM_RETURN_IF_ERROR(files_.PrepareCheckpoint());
    injected_ = std::move(inputs.injected);
    if (plan.collector) collector_log_file_ = files_.container_log_file(plan.collector->name);
    GiveNotices(plan);
    if (plan.in_own_directory) base_directory_ = files_.directory();
    imitates_image_ = std::find(plan.ignored.begin(), plan.ignored.end(), "image") != plan.ignored.end();
    run_ = std::make_unique<TrialRun>(engine_.loop_, *this, std::move(plan));
    absl::Status status = run_->Begin();
    request_.run_spec.text.clear();
    request_.runtime.text.clear();
    request_.collector.text.clear();
    return status;
  }

  void AttemptStarts() override {
    log_offset_ = FileSize(files_.log_file());
    if (!collector_log_file_.empty()) collector_log_offset_ = FileSize(collector_log_file_);
    if (!metrics_file_.empty()) unlink(metrics_file_.c_str());
    if (!metrics_directory_.empty()) directory_status_ = files_.PrepareEmpty(metrics_directory_);
  }

  absl::StatusOr<RunId> StartContainer(const ContainerPlan& container, ContainerRole role) override {
    QALAM_RETURN_IF_ERROR(directory_status_);
    ContainerRun run;
    run.argv = container.argv;
    run.environment = CompleteEnvironment(container, role);
    run.working_dir = ResolveDirectory(base_directory_, container.working_dir);
    run.output_file =
        role == ContainerRole::kPrimary ? files_.log_file() : files_.container_log_file(container.name);
    run.limits = container.limits;
    if (container.limits.cpus)
      run.first_cpu = static_cast<int>(slot_ * std::min(1e4, *container.limits.cpus + 0.999));
    run.cgroup_root = engine_.options_.cgroup_root;
    run.grace = engine_.options_.grace;
    run.short_grace = std::min(run.short_grace, run.grace);
    const RunId id = ++engine_.last_run_;
    QALAM_RETURN_IF_ERROR(engine_.runner_->Start(id, run));
    engine_.runs_[id] = this;
    return id;
  }

  void StopContainer(RunId id) override { engine_.runner_->Stop(id); }
  void StateChanged() override { engine_.TrialChanged(*this); }

  TrialOutput Output() const {
    return {.directory = files_.directory(),
            .log_file = files_.log_file(),
            .log_offset = log_offset_,
            .metrics_file = metrics_file_,
            .metrics_directory = metrics_directory_,
            .metrics_port = metrics_port_,
            .collector_log_file = collector_log_file_,
            .collector_log_offset = collector_log_offset_};
  }

  void FreeSlot() {
    if (slot_ >= 0) engine_.slots_.Release(slot_);
    slot_ = -1;
    if (std::exchange(holds_port_, false)) engine_.ports_.Release(metrics_port_);
  }

  const TrialRef& ref() const { return request_.trial; }
  const TrialFiles& files() const { return files_; }
  TrialRun& run() { return *run_; }
  const TrialRun& run() const { return *run_; }

  bool removed = false;              // forgotten as soon as it has ended
  bool files_unwanted = false;       // and deleted then
  bool checkpoint_unwanted = false;  // deleted as soon as it has ended

 private:
  absl::Status AcquirePort() {
    if (request_.metrics_port <= 0) return absl::OkStatus();
    const std::optional<int> port = engine_.ports_.Acquire(request_.metrics_port);
    if (!port) {
      return absl::ResourceExhaustedError(fmt::format(
          "every metrics port from {} to 65535 is held by a running trial", request_.metrics_port));
    }
    metrics_port_ = *port;
    holds_port_ = true;
    return absl::OkStatus();
  }

  Environment InjectedVariables() const {
    Environment result;
    if (!engine_.inherited_.contains("PYTHONUNBUFFERED")) result.emplace_back("PYTHONUNBUFFERED", "1");
    result.emplace_back("QALAM_TRIAL_NAME", request_.trial.name);
    result.emplace_back("KATIB_TRIAL_NAME", request_.trial.name);
    result.emplace_back("QALAM_EXPERIMENT", request_.experiment);
    result.emplace_back("QALAM_TRIAL_DIR", files_.directory());
    result.emplace_back("QALAM_CHECKPOINT_DIR", files_.checkpoint_directory());
    result.emplace_back("QALAM_SLOT", fmt::format("{}", slot_));
    if (!metrics_file_.empty()) result.emplace_back("QALAM_METRICS_FILE", metrics_file_);
    if (!metrics_directory_.empty()) result.emplace_back("QALAM_METRICS_DIR", metrics_directory_);
    if (metrics_port_ > 0) result.emplace_back("QALAM_METRICS_PORT", fmt::format("{}", metrics_port_));
    result.insert(result.end(), request_.environment.begin(), request_.environment.end());
    if (!engine_.options_.gpus.empty()) {
      const int slots = std::max(1, static_cast<int>(request_.parallel_trial_count));
      result.emplace_back("CUDA_VISIBLE_DEVICES", GpusForSlot(engine_.options_.gpus, slot_, slots));
    }
    return result;
  }

  std::vector<std::string> CompleteEnvironment(const ContainerPlan& container, ContainerRole role) const {
    std::map<std::string_view, std::string_view> variables(engine_.inherited_.begin(),
                                                           engine_.inherited_.end());
    for (const auto& [name, value] : injected_) variables[name] = value;
    const std::string log_file = files_.log_file(), log_offset = fmt::format("{}", log_offset_);
    if (role == ContainerRole::kCollector) {
      variables["QALAM_PRIMARY_LOG"] = log_file;
      variables["QALAM_PRIMARY_LOG_OFFSET"] = log_offset;
    }
    for (const auto& [name, value] : container.environment) variables[name] = value;
    std::string path, python_path, packages;
    if (imitates_image_) {
      path = fmt::format("{}:{}", variables.contains("PATH") ? variables["PATH"] : kDefaultPath,
                         engine_.options_.fallback_programs);
      packages = files_.packages_directory();
      python_path = variables.contains("PYTHONPATH") ? fmt::format("{}:{}", packages, variables["PYTHONPATH"])
                                                     : packages;
      if (!engine_.options_.fallback_programs.empty()) variables["PATH"] = path;
      variables.try_emplace("PIP_TARGET", packages);
      variables["PYTHONPATH"] = python_path;
    }
    std::vector<std::string> result;
    result.reserve(variables.size());
    for (const auto& [name, value] : variables) result.push_back(fmt::format("{}={}", name, value));
    return result;
  }

  void GiveNotices(const RunPlan& plan) const {
    const auto ignores = [&](std::string_view feature) {
      return std::find(plan.ignored.begin(), plan.ignored.end(), feature) != plan.ignored.end();
    };
    if (ignores("image")) {
      engine_.Notice(
          "container images are not used: trials run as processes of this machine, with what is installed "
          "here");
    }
    if (ignores("volumeMounts")) {
      engine_.Notice("volumes are not mounted: trials see the files of this machine at their own paths");
    }
    if (engine_.options_.cgroup_root.empty() && plan.primary.limits != ResourceLimits{}) {
      engine_.Notice(
          "no writable cgroup v2 here: a memory limit bounds the private memory of each process, a cpu limit "
          "pins a "
          "trial to as many whole CPUs");
    }
  }

  ProcessEngine& engine_;
  LaunchRequest request_;
  const TrialFiles files_;
  int slot_;
  std::string base_directory_;   // where containers start that name no other directory
  bool imitates_image_ = false;  // programs expect what an image would have brought
  std::string metrics_file_, metrics_directory_;
  int metrics_port_ = 0;
  bool holds_port_ = false;
  absl::Status directory_status_;
  Environment injected_;
  std::int64_t log_offset_ = 0;
  std::string collector_log_file_;  // empty: there is no collector
  std::int64_t collector_log_offset_ = 0;
  std::unique_ptr<TrialRun> run_;
};

ProcessEngine::ProcessEngine(EventLoop& loop, std::unique_ptr<ContainerRunner> runner,
                             ProcessEngineOptions options)
    : loop_(loop),
      options_(std::move(options)),
      handler_(std::make_shared<ChangeHandler>()),
      runner_(std::move(runner)) {
  for (const std::string& variable : options_.environment) {
    const size_t equals = variable.find('=');
    if (equals != std::string::npos && equals > 0)
      inherited_[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  runner_->SetExitHandler([this](RunId id, const ContainerExit& exit) { ContainerEnded(id, exit); });
}

ProcessEngine::~ProcessEngine() {
  handler_.reset();
  background_.Stop();
  runner_.reset();
  for (const auto& [ref, trial] : trials_) {
    if (trial->checkpoint_unwanted) trial->files().DeleteCheckpoint().IgnoreError();
  }
}

absl::Status ProcessEngine::Launch(const LaunchRequest& request) {
  if (const auto known = trials_.find(request.trial); known != trials_.end()) {
    if (!known->second->removed) return absl::OkStatus();
    return absl::UnavailableError(
        fmt::format("trial {}: its earlier run is still being ended", request.trial.name));
  }
  QALAM_ASSIGN_OR_RETURN(TrialFiles files,
                         TrialFiles::Create(options_.root, request.trial, request.experiment));
  auto trial = std::make_unique<Trial>(*this, request, std::move(files));
  // Known before it begins: its first containers report changes.
  Trial& launched = *(trials_[request.trial] = std::move(trial));
  absl::Status status = launched.Begin();
  if (!status.ok()) trials_.erase(request.trial);
  return status;
}

void ProcessEngine::CopyCheckpoint(const TrialRef& trial, const std::string& experiment,
                                   const std::string& parent, std::function<void(absl::Status)> done) {
  const auto finish = [this, weak = std::weak_ptr(handler_), done = std::move(done)](absl::Status status) {
    loop_.Post([weak, done, status = std::move(status)] {
      if (!weak.expired()) done(status);
    });
  };
  TrialRef of_parent = trial;
  of_parent.name = parent;
  const absl::StatusOr<TrialFiles> files = TrialFiles::Create(options_.root, trial, experiment);
  const absl::StatusOr<TrialFiles> from = TrialFiles::Create(options_.root, of_parent, experiment);
  for (const absl::Status& status : {files.status(), from.status()}) {
    if (!status.ok()) return finish(status);
  }
  const auto stop_requested = [this] { return background_.stopping(); };
  const auto copy = [files = *files, from = from->checkpoint_directory(), stop_requested, finish] {
    absl::Status status = files.Prepare();
    if (status.ok()) status = workload::CopyCheckpoint(from, files.checkpoint_directory(), stop_requested);
    finish(std::move(status));
  };
  if (options_.background) return options_.background(copy);
  background_.Post(copy);
}

absl::Status ProcessEngine::DeleteCheckpoint(const TrialRef& trial, std::string_view experiment) {
  QALAM_ASSIGN_OR_RETURN(const TrialFiles files, TrialFiles::Create(options_.root, trial, experiment));
  const auto found = trials_.find(trial);
  if (found == trials_.end() || found->second->run().ended()) return files.DeleteCheckpoint();
  found->second->checkpoint_unwanted = true;
  return absl::OkStatus();
}

RunState ProcessEngine::Observe(const TrialRef& trial) const {
  const auto found = trials_.find(trial);
  return found == trials_.end() || found->second->removed ? RunState{} : found->second->run().state();
}

void ProcessEngine::Stop(const TrialRef& trial) {
  if (const auto found = trials_.find(trial); found != trials_.end()) found->second->run().Stop();
}

void ProcessEngine::Remove(const TrialRef& trial) {
  const auto found = trials_.find(trial);
  if (found == trials_.end()) return;
  if (found->second->run().ended()) {
    trials_.erase(found);
    return;
  }
  found->second->removed = true;
  found->second->run().Stop();
}

absl::Status ProcessEngine::DeleteFiles(const TrialRef& trial, std::string_view experiment) {
  QALAM_ASSIGN_OR_RETURN(const TrialFiles files, TrialFiles::Create(options_.root, trial, experiment));
  const auto found = trials_.find(trial);
  if (found == trials_.end() || found->second->run().ended()) return files.Delete();
  if (!found->second->removed) {
    return absl::FailedPreconditionError(
        fmt::format("trial {} is still running; remove it first", trial.name));
  }
  found->second->files_unwanted = true;
  return absl::OkStatus();
}

absl::StatusOr<TrialOutput> ProcessEngine::Output(const TrialRef& trial) const {
  const auto found = trials_.find(trial);
  if (found == trials_.end() || found->second->removed) {
    return absl::NotFoundError(fmt::format("trial {} was not launched here", trial.name));
  }
  return found->second->Output();
}

void ProcessEngine::SetChangeHandler(ChangeHandler handler) { *handler_ = std::move(handler); }

void ProcessEngine::ContainerEnded(RunId id, const ContainerExit& exit) {
  const auto node = runs_.extract(id);
  if (!node.empty()) node.mapped()->run().ContainerEnded(id, exit);
}

void ProcessEngine::TrialChanged(Trial& trial) {
  const TrialRef ref = trial.ref();
  if (trial.run().ended()) {
    trial.FreeSlot();
    if (trial.checkpoint_unwanted) trial.files().DeleteCheckpoint().IgnoreError();
    // Forgotten in a task of its own, because the trial's code is what called this.
    const bool lost = trial.run().state().phase == RunPhase::kAbsent;
    if (lost || trial.removed) {
      trial.removed = true;
      loop_.Post([this, weak = std::weak_ptr(handler_), ref] {
        if (weak.expired()) return;  // and so is the engine
        const auto found = trials_.find(ref);
        if (found == trials_.end()) return;
        if (found->second->files_unwanted) found->second->files().Delete().IgnoreError();
        trials_.erase(found);
      });
    }
  }
  loop_.Post([weak = std::weak_ptr(handler_), ref] {
    const auto alive = weak.lock();
    if (alive != nullptr && *alive) (*alive)(ref);
  });
}

void ProcessEngine::Notice(const std::string& text) {
  if (!options_.notice || std::find(noticed_.begin(), noticed_.end(), text) != noticed_.end()) return;
  noticed_.push_back(text);
  options_.notice(text);
}

}  // namespace qalam::workload
