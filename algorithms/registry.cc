#include "algorithms/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "algorithms/auto_search.h"
#include "algorithms/bayesian_optimization.h"
#include "algorithms/cmaes.h"
#include "algorithms/grid_search.h"
#include "algorithms/median_stop.h"
#include "algorithms/patience_stop.h"
#include "algorithms/random_search.h"
#include "algorithms/sobol_search.h"
#include "algorithms/threshold_stop.h"
#include "algorithms/tpe.h"
#include "algorithms/turbo.h"

namespace qalam::algorithms {
namespace {

constexpr AlgorithmInfo kAlgorithms[] = {
    // adding one = adding one line here
    {"auto", "one of the others, by parameters, trials and how many run at once", &auto_search::Validate,
     &auto_search::Create, /*fits_model=*/true},
    {"bayesianoptimization", "Gaussian process and expected improvement: the most from few trials",
     &bayesian_optimization::Validate, &bayesian_optimization::Create, /*fits_model=*/true},
    {"cmaes", "covariance matrix adaptation: a normal distribution that moves and takes shape",
     &cmaes::Validate, &cmaes::Create},
    {"grid", "every combination of values once, in shuffled order", &grid_search::Validate,
     &grid_search::Create},
    {"multivariate-tpe", "density estimates of good and bad points (settings as in Optuna)",
     &multivariate_tpe::Validate, &multivariate_tpe::Create},
    {"random", "independent draws from the declared distributions", &random_search::Validate,
     &random_search::Create},
    {"sobol", "evenly spread quasi-random points", &sobol_search::Validate, &sobol_search::Create},
    {"tpe", "density estimates of good and bad points (settings as in Hyperopt)", &tpe::Validate,
     &tpe::Create},
    {"turbo", "Gaussian process within a trust region: 20 parameters and more", &turbo::Validate,
     &turbo::Create, /*fits_model=*/true},
};

constexpr EarlyStopperInfo kEarlyStoppers[] = {
    {"medianstop", "ends trials that are worse than the median of those that succeeded",
     median_stop::kSettings, &median_stop::Validate, &median_stop::Create},
    {"patience", "ends trials that have ceased to improve", patience_stop::kSettings,
     &patience_stop::Validate, &patience_stop::Create},
    {"threshold", "ends trials whose metric is beyond a fixed value", threshold_stop::kSettings,
     &threshold_stop::Validate, &threshold_stop::Create},
};

template <class Info>
absl::StatusOr<const Info*> Find(std::span<const Info> table, std::string_view name) {
  for (const Info& info : table) {
    if (info.name == name) return &info;
  }
  return absl::InvalidArgumentError(fmt::format("unknown algorithm name {}", name));
}

template <class Info>
std::vector<std::string> Names(std::span<const Info> table) {
  std::vector<std::string> names;
  for (const Info& info : table) names.emplace_back(info.name);
  return names;
}

std::string NamesOfThoseThat(bool Capabilities::*can) {
  std::vector<std::string_view> names;
  for (const AlgorithmInfo& info : kAlgorithms) {
    if (info.can.*can) names.push_back(info.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

absl::Status CheckCapabilities(const AlgorithmInfo& info, const Problem& problem) {
  const auto check = [&](bool asked, bool Capabilities::*can, std::string_view what) {
    if (!asked || info.can.*can) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("algorithm {} does not search with {}; these do: {}",
                                                  info.name, what, NamesOfThoseThat(can)));
  };
  QALAM_RETURN_IF_ERROR(
      check(problem.objectives.size() > 1, &Capabilities::several_objectives, "several objectives"));
  QALAM_RETURN_IF_ERROR(check(!problem.metric_constraints.empty(), &Capabilities::metric_constraints,
                              "constraints on metrics"));
  return check(problem.architecture.has_value(), &Capabilities::architectures, "a nasConfig");
}

}  // namespace

std::span<const AlgorithmInfo> Algorithms() { return kAlgorithms; }
std::span<const EarlyStopperInfo> EarlyStoppers() { return kEarlyStoppers; }

absl::StatusOr<const AlgorithmInfo*> FindAlgorithm(std::string_view name) { return Find(Algorithms(), name); }
absl::StatusOr<const EarlyStopperInfo*> FindEarlyStopper(std::string_view name) {
  return Find(EarlyStoppers(), name);
}

absl::Status ValidateProblem(const AlgorithmInfo& info, const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckCapabilities(info, problem));
  return info.validate(problem);
}

absl::StatusOr<std::unique_ptr<Algorithm>> CreateAlgorithm(const AlgorithmInfo& info,
                                                           const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckCapabilities(info, problem));
  return info.create(problem);
}

std::vector<std::string> AlgorithmNames() { return Names(Algorithms()); }
std::vector<std::string> EarlyStopperNames() { return Names(EarlyStoppers()); }

}  // namespace qalam::algorithms
