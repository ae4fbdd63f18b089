#include "algorithms/bayesian_optimization.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "algorithms/batch_search.h"
#include "algorithms/tree_ensembles.h"

namespace qalam::algorithms::bayesian_optimization {
namespace {

struct Options {
  std::uint64_t seed = 0;
  std::int64_t initial_points = 0;
  FitSurrogate fit = nullptr;  // null: the Gaussian process
  AcquisitionKind acquisition = AcquisitionKind::kLogExpectedImprovement;
  bool per_second = false;
  bool climb = true;
};

absl::StatusOr<std::string_view> OneOf(const Settings& settings, std::string_view name,
                                       std::initializer_list<std::string_view> values) {
  const std::string_view value = FindSetting(settings, name).value_or(*values.begin());
  if (std::find(values.begin(), values.end(), value) != values.end()) return value;
  return absl::InvalidArgumentError(
      fmt::format("{} {} is not supported in Bayesian optimization", name, value));
}

// Fewer than a regression would want: the priors carry the model until there is more to learn from.
std::int64_t DefaultInitialPoints(size_t parameters) {
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(parameters) / 2 + 3, 4, 10);
}

absl::StatusOr<Options> ReadOptions(const Problem& problem) {
  const Settings& settings = problem.settings;
  Options options;
  QALAM_ASSIGN_OR_RETURN(options.seed, SeedFrom(settings, problem.experiment_name));
  QALAM_ASSIGN_OR_RETURN(const std::optional<std::int64_t> initial, IntSetting(settings, "n_initial_points"));
  if (initial && *initial < 0) {
    return absl::InvalidArgumentError("n_initial_points should be great or equal than zero");
  }
  options.initial_points = initial.value_or(DefaultInitialPoints(problem.space.size()));
  QALAM_ASSIGN_OR_RETURN(const std::string_view estimator,
                         OneOf(settings, "base_estimator", {"GP", "RF", "ET", "GBRT"}));
  if (estimator == "RF") options.fit = &FitRandomForest;
  if (estimator == "ET") options.fit = &FitExtraTrees;
  if (estimator == "GBRT") options.fit = &FitBoostedTrees;
  QALAM_ASSIGN_OR_RETURN(const std::string_view function,
                         OneOf(settings, "acq_func", {"gp_hedge", "LCB", "EI", "PI", "EIps", "PIps"}));
  if (function == "LCB") options.acquisition = AcquisitionKind::kLowerConfidenceBound;
  if (function == "PI" || function == "PIps") {
    options.acquisition = AcquisitionKind::kLogProbabilityOfImprovement;
  }
  options.per_second = function == "EIps" || function == "PIps";
  QALAM_ASSIGN_OR_RETURN(const std::string_view optimizer,
                         OneOf(settings, "acq_optimizer", {"auto", "sampling", "lbfgs"}));
  options.climb = optimizer != "sampling";
  return options;
}

class BayesianOptimization final : public Algorithm {
 public:
  BayesianOptimization(Problem problem, const Options& options)
      : problem_(std::move(problem)), options_(options), encoding_(problem_.space) {}

  bool uses_history() const override { return true; }

  absl::StatusOr<Suggestions> Suggest(const History& history, const Ask& ask) const override {
    QALAM_RETURN_IF_ERROR(CheckAsk(ask));
    Suggestions suggestions;
    if (ask.count == 0) return suggestions;
    QALAM_RETURN_IF_ERROR(CheckStop(ask));
    const BatchSearch search = {.space = problem_.space,
                                .encoding = encoding_,
                                .kind = options_.acquisition,
                                .per_second = options_.per_second,
                                .climb = options_.climb,
                                .seed = options_.seed};
    const Observations seen = Observe(problem_, history);
    RowSet tried = TriedRows(encoding_, seen);
    const auto known = static_cast<std::int64_t>(seen.finished.size());
    if (known == 0 || known < options_.initial_points) {
      QALAM_RETURN_IF_ERROR(ProposeDesign(search, ask, tried, suggestions));
      return suggestions;
    }
    QALAM_ASSIGN_OR_RETURN(const std::unique_ptr<BeliefModel> model, Model(seen, ask));
    QALAM_RETURN_IF_ERROR(ProposeModelled(search, seen, ask, *model, tried, suggestions));
    return suggestions;
  }

 private:
  absl::StatusOr<std::unique_ptr<BeliefModel>> Model(const Observations& seen, const Ask& ask) const {
    const BeliefData data = {encoding_.columns(), EncodeFinished(encoding_, seen.finished),
                             ConservativeValues(seen.finished)};
    if (options_.fit == nullptr) return BelieveGaussianProcess(data, ask.stop_requested);
    return BelieveSurrogate(options_.fit, data, options_.seed, ask.stop_requested);
  }

  const Problem problem_;
  const Options options_;
  const FeatureEncoding encoding_;
};

}  // namespace

absl::Status Validate(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(CheckSettingNames(
      problem.settings, "bayesianoptimization",
      {"base_estimator", "n_initial_points", "acq_func", "acq_optimizer", "random_state", "seed"}));
  return ReadOptions(problem).status();
}

absl::StatusOr<std::unique_ptr<Algorithm>> Create(const Problem& problem) {
  QALAM_RETURN_IF_ERROR(RequireParameters(problem));
  QALAM_ASSIGN_OR_RETURN(const Options options, ReadOptions(problem));
  return std::make_unique<BayesianOptimization>(problem, options);
}

}  // namespace qalam::algorithms::bayesian_optimization
