#include "bench/replay_search.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "algorithms/feature_encoding.h"
#include "algorithms/random_engine.h"
#include "algorithms/tree_ensembles.h"
#include "bench/median.h"
#include "bench/run.h"

namespace qalam::bench {
namespace {

constexpr std::uint64_t kFoldStream = 0x666f6c6473, kBootstrapStream = 0x626f6f74;
constexpr size_t kFolds = 5;

// Trees fitted to the trials of these rows; predicts in the units of `values`.
class Model {
 public:
  Model(const algorithms::FeatureEncoding& encoding, std::shared_ptr<const algorithms::Surrogate> trees,
        double mean, double deviation)
      : encoding_(encoding), trees_(std::move(trees)), mean_(mean), deviation_(deviation) {}

  double operator()(const algorithms::Point& point) const {
    return trees_->Predict(encoding_.Encode(point)).mean[0] * deviation_ + mean_;
  }

 private:
  algorithms::FeatureEncoding encoding_;
  std::shared_ptr<const algorithms::Surrogate> trees_;
  double mean_, deviation_;
};

class Replayer {
 public:
  Replayer(const algorithms::SearchSpace& space, const std::vector<algorithms::Point>& points,
           const std::vector<double>& losses)
      : encoding_(space), points_(points), x_(encoding_.Encode(points)) {
    losses_ = Eigen::Map<const Eigen::VectorXd>(losses.data(), static_cast<Eigen::Index>(losses.size()));
    mean_ = losses_.mean();
    deviation_ = std::sqrt((losses_.array() - mean_).square().mean());
  }

  double deviation() const { return deviation_; }

  absl::Status CrossValidate(SearchReplay& to) const {
    const auto n = static_cast<size_t>(losses_.size());
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    algorithms::Rng rng({kFoldStream});
    for (size_t i = n - 1; i > 0; --i) std::swap(order[i], order[rng.Below(i + 1)]);
    std::vector<double> predicted(n);
    for (size_t fold = 0; fold < kFolds; ++fold) {
      std::vector<Eigen::Index> rows;
      for (size_t i = 0; i < n; ++i) {
        if (i % kFolds != fold) rows.push_back(static_cast<Eigen::Index>(order[i]));
      }
      QALAM_ASSIGN_OR_RETURN(const Model model, Fit(rows, fold));
      for (size_t i = fold; i < n; i += kFolds) predicted[order[i]] = model(points_[order[i]]);
    }
    double squares = 0, right = 0, pairs = 0;
    for (size_t i = 0; i < n; ++i) {
      squares += std::pow(predicted[i] - Loss(i), 2);
      for (size_t j = 0; j < i; ++j) {
        if (Loss(i) == Loss(j)) continue;
        ++pairs;
        if ((predicted[i] < predicted[j]) == (Loss(i) < Loss(j))) ++right;
      }
    }
    to.error = std::sqrt(squares / static_cast<double>(n));
    to.explained = 1 - squares / (static_cast<double>(n) * deviation_ * deviation_);
    to.in_order = right / pairs;
    return absl::OkStatus();
  }

  // An objective that the trials leave possible.
  absl::StatusOr<Model> Draw(std::uint64_t seed) const {
    algorithms::Rng rng({kBootstrapStream, seed});
    std::vector<Eigen::Index> rows;
    for (Eigen::Index i = 0; i < losses_.size(); ++i)
      rows.push_back(static_cast<Eigen::Index>(rng.Below(static_cast<std::uint64_t>(losses_.size()))));
    return Fit(rows, seed);
  }

 private:
  double Loss(size_t i) const { return losses_[static_cast<Eigen::Index>(i)]; }

  absl::StatusOr<Model> Fit(const std::vector<Eigen::Index>& rows, std::uint64_t seed) const {
    const Eigen::MatrixXd x = x_(rows, Eigen::all);
    const Eigen::VectorXd z = (losses_(rows).array() - mean_) / deviation_;
    QALAM_ASSIGN_OR_RETURN(std::shared_ptr<const algorithms::Surrogate> trees,
                           algorithms::FitExtraTrees({encoding_.columns(), x, z, seed, {}}));
    return Model(encoding_, std::move(trees), mean_, deviation_);
  }

