#include "cli/session.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <filesystem>
#include <map>

#include "api/validate.h"
#include "cli/block_painter.h"
#include "cli/db_read_store.h"
#include "cli/event_lines.h"
#include "cli/extension_flags.h"
#include "cli/live_view.h"
#include "cli/lookup.h"
#include "cli/progress_model.h"
#include "cli/running_session.h"
#include "cli/savings_text.h"
#include "cli/spec_diff.h"
#include "cli/summary.h"
#include "controller/trial_index.h"
#include "server/service_calls.h"

namespace qalam::cli {
namespace {

constexpr absl::Duration kRepaint = absl::Milliseconds(200);

// Creates or updates; ALREADY_EXISTS with the differences when the name stands for something else.
absl::Status Apply(api::ResourceStore& store, const api::Experiment& wanted) {
  const auto found = api::Get<api::Experiment>(store, wanted.key());
  if (absl::IsNotFound(found.status())) return store.Create(wanted).status();
  QALAM_RETURN_IF_ERROR(found.status());
  const api::Experiment& existing = **found;
  if (existing.metadata.deletion_timestamp) {
    return absl::FailedPreconditionError(
        fmt::format("experiment {} is being deleted; finish that with \"qalam rm {}\"", wanted.metadata.name,
                    wanted.metadata.name));
  }
  api::Experiment changed = existing;
  const bool extended = MergeExtensions(wanted.metadata, changed);
  if (existing.spec == wanted.spec) return extended ? store.Update(changed).status() : absl::OkStatus();
  const api::FieldErrors errors = api::ValidateUpdate(wanted, existing);
  if (!errors.empty()) {
    std::string text = fmt::format("experiment {} exists with another specification:", wanted.metadata.name);
    for (const std::string& line : SpecDifferences(existing, wanted)) text += "\n  " + line;
    for (const api::FieldError& error : errors) text += "\n  " + error.Text();
    return absl::AlreadyExistsError(
        text + fmt::format("\ngive it another name with --name, or delete it with \"qalam rm {}\"",
                           wanted.metadata.name));
  }
  changed.spec = wanted.spec;
  return store.Update(changed).status();
}

absl::Status ApplyConfigMap(api::ResourceStore& store, const api::ConfigMap& wanted) {
  const auto found = api::Get<api::ConfigMap>(store, wanted.key());
  if (absl::IsNotFound(found.status())) return store.Create(wanted).status();
  QALAM_RETURN_IF_ERROR(found.status());
  api::ConfigMap changed = **found;
  changed.spec = wanted.spec;
  return store.Update(changed).status();
}

class Session {
 public:
  Session(const SessionOptions& options, server::Runtime& runtime, Streams& streams)
      : options_(options),
        runtime_(runtime),
        streams_(streams),
        key_(*options.runtime.only),
        started_(runtime.loop().Now()),
        model_(started_),
        painter_([this](std::string_view text) { streams_.err << text << std::flush; }),
        signals_(runtime.loop().context(), SIGINT, SIGTERM) {}

  /// A line that stays, above the live view if there is one.
  void Say(std::string_view text) {
    if (options_.quiet) return;
    if (Live()) {
      painter_.PrintAbove(text);
    } else {
      streams_.err << text << std::endl;
    }
  }

  ExitCode Run() {
    WaitForSignal();
    controller::Controller& controller = runtime_.controller();
    controller.SetChangeHandler(
        [this](const api::ResourcePtr& resource, bool deleted) { Changed(resource, deleted); });
    controller.SetEngineHandler([this] { CheckEndSoon(); });
    runtime_.SetPointHandler(
        [this](const std::string& uid, const std::string& metric, const std::string& value) {
          const auto name = names_.find(uid);
          if (name != names_.end()) model_.AddPoint(name->second, metric, value);
        });
    if (const absl::Status status = LoadModel(); !status.ok()) return Report(status);
    if (const absl::Status status = controller.Start(); !status.ok()) return Report(status);
    if (options_.timeout) {
      runtime_.loop().PostAfter(*options_.timeout, [this] { Interrupt(EndCause::kTimeout); });
    }
    if (Live()) Repaint();
    CheckEndSoon();
    runtime_.loop().Run();
    if (Live()) painter_.Clear();
    // From here on the engine's destructor waits for what still ends; an impatient Ctrl-C leaves at once.
    signals_.clear();
    return Conclude();
  }

 private:
  bool Live() const { return !options_.quiet && streams_.err_terminal.interactive; }

  ExitCode Report(const absl::Status& status) {
    ReportError(status, streams_);
    return ExitCodeFor(status);
  }

