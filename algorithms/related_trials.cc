#include "algorithms/related_trials.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "algorithms/bounded_cache.h"
#include "algorithms/random_engine.h"
#include "algorithms/tree_ensembles.h"

namespace qalam::algorithms {
namespace {

// Belief before anything is known, as a share of pairs in the right order and as a number of trials.
constexpr double kPriorShare = 0.85;
constexpr double kPriorTrials = 3;
// Shares of pairs that mean no relevance and all of it.
constexpr double kNoShare = 0.6;
constexpr double kFullShare = 0.8;
constexpr double kLeastRelevance = 0.05;
// The map of values: how many trials the expected slope is worth, and how far the slope may be from it.
constexpr double kSlopeTrials = 3;
constexpr double kMaxSlope = 5;

std::vector<Observation> Select(std::vector<Observation> all) {
  std::stable_sort(all.begin(), all.end(), &IsBetter);
  if (all.size() <= kMaxRelated) return all;
  constexpr size_t kBest = kMaxRelated / 2, kOthers = kMaxRelated - kBest;
  std::vector<Observation> chosen(all.begin(), all.begin() + kBest);
  for (size_t i = 0; i < kOthers; ++i) {
    chosen.push_back(all[kBest + i * (all.size() - kBest) / kOthers]);
  }
  return chosen;
}

// 1, 2, 3, 4, 6, 8, 12, ...: so that the map, and with it a model of the mapped values, changes seldom.
Eigen::Index MappedBy(Eigen::Index n) {
  Eigen::Index length = std::min<Eigen::Index>(n, 2);
  for (Eigen::Index power = 2; power <= n; power *= 2) {
    length = power;
    if (power + power / 2 <= n) length = power + power / 2;
  }
  return length;
}

struct Moments {
  double mean = 0, deviation = 0;
};

Moments MomentsOf(const Eigen::VectorXd& values) {
  if (values.size() == 0) return {};
  const double mean = values.mean();
  return {mean, std::sqrt((values.array() - mean).square().mean())};
}

Eigen::VectorXd ValuesOf(const std::vector<Observation>& observations) {
  Eigen::VectorXd values(static_cast<Eigen::Index>(observations.size()));
  for (size_t i = 0; i < observations.size(); ++i)
    values[static_cast<Eigen::Index>(i)] = observations[i].value;
  return values;
}

Eigen::MatrixXd RowsOf(const FeatureEncoding& encoding, const std::vector<Observation>& observations) {
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(observations.size()), encoding.size());
  for (Eigen::Index i = 0; i < rows.rows(); ++i) rows.row(i) = encoding.Encode(observations[i].point);
  return rows;
}

// The trials of an earlier experiment seldom change, so that their trees are kept, by a hash of all they depend on.
absl::StatusOr<std::shared_ptr<const Surrogate>> Trees(const SurrogateData& data) {
  static auto& cache = *new BoundedCache<const Surrogate>(64);  // entries
  std::uint64_t hash = HashWords({static_cast<std::uint64_t>(data.x.rows()), data.columns.size()});
  for (const FeatureColumn& column : data.columns) {
    hash = HashWords({hash, static_cast<std::uint64_t>(column.kind), column.levels});
  }
  for (const double value : data.x.reshaped()) hash = HashWords({hash, std::bit_cast<std::uint64_t>(value)});
  for (const double value : data.y) hash = HashWords({hash, std::bit_cast<std::uint64_t>(value)});
  if (auto kept = cache.Get(hash)) return kept;
  QALAM_ASSIGN_OR_RETURN(std::shared_ptr<const Surrogate> trees, FitExtraTrees(data));
  cache.Put(hash, trees, 1);
  return trees;
}

// The share of pairs in the right order; pairs of equal values do not count, of equal predictions half.
double Agreement(const Eigen::VectorXd& predicted, const Eigen::VectorXd& observed) {
  double right = 0, pairs = 0;
  for (Eigen::Index i = 0; i < observed.size(); ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      if (observed[i] == observed[j]) continue;
      ++pairs;
      if (predicted[i] == predicted[j]) {
        right += 0.5;
      } else if ((predicted[i] < predicted[j]) == (observed[i] < observed[j])) {
        ++right;
      }
    }
  }
  return pairs > 0 ? right / pairs : 0.5;
}

