#include "cli/diagnose_waiting.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/trial_attempts.h"
#include "cli/diagnose_failure.h"
#include "cli/resource_facts.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

// A program that prints nothing for so long is worth a look; many print once an epoch.
constexpr absl::Duration kSilence = absl::Minutes(1);

std::string SinceText(absl::Time time, const Surroundings& around) {
  return fmt::format("for {}", DurationText(around.now - time));
}

Cause WaitingForRetry(const api::TrialAttempts& attempts, const Surroundings& around) {
  return {.key = "waiting-for-retry",
          .text = fmt::format("attempt {} ended with {}; the next one starts in {}", attempts.started,
                              attempts.last_failure, DurationText(*attempts.next - around.now)),
          .facts = {{"attempts", std::int64_t{attempts.started}}}};
}

Cause Pending(const TrialEvidence& evidence) {
  if (evidence.warnings.empty()) {
    return {.key = "not-started-yet", .text = "it has not been started yet"};
  }
  const api::EventData& event = evidence.warnings.back().spec;
  Cause cause{.key = "cannot-start",
              .text = "it could not be started; it is tried again",
              .evidence = {event.message}};
  if (event.count > 1) cause.text += fmt::format(" ({} times so far)", event.count);
  return cause;
}

std::string NameText(const TrialProcess& process) {
  return fmt::format("{} ({})", process.pid, process.name);
}

std::optional<Cause> ProcessCause(const TrialProcess& process) {
  switch (process.state) {
    case 'T':
    case 't':
      return Cause{.key = "process-stopped",
                   .text = fmt::format("process {} is stopped{}", NameText(process),
                                       process.state == 't' ? " by a debugger" : " (SIGSTOP or Ctrl-Z)"),
                   .remedy = process.state == 't' ? "" : "let it go on:",
                   .paste = process.state == 't' ? std::vector<std::string>{}
                                                 : std::vector{fmt::format("kill -CONT {}", process.pid)},
                   .facts = {{"pid", std::int64_t{process.pid}}}};
    case 'D':
      return Cause{.key = "process-waits",
                   .text = fmt::format(
                       "process {} waits for a disk, a network file system or a device, and cannot even "
                       "be killed meanwhile",
                       NameText(process)),
                   .remedy = "look at the file systems and devices it uses (dmesg)",
                   .facts = {{"pid", std::int64_t{process.pid}}}};
    default:
      return std::nullopt;
  }
}

std::string ProcessesText(const std::vector<TrialProcess>& processes) {
  const auto busiest =
      std::max_element(processes.begin(), processes.end(),
                       [](const TrialProcess& a, const TrialProcess& b) { return a.cpu < b.cpu; });
  return fmt::format("{}process {} is {} and has used {} of CPU time",
                     processes.size() > 1 ? "of its processes, " : "", NameText(*busiest),
                     busiest->state == 'R' ? "computing" : "waiting (asleep)", DurationText(busiest->cpu));
}

Cause Silent(const TrialEvidence& evidence, absl::Time since, const Surroundings& around) {
  const bool nothing = evidence.output->bytes == 0;
  Cause cause{
      .key = "silent",
      .text = fmt::format("it has printed nothing {}{}", nothing ? "yet, " : "", SinceText(since, around)),
      .evidence = LastLines(evidence.output->end, 1),
      .facts = {{"silentSeconds", absl::ToInt64Seconds(around.now - since)}}};
  if (evidence.processes.empty()) {
    cause.text += ". Whether it computes is not known: none of its processes can be seen from here";
  } else {
    cause.text += ". " + ProcessesText(evidence.processes);
  }
  cause.remedy =
      nothing ? "if it should have printed, its output may be buffered: flush it, or run it under stdbuf -oL"
              : "a time limit (timeoutSeconds) ends trials that hang";
  return cause;
}

}  // namespace

