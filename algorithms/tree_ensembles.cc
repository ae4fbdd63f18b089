#include "algorithms/tree_ensembles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "algorithms/regression_tree.h"

namespace qalam::algorithms {
namespace {

constexpr int kTrees = 100;
constexpr double kLeastVariance =
    1e-8;  // y is standardised; where all trees agree, something may still be unknown

constexpr int kBoostedDepth = 3;
constexpr double kLearningRate = 0.1;
constexpr std::array<double, 3> kQuantiles = {0.5, 0.16, 0.84};

std::vector<int> AllRows(Eigen::Index n) {
  std::vector<int> rows(n);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

bool Stopped(const SurrogateData& data) { return data.stop_requested && data.stop_requested(); }

class Forest final : public Surrogate {
 public:
  explicit Forest(std::vector<RegressionTree> trees) : trees_(std::move(trees)) {}

  Posterior Predict(const Eigen::MatrixXd& x) const override {
    const double count = static_cast<double>(trees_.size());
    Posterior posterior{Eigen::VectorXd::Zero(x.rows()), Eigen::VectorXd::Zero(x.rows())};
    std::vector<double> means(trees_.size());
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      double within = 0, mean = 0, between = 0;
      for (size_t t = 0; t < trees_.size(); ++t) {
        const int leaf = trees_[t].LeafOf(x, i);
        means[t] = trees_[t].mean(leaf);
        mean += means[t] / count;
        within += trees_[t].variance(leaf) / count;
      }
      for (const double m : means) between += (m - mean) * (m - mean) / count;
      posterior.mean[i] = mean;
      posterior.variance[i] = std::max(within + between, kLeastVariance);
    }
    return posterior;
  }

 private:
  std::vector<RegressionTree> trees_;
};

absl::StatusOr<std::unique_ptr<Surrogate>> FitForest(const SurrogateData& data, bool bootstrap,
                                                     const RegressionTree::Options& options) {
  std::vector<RegressionTree> trees;
  trees.reserve(kTrees);
  for (std::uint64_t t = 0; t < kTrees; ++t) {
    if (Stopped(data)) return absl::CancelledError("the forest is not wanted any more");
    Rng rng({data.seed, t});
    std::vector<int> rows = AllRows(data.x.rows());
    if (bootstrap) {
      for (int& row : rows) row = static_cast<int>(rng.Below(data.x.rows()));
      std::sort(rows.begin(), rows.end());
    }
    trees.emplace_back(data.columns, data.x, data.y, std::move(rows), options, rng);
  }
  return std::make_unique<Forest>(std::move(trees));
}

// The value below which a share q of them lies, between neighbours in proportion. Not empty.
double Quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const size_t below = static_cast<size_t>(place), above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

class QuantileBoosting {
 public:
  static absl::StatusOr<QuantileBoosting> Fit(const SurrogateData& data, double q, std::uint64_t stream) {
    QuantileBoosting model;
    const Eigen::Index n = data.x.rows();
    model.start_ = Quantile({data.y.begin(), data.y.end()}, q);
    Eigen::VectorXd fitted = Eigen::VectorXd::Constant(n, model.start_), slope(n);
    RegressionTree::Options options;
    options.max_depth = kBoostedDepth;
    Rng rng({data.seed, stream});
    for (int stage = 0; stage < kTrees; ++stage) {
      if (Stopped(data)) return absl::CancelledError("the boosted trees are not wanted any more");
      // Of the quantile's loss, downwards; what is fitted already has none.
      for (Eigen::Index i = 0; i < n; ++i) {
        slope[i] = data.y[i] > fitted[i] ? q : data.y[i] < fitted[i] ? q - 1 : 0;
      }
      Stage made{RegressionTree(data.columns, data.x, slope, AllRows(n), options, rng), {}};
      std::vector<std::vector<double>> residuals(made.tree.leaf_count());
      std::vector<int> leaf(n);
      for (Eigen::Index i = 0; i < n; ++i) {
        leaf[i] = made.tree.LeafOf(data.x, i);
        residuals[leaf[i]].push_back(data.y[i] - fitted[i]);
      }
      for (std::vector<double>& values : residuals)
        made.steps.push_back(kLearningRate * Quantile(std::move(values), q));
      for (Eigen::Index i = 0; i < n; ++i) fitted[i] += made.steps[leaf[i]];
      model.stages_.push_back(std::move(made));
    }
    return model;
  }

  double At(const Eigen::MatrixXd& x, Eigen::Index row) const {
    double value = start_;
    for (const Stage& stage : stages_) value += stage.steps[stage.tree.LeafOf(x, row)];
    return value;
  }

 private:
  struct Stage {
    RegressionTree tree;
    std::vector<double> steps;  // of each leaf
  };
  double start_ = 0;
  std::vector<Stage> stages_;
};

class BoostedTrees final : public Surrogate {
 public:
  explicit BoostedTrees(std::vector<QuantileBoosting> quantiles) : quantiles_(std::move(quantiles)) {}

  Posterior Predict(const Eigen::MatrixXd& x) const override {
    Posterior posterior{Eigen::VectorXd(x.rows()), Eigen::VectorXd(x.rows())};
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      posterior.mean[i] = quantiles_[0].At(x, i);
      const double spread = (quantiles_[2].At(x, i) - quantiles_[1].At(x, i)) / 2;
      posterior.variance[i] = std::max(spread > 0 ? spread * spread : 0, kLeastVariance);
    }
    return posterior;
  }

 private:
  std::vector<QuantileBoosting> quantiles_;  // as kQuantiles
};

}  // namespace

absl::StatusOr<std::unique_ptr<Surrogate>> FitRandomForest(const SurrogateData& data) {
  RegressionTree::Options options;
  options.min_leaf = 2;  // the fewest that have a variance of their own
  options.max_columns =
      std::max(1, static_cast<int>(std::ceil(static_cast<double>(data.columns.size()) * 2 / 3)));
  return FitForest(data, true, options);
}

absl::StatusOr<std::unique_ptr<Surrogate>> FitExtraTrees(const SurrogateData& data) {
  RegressionTree::Options options;
  options.thresholds = RegressionTree::Thresholds::kRandom;
  return FitForest(data, false, options);
}

absl::StatusOr<std::unique_ptr<Surrogate>> FitBoostedTrees(const SurrogateData& data) {
  std::vector<QuantileBoosting> quantiles;
  for (size_t k = 0; k < kQuantiles.size(); ++k) {
    QALAM_ASSIGN_OR_RETURN(QuantileBoosting quantile, QuantileBoosting::Fit(data, kQuantiles[k], k));
    quantiles.push_back(std::move(quantile));
  }
  return std::make_unique<BoostedTrees>(std::move(quantiles));
}

}  // namespace qalam::algorithms