double RelevanceOf(const Eigen::VectorXd& predicted, const Eigen::VectorXd& observed) {
  const auto trials = observed.size() < 2 ? 0.0 : static_cast<double>(observed.size());
  const double share =
      (kPriorTrials * kPriorShare + trials * Agreement(predicted, observed)) / (kPriorTrials + trials);
  return std::clamp((share - kNoShare) / (kFullShare - kNoShare), 0.0, 1.0);
}

// Least squares of what was observed on what was predicted, drawn towards the slope that equal spreads would give.
std::vector<double> Mapped(const std::vector<Observation>& earlier, double deviation,
                           const Eigen::VectorXd& predicted, const Eigen::VectorXd& observed) {
  double slope = 1, offset = 0;
  if (observed.size() > 0) {
    const Moments here = MomentsOf(observed), there = MomentsOf(predicted);
    const bool scaled = observed.size() >= 3 && here.deviation > 0 && there.deviation > 0;
    const double expected = scaled ? here.deviation / there.deviation : 1;
    const double product = ((predicted.array() - there.mean) * (observed.array() - here.mean)).sum();
    const double squares = (predicted.array() - there.mean).square().sum();
    const double prior = kSlopeTrials * deviation * deviation;
    if (squares + prior > 0) {
      slope = std::clamp((product + prior * expected) / (squares + prior), expected / kMaxSlope,
                         expected * kMaxSlope);
    }
    offset = here.mean - slope * there.mean;
  }
  std::vector<double> values;
  for (const Observation& observation : earlier) values.push_back(offset + slope * observation.value);
  return values;
}

}  // namespace

absl::StatusOr<std::vector<RelatedExperiment>> Relate(const Problem& problem, const FeatureEncoding& encoding,
                                                      const History& history, const Observations& seen,
                                                      const std::function<bool()>& stop_requested) {
  std::vector<RelatedExperiment> related;
  const Eigen::MatrixXd rows = RowsOf(encoding, seen.finished);
  const Eigen::VectorXd observed = ValuesOf(seen.finished);
  const Eigen::Index mapped = MappedBy(observed.size());
  for (const EarlierExperiment& earlier : history.earlier) {
    RelatedExperiment one;
    one.finished = Select(Observe(problem, {earlier.trials, {}}).finished);
    if (one.finished.size() < 2) continue;
    const Eigen::MatrixXd x = RowsOf(encoding, one.finished);
    const Eigen::VectorXd y = ValuesOf(one.finished);
    const Moments moments = MomentsOf(y);
    if (!std::isfinite(moments.deviation) || moments.deviation == 0) continue;
    Eigen::VectorXd predicted(rows.rows());
    if (rows.rows() > 0) {
      const Eigen::VectorXd z = (y.array() - moments.mean) / moments.deviation;
      QALAM_ASSIGN_OR_RETURN(const std::shared_ptr<const Surrogate> trees,
                             Trees({encoding.columns(), x, z, 0, stop_requested}));
      predicted = trees->Predict(rows).mean.array() * moments.deviation + moments.mean;
    }
    one.relevance = RelevanceOf(predicted, observed);
    if (one.relevance < kLeastRelevance) continue;
    one.values = Mapped(one.finished, moments.deviation, predicted.head(mapped), observed.head(mapped));
    if (!std::all_of(one.values.begin(), one.values.end(), [](double v) { return std::isfinite(v); }))
      continue;
    related.push_back(std::move(one));
  }
  return related;
}

}  // namespace qalam::algorithms