  absl::Status LoadModel() {
    QALAM_ASSIGN_OR_RETURN(const auto experiment, api::Get<api::Experiment>(runtime_.store(), key_));
    QALAM_ASSIGN_OR_RETURN(const std::vector<controller::TrialPtr> trials, Trials());
    std::vector<const api::Trial*> known;
    for (const controller::TrialPtr& trial : trials) {
      known.push_back(trial.get());
      names_[trial->metadata.uid] = trial->metadata.name;
    }
    model_.Load(*experiment, known);
    experiment_ = experiment;
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<controller::TrialPtr>> Trials() {
    QALAM_ASSIGN_OR_RETURN(const api::ResourceList list,
                           runtime_.store().List(api::Kind::kTrial, key_.namespace_name));
    std::vector<controller::TrialPtr> trials;
    for (const api::ResourcePtr& item : list.items) {
      auto trial = std::static_pointer_cast<const api::Trial>(item);
      if (controller::TrialIndex::ExperimentOf(*trial) == key_) trials.push_back(std::move(trial));
    }
    return trials;
  }

  void Changed(const api::ResourcePtr& resource, bool deleted) {
    std::optional<ProgressEvent> event;
    const absl::Time now = runtime_.loop().Now();
    if (resource->kind() == api::Kind::kExperiment) {
      experiment_ = std::static_pointer_cast<const api::Experiment>(resource);
      event = model_.Apply(*experiment_, now);
      if (deleted) deleted_ = true;
      CheckEndSoon();
    } else if (resource->kind() == api::Kind::kTrial) {
      const auto& trial = static_cast<const api::Trial&>(*resource);
      if (deleted) {
        names_.erase(trial.metadata.uid);
        model_.Remove(trial.metadata.name);
      } else {
        names_[trial.metadata.uid] = trial.metadata.name;
        event = model_.Apply(trial, now);
      }
    }
    if (event && !options_.quiet && !Live()) {
      streams_.err << EventLine(model_, *event, now, streams_.zone) << std::endl;
    }
  }

  void Repaint() {
    const Terminal terminal = DescribeTerminal(SystemTerminal(STDERR_FILENO));
    painter_.Paint(RenderLiveView(model_,
                                  {.width = terminal.width,
                                   .height = terminal.height,
                                   .utf8 = streams_.err_terminal.utf8,
                                   .color = streams_.err_terminal.color,
                                   .phase = phase_},
                                  runtime_.loop().Now()));
    runtime_.loop().PostAfter(kRepaint, [this] { Repaint(); });
  }

  void WaitForSignal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGTERM) {
        Interrupt(EndCause::kTerminated);
      } else if (phase_ == RunPhase::kRunning) {
        Drain();
      } else if (phase_ == RunPhase::kDraining) {
        Interrupt(EndCause::kInterrupted);
      } else {
        if (Live()) painter_.Clear();
        std::_Exit(ToInt(ExitCode::kInterrupted));  // the launcher ends what is left
      }
      WaitForSignal();
    });
  }

  void Drain() {
    phase_ = RunPhase::kDraining;
    cause_ = EndCause::kInterrupted;
    runtime_.controller().Drain();
    if (!Live()) Say("no new trials; waiting for the running ones (press Ctrl-C again to end them)");
    CheckEndSoon();
  }

  void Interrupt(EndCause cause) {
    if (phase_ == RunPhase::kStopping) return;
    phase_ = RunPhase::kStopping;
    cause_ = cause;
    runtime_.controller().Interrupt();
    if (!Live()) Say("ending the running trials (press Ctrl-C again to leave at once)");
    CheckEndSoon();
  }

  // Posted, so that what the controller is doing right now is finished first.
  void CheckEndSoon() {
    runtime_.loop().Post([this] {
      if (IsOver()) runtime_.loop().Stop();
    });
  }

  bool IsOver() const {
    if (deleted_) return true;
    const api::ExperimentStatus& status = experiment_->status;
    const bool none_active = status.pending.empty() && status.running.empty();
    if (Completed() && none_active) return true;
    if (phase_ == RunPhase::kDraining) return none_active;
    return phase_ == RunPhase::kStopping && runtime_.controller().Idle();
  }

  bool Completed() const {
    return IsTrue(experiment_->status.conditions, "Succeeded") ||
           IsTrue(experiment_->status.conditions, "Failed");
  }

  std::optional<StoppingSavings> Savings() {
    if (!experiment_->spec.early_stopping) return std::nullopt;
    const auto estimate = [&]() -> absl::StatusOr<std::optional<StoppingSavings>> {
      QALAM_ASSIGN_OR_RETURN(const auto store, OpenDataDirectory(options_.runtime.data_directory));
      QALAM_ASSIGN_OR_RETURN(const std::vector<TrialPtr> trials, store->Trials(*experiment_));
      return EstimateSavings(
          *experiment_, trials,
          [&](const api::Trial& trial, const auto& point) { return store->Curve(trial, point); },
          runtime_.loop().Now());
    };
    auto savings = estimate();
    if (savings.ok()) return *std::move(savings);
    Say(fmt::format("note: what early stopping has saved is not known: {}", MessageOf(savings.status())));
    return std::nullopt;
  }

  std::optional<ParetoFront> Front() {
    if (ObjectiveNames(*experiment_).size() < 2) return std::nullopt;
    const absl::StatusOr<std::vector<TrialPtr>> trials = Trials();
    return trials.ok() ? FindFront(*experiment_, *trials) : std::nullopt;
  }

  ExitCode Conclude() {
    const bool completed = Completed();
    const std::optional<ParetoFront> front = Front();
    const std::optional<StoppingSavings> savings = Savings();
    std::shared_ptr<const api::Trial> best;
    const std::string& best_name = experiment_->status.current_optimal_trial.best_trial_name;
    if (!best_name.empty()) {
      if (auto found = api::Get<api::Trial>(runtime_.store(), {key_.namespace_name, best_name}); found.ok())
        best = *found;
    }
    if (!options_.quiet) {
      const absl::Time now = runtime_.loop().Now();
      SummaryInput summary{.experiment = experiment_.get(),
                           .best_trial = best.get(),
                           .wall = now - started_,
                           .busy_share = model_.BusyShare(now),
                           .savings = savings,
                           .front = front,
                           .cause = completed ? EndCause::kFinished : cause_,
                           .resume_command = options_.resume_command};
      if (best) {
        summary.best_log_file =
            server::DataLayout(options_.runtime.data_directory).trial_directory(*best, key_.name) +
            "/output.log";
      }
      for (const std::string& line : SummaryLines(summary, streams_.err_terminal))
        streams_.err << line << "\n";
      streams_.err << std::flush;
    }
    if (options_.output)
      PrintResource(streams_.out, WithFront(WithSavings(*experiment_, savings), front), *options_.output);
    if (completed) return ExitCodeFor(*experiment_);
    switch (cause_) {
      case EndCause::kTerminated:
        return ExitCode::kTerminated;
      case EndCause::kTimeout:
        return ExitCode::kTimeout;
      default:
        return ExitCode::kInterrupted;
    }
  }

  const SessionOptions& options_;
  server::Runtime& runtime_;
  Streams& streams_;
  const api::ObjectKey key_;
  const absl::Time started_;
  ProgressModel model_;
  BlockPainter painter_;
  boost::asio::signal_set signals_;
  std::map<std::string, std::string> names_;  // trial uid -> name
  std::shared_ptr<const api::Experiment> experiment_;
  RunPhase phase_ = RunPhase::kRunning;
  EndCause cause_ = EndCause::kFinished;
  bool deleted_ = false;
};

}  // namespace

