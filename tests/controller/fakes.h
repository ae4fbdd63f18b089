// A world without processes, services or time, for tests of the reconcilers: everything that the controller speaks to,
// with a fault wherever the test wants one.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/resource_store.h"
#include "controller/clients.h"
#include "metrics/metrics_collection.h"
#include "tests/support/fake_event_loop.h"
#include "workload/trial_engine.h"

namespace qalam::controller {

/// Asked before every operation; a status that is not OK is what the operation answers instead of being done.
class Faults {
 public:
  /// The operation with this number (from 0) fails, once.
  void FailOnce(int operation, absl::Status status) { fail_at_ = operation, status_ = std::move(status); }

  absl::Status Check(const std::string& operation) {
    log_.push_back(operation);
    return static_cast<int>(log_.size()) - 1 == fail_at_ ? status_ : absl::OkStatus();
  }

  int count() const { return static_cast<int>(log_.size()); }
  const std::vector<std::string>& log() const { return log_; }

 private:
  int fail_at_ = -1;
  absl::Status status_;
  std::vector<std::string> log_;
};

/// Passes on to a real store, except where a fault is due.
class FaultyStore final : public api::ResourceStore {
 public:
  FaultyStore(api::ResourceStore& to, Faults& faults) : to_(to), faults_(faults) {}

  absl::StatusOr<api::ResourcePtr> Get(api::Kind kind, const api::ObjectKey& key) const override {
    QALAM_RETURN_IF_ERROR(faults_.Check("Get"));
    return to_.Get(kind, key);
  }
  absl::StatusOr<api::ResourceList> List(api::Kind kind, std::string_view name_space,
                                         const api::StringMap& labels) const override {
    return to_.List(kind, name_space, labels);
  }
  absl::StatusOr<api::ResourcePtr> Create(const api::Resource& resource) override {
    QALAM_RETURN_IF_ERROR(faults_.Check(fmt::format("Create {}", api::KindName(resource.kind()))));
    return to_.Create(resource);
  }
  absl::StatusOr<api::ResourcePtr> Update(const api::Resource& resource) override {
    QALAM_RETURN_IF_ERROR(faults_.Check(fmt::format("Update {}", api::KindName(resource.kind()))));
    return to_.Update(resource);
  }
  absl::StatusOr<api::ResourcePtr> UpdateStatus(const api::Resource& resource) override {
    QALAM_RETURN_IF_ERROR(faults_.Check(fmt::format("UpdateStatus {}", api::KindName(resource.kind()))));
    return to_.UpdateStatus(resource);
  }
  absl::Status Delete(api::Kind kind, const api::ObjectKey& key, std::string_view uid,
                      api::Propagation propagation, std::string_view resource_version) override {
    return to_.Delete(kind, key, uid, propagation, resource_version);
  }
  std::unique_ptr<api::ResourceStore> DryRun() override { return to_.DryRun(); }
  absl::StatusOr<api::Changes> ChangesSince(api::Kind kind, std::string_view name_space,
                                            std::string_view version) const override {
    return to_.ChangesSince(kind, name_space, version);
  }
  absl::StatusOr<std::unique_ptr<api::Watch>> WatchFrom(
      api::Kind kind, std::string_view name_space, std::string_view version,
      std::function<void(const api::WatchEvent&)> on_event) override {
    return to_.WatchFrom(kind, name_space, version, std::move(on_event));
  }

 private:
  api::ResourceStore& to_;
  Faults& faults_;
};

/// Rows by trial key.
class FakeObservations final : public ObservationClient {
 public:
  FakeObservations(EventLoop& loop, Faults& faults) : loop_(loop), faults_(faults) {}

  void Add(const std::string& trial_key, const std::string& metric, const std::string& value) {
    wire::MetricLog& row = *logs_[trial_key].add_metric_logs();
    row.set_time_stamp("0001-01-01T00:00:00Z");
    row.mutable_metric()->set_name(metric);
    row.mutable_metric()->set_value(value);
  }

