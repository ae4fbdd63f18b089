#include "cli/diagnose_failure.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>

#include "api/trial_attempts.h"
#include "base/number_text.h"
#include "cli/command_line_text.h"
#include "cli/resource_facts.h"
#include "cli/time_text.h"
#include "workload/exit_meaning.h"

namespace qalam::cli {
namespace {

constexpr size_t kShownLines = 3;

// The number that follows `mark` in `text`.
std::optional<int> NumberAfter(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + mark.size());
  const auto number = ParseInt(rest.substr(0, rest.find_first_not_of("0123456789")));
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::string JobMessage(const api::Trial& trial) {
  constexpr std::string_view kMark = "Job message: ";
  const std::string message = TrialMessage(trial);
  const size_t at = message.find(kMark);
  return at == std::string::npos ? message : message.substr(at + kMark.size());
}

// The message without what the program itself has printed.
std::string OwnMessage(const api::Trial& trial) {
  const std::string message = JobMessage(trial);
  return message.substr(0, message.find("; the last line of output was"));
}

std::string_view OutputOf(const TrialEvidence& evidence) {
  return evidence.output ? std::string_view(evidence.output->end) : std::string_view();
}

// For programs whose output is gone: the line that the trial's message has kept.
std::vector<std::string> Lines(const TrialEvidence& evidence) {
  std::vector<std::string> lines = TellingLines(OutputOf(evidence));
  constexpr std::string_view kMark = "; the last line of output was \"";
  const std::string message = JobMessage(*evidence.trial);
  const size_t at = message.find(kMark);
  if (lines.empty() && at != std::string::npos && message.ends_with('"')) {
    const size_t begin = at + kMark.size();
    lines.push_back(message.substr(begin, message.size() - begin - 1));
  }
  return lines;
}

bool Mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

void AddAttempts(const api::Trial& trial, Cause& cause) {
  const int attempts = api::AttemptsOf(trial).started;
  if (attempts > 1) {
    cause.text += fmt::format(". It was the last of {} attempts", attempts);
    cause.facts.emplace_back("attempts", std::int64_t{attempts});
  }
}

Cause Timeout(const TrialEvidence& evidence) {
  Cause cause{.key = "timeout", .text = "it ran longer than it may"};
  if (const auto limit = NumberAfter(JobMessage(*evidence.trial), "ran longer than ")) {
    cause.text = fmt::format("it ran longer than {}, its time limit, and was ended",
                             DurationText(absl::Seconds(*limit)));
    cause.facts.emplace_back("timeoutSeconds", std::int64_t{*limit});
  }
  const auto end = FinishTime(*evidence.trial);
  if (evidence.output && evidence.output->changed && evidence.output->bytes > 0 && end) {
    const absl::Duration silence = *end - *evidence.output->changed;
    if (silence > absl::Seconds(2))
      cause.text += fmt::format(". It had printed nothing for {}: it may have hung", DurationText(silence));
  } else if (evidence.output && evidence.output->bytes == 0) {
    cause.text += ". It had printed nothing at all: it may have hung, or its output is buffered";
  }
  cause.remedy = "raise timeoutSeconds (activeDeadlineSeconds of a Job), or make the trial shorter";
  return cause;
}

Cause OutOfMemory() {
  return {.key = "out-of-memory",
          .text = "out of memory: it needed more than its memory limit, and the kernel ended it",
          .remedy = "raise resources.memory, or search smaller batches and models"};
}

Cause Signal(int signal, const RecordedExit& exit) {
  Cause cause{.key = "signal", .text = workload::SignalText(signal)};
  if (const std::string_view origin = workload::SignalOrigin(signal); !origin.empty())
    cause.text += fmt::format(": {}", origin);
  cause.facts.emplace_back("signal", std::int64_t{signal});
  if (exit.code) cause.facts.emplace_back("exitCode", std::int64_t{*exit.code});
  return cause;
}

bool InPath(const std::string& program, std::string_view path) {
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find(':', at), path.size());
    if (end > at && access(fmt::format("{}/{}", path.substr(at, end - at), program).c_str(), X_OK) == 0)
      return true;
    at = end + 1;
  }
  return false;
}

