// The end of a search that has nothing more to win.
#pragma once

#include <memory>
#include <optional>

#include "algorithms/algorithm.h"

namespace qalam::algorithms {

/// How it stands with the problem's end rule.
struct EndForecast {
  double best = 0;         // value of the best trial, in the user's units
  double improvement = 0;  // that would be worth more trials, in the user's units
  double chance = 1;       // that any point of the space is better by so much
};

/// The chance, by a Gaussian process of the finished trials (gp_model.h), that the objective somewhere in the space is
/// better than at the best trial by the rule's improvement: the share of functions drawn from the process for which it is,
/// whose parameters are drawn from Laplace's approximation of their posterior.
/// So the confidence is one in all points together, as a stopping rule for the simple regret needs it [1, 2], and not
/// in each. Functions are drawn at the 200 points out of some thousand, quasi-random ones, ones around the best trials and
/// the likeliest, that are likeliest to be better [3]. Of a trial stopped early counts what counts for the algorithms.
///
/// Nothing while too few trials have finished (EndRule::min_trials, or 20 and 10 for each parameter) or the last `patience`
/// of them have improved the best by so much. A pure function of problem, history and the seed in the settings; it costs
/// about what a point of `bayesianoptimization` does. CANCELLED after stop_requested.
///
/// [1] Makarova et al., Automatic Termination for Hyperparameter Optimization, AutoML 2022.
/// [2] Ishibashi et al., A Stopping Criterion for Bayesian Optimization by the Gap of Expected Minimum Simple Regrets,
///     AISTATS 2023.
/// [3] Wilson, Stopping Bayesian Optimization with Probabilistic Regret Bounds, NeurIPS 2024: the same question, there
///     with a schedule of sample sizes.
absl::StatusOr<std::optional<EndForecast>> ForecastEnd(const Problem& problem, const History& history,
                                                       const std::function<bool()>& stop_requested);

/// INVALID_ARGUMENT for a rule where it has no meaning: several objectives, constraints on metrics, no parameters.
absl::Status CheckEndRule(const Problem& problem);

/// `search`, which answers OUT_OF_RANGE "EndRuleMet: ..." as soon as the chance is at most 1 - confidence. Without a rule
/// it is `search` itself.
std::unique_ptr<Algorithm> EndingWhen(const Problem& problem, std::unique_ptr<Algorithm> search);

}  // namespace qalam::algorithms