  void Report(const wire::ReportObservationLogRequest&, const std::string&,
              ReplyHandler<wire::ReportObservationLogReply> done) override {
    done(wire::ReportObservationLogReply());
  }
  void Get(const wire::GetObservationLogRequest& request,
           ReplyHandler<wire::GetObservationLogReply> done) override {
    absl::Status fault = faults_.Check("GetObservationLog");
    wire::GetObservationLogReply reply;
    *reply.mutable_observation_log() = logs_[request.trial_name()];
    loop_.Post([done, fault, reply] {
      if (fault.ok()) {
        done(reply);
      } else {
        done(fault);
      }
    });
  }
  void Delete(const wire::DeleteObservationLogRequest& request,
              ReplyHandler<wire::DeleteObservationLogReply> done) override {
    absl::Status fault = faults_.Check("DeleteObservationLog");
    if (fault.ok()) logs_.erase(request.trial_name()), deleted.push_back(request.trial_name());
    loop_.Post([done, fault] {
      if (fault.ok()) {
        done(wire::DeleteObservationLogReply());
      } else {
        done(fault);
      }
    });
  }

  std::vector<std::string> deleted;  // trial keys, in order

 private:
  EventLoop& loop_;
  Faults& faults_;
  std::map<std::string, wire::ObservationLog> logs_;
};

/// Proposes x = 1, 2, 3, ... up to a limit; deterministic in the number of points handed out, like the real ones.
class FakeSuggestions final : public SuggestionClient {
 public:
  FakeSuggestions(EventLoop& loop, Faults& faults) : loop_(loop), faults_(faults) {}

  void GetSuggestions(std::string bytes, ReplyHandler<wire::GetSuggestionsReply> done) override {
    absl::Status status = faults_.Check("GetSuggestions");
    wire::GetSuggestionsRequest request;
    if (!request.ParseFromString(bytes)) std::abort();
    requests.push_back(request);
    if (status.ok()) status = get_status;
    const int count = std::min(request.current_request_number(), at_most);
    const int handed_out = request.total_request_number() - request.current_request_number();
    if (status.ok() && handed_out + count > space) {
      status = absl::OutOfRangeError(exhausted);
    }
    wire::GetSuggestionsReply reply;
    for (int i = 0; i < count; ++i) {
      wire::ParameterAssignment& x = *reply.add_parameter_assignments()->add_assignments();
      x.set_name("x");
      x.set_value(std::to_string(handed_out + i + 1));
      if (name_and_label) name_and_label(handed_out + i, *reply.mutable_parameter_assignments(i));
    }
    wire::AlgorithmSetting& state = *reply.mutable_algorithm()->add_algorithm_settings();
    state.set_name("handed_out");
    state.set_value(std::to_string(handed_out + count));
    loop_.Post([done, status, reply] {
      if (status.ok()) {
        done(reply);
      } else {
        done(status);
      }
    });
  }

  void Validate(const wire::ValidateAlgorithmSettingsRequest&,
                ReplyHandler<wire::ValidateAlgorithmSettingsReply> done) override {
    absl::Status status = faults_.Check("ValidateAlgorithmSettings");
    if (status.ok()) status = validate_status;
    ++validations;
    loop_.Post([done, status] {
      if (status.ok()) {
        done(wire::ValidateAlgorithmSettingsReply());
      } else {
        done(status);
      }
    });
  }

  int space = 1'000'000;  // points there are
  std::string exhausted = "SpaceExhausted: every point has been proposed";
  int at_most = 1'000'000;  // points in one reply
  int validations = 0;
  /// Called with the number of a point, from 0, and the point.
  std::function<void(int, wire::GetSuggestionsReply::ParameterAssignments&)> name_and_label;
  absl::Status validate_status, get_status;
  std::vector<wire::GetSuggestionsRequest> requests;

 private:
  EventLoop& loop_;
  Faults& faults_;
};

class FakeEarlyStopping final : public EarlyStoppingClient {
 public:
  explicit FakeEarlyStopping(EventLoop& loop) : loop_(loop) { SetRule("loss", "0.5"); }

  void GetRules(std::string bytes, ReplyHandler<wire::GetEarlyStoppingRulesReply> done) override {
    wire::GetEarlyStoppingRulesRequest request;
    if (!request.ParseFromString(bytes)) std::abort();
    requests.push_back(request);
    loop_.Post([done, status = status, reply = reply] {
      if (status.ok()) {
        done(reply);
      } else {
        done(status);
      }
    });
  }

