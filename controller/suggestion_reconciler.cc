#include "controller/suggestion_reconciler.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "api/times.h"
#include "controller/trial_name.h"
#include "controller/vocabulary.h"
#include "controller/wire_convert.h"

namespace qalam::controller {
namespace {

constexpr std::string_view kComponent = "suggestion-controller";
constexpr absl::Duration kFirstPause = absl::Milliseconds(500);
constexpr absl::Duration kLongestPause = absl::Seconds(30);

// What a settings check means. Only a service that cannot answer now is asked again; the other codes count as valid,
// as they do for Katib's controller.
enum class Check { kValid, kInvalid, kLater };

Check Judge(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kUnknown:
      return Check::kInvalid;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return Check::kLater;
    default:
      return Check::kValid;
  }
}

absl::Status Prefixed(std::string_view prefix, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("{}: {}", prefix, MessageOf(status)));
}

void Merge(const google::protobuf::RepeatedPtrField<wire::AlgorithmSetting>& from,
           std::vector<api::AlgorithmSetting>& to) {
  for (const wire::AlgorithmSetting& setting : from) {
    auto same = std::find_if(to.begin(), to.end(), [&](const auto& s) { return s.name == setting.name(); });
    if (same == to.end()) same = to.insert(to.end(), {setting.name(), {}});
    same->value = setting.value();
  }
}

}  // namespace

SuggestionReconciler::SuggestionReconciler(Dependencies dependencies) : to_(dependencies) {}
SuggestionReconciler::~SuggestionReconciler() { *alive_ = false; }

ReconcileResult SuggestionReconciler::Reconcile(const api::ObjectKey& key) {
  const auto suggestion = to_.suggestions.Find<api::Suggestion>(key);
  if (suggestion == nullptr) {
    progress_.erase(key);
    return {};
  }
  const api::Conditions& conditions = suggestion->status.conditions;
  if (suggestion->metadata.deletion_timestamp || IsTrue(conditions, kSucceeded) ||
      IsTrue(conditions, kFailed)) {
    progress_.erase(key);
    return {};
  }
  const auto experiment = to_.experiments.Find<api::Experiment>(key);
  if (experiment == nullptr) return {};
  Progress& progress = progress_[key];
  if (progress.uid != suggestion->metadata.uid) progress = {.uid = suggestion->metadata.uid};

  if (!IsTrue(conditions, kCreated)) {
    api::SuggestionStatus status = suggestion->status;
    const absl::Time now = to_.loop.Now();
    status.start_time = api::WholeSeconds(now);
    SetCondition(status.conditions, kCreated, true, "SuggestionCreated", "Suggestion is created", now);
    QALAM_RETURN_IF_ERROR(WriteStatus(*suggestion, std::move(status)));
    return {};  // the write brings the next pass
  }
  if (progress.paused) return {};
  if (!IsTrue(conditions, kRunning)) return Validate(*suggestion, *experiment, progress);
  if (progress.asking == Step::kDone || !progress.error.ok()) return Take(*suggestion, progress);
  const int held = static_cast<int>(suggestion->status.suggestions.size());
  if (suggestion->spec.requests > held && progress.asking == Step::kIdle && !IsTrue(conditions, kExhausted)) {
    Ask(*suggestion, *experiment, progress);
  }
  return {};
}

