#include "algorithms/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "algorithms/asha.h"
#include "algorithms/asha_stop.h"
#include "algorithms/auto_search.h"
#include "algorithms/bayesian_optimization.h"
#include "algorithms/bohb.h"
#include "algorithms/cmaes.h"
#include "algorithms/curve_stop.h"
#include "algorithms/darts.h"
#include "algorithms/enas.h"
#include "algorithms/end_when.h"
#include "algorithms/feasible_points.h"
#include "algorithms/first_points.h"
#include "algorithms/grid_search.h"
#include "algorithms/hyperband.h"
#include "algorithms/hyperband_stop.h"
#include "algorithms/median_stop.h"
#include "algorithms/nsga2.h"
#include "algorithms/patience_stop.h"
#include "algorithms/pbt.h"
#include "algorithms/random_search.h"
#include "algorithms/rule_keeper.h"
#include "algorithms/sobol_search.h"
#include "algorithms/threshold_stop.h"
#include "algorithms/tpe.h"
#include "algorithms/turbo.h"

namespace qalam::algorithms {
namespace {

constexpr Capabilities kLearns = {.metric_constraints = true, .earlier_experiments = true};
constexpr Capabilities kBounds = {.metric_constraints = true};
constexpr Capabilities kObjectivesAndBounds = {.several_objectives = true, .metric_constraints = true};
constexpr Capabilities kOwnPointsOnly = {.enqueued_points = false};

constexpr AlgorithmInfo kAlgorithms[] = {
    // adding one = adding one entry here
    {.name = "asha",
     .summary = "more of a resource for the best so far, without waiting for the others",
     .validate = &asha::Validate,
     .create = &asha::Create,
     .fits_model = true,
     .can = kOwnPointsOnly,
     .adapt = &asha::Adapt},
    {.name = "auto",
     .summary = "one of the others, by parameters, trials and how many run at once",
     .validate = &auto_search::Validate,
     .create = &auto_search::Create,
     .fits_model = true,
     .can = {.several_objectives = true, .metric_constraints = true, .earlier_experiments = true}},
    {.name = "bayesianoptimization",
     .summary = "Gaussian process and expected improvement: the most from few trials",
     .validate = &bayesian_optimization::Validate,
     .create = &bayesian_optimization::Create,
     .fits_model = true,
     .can = {.several_objectives = true, .metric_constraints = true, .earlier_experiments = true}},
    {.name = "bohb",
     .summary = "hyperband whose configurations come from density estimates",
     .validate = &bohb::Validate,
     .create = &bohb::Create,
     .can = kOwnPointsOnly,
     .adapt = &bohb::Adapt},
    {.name = "cmaes",
     .summary = "covariance matrix adaptation: a normal distribution that moves and takes shape",
     .validate = &cmaes::Validate,
     .create = &cmaes::Create,
     .can = kBounds},
    {.name = "darts",
     .summary = "differentiable architecture search: hands its configuration to the training program",
     .validate = &darts::Validate,
     .create = &darts::Create,
     .can = {.architectures = true, .enqueued_points = false}},
    {.name = "enas",
     .summary = "a recurrent network that learns to draw good architectures",
     .validate = &enas::Validate,
     .create = &enas::Create,
     .fits_model = true,
     .can = {.architectures = true, .layers = true, .enqueued_points = false}},
    {.name = "grid",
     .summary = "every combination of values once, in shuffled order",
     .validate = &grid_search::Validate,
     .create = &grid_search::Create,
     .can = kObjectivesAndBounds},
    {.name = "hyperband",
     .summary = "many configurations with little of a resource, the best of them with more",
     .validate = &hyperband::Validate,
     .create = &hyperband::Create,
     .can = kOwnPointsOnly,
     .adapt = &hyperband::Adapt},
    {.name = "multivariate-tpe",
     .summary = "density estimates of good and bad points (settings as in Optuna)",
     .validate = &multivariate_tpe::Validate,
     .create = &multivariate_tpe::Create,
     .can = kLearns},
    {.name = "nsga2",
     .summary = "genetic algorithm: several objectives, many trials",
     .validate = &nsga2::Validate,
     .create = &nsga2::Create,
     .can = kObjectivesAndBounds},
    {.name = "pbt",
     .summary = "population-based training: a schedule of parameters, from checkpoint to checkpoint",
     .validate = &pbt::Validate,
     .create = &pbt::Create,
     .can = kOwnPointsOnly},
    {.name = "random",
     .summary = "independent draws from the declared distributions",
     .validate = &random_search::Validate,
     .create = &random_search::Create,
     .can = kObjectivesAndBounds},
    {.name = "sobol",
     .summary = "evenly spread quasi-random points",
     .validate = &sobol_search::Validate,
     .create = &sobol_search::Create,
     .can = kObjectivesAndBounds},
    {.name = "tpe",
     .summary = "density estimates of good and bad points (settings as in Hyperopt)",
     .validate = &tpe::Validate,
     .create = &tpe::Create,
     .can = kLearns},
    {.name = "turbo",
     .summary = "Gaussian process within a trust region: 20 parameters and more",
     .validate = &turbo::Validate,
     .create = &turbo::Create,
     .fits_model = true,
     .can = kBounds},
};

constexpr EarlyStopperInfo kEarlyStoppers[] = {
    {"asha", "ends trials that are not among the best part at their rung", asha_stop::kSettings,
     &asha_stop::Validate, &asha_stop::Create, /*follows_reports=*/true},
    {"curve", "ends trials whose curve promises no better value than the best", curve_stop::kSettings,
     &curve_stop::Validate, &curve_stop::Create, /*follows_reports=*/true},
    {"hyperband-stop", "as asha, with early and late first rungs side by side", hyperband_stop::kSettings,
     &hyperband_stop::Validate, &hyperband_stop::Create, /*follows_reports=*/true},
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

// How many points of earlier experiments are tried first: a model knows the others anyway.
int BestOfEarlier(const AlgorithmInfo& info) {
  if (!info.can.enqueued_points) return 0;
  return info.can.earlier_experiments ? 1 : 3;
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
  QALAM_RETURN_IF_ERROR(check(problem.space.has_rules(), &Capabilities::parameter_constraints,
                              "conditional parameters or constraints between parameters"));
  QALAM_RETURN_IF_ERROR(
      check(!problem.enqueued.empty(), &Capabilities::enqueued_points, "points enqueued by hand"));
  QALAM_RETURN_IF_ERROR(
      check(!problem.earlier_experiments.empty(), &Capabilities::enqueued_points, "a warm start"));
  QALAM_RETURN_IF_ERROR(check(problem.architecture.has_value(), &Capabilities::architectures, "a nasConfig"));
  if (!info.can.architectures || problem.space.size() == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "algorithm {} searches architectures: give it a nasConfig instead of parameters", info.name));
}

}  // namespace

std::span<const AlgorithmInfo> Algorithms() { return kAlgorithms; }
std::span<const EarlyStopperInfo> EarlyStoppers() { return kEarlyStoppers; }

absl::StatusOr<const AlgorithmInfo*> FindAlgorithm(std::string_view name) { return Find(Algorithms(), name); }
absl::StatusOr<const EarlyStopperInfo*> FindEarlyStopper(std::string_view name) {
  return Find(EarlyStoppers(), name);
}

void AdaptProblem(const AlgorithmInfo& info, Problem& problem) {
  if (info.adapt != nullptr) info.adapt(problem);
}

absl::Status ValidateProblem(const AlgorithmInfo& info, const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckCapabilities(info, problem));
  QALAM_RETURN_IF_ERROR(CheckFeasible(problem.space));
  QALAM_RETURN_IF_ERROR(CheckEndRule(problem));
  QALAM_RETURN_IF_ERROR(ValidateFirstPoints(problem));
  return info.validate(WithoutFirstPoints(problem));
}

absl::StatusOr<std::unique_ptr<Algorithm>> CreateAlgorithm(const AlgorithmInfo& info,
                                                           const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckCapabilities(info, problem));
  QALAM_RETURN_IF_ERROR(CheckEndRule(problem));
  QALAM_ASSIGN_OR_RETURN(std::unique_ptr<Algorithm> algorithm, info.create(WithoutFirstPoints(problem)));
  QALAM_ASSIGN_OR_RETURN(algorithm, PutFirst(problem, std::move(algorithm), BestOfEarlier(info)));
  QALAM_ASSIGN_OR_RETURN(algorithm, KeepRules(std::move(algorithm), problem));
  return EndingWhen(problem, std::move(algorithm));
}

std::vector<std::string> AlgorithmNames() { return Names(Algorithms()); }
std::vector<std::string> EarlyStopperNames() { return Names(EarlyStoppers()); }

}  // namespace qalam::algorithms