Cause NotStarted(const TrialEvidence& evidence, const RecordedExit& exit, std::string message,
                 const Surroundings& around) {
  Cause cause{.key = "not-started", .text = std::move(message)};
  if (exit.code) cause.facts.emplace_back("exitCode", std::int64_t{*exit.code});
  const auto call =
      FindProgramCall(evidence.trial->spec.run_spec, evidence.trial->spec.primary_container_name);
  if (!call.ok() || call->argv.empty()) return cause;
  const std::string& program = call->argv.front();
  if (cause.text.find("working directory") != std::string::npos) {
    cause.remedy = "correct workingDir; it is relative to where qalam run is typed";
  } else if (exit.code == 126) {
    cause.remedy =
        "make it executable (chmod +x) and give it a first line such as #!/usr/bin/env python3, or name the "
        "interpreter in the command";
  } else if (program.find('/') != std::string::npos) {
    cause.remedy =
        fmt::format("there must be a program {}; a relative path starts where qalam run is typed", program);
  } else if (InPath(program + "3", around.path)) {
    cause.remedy = fmt::format("write {}3: that program is there", program);
  } else {
    cause.remedy = fmt::format("install {}, or write its whole path", program);
    cause.evidence.push_back("PATH=" + around.path);
  }
  return cause;
}

// 126 and 127 come from shells, too: then the program that is missing is not the trial's own.
std::string ExitCodeCause(int code) {
  const std::string text = workload::ExitCodeText(code);
  if (code == 126) return text + ": a shell could not run a program, as it is not executable";
  if (code == 127) return text + ": a shell did not find a program";
  if (code > 128 && code <= 128 + 64) {
    const std::string_view origin = workload::SignalOrigin(code - 128);
    return fmt::format("{}: a program that it ran was {}{}{}", text, workload::SignalText(code - 128),
                       origin.empty() ? "" : ": ", origin);
  }
  return text;
}

std::string ExitCodeRemedy(int code, const std::string& lines) {
  if (Mentions(lines, {"ModuleNotFoundError", "ImportError"}))
    return "install the module for the Python that the trial runs, or name that Python by its whole path";
  if (code == 2 &&
      Mentions(lines, {"unrecognized arguments", "invalid choice", "the following arguments are required",
                       "error: argument", "No such option", "unrecognized option"}))
    return "the program does not understand its arguments: compare them with the command that \"qalam show\" "
           "prints";
  if (code == 127) return "compare the program's name with what is installed, and PATH";
  return "";
}

}  // namespace

RecordedExit ExitOf(const api::Trial& trial) {
  const api::TrialAttempts attempts = api::AttemptsOf(trial);
  const std::string text = attempts.last_failure.empty() ? OwnMessage(trial) : attempts.last_failure;
  RecordedExit exit{.code = attempts.exit_code ? attempts.exit_code : NumberAfter(text, "exit code "),
                    .signal = NumberAfter(text, "killed by signal "),
                    .out_of_memory = text.find("hit its memory limit") != std::string::npos};
  if (!exit.code && exit.signal) exit.code = 128 + *exit.signal;
  return exit;
}

std::vector<std::string> TellingLines(std::string_view output) {
  std::vector<std::string> lines = LastLines(output, 50);
  const auto traceback = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
    return line.starts_with("Traceback (most recent call last)");
  });
  if (traceback != lines.rend()) {
    std::string place, error;
    for (auto line = traceback.base(); line != lines.end(); ++line) {
      if (line->starts_with("  File \"")) place = *line;
      // The error follows the indented places; what comes after it is other output.
      if (!line->starts_with(' ')) {
        error = *line;
        break;
      }
    }
    if (!error.empty()) {
      std::vector<std::string> telling;
      if (!place.empty()) telling.push_back(place.substr(2));
      telling.push_back(error);
      if (lines.back() != error) telling.push_back(lines.back());
      return telling;
    }
  }
  if (lines.size() > kShownLines) lines.erase(lines.begin(), lines.end() - kShownLines);
  return lines;
}