ReconcileResult SuggestionReconciler::Validate(const api::Suggestion& suggestion,
                                               const api::Experiment& experiment, Progress& progress) {
  if (!progress.error.ok()) {
    const absl::Status error = std::exchange(progress.error, absl::OkStatus());
    if (Judge(error) == Check::kInvalid) return Fail(suggestion, error);
    return Delay(suggestion, progress, "ServiceUnavailable", error);
  }
  if (progress.validating == Step::kBusy) return {};
  const absl::StatusOr<std::shared_ptr<const EarlierTrials>> earlier = earlier_.Of(experiment);
  if (absl::IsInvalidArgument(earlier.status())) return Fail(suggestion, earlier.status());
  QALAM_RETURN_IF_ERROR(earlier.status());
  if (progress.validating == Step::kIdle) {
    progress.validating = Step::kBusy;
    wire::ValidateAlgorithmSettingsRequest request;
    *request.mutable_experiment() = ToWire(experiment, {});
    to_.services.Suggestion(suggestion.spec.algorithm.algorithm_name)
        ->Validate(request, [this, alive = alive_, key = suggestion.key(), uid = progress.uid,
                             early_stopping = suggestion.spec.early_stopping](
                                absl::StatusOr<wire::ValidateAlgorithmSettingsReply> reply) {
          if (!*alive) return;
          if (Judge(reply.status()) != Check::kValid) {
            return Finish(key, uid, &Progress::validating,
                          Prefixed("ValidateAlgorithmSettings Error", reply.status()));
          }
          if (!early_stopping) return Finish(key, uid, &Progress::validating, absl::OkStatus());
          ValidateEarlyStopping(key, uid, *early_stopping);
        });
    return {};
  }
  api::SuggestionStatus status = suggestion.status;
  const absl::Time now = to_.loop.Now();
  RemoveCondition(status.conditions, kDelayed);
  SetCondition(status.conditions, kDeploymentReady, true, "DeploymentReady", "Deployment is ready", now);
  if (const std::string& summary = (*earlier)->summary; !summary.empty()) {
    SetCondition(status.conditions, kWarmStarted, true, "EarlierExperiments", summary, now);
    to_.events.Normal(experiment, kComponent, "WarmStarted", fmt::format("Learning from {}", summary));
  }
  SetCondition(status.conditions, kRunning, true, "SuggestionRunning", "Suggestion is running", now);
  progress.setbacks = 0;
  progress.validating = Step::kIdle;  // a restart of the experiment validates again
  return WriteStatus(suggestion, std::move(status));
}

void SuggestionReconciler::ValidateEarlyStopping(const api::ObjectKey& key, const std::string& uid,
                                                 const api::AlgorithmSpec& spec) {
  wire::ValidateEarlyStoppingSettingsRequest request;
  *request.mutable_early_stopping() = ToWireEarlyStopping(spec);
  to_.services.EarlyStopping(spec.algorithm_name)
      ->Validate(request, [this, alive = alive_, key,
                           uid](absl::StatusOr<wire::ValidateEarlyStoppingSettingsReply> reply) {
        if (!*alive) return;
        const bool valid = Judge(reply.status()) == Check::kValid;
        Finish(key, uid, &Progress::validating,
               valid ? absl::OkStatus() : Prefixed("ValidateEarlyStoppingSettings Error", reply.status()));
      });
}

void SuggestionReconciler::Ask(const api::Suggestion& suggestion, const api::Experiment& experiment,
                               Progress& progress) {
  const int held = static_cast<int>(suggestion.status.suggestions.size());
  progress.batch = {};
  progress.batch.asked = progress.one_at_a_time ? 1 : suggestion.spec.requests - held;
  progress.asking = Step::kBusy;
  wire::GetSuggestionsRequest request;
  *request.mutable_experiment() = ToWire(experiment, suggestion.status.algorithm_settings);
  request.set_current_request_number(progress.batch.asked);
  request.set_total_request_number(held + progress.batch.asked);
  std::string rules_request;
  std::string early_stopping;
  if (suggestion.spec.early_stopping) {
    early_stopping = suggestion.spec.early_stopping->algorithm_name;
    rules_request = RulesRequest(experiment, suggestion.status.algorithm_settings,
                                 to_.services.ObservationsAddress(early_stopping));
    to_.trials.AppendWireTrials(suggestion.key(), rules_request);
  }
  std::string bytes = request.SerializeAsString();
  AppendEarlierTrials(experiment, bytes);
  to_.trials.AppendWireTrials(suggestion.key(), bytes);
  to_.services.Suggestion(suggestion.spec.algorithm.algorithm_name)
      ->GetSuggestions(std::move(bytes),
                       [this, alive = alive_, key = suggestion.key(), uid = progress.uid, early_stopping,
                        rules_request](absl::StatusOr<wire::GetSuggestionsReply> reply) {
                         if (!*alive) return;
                         Progress* found = Find(key, uid);
                         if (found == nullptr) return;
                         if (!reply.ok()) return Finish(key, uid, &Progress::asking, reply.status());
                         found->batch.reply = *std::move(reply);
                         if (early_stopping.empty())
                           return Finish(key, uid, &Progress::asking, absl::OkStatus());
                         AskForRules(key, uid, early_stopping, rules_request);
                       });
}