  const algorithms::FeatureEncoding encoding_;
  const std::vector<algorithms::Point>& points_;
  const Eigen::MatrixXd x_;
  Eigen::VectorXd losses_;
  double mean_ = 0, deviation_ = 0;
};

std::vector<int> Checkpoints(int trials) {
  std::vector<int> points = {std::max(1, trials / 4), std::max(1, trials / 2), trials};
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

// The lowest loss of the recorded trials at each checkpoint.
std::vector<double> LowestOf(const Model& model, const std::vector<algorithms::Point>& points,
                             const std::vector<int>& checkpoints) {
  std::vector<double> lowest;
  double best = std::numeric_limits<double>::infinity();
  size_t i = 0;
  for (const int trials : checkpoints) {
    for (; i < points.size() && static_cast<int>(i) < trials; ++i) best = std::min(best, model(points[i]));
    lowest.push_back(best);
  }
  return lowest;
}

// The lowest loss of a search of `model` at each checkpoint.
absl::StatusOr<std::vector<double>> LowestFound(const Optimizer& optimizer, const Model& model,
                                                const algorithms::SearchSpace& space, const RunOptions& run,
                                                const std::vector<int>& checkpoints) {
  Problem problem;
  problem.name = "replay";
  problem.space = space;
  problem.evaluate = [&](const algorithms::Point& point) -> absl::StatusOr<double> { return model(point); };
  problem.is_costly = true;
  QALAM_ASSIGN_OR_RETURN(const RunRecord record, RunOne(optimizer, problem, run));
  std::vector<double> lowest;
  for (const int trials : checkpoints) {
    const int reached = std::min(trials, record.evaluations);  // a finite space may be exhausted before
    lowest.push_back(record.RegretAfter(reached).value_or(std::nan("")));
  }
  return lowest;
}

// losses[seed][checkpoint]
EstimatedSearch Summarise(const std::string& name, const std::vector<int>& checkpoints,
                          const std::vector<std::vector<double>>& losses, double sign) {
  EstimatedSearch search{name, {}};
  for (size_t c = 0; c < checkpoints.size(); ++c) {
    std::vector<double> values;
    for (const std::vector<double>& of_seed : losses) values.push_back(sign * of_seed[c]);
    search.best.push_back({checkpoints[c], Quantile(values, 0.1), Median(values), Quantile(values, 0.9)});
  }
  return search;
}

}  // namespace

int FewestToReplay(size_t d) { return std::max(20, 2 * static_cast<int>(d) + 10); }

absl::StatusOr<SearchReplay> ReplaySearch(const algorithms::SearchSpace& space,
                                          algorithms::Direction direction,
                                          const std::vector<algorithms::Point>& points,
                                          const std::vector<double>& values,
                                          const std::vector<Optimizer>& optimizers,
                                          const SearchReplayOptions& options) {
  const int fewest = FewestToReplay(space.size());
  if (static_cast<int>(points.size()) < fewest) {
    return absl::FailedPreconditionError(fmt::format(
        "{} finished trials say too little to estimate what another search would have done; with {} "
        "parameters at least {} are needed",
        points.size(), space.size(), fewest));
  }
  const double sign = direction == algorithms::Direction::kMaximize ? -1 : 1;
  std::vector<double> losses;
  for (const double value : values) losses.push_back(sign * value);
  const Replayer replayer(space, points, losses);
  if (!(replayer.deviation() > 0))
    return absl::FailedPreconditionError("all trials have the same value: there is nothing to search for");
  SearchReplay replay;
  replay.observations = static_cast<int>(points.size());
  QALAM_RETURN_IF_ERROR(replayer.CrossValidate(replay));
  if (replay.explained < kLeastExplained) {
    return absl::FailedPreconditionError(
        fmt::format("the trials do not tell how the objective depends on the parameters: a model of them "
                    "explains {:.0f} % of the variance of trials it has not seen, and {:.0f} % are the least "
                    "to estimate with",
                    100 * std::max(0.0, replay.explained), 100 * kLeastExplained));
  }

  const std::vector<int> checkpoints = Checkpoints(options.trials);
  std::vector<std::vector<double>> recorded;
  std::vector<std::vector<std::vector<double>>> searched(optimizers.size());
  for (int seed = 0; seed < options.seeds; ++seed) {
    QALAM_ASSIGN_OR_RETURN(const Model model, replayer.Draw(static_cast<std::uint64_t>(seed)));
    recorded.push_back(LowestOf(model, points, checkpoints));
    const RunOptions run{.seed = static_cast<std::uint64_t>(seed),
                         .budget = options.trials,
                         .batch = options.workers,
                         .mode = BatchMode::kAsync};
    for (size_t i = 0; i < optimizers.size(); ++i) {
      QALAM_ASSIGN_OR_RETURN(std::vector<double> lowest,
                             LowestFound(optimizers[i], model, space, run, checkpoints));
      searched[i].push_back(std::move(lowest));
    }
  }
  replay.recorded = Summarise("recorded", checkpoints, recorded, sign);
  for (size_t i = 0; i < optimizers.size(); ++i)
    replay.searches.push_back(Summarise(optimizers[i].name, checkpoints, searched[i], sign));
  return replay;
}

}  // namespace qalam::bench