std::vector<Cause> DiagnoseFailure(const TrialEvidence& evidence, const Surroundings& around) {
  const api::Trial& trial = *evidence.trial;
  const std::string_view reason = api::FailureReason(trial);
  const RecordedExit exit = ExitOf(trial);
  const std::string message = OwnMessage(trial);
  const std::string& last_failure = api::AttemptsOf(trial).last_failure;
  const std::string end = last_failure.empty() ? message : last_failure;
  Cause cause;
  if (reason == "InvalidTemplate") {
    return {
        {.key = "template",
         .text = fmt::format("the trial template cannot run here: {}", message),
         .remedy = "correct spec.trialTemplate; \"qalam check FILE\" finds most of such errors beforehand"}};
  }
  if (reason == api::kReasonInfeasible) {
    cause = {.key = "infeasible",
             .text = "the program says that these parameters cannot work (exit code 65)",
             .remedy =
                 "nothing need be done: the algorithm is told. If much of the space is like this, narrow it"};
  } else if (reason == api::kReasonTemporaryFailure) {
    cause = {
        .key = "temporary-failure",
        .text = "the program asked to be tried again (exit code 75) more often in a row than it may",
        .remedy =
            "remove what keeps it from working, or raise requeues (annotation qalam.dev/requeues of a Job)"};
  } else if (reason == "DeadlineExceeded" || end.starts_with("DeadlineExceeded")) {
    cause = Timeout(evidence);
  } else if (exit.out_of_memory) {
    cause = OutOfMemory();
  } else if (exit.signal) {
    cause = Signal(*exit.signal, exit);
  } else if (Mentions(end,
                      {"cannot run '", "cannot enter the working directory", "cannot write the output file",
                       "cannot set the resource limits", "cannot enter the cgroup"})) {
    cause = NotStarted(evidence, exit, end, around);
  } else {
    cause = {.key = "exit-code", .text = exit.code ? ExitCodeCause(*exit.code) : end};
    if (exit.code) cause.facts.emplace_back("exitCode", std::int64_t{*exit.code});
  }
  if (exit.code && !std::any_of(cause.facts.begin(), cause.facts.end(),
                                [](const Fact& fact) { return fact.first == "exitCode"; }))
    cause.facts.emplace_back("exitCode", std::int64_t{*exit.code});
  AddAttempts(trial, cause);
  std::string text;
  if (cause.key != "not-started") {
    for (std::string& line : Lines(evidence)) {
      text += line + '\n';
      cause.evidence.push_back(std::move(line));
    }
  }
  if (cause.key == "exit-code" && exit.code) cause.remedy = ExitCodeRemedy(*exit.code, text);

  std::vector<Cause> causes{std::move(cause)};
  const bool machine = end.find("out-of-memory killer was at work") != std::string::npos;
  if (machine) {
    causes.push_back({.key = "likely-out-of-memory",
                      .text =
                          "the memory of the machine ran out at the time, and the kernel killed a process to "
                          "get some back",
                      .remedy = "run fewer trials in parallel, or limit resources.memory"});
  } else if (causes[0].key != "out-of-memory" &&
             Mentions(text, {"MemoryError", "std::bad_alloc", "Cannot allocate memory", "out of memory",
                             "OutOfMemoryError", "oom-kill", "Killed"})) {
    causes.push_back(
        {.key = "likely-out-of-memory",
         .text = "its last lines sound as if it had run out of memory",
         .remedy = "raise resources.memory, run fewer trials in parallel, or search smaller batches and "
                   "models"});
  }
  return causes;
}

}  // namespace qalam::cli