  /// The only rule from now on: greater than `value`, from report 4 on.
  void SetRule(const std::string& name, const std::string& value) {
    reply.Clear();
    wire::EarlyStoppingRule& rule = *reply.add_early_stopping_rules();
    rule.set_name(name);
    rule.set_value(value);
    rule.set_comparison(wire::GREATER);
    rule.set_start_step(4);
  }

  void Validate(const wire::ValidateEarlyStoppingSettingsRequest&,
                ReplyHandler<wire::ValidateEarlyStoppingSettingsReply> done) override {
    loop_.Post([done] { done(wire::ValidateEarlyStoppingSettingsReply()); });
  }

  wire::GetEarlyStoppingRulesReply reply;
  absl::Status status;
  std::vector<wire::GetEarlyStoppingRulesRequest> requests;

 private:
  EventLoop& loop_;
};

class FakeServices final : public ServiceDirectory {
 public:
  FakeServices(EventLoop& loop, Faults& faults)
      : suggestions(std::make_shared<FakeSuggestions>(loop, faults)),
        early_stopping(std::make_shared<FakeEarlyStopping>(loop)),
        observations(std::make_shared<FakeObservations>(loop, faults)) {}

  std::shared_ptr<SuggestionClient> Suggestion(const std::string&) override { return suggestions; }
  std::shared_ptr<EarlyStoppingClient> EarlyStopping(const std::string&) override { return early_stopping; }
  std::shared_ptr<ObservationClient> Observations() override { return observations; }
  std::string ObservationsAddress(const std::string&) const override { return "localhost:6789"; }

  const std::shared_ptr<FakeSuggestions> suggestions;
  const std::shared_ptr<FakeEarlyStopping> early_stopping;
  const std::shared_ptr<FakeObservations> observations;
};

/// Every launched trial runs as long as `run_time` says and ends as `outcome` says.
class FakeEngine final : public workload::TrialEngine {
 public:
  struct Outcome {
    bool succeeds = true;
    std::map<std::string, std::string> metrics;                            // reported at the end
    std::string reason = "BackoffLimitExceeded", message = "exit code 3";  // of a failure
    std::string earlier_failure = {};  // of an attempt before this one; empty: there was none
  };

  FakeEngine(EventLoop& loop, Faults& faults, FakeObservations& observations)
      : loop_(loop), faults_(faults), observations_(observations) {}
  ~FakeEngine() override { *alive_ = false; }

  absl::Status Launch(const workload::LaunchRequest& request) override {
    if (runs_.contains(request.trial)) return absl::OkStatus();
    QALAM_RETURN_IF_ERROR(faults_.Check("Launch"));
    ++launches[request.trial.name];
    last_request = request;
    workload::RunState& state = runs_[request.trial];
    state.phase = workload::RunPhase::kRunning;
    state.attempt = 1;
    loop_.PostAfter(run_time(request.run_spec.text), [this, alive = alive_, request] {
      if (*alive) End(request);
    });
    return absl::OkStatus();
  }

  void CopyCheckpoint(const workload::TrialRef& trial, const std::string&, const std::string& parent,
                      std::function<void(absl::Status)> done) override {
    absl::Status status = faults_.Check("CopyCheckpoint");
    if (status.ok()) status = copy_status;
    if (status.ok()) copied[trial.name] = parent;
    loop_.Post([alive = alive_, done = std::move(done), status] {
      if (*alive) done(status);
    });
  }

  absl::Status DeleteCheckpoint(const workload::TrialRef& trial, std::string_view) override {
    deleted_checkpoints.insert(trial.name);
    return absl::OkStatus();
  }

  workload::RunState Observe(const workload::TrialRef& trial) const override {
    const auto found = runs_.find(trial);
    return found == runs_.end() ? workload::RunState() : found->second;
  }

  void Stop(const workload::TrialRef& trial) override {
    const auto found = runs_.find(trial);
    if (found == runs_.end() || found->second.phase != workload::RunPhase::kRunning) return;
    stopped.insert(trial.name);
    if (grace == absl::ZeroDuration()) return EndStopped(trial);
    loop_.PostAfter(grace, [this, alive = alive_, trial] {
      if (*alive) EndStopped(trial);
    });
  }

  void Remove(const workload::TrialRef& trial) override {
    Stop(trial);
    runs_.erase(trial);
  }

  absl::Status DeleteFiles(const workload::TrialRef& trial, std::string_view) override {
    deleted_files.insert(trial.name);
    return absl::OkStatus();
  }

