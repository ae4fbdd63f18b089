#include "bench/stopping_rules.h"

#include "algorithms/registry.h"
#include "base/number_text.h"

namespace qalam::bench {
namespace {

api::Comparison ToApi(algorithms::Comparison comparison) {
  switch (comparison) {
    case algorithms::Comparison::kEqual:
      return api::Comparison::kEqual;
    case algorithms::Comparison::kLess:
      return api::Comparison::kLess;
    case algorithms::Comparison::kGreater:
      break;
  }
  return api::Comparison::kGreater;
}

}  // namespace

absl::StatusOr<RuleSource> RuleSource::Make(const Stopping& stopping, algorithms::Problem problem) {
  RuleSource source;
  if (stopping.algorithm.empty()) return source;
  QALAM_ASSIGN_OR_RETURN(const auto* info, algorithms::FindEarlyStopper(stopping.algorithm));
  source.follows_reports_ = info->follows_reports;
  problem.settings = stopping.settings;
  QALAM_ASSIGN_OR_RETURN(source.stopper_, info->create(problem));
  api::AlgorithmSpec spec{stopping.algorithm, {}};
  for (const algorithms::Setting& setting : stopping.settings)
    spec.algorithm_settings.push_back({setting.name, setting.value});
  QALAM_ASSIGN_OR_RETURN(source.evaluation_, api::RuleEvaluationOf(spec));
  return source;
}

absl::StatusOr<std::vector<api::EarlyStoppingRule>> RuleSource::Rules(
    const algorithms::History& history) const {
  std::vector<api::EarlyStoppingRule> rules;
  if (stopper_ == nullptr) return rules;
  QALAM_ASSIGN_OR_RETURN(const std::vector<algorithms::StoppingRule> derived, stopper_->Rules(history));
  for (const algorithms::StoppingRule& rule : derived)
    rules.push_back({rule.metric, NumberText(rule.value), ToApi(rule.comparison), rule.start_step});
  return rules;
}

}  // namespace qalam::bench