ExitCode RunSession(const SessionOptions& options, const api::Experiment* experiment,
                    const std::vector<std::shared_ptr<api::ConfigMap>>& config_maps, Streams& streams) {
  const auto report = [&](const absl::Status& status) {
    ReportError(status, streams);
    return ExitCodeFor(status);
  };
  std::vector<std::string> early_notes;  // from before there is a session to show them
  Session* session = nullptr;
  server::RuntimeOptions runtime_options = options.runtime;
  runtime_options.notice = [&](const std::string& text) {
    session == nullptr ? early_notes.push_back(text) : session->Say("note: " + text);
  };
  auto runtime = server::Runtime::Create(std::move(runtime_options));
  if (!runtime.ok()) return report(runtime.status());
  const api::ObjectKey& key = *options.runtime.only;
  for (const auto& config_map : config_maps) {
    if (const absl::Status status = ApplyConfigMap((*runtime)->store(), *config_map); !status.ok())
      return report(status);
  }
  if (experiment != nullptr) {
    // Before anything is stored: a name should not be taken by a search that can never begin.
    absl::Status status = server::CheckSettings((*runtime)->loop(), (*runtime)->services(), *experiment);
    if (!status.ok())
      return report(
          absl::InvalidArgumentError(fmt::format("{}: {}", server::RefusedField(status), MessageOf(status))));
    if (status = Apply((*runtime)->store(), *experiment); !status.ok()) return report(status);
  } else if (const auto found = api::Get<api::Experiment>((*runtime)->store(), key); !found.ok()) {
    return report(found.status());
  }
  const SessionFile file(options.runtime.data_directory, key);
  Session running(options, **runtime, streams);
  session = &running;
  for (const std::string& text : early_notes) running.Say("note: " + text);
  const ExitCode code = running.Run();
  session = nullptr;
  return code;
}

}  // namespace qalam::cli
