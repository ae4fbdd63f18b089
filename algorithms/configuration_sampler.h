// Where new configurations come from.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "algorithms/configuration_runs.h"

namespace qalam::algorithms {

struct SamplerOptions {
  std::uint64_t seed = 0;
  double random_fraction =
      1;  // of the configurations that are drawn from the declared distributions, not by the model
  int min_points = 0;  // results at one level before the model is used
};

/// Draws from the declared distributions, or has another algorithm propose. That one sees configurations without the
/// resource, and of the results those at the highest level that has min_points of them [1]; configurations that run
/// are pending to it.
///
/// Threads: const methods may run concurrently.
///
/// [1] Falkner, Klein, Hutter, BOHB: Robust and Efficient Hyperparameter Optimization at Scale, ICML 2018, section 3.2.
class ConfigurationSampler {
 public:
  /// `model` (may be null) is made for a problem of ModelProblem.
  ConfigurationSampler(const SamplerOptions& options, std::unique_ptr<Algorithm> model)
      : options_(options), model_(std::move(model)) {}

  /// `problem` without its resource, for the model; values are minimised.
  static Problem ModelProblem(const Problem& problem, const FidelitySpace& space, Settings settings);

  /// One new configuration for each number, different from each other and from those known while there are any left.
  /// They keep the rules. CANCELLED after ask.stop_requested; errors of the model and of DrawFeasibleOrFail.
  absl::StatusOr<std::vector<Point>> Draw(const ConfigurationRuns& runs,
                                          std::span<const std::int64_t> numbers, const Ask& ask) const;

 private:
  bool IsModelled(const ConfigurationRuns& runs, int level, std::int64_t number) const;

  SamplerOptions options_;
  std::unique_ptr<Algorithm> model_;
};

}  // namespace qalam::algorithms
