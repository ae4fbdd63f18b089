// The rules of an early-stopping algorithm, in the form in which trials are checked.
#pragma once

#include <memory>
#include <vector>

#include "algorithms/early_stopper.h"
#include "api/early_stopping.h"
#include "api/trial.h"
#include "base/status.h"
#include "bench/stopping.h"

namespace qalam::bench {

class RuleSource {
 public:
  /// `problem` has the space and the objective; its settings are replaced. INVALID_ARGUMENT: settings the rule refuses.
  static absl::StatusOr<RuleSource> Make(const Stopping& stopping, algorithms::Problem problem);

  /// None without an algorithm.
  absl::StatusOr<std::vector<api::EarlyStoppingRule>> Rules(const algorithms::History& history) const;

  api::RuleEvaluation evaluation() const { return evaluation_; }

  /// Whether they may change with each report of a running trial, not only when one ends.
  bool follows_reports() const { return follows_reports_; }

 private:
  std::unique_ptr<algorithms::EarlyStopper> stopper_;
  api::RuleEvaluation evaluation_ = api::RuleEvaluation::kEvery;
  bool follows_reports_ = false;
};

}  // namespace qalam::bench