std::optional<Cause> DiagnoseRunner(const api::Experiment& experiment, const Surroundings& around) {
  if (IsFinished(experiment)) return std::nullopt;
  const std::string& name = experiment.metadata.name;
  if (!around.session) {
    return Cause{.key = "nobody-runs-it",
                 .text = fmt::format("nobody runs it: no qalam process works in {}", around.data_directory),
                 .remedy = "go on with it, where its programs should start:",
                 .paste = {fmt::format("qalam run {}", name)}};
  }
  if (around.session->Runs(experiment.key())) return std::nullopt;
  const std::string who =
      around.session->pid == 0 ? "another process" : fmt::format("process {}", around.session->pid);
  Cause cause{.key = "nobody-runs-it",
              .text = fmt::format("nobody runs it: {} holds the data directory{}", who,
                                  around.session->experiment.name.empty()
                                      ? ""
                                      : " and runs experiment " + around.session->experiment.name),
              .remedy = "when that one has ended, or with another --data-dir:",
              .paste = {fmt::format("qalam run {}", name)},
              .facts = {{"pid", std::int64_t{around.session->pid}}}};
  return cause;
}

std::vector<Cause> DiagnoseTrialWaiting(const TrialEvidence& evidence, const Surroundings& around) {
  const api::Trial& trial = *evidence.trial;
  const api::TrialAttempts attempts = api::AttemptsOf(trial);
  if (attempts.next && *attempts.next > around.now) return {WaitingForRetry(attempts, around)};
  if (StateOf(trial) == TrialState::kPending) return {Pending(evidence)};

  std::vector<Cause> causes;
  for (const TrialProcess& process : evidence.processes) {
    if (auto cause = ProcessCause(process)) causes.push_back(*std::move(cause));
  }
  if (!evidence.output || !evidence.output->exists) return causes;
  const absl::Time started = trial.status.start_time.value_or(around.now);
  const absl::Time since =
      evidence.output->bytes == 0 ? started : std::max(started, evidence.output->changed.value_or(started));
  if (around.now - since >= kSilence) causes.push_back(Silent(evidence, since, around));
  return causes;
}

std::vector<Cause> DiagnoseSuggestion(const api::Suggestion* suggestion, const Surroundings& around) {
  if (suggestion == nullptr) return {};
  const api::Conditions& conditions = suggestion->status.conditions;
  std::vector<Cause> causes;
  if (api::IsTrue(conditions, "Failed")) {
    causes.push_back({.key = "suggestion-failed",
                      .text = "the suggestion service refuses the experiment",
                      .evidence = {api::FindCondition(conditions, "Failed")->message}});
  }
  if (const api::Condition* delayed = api::FindCondition(conditions, "Delayed");
      delayed != nullptr && delayed->status == "True") {
    const bool unreachable =
        delayed->reason == "ServiceUnavailable" || delayed->reason == "SuggestionServiceError";
    causes.push_back(
        {.key = "suggestion-delayed",
         .text = fmt::format("it waits for the suggestion service of algorithm {} {} ({})",
                             suggestion->spec.algorithm.algorithm_name,
                             SinceText(delayed->last_transition_time, around), delayed->reason),
         .evidence = {delayed->message},
         .remedy = unreachable ? "look whether the service runs at the address given with --suggestion; it "
                                 "is asked again until it answers"
                               : "",
         .facts = {{"reason", delayed->reason}}});
  }
  if (const api::Condition* exhausted = api::FindCondition(conditions, "Exhausted");
      exhausted != nullptr && exhausted->reason == "EndRuleMet") {
    causes.push_back(
        {.key = "end-rule-met",
         .text = "its rule qalam.dev/end-when holds: no trial is added, and it ends with those that run",
         .evidence = {exhausted->message}});
  } else if (api::IsTrue(conditions, "Exhausted")) {
    causes.push_back({.key = "space-exhausted",
                      .text = "every point of the search space has been handed out: no trial can be added",
                      .remedy = "give the parameters more values"});
  }
  return causes;
}

}  // namespace qalam::cli