  absl::StatusOr<workload::TrialOutput> Output(const workload::TrialRef&) const override {
    return workload::TrialOutput();
  }

  void SetChangeHandler(ChangeHandler handler) override { on_change_ = std::move(handler); }

  /// The program of the running trial of this name ends by itself, now and well.
  void End(const std::string& name) {
    for (auto& [trial, state] : runs_) {
      if (trial.name != name || state.phase != workload::RunPhase::kRunning) continue;
      state.phase = workload::RunPhase::kSucceeded;
      Changed(trial);
    }
  }

  /// The trial fails and begins another attempt.
  void Retry(const workload::TrialRef& trial) {
    ++runs_.at(trial).attempt;
    Changed(trial);
  }

  /// As if the process that watched the workloads had been lost with them.
  void LoseEverything() { runs_.clear(); }

  int running() const {
    int count = 0;
    for (const auto& [trial, state] : runs_) count += state.phase == workload::RunPhase::kRunning;
    return count;
  }

  std::function<absl::Duration(const std::string& run_spec)> run_time = [](const std::string&) {
    return absl::Seconds(1);
  };
  std::function<Outcome(const std::string& run_spec)> outcome = [](const std::string&) {
    return Outcome{true, {{"loss", "0.5"}}};
  };
  absl::Duration grace = absl::ZeroDuration();  // from Stop to the end; with none, trials end inside of Stop
  workload::LaunchRequest last_request;
  std::map<std::string, int> launches;  // by trial name
  absl::Status copy_status;
  std::map<std::string, std::string> copied;  // checkpoints: trial and its parent
  std::set<std::string> stopped, deleted_files, deleted_checkpoints;

 private:
  void End(const workload::LaunchRequest& request) {
    const auto found = runs_.find(request.trial);
    if (found == runs_.end() || found->second.phase != workload::RunPhase::kRunning) return;
    const Outcome result = outcome(request.run_spec.text);
    for (const auto& [name, value] : result.metrics) observations_.Add(request.trial.uid, name, value);
    found->second.phase = result.succeeds ? workload::RunPhase::kSucceeded : workload::RunPhase::kFailed;
    if (!result.succeeds) found->second.reason = result.reason, found->second.message = result.message;
    if (!result.earlier_failure.empty()) {
      found->second.attempt = 2;
      found->second.last_failure = result.earlier_failure;
    }
    Changed(request.trial);
  }

  void EndStopped(const workload::TrialRef& trial) {
    const auto found = runs_.find(trial);
    if (found == runs_.end() || found->second.phase != workload::RunPhase::kRunning) return;
    found->second.phase = workload::RunPhase::kStopped;
    Changed(trial);
  }

  void Changed(const workload::TrialRef& trial) {
    loop_.Post([this, alive = alive_, trial] {
      if (*alive && on_change_) on_change_(trial);
    });
  }

  EventLoop& loop_;
  Faults& faults_;
  FakeObservations& observations_;
  std::map<workload::TrialRef, workload::RunState> runs_;
  ChangeHandler on_change_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// Finishes at once: the fake engine has put the rows into the log itself.
class FakeCollection final : public metrics::MetricsCollection {
 public:
  FakeCollection(EventLoop& loop, Faults& faults) : loop_(loop), faults_(faults) {}

  absl::Status Start(const metrics::CollectionRequest& request) override {
    QALAM_RETURN_IF_ERROR(faults_.Check("StartCollection"));
    started.insert(request.trial_key);
    return absl::OkStatus();
  }
  void Finish(const std::string&,
              std::function<void(absl::StatusOr<metrics::CollectionSummary>)> done) override {
    const absl::Status fault = faults_.Check("FinishCollection");
    loop_.Post([done, fault] {
      if (fault.ok()) {
        done(metrics::CollectionSummary());
      } else {
        done(fault);
      }
    });
  }
  void Add(const std::string&, const std::vector<metrics::MetricPoint>&) override {}
  void Cancel(const std::string& key) override { started.erase(key); }
  void SetPointHandler(PointHandler handler) override { on_point = std::move(handler); }

  PointHandler on_point;
  std::set<std::string> started;

 private:
  EventLoop& loop_;
  Faults& faults_;
};

}  // namespace qalam::controller