// What the experiment was validated with may be gone since: it goes on without.
void SuggestionReconciler::AppendEarlierTrials(const api::Experiment& experiment, std::string& request) {
  const absl::StatusOr<std::shared_ptr<const EarlierTrials>> earlier = earlier_.Of(experiment);
  if (earlier.ok()) {
    request += (*earlier)->wire;
  } else {
    to_.events.Warning(
        experiment, kComponent, "EarlierExperimentsUnavailable",
        fmt::format("Points are suggested without earlier experiments: {}", MessageOf(earlier.status())));
  }
}

void SuggestionReconciler::AskForRules(const api::ObjectKey& key, const std::string& uid,
                                       const std::string& algorithm, const std::string& request) {
  to_.services.EarlyStopping(algorithm)->GetRules(
      request, [this, alive = alive_, key, uid](absl::StatusOr<wire::GetEarlyStoppingRulesReply> reply) {
        if (!*alive) return;
        Progress* found = Find(key, uid);
        if (found == nullptr) return;
        if (reply.ok()) found->batch.rules = FromWire(*reply);
        const auto suggestion = to_.suggestions.Find<api::Suggestion>(key);
        if (!reply.ok() && suggestion != nullptr) {
          to_.events.Warning(*suggestion, kComponent, kReasonRulesUnavailable,
                             fmt::format("Trials start without early-stopping rules: {}; they are asked for "
                                         "again when one has ended",
                                         MessageOf(reply.status())));
        }
        Finish(key, uid, &Progress::asking, absl::OkStatus());
      });
}

ReconcileResult SuggestionReconciler::Take(const api::Suggestion& suggestion, Progress& progress) {
  progress.asking = Step::kIdle;
  const absl::Status error = std::exchange(progress.error, absl::OkStatus());
  if (!error.ok()) return TakeError(suggestion, progress, error);

  const Batch batch = std::exchange(progress.batch, {});
  const int received = batch.reply.parameter_assignments_size();
  if (received > batch.asked) {
    return Delay(
        suggestion, progress, "UnexpectedSuggestions",
        absl::InternalError(fmt::format("The response contains unexpected trials: {} were asked for, {} came",
                                        batch.asked, received)));
  }
  api::SuggestionStatus status = suggestion.status;
  std::set<std::string, std::less<>>& names = progress.names;
  if (names.size() != status.suggestions.size()) {
    names.clear();
    for (const auto& assignment : status.suggestions) names.insert(assignment->name);
  }
  for (const auto& assignments : batch.reply.parameter_assignments()) {
    api::TrialAssignment added = FromWire(assignments);
    added.early_stopping_rules = batch.rules;
    if (added.name.empty())
      added.name = TrialName(suggestion, static_cast<int>(status.suggestions.size()), names);
    if (!names.insert(added.name).second) {
      return Delay(
          suggestion, progress, "UnexpectedSuggestions",
          absl::InternalError(fmt::format("The response contains trial {} a second time", added.name)));
    }
    status.suggestions.push_back(std::move(added));
  }
  Merge(batch.reply.algorithm().algorithm_settings(), status.algorithm_settings);

  RemoveCondition(status.conditions, kDelayed);
  if (received > 0) progress.setbacks = 0;
  if (received < batch.asked) {
    SetCondition(status.conditions, kDelayed, true, "FewerSuggestions",
                 fmt::format("The suggestion service returned {} of {} points; it is asked again", received,
                             batch.asked),
                 to_.loop.Now());
    Pause(suggestion.key(), progress);
  }
  return WriteStatus(suggestion, std::move(status));
}

