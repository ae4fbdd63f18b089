// The algorithms and early-stopping rules there are.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/algorithm.h"
#include "algorithms/early_stopper.h"

namespace qalam::algorithms {

/// What an algorithm can do beyond one objective on a box.
struct Capabilities {
  bool several_objectives = false;
  bool metric_constraints = false;
  /// And conditional parameters. What an algorithm proposes is moved into the rules of the space (rule_keeper.h).
  bool parameter_constraints = true;
  bool architectures = false;        // it proposes those, and nothing else
  bool layers = false;               // of them: it needs the graph's layers, inputs and outputs
  bool enqueued_points = true;       // points from elsewhere may come between its own
  bool earlier_experiments = false;  // its model learns from their trials
};

struct AlgorithmInfo {
  std::string_view name;     // as users write it in algorithmName
  std::string_view summary;  // one line
  /// Everything a user can get wrong, seen before the experiment starts: INVALID_ARGUMENT.
  absl::Status (*validate)(const Problem& problem);
  /// INVALID_ARGUMENT for what makes suggesting impossible; more lenient than `validate`, as a run may go on
  /// although its limits were changed.
  absl::StatusOr<std::unique_ptr<Algorithm>> (*create)(const Problem& problem);
  bool fits_model = false;  // a Suggest may take some 100 ms, not some ms: it fits a model
  Capabilities can = {};
  /// May be null; else see AdaptProblem.
  void (*adapt)(Problem& problem) = nullptr;
};

/// In alphabetical order.
std::span<const AlgorithmInfo> Algorithms();

/// INVALID_ARGUMENT "unknown algorithm name X".
absl::StatusOr<const AlgorithmInfo*> FindAlgorithm(std::string_view name);

/// Lets the problem's space be what the algorithm searches, where users cannot say it otherwise. Points, proposed ones
/// and those of the history, are of the space that this leaves.
void AdaptProblem(const AlgorithmInfo& info, Problem& problem);

/// `info.validate`, and INVALID_ARGUMENT where the problem asks for what the algorithm cannot do.
absl::Status ValidateProblem(const AlgorithmInfo& info, const Problem& problem);

/// `info.create`, with what every algorithm gets around it: the problem's end rule (end_when.h).
absl::StatusOr<std::unique_ptr<Algorithm>> CreateAlgorithm(const AlgorithmInfo& info, const Problem& problem);

struct EarlyStopperInfo {
  std::string_view name;
  std::string_view summary;
  std::span<const std::string_view> settings;  // besides `evaluate`, which every rule has
  absl::Status (*validate)(const Settings& settings);
  /// Reads `objectives` and `settings` of the problem, where the settings are those of the rule.
  absl::StatusOr<std::unique_ptr<EarlyStopper>> (*create)(const Problem& problem);
  bool follows_reports = false;  // its rules change as trials report, not only as trials end
};

std::span<const EarlyStopperInfo> EarlyStoppers();

/// INVALID_ARGUMENT "unknown algorithm name X".
absl::StatusOr<const EarlyStopperInfo*> FindEarlyStopper(std::string_view name);

std::vector<std::string> AlgorithmNames();
std::vector<std::string> EarlyStopperNames();

}  // namespace qalam::algorithms
