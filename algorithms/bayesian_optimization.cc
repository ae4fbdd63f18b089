#include "algorithms/bayesian_optimization.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "algorithms/batch_search.h"
#include "algorithms/front_model.h"
#include "algorithms/random_engine.h"
#include "algorithms/related_trials.h"
#include "algorithms/transfer_belief.h"
#include "algorithms/tree_ensembles.h"

namespace qalam::algorithms::bayesian_optimization {
namespace {

constexpr std::uint64_t kBeliefStream = 0x62656c696566;

struct Options {
  std::uint64_t seed = 0;
  std::int64_t initial_points = 0;
  FitSurrogate fit = nullptr;  // null: the Gaussian process
  AcquisitionKind acquisition = AcquisitionKind::kLogExpectedImprovement;
  bool per_second = false;
  bool climb = true;
};

// With three objectives and more nearly every trial is best in some way, and compressing bad values would
// give the corners, where one objective is near its least value, all the room: they are left as they are.
constexpr double kIdentityLogK = -5;
constexpr double kAnyLogK = std::numeric_limits<double>::infinity();

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
  const bool improves = function == "gp_hedge" || function == "EI" || function == "EIps";
  if (problem.objectives.size() > 1 && !improves) {
    return absl::InvalidArgumentError(fmt::format(
        "acq_func {} is not supported with several objectives; should be gp_hedge, EI or EIps", function));
  }
  if (problem.objectives.size() > kMaxModelledObjectives) {
    return absl::InvalidArgumentError(fmt::format(
        "bayesianoptimization searches with at most {} objectives, got {}; nsga2 takes any number",
        kMaxModelledObjectives, problem.objectives.size()));
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
    BatchSearch search = {.space = problem_.space,
                          .encoding = encoding_,
                          .per_second = options_.per_second,
                          .climb = options_.climb,
                          .seed = options_.seed,
                          .constraints = problem_.metric_constraints};
    const Observations seen = Observe(problem_, history);
    search.something_kept = std::any_of(seen.finished.begin(), seen.finished.end(),
                                        [](const Observation& o) { return o.violation == 0; });
    RowSet tried = TriedRows(encoding_, seen);
    const auto known = static_cast<std::int64_t>(seen.finished.size());
    std::vector<RelatedExperiment> related;
    if (options_.fit == nullptr && problem_.objectives.size() == 1) {
      QALAM_ASSIGN_OR_RETURN(related, Relate(problem_, encoding_, history, seen, ask.stop_requested));
      // Points of a search that does not believe keep a misleading experiment from hiding that it is one.
      double relevance = 0;
      for (const RelatedExperiment& one : related) relevance = std::max(relevance, one.relevance);
      Rng rng({options_.seed, kBeliefStream, static_cast<std::uint64_t>(ask.handed_out)});
      if (rng.Uniform() > relevance) related.clear();
    }
    if (related.empty() && (known == 0 || known < options_.initial_points)) {
      QALAM_RETURN_IF_ERROR(ProposeDesign(search, ask, tried, suggestions));
      return suggestions;
    }
    if (problem_.objectives.size() > 1) {
      QALAM_ASSIGN_OR_RETURN(FrontModel model, ModelOfFront(seen, ask));
      QALAM_RETURN_IF_ERROR(ProposeModelled(search, seen, ask, model, tried, suggestions));
      return suggestions;
    }
    QALAM_ASSIGN_OR_RETURN(const std::unique_ptr<BeliefModel> model, ModelOfBest(seen, related, ask));
    QALAM_RETURN_IF_ERROR(
        ProposeModelled(search, options_.acquisition, seen, ask, *model, tried, suggestions));
    return suggestions;
  }

 private:
  absl::StatusOr<std::unique_ptr<BeliefModel>> Model(Eigen::MatrixXd x, Eigen::VectorXd values,
                                                     std::vector<double> violations, const Ask& ask) const {
    const double max_log_k = problem_.objectives.size() > 2 ? kIdentityLogK : kAnyLogK;
    const BeliefData data = {encoding_.columns(), std::move(x), std::move(values), std::move(violations),
                             max_log_k};
    if (options_.fit == nullptr) return BelieveGaussianProcess(data, ask.stop_requested);
    return BelieveSurrogate(options_.fit, data, options_.seed, ask.stop_requested);
  }

  std::vector<double> Violations(const Observations& seen) const {
    if (problem_.metric_constraints.empty()) return {};
    return ViolationsOf(seen.finished);
  }

  absl::StatusOr<std::unique_ptr<BeliefModel>> ModelOfBest(const Observations& seen,
                                                           const std::vector<RelatedExperiment>& related,
                                                           const Ask& ask) const {
    Eigen::MatrixXd x = EncodeFinished(encoding_, seen.finished);
    Eigen::VectorXd values = ConservativeValues(seen.finished);
    if (related.empty()) return Model(std::move(x), std::move(values), Violations(seen), ask);
    const BeliefData data = {encoding_.columns(), std::move(x), std::move(values), Violations(seen)};
    return BelieveTransferred(data, related, encoding_, ask.stop_requested);
  }

  absl::StatusOr<FrontModel> ModelOfFront(const Observations& seen, const Ask& ask) const {
    const std::vector<size_t> rows = ModelledTrials(seen.finished);
    const Eigen::MatrixXd x = EncodeFinished(encoding_, seen.finished)(rows, Eigen::all);
    std::vector<std::unique_ptr<BeliefModel>> models;
    for (size_t j = 0; j < problem_.objectives.size(); ++j) {
      QALAM_ASSIGN_OR_RETURN(std::unique_ptr<BeliefModel> model,
                             Model(x, ConservativeValues(seen.finished, j)(rows), {}, ask));
      models.push_back(std::move(model));
    }
    std::vector<bool> feasible;
    for (const size_t row : rows) feasible.push_back(seen.finished[row].violation == 0);
    return FrontModel(std::move(models), x, std::move(feasible));
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
