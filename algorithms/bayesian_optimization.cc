#include "algorithms/bayesian_optimization.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "algorithms/acquisition_optimizer.h"
#include "algorithms/gp_model.h"
#include "algorithms/initial_design.h"
#include "algorithms/observations.h"
#include "algorithms/random_engine.h"
#include "algorithms/trial_cost.h"

namespace qalam::algorithms::bayesian_optimization {
namespace {

// In standard deviations of the compressed values. Less is not worth a trial: without a least gain, the search goes on
// polishing a local optimum when all digits that matter are found.
constexpr double kLeastGain = 1e-3;
constexpr double kLeastGainOfProbability =
    0.01;  // it does not see the size of a gain, and needs one worth a trial
constexpr Eigen::Index kMaxModelled = 1500;
constexpr Eigen::Index kLarge =
    300;  // observations from which a prediction costs so much that climbs are shorter

struct Options {
  std::uint64_t seed = 0;
  std::int64_t initial_points = 0;
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

// More than a line in every direction needs; the model does better than chance from then on.
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
  QALAM_RETURN_IF_ERROR(OneOf(settings, "base_estimator", {"GP", "RF", "ET", "GBRT"}).status());
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

// Of each early-stopped trial no better than the median of the successes before it, since its program was not done.
Eigen::VectorXd ConservativeValues(const std::vector<Observation>& finished) {
  Eigen::VectorXd values(static_cast<Eigen::Index>(finished.size()));
  const bool stopped =
      std::any_of(finished.begin(), finished.end(), [](const Observation& o) { return o.early_stopped; });
  std::vector<double> succeeded;
  for (size_t i = 0; i < finished.size(); ++i) {
    double value = finished[i].value;
    if (finished[i].early_stopped) {
      if (!succeeded.empty()) value = std::max(value, succeeded[succeeded.size() / 2]);
    } else if (stopped) {
      succeeded.insert(std::upper_bound(succeeded.begin(), succeeded.end(), value), value);
    }
    values[static_cast<Eigen::Index>(i)] = value;
  }
  return values;
}

// In ascending order.
std::vector<Eigen::Index> ModelledRows(const Eigen::VectorXd& values) {
  const Eigen::Index n = values.size();
  std::vector<Eigen::Index> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  if (n <= kMaxModelled) return rows;
  // Whole blocks come in and go, so that the selection, and with it the fit, changes seldom.
  constexpr Eigen::Index kShare = kMaxModelled / 3;
  std::vector<Eigen::Index> by_value = rows;
  std::stable_sort(by_value.begin(), by_value.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  std::vector<bool> taken(static_cast<size_t>(n), false);
  for (Eigen::Index i = 0; i < kShare; ++i) taken[by_value[i]] = taken[n - 1 - i] = true;
  std::vector<Eigen::Index> others;
  for (const Eigen::Index row : rows) {
    if (!taken[row]) others.push_back(row);
  }
  const auto rest = static_cast<Eigen::Index>(others.size());
  for (Eigen::Index i = 0; i < std::min(kShare, rest); ++i)
    taken[others[i * rest / std::min(kShare, rest)]] = true;
  std::erase_if(rows, [&](Eigen::Index row) { return !taken[row]; });
  return rows;
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
    const Observations seen = Observe(problem_, history);
    RowSet tried(encoding_);
    for (const Observation& o : seen.finished) tried.Insert(encoding_.Encode(o.point));
    for (const auto* points : {&seen.pending, &seen.failed}) {
      for (const Point& point : *points) tried.Insert(encoding_.Encode(point));
    }
    const auto known = static_cast<std::int64_t>(seen.finished.size());
    if (known == 0 || known < options_.initial_points) {
      for (int i = 0; i < ask.count; ++i) {
        QALAM_RETURN_IF_ERROR(CheckStop(ask));
        Propose(DesignPoint(problem_.space, encoding_, options_.seed, ask.handed_out + i, tried), tried,
                suggestions);
      }
      return suggestions;
    }
    QALAM_RETURN_IF_ERROR(AddModelled(seen, ask, tried, suggestions));
    return suggestions;
  }

 private:
  void Propose(const Eigen::RowVectorXd& row, RowSet& tried, Suggestions& suggestions) const {
    tried.Insert(row);
    suggestions.proposals.push_back({encoding_.Decode(row), {}, {}});
  }

  absl::Status AddModelled(const Observations& seen, const Ask& ask, RowSet& tried,
                           Suggestions& suggestions) const {
    const Eigen::VectorXd all_values = ConservativeValues(seen.finished);
    const std::vector<Eigen::Index> rows = ModelledRows(all_values);
    const Eigen::VectorXd values = all_values(rows);
    Eigen::MatrixXd x(values.size(), encoding_.size());
    for (Eigen::Index i = 0; i < x.rows(); ++i) x.row(i) = encoding_.Encode(seen.finished[rows[i]].point);
    QALAM_ASSIGN_OR_RETURN(GpModel model, FitGpModel(encoding_.columns(), x, values, ask.stop_requested));
    GaussianProcess& process = model.process;
    process.SetValues(model.values);
    for (const Point& point : seen.pending) process.AddBelief(encoding_.Encode(point));

    const std::optional<GaussianProcess> risk = FailureCost(encoding_, seen);
    const std::optional<GaussianProcess> time =
        options_.per_second ? TimeCost(encoding_, seen) : std::nullopt;
    std::vector<const Surrogate*> log_costs;
    for (const auto* cost : {&risk, &time}) {
      if (*cost) log_costs.push_back(&**cost);
    }
    const Eigen::MatrixXd centres = Centres(x, model.values);
    const bool probability = options_.acquisition == AcquisitionKind::kLogProbabilityOfImprovement;
    const double least_gain = probability ? kLeastGainOfProbability : kLeastGain;
    const bool large = process.size() > kLarge;
    for (int i = 0; i < ask.count; ++i) {
      const std::int64_t number = ask.handed_out + i;
      const AcquisitionSearch search = {
          .encoding = encoding_,
          .model = process,
          .kind = options_.acquisition,
          .best = process.BestMean() - least_gain,
          .log_costs = log_costs,
          .centres = centres,
          .tried = tried,
          .climb = options_.climb,
          .samples = large ? 256 : 512,
          .starts = large ? 3 : 6,
          .gradient_evaluations = large ? 15 : 30,
          .rounds = large ? 2 : 4,
          .seed = HashWords({options_.seed, static_cast<std::uint64_t>(number)}),
          .stop_requested = ask.stop_requested};
      QALAM_ASSIGN_OR_RETURN(Eigen::RowVectorXd row, MaximizeAcquisition(search));
      if (tried.Contains(row)) row = DesignPoint(problem_.space, encoding_, options_.seed, number, tried);
      Propose(row, tried, suggestions);
      if (i + 1 < ask.count) process.AddBelief(row);
    }
    return absl::OkStatus();
  }

  // The best finished points, best first.
  static Eigen::MatrixXd Centres(const Eigen::MatrixXd& x, const Eigen::VectorXd& values) {
    constexpr Eigen::Index kCentres = 4;
    std::vector<Eigen::Index> rows(static_cast<size_t>(x.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return values[a] < values[b]; });
    rows.resize(static_cast<size_t>(std::min(kCentres, x.rows())));
    return x(rows, Eigen::all);
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
