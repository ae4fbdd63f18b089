#include "controller/rule_refresher.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/vocabulary.h"
#include "controller/wire_convert.h"

namespace qalam::controller {
namespace {

constexpr absl::Duration kLongestPause = absl::Seconds(30);

}  // namespace

void RuleRefresher::Due(const api::ObjectKey& experiment, absl::Duration pause) {
  if (!to_.stopper.Watches(experiment)) return;
  const auto [progress, first] = progress_.try_emplace(experiment);
  progress->second.due = true;
  if (first) AskAfter(pause, experiment);
}

void RuleRefresher::AskAfter(absl::Duration pause, const api::ObjectKey& experiment) {
  to_.loop.PostAfter(pause, [this, alive = alive_, experiment] {
    if (*alive) Ask(experiment);
  });
}

void RuleRefresher::Ask(const api::ObjectKey& key) {
  Progress& progress = progress_[key];
  const auto experiment = to_.experiments.Find<api::Experiment>(key);
  if (!progress.due || experiment == nullptr || !experiment->spec.early_stopping ||
      !to_.stopper.Watches(key)) {
    progress_.erase(key);
    return;
  }
  progress.due = false;
  const std::string& algorithm = experiment->spec.early_stopping->algorithm_name;
  std::string request = RulesRequest(*experiment, {}, to_.services.ObservationsAddress(algorithm));
  to_.trials.AppendWireTrials(key, request);
  to_.services.EarlyStopping(algorithm)->GetRules(
      std::move(request),
      [this, alive = alive_, key](const absl::StatusOr<wire::GetEarlyStoppingRulesReply>& reply) {
        if (*alive) Take(key, reply);
      });
}

void RuleRefresher::Take(const api::ObjectKey& key,
                         const absl::StatusOr<wire::GetEarlyStoppingRulesReply>& reply) {
  Progress& progress = progress_[key];
  progress.setbacks = reply.ok() ? 0 : progress.setbacks + 1;
  progress.due = progress.due || !reply.ok();
  if (const auto experiment = to_.experiments.Find<api::Experiment>(key)) {
    if (!reply.ok()) {
      to_.events.Warning(*experiment, "suggestion-controller", kReasonRulesUnavailable,
                         fmt::format("Newer early-stopping rules cannot be had: {}; trials go on with those "
                                     "they have",
                                     MessageOf(reply.status())));
    } else if (const auto rules = FromWire(*reply); !rules.empty()) {
      to_.stopper.SetRules(*experiment, rules);
    }
  }
  AskAfter(std::min(kLongestPause, kInterval * (1 << std::min(progress.setbacks, 10))), key);
}

}  // namespace qalam::controller
