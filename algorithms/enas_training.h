// How the controller of ENAS learns from trials.
#pragma once

#include <memory>
#include <vector>

#include "algorithms/adam.h"
#include "algorithms/algorithm.h"
#include "algorithms/architecture_policy.h"
#include "algorithms/enas_settings.h"

namespace qalam::algorithms {

/// An architecture that was tried.
struct TriedArchitecture {
  Architecture architecture;
  double reward = 0;  // higher is better; NaN: it failed, which counts as the worst that was seen
};

/// REINFORCE [1] with a moving baseline, after each trial in turn: the new trial and some of the earlier ones, drawn at
/// random, take Adam's steps together.
///
/// - A trial's reward belongs to its own architecture. It is measured in robust standard deviations (from the median
///   absolute deviation) above the median of the trials so far, within 3, so that the objective's unit does not matter and
///   a diverged trial does no harm.
/// - The baseline is the mean of those rewards, each weighing `baseline_decay` less than the one after it.
/// - The network that drew an earlier trial is not the one that learns from it. An architecture that has become less likely
///   since it was taught counts less, by the ratio of its probabilities (truncated importance sampling, [2]).
/// - The first 20 trials bring `train_steps` steps each, trial n > 20 that times 20 / n: it is a smaller part of what is
///   known. A history of 300 trials costs as much as 74 first ones.
///
/// [1] Williams, Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning, Machine
///     Learning 8, 1992.
/// [2] Espeholt et al., IMPALA, ICML 2018, section 4.
class EnasTraining {
 public:
  EnasTraining(const PolicyShape& shape, const EnasSettings& settings, std::uint64_t seed);

  /// Learns from trial number `taught()` of `tried`. The earlier ones are those of the last call. CANCELLED as the ask
  /// says; this object is of no use then.
  absl::Status Teach(const std::vector<TriedArchitecture>& tried, const Ask& ask);

  size_t taught() const { return log_probabilities_.size(); }
  const Eigen::VectorXd& weights() const { return weights_; }
  size_t bytes() const;

 private:
  const PolicyShape shape_;
  const EnasSettings settings_;
  const std::uint64_t seed_;
  Eigen::VectorXd weights_;
  Adam adam_;
  std::vector<double> log_probabilities_;  // of each trial, when it was taught
};

/// Advantages of the first `count` trials over the baseline after them.
Eigen::VectorXd Advantages(const std::vector<TriedArchitecture>& tried, size_t count, double baseline_decay);

/// A controller that has learnt from all of `tried`, in their order. Trained networks are kept by what they were trained on,
/// so that a growing history costs its new trials only. CANCELLED as the ask says; the trials that were taught until then
/// need not be taught again.
absl::StatusOr<std::shared_ptr<const EnasTraining>> TrainEnas(const PolicyShape& shape,
                                                              const EnasSettings& settings,
                                                              std::uint64_t seed,
                                                              const std::vector<TriedArchitecture>& tried,
                                                              const Ask& ask);

}  // namespace qalam::algorithms