ReconcileResult SuggestionReconciler::TakeError(const api::Suggestion& suggestion, Progress& progress,
                                                const absl::Status& error) {
  if (!absl::IsOutOfRange(error)) return Delay(suggestion, progress, "SuggestionServiceError", error);
  const std::string message(MessageOf(error));
  const bool end_rule_met = message.starts_with(kReasonEndRuleMet);
  if (progress.batch.asked > 1 && !end_rule_met) {
    // Fewer points are left than were asked for: take the rest one by one.
    progress.one_at_a_time = true;
    wake_up_(suggestion.key());
    return {};
  }
  api::SuggestionStatus status = suggestion.status;
  RemoveCondition(status.conditions, kDelayed);
  SetCondition(status.conditions, kExhausted, true, end_rule_met ? kReasonEndRuleMet : kReasonSpaceExhausted,
               message, to_.loop.Now());
  return WriteStatus(suggestion, std::move(status));
}

ReconcileResult SuggestionReconciler::Fail(const api::Suggestion& suggestion, const absl::Status& error) {
  api::SuggestionStatus status = suggestion.status;
  RemoveCondition(status.conditions, kDelayed);
  SetCondition(status.conditions, kFailed, true, "SuggestionFailed",
               fmt::format("Validation failed: {}", MessageOf(error)), to_.loop.Now());
  return WriteStatus(suggestion, std::move(status));
}

ReconcileResult SuggestionReconciler::Delay(const api::Suggestion& suggestion, Progress& progress,
                                            std::string_view reason, const absl::Status& error) {
  Pause(suggestion.key(), progress);
  const std::string message(MessageOf(error));
  to_.events.Warning(suggestion, kComponent, "ReconcileError", message);
  api::SuggestionStatus status = suggestion.status;
  SetCondition(
      status.conditions, kDelayed, true, reason,
      fmt::format("Algorithm {}: {}; trying again", suggestion.spec.algorithm.algorithm_name, message),
      to_.loop.Now());
  return WriteStatus(suggestion, std::move(status));
}

// A timer and not the queue's back-off: changes of the suggestion bring passes of their own, and none may ask early.
void SuggestionReconciler::Pause(const api::ObjectKey& key, Progress& progress) {
  const absl::Duration pause =
      std::min(kLongestPause, kFirstPause * (1 << std::min(progress.setbacks++, 10)));
  progress.paused = true;
  to_.loop.PostAfter(pause, [this, alive = alive_, key, uid = progress.uid] {
    if (!*alive) return;
    if (Progress* found = Find(key, uid)) found->paused = false;
    wake_up_(key);
  });
}

absl::Status SuggestionReconciler::WriteStatus(const api::Suggestion& suggestion,
                                               api::SuggestionStatus status) {
  api::Suggestion changed = suggestion;
  changed.status = std::move(status);
  QALAM_ASSIGN_OR_RETURN(const api::ResourcePtr written, to_.store.UpdateStatus(changed));
  to_.suggestions.Put(written);
  return absl::OkStatus();
}

SuggestionReconciler::Progress* SuggestionReconciler::Find(const api::ObjectKey& key,
                                                           const std::string& uid) {
  const auto found = progress_.find(key);
  return found == progress_.end() || found->second.uid != uid ? nullptr : &found->second;
}

void SuggestionReconciler::Finish(const api::ObjectKey& key, const std::string& uid, Step Progress::*step,
                                  const absl::Status& status) {
  Progress* progress = Find(key, uid);
  if (progress == nullptr) return;
  progress->*step = status.ok() ? Step::kDone : Step::kIdle;
  progress->error = status;
  wake_up_(key);
}

}  // namespace qalam::controller
