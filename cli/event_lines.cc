#include "cli/event_lines.h"

#include <fmt/format.h>

#include "cli/text_width.h"
#include "cli/time_text.h"

namespace qalam::cli {
namespace {

std::string CountsText(const ProgressModel& model) {
  return model.total() ? fmt::format("{}/{}", model.done(), *model.total())
                       : fmt::format("{} done", model.done());
}

std::string TrialEndedText(const ProgressModel& model, const ProgressEvent& event, absl::Time now) {
  const TrialProgress* trial = model.Find(event.trial);
  if (trial == nullptr) return fmt::format("trial {} gone", event.trial);
  std::string text = fmt::format("trial {} {}", trial->name,
                                 trial->state == TrialState::kSucceeded ? "done" : StateWords(trial->state));
  if (!trial->value_text.empty()) {
    text += fmt::format(" {}={}", model.objective().objective_metric_name, ShortNumber(trial->value_text));
  }
  if (trial->state != TrialState::kSucceeded && !trial->message.empty()) text += ": " + trial->message;
  if (event.new_best) {
    text += " (best so far)";
  } else if (const TrialProgress* best = model.Best()) {
    text += fmt::format(" (best {} @{})", ShortNumber(best->value_text), best->name);
  }
  text += ' ' + CountsText(model);
  if (const std::optional<absl::Duration> left = model.TimeLeft(now))
    text += " eta " + RoughDurationText(*left);
  return text;
}

std::string EventText(const ProgressModel& model, const ProgressEvent& event, absl::Time now) {
  switch (event.kind) {
    case ProgressEvent::Kind::kTrialStarted: {
      const TrialProgress* trial = model.Find(event.trial);
      return fmt::format("trial {} started {}", event.trial, trial == nullptr ? "" : trial->parameters);
    }
    case ProgressEvent::Kind::kTrialEnded:
      return TrialEndedText(model, event, now);
    case ProgressEvent::Kind::kExperimentStarted:
      return fmt::format("experiment {} running: {}", model.name(), CountsText(model));
    case ProgressEvent::Kind::kExperimentRestarted:
      return fmt::format("experiment {} running again: {}", model.name(), CountsText(model));
    case ProgressEvent::Kind::kExperimentEnded:
      return fmt::format("experiment {} ended: {}", model.name(), CountsText(model));
  }
  return "";
}

}  // namespace

std::string EventLine(const ProgressModel& model, const ProgressEvent& event, absl::Time now,
                      absl::TimeZone zone) {
  return ClockText(now, zone) + ' ' + Printable(EventText(model, event, now), true);
}

}  // namespace qalam::cli
