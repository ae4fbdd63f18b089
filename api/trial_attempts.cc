#include "api/trial_attempts.h"

#include <string_view>

#include "api/times.h"
#include "base/number_text.h"

namespace qalam::api {
namespace {

constexpr std::string_view kStarted = "qalam.dev/attempts";
constexpr std::string_view kExitCode = "qalam.dev/exit-code";
constexpr std::string_view kLastFailure = "qalam.dev/last-failure";
constexpr std::string_view kNextAttempt = "qalam.dev/next-attempt";
constexpr std::string_view kOutputBegins = "qalam.dev/output-begins";
constexpr std::string_view kPreviousOutputBegins = "qalam.dev/previous-output-begins";

std::string_view Find(const Trial& trial, std::string_view name) {
  const auto found = trial.metadata.annotations.find(name);
  return found == trial.metadata.annotations.end() ? std::string_view() : std::string_view(found->second);
}

std::string TimeText(const std::optional<absl::Time>& time) {
  std::string text;
  if (time) AppendTime(*time, text);
  return text;
}

void Set(Trial& trial, std::string_view name, std::string text) {
  if (text.empty()) {
    if (const auto found = trial.metadata.annotations.find(name); found != trial.metadata.annotations.end())
      trial.metadata.annotations.erase(found);
  } else {
    trial.metadata.annotations.insert_or_assign(std::string(name), std::move(text));
  }
}

}  // namespace

TrialAttempts AttemptsOf(const Trial& trial) {
  TrialAttempts attempts;
  attempts.started = static_cast<int>(ParseInt(Find(trial, kStarted)).value_or(0));
  if (const auto code = ParseInt(Find(trial, kExitCode))) attempts.exit_code = static_cast<int>(*code);
  attempts.last_failure = Find(trial, kLastFailure);
  attempts.next = ParseTime(Find(trial, kNextAttempt));
  attempts.output_begins = ParseInt(Find(trial, kOutputBegins)).value_or(0);
  attempts.previous_output_begins = ParseInt(Find(trial, kPreviousOutputBegins)).value_or(0);
  return attempts;
}

bool SetAttempts(const TrialAttempts& attempts, Trial& trial) {
  TrialAttempts wanted = attempts;
  if (wanted.next) wanted.next = WholeSeconds(*wanted.next);
  if (AttemptsOf(trial) == wanted) return false;
  const auto number = [](std::int64_t value) { return value == 0 ? std::string() : std::to_string(value); };
  Set(trial, kStarted, number(wanted.started));
  Set(trial, kExitCode, wanted.exit_code ? std::to_string(*wanted.exit_code) : "");
  Set(trial, kLastFailure, wanted.last_failure);
  Set(trial, kNextAttempt, TimeText(wanted.next));
  Set(trial, kOutputBegins, number(wanted.output_begins));
  Set(trial, kPreviousOutputBegins, number(wanted.previous_output_begins));
  return true;
}

}  // namespace qalam::api
