#include "cli/first_trials_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "algorithms/trial_labels.h"
#include "api/extension_text.h"
#include "base/extensions.h"
#include "cli/extension_flags.h"
#include "controller/vocabulary.h"

namespace qalam::cli {
namespace {

std::ptrdiff_t CountLabelled(const std::vector<TrialPtr>& trials, std::string_view label) {
  return std::count_if(trials.begin(), trials.end(),
                       [&](const TrialPtr& trial) { return trial->metadata.labels.contains(label); });
}

}  // namespace

std::vector<std::pair<std::string, std::string>> FirstTrialsTexts(const api::Experiment& experiment,
                                                                  const std::vector<TrialPtr>& trials,
                                                                  const api::Suggestion* suggestion) {
  std::vector<std::pair<std::string, std::string>> lines;
  if (const std::string_view enqueued = api::ExtensionText(experiment, kEnqueueExtension);
      !enqueued.empty()) {
    lines.emplace_back("Enqueued", fmt::format("{} of {} points tried: {}",
                                               CountLabelled(trials, algorithms::kEnqueuedLabel),
                                               EnqueuedPoints(enqueued).size(), enqueued));
  }
  if (suggestion == nullptr) return lines;
  if (const api::Condition* learned =
          FindCondition(suggestion->status.conditions, controller::kWarmStarted)) {
    lines.emplace_back("Learns from", learned->message);
  }
  return lines;
}

}  // namespace qalam::cli
