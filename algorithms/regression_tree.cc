#include "algorithms/regression_tree.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace qalam::algorithms {
namespace {

// Sum of squares that splitting saves, from counts and sums of both parts; the sum of squares of all is the same for
// every split.
double Gain(double count, double sum, double total_count, double total_sum) {
  const double rest = total_count - count, rest_sum = total_sum - sum;
  return sum * sum / count + rest_sum * rest_sum / rest - total_sum * total_sum / total_count;
}

}  // namespace

struct RegressionTree::Split {
  double gain = 0;  // > 0 if there is one
  int column = -1;
  double threshold = 0;
  std::vector<bool> categories;
};

class RegressionTree::Grower {
 public:
  Grower(RegressionTree& tree, const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
         const Eigen::VectorXd& y, const Options& options, Rng& rng)
      : tree_(tree), columns_(columns), x_(x), y_(y), options_(options), rng_(rng), order_(columns.size()) {
    std::iota(order_.begin(), order_.end(), 0);
  }

  // Returns the node's place.
  int Grow(std::span<int> rows, int depth) {
    const int node = static_cast<int>(tree_.nodes_.size());
    tree_.nodes_.emplace_back();
    Split split;
    if (depth < options_.max_depth && static_cast<int>(rows.size()) >= 2 * options_.min_leaf)
      split = Find(rows);
    if (split.column < 0) {
      AddLeaf(node, rows);
      return node;
    }
    Node made;
    made.column = split.column;
    made.threshold = split.threshold;
    if (!split.categories.empty()) {
      made.categories = static_cast<int>(tree_.categories_.size());
      tree_.categories_.push_back(std::move(split.categories));
    }
    const auto middle = std::stable_partition(
        rows.begin(), rows.end(), [&](int row) { return tree_.GoesLeft(made, x_(row, made.column)); });
    const size_t left = middle - rows.begin();
    made.left = Grow(rows.first(left), depth + 1);
    made.right = Grow(rows.subspan(left), depth + 1);
    tree_.nodes_[node] = made;
    return node;
  }

 private:
  void AddLeaf(int node, std::span<const int> rows) {
    const double count = static_cast<double>(rows.size());
    Leaf leaf;
    for (const int row : rows) leaf.mean += y_[row] / count;
    for (const int row : rows) leaf.variance += (y_[row] - leaf.mean) * (y_[row] - leaf.mean) / count;
    tree_.nodes_[node].left = tree_.leaf_count();
    tree_.leaves_.push_back(leaf);
  }

  // Columns in random order; those that are constant do not count against max_columns.
  Split Find(std::span<const int> rows) {
    const int wanted = options_.max_columns > 0 ? options_.max_columns : static_cast<int>(columns_.size());
    if (wanted < static_cast<int>(columns_.size())) {
      for (size_t i = order_.size() - 1; i > 0; --i) std::swap(order_[i], order_[rng_.Below(i + 1)]);
    }
    total_ = 0;
    for (const int row : rows) total_ += y_[row];
    Split best;
    int looked_at = 0;
    for (const int column : order_) {
      const auto [low, high] = RangeOf(column, rows);
      if (!(low < high)) continue;
      if (columns_[column].kind == FeatureColumn::Kind::kCategorical) {
        TryCategories(column, rows, best);
      } else if (options_.thresholds == Thresholds::kRandom) {
        TryThreshold(column, low + rng_.Uniform() * (high - low), rows, best);
      } else {
        TryThresholds(column, rows, best);
      }
      if (++looked_at == wanted) break;
    }
    return best;
  }

  std::pair<double, double> RangeOf(int column, std::span<const int> rows) const {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const int row : rows) {
      low = std::min(low, x_(row, column));
      high = std::max(high, x_(row, column));
    }
    return {low, high};
  }

  bool Improves(double gain, const Split& best) const { return gain > best.gain && gain > 1e-14; }

  bool Allowed(size_t left, size_t all) const {
    const size_t least = options_.min_leaf;
    return left >= least && all - left >= least;
  }

  void TryThreshold(int column, double threshold, std::span<const int> rows, Split& best) const {
    size_t count = 0;
    double sum = 0;
    for (const int row : rows) {
      if (x_(row, column) > threshold) continue;
      ++count;
      sum += y_[row];
    }
    if (!Allowed(count, rows.size())) return;
    const double gain = Gain(static_cast<double>(count), sum, static_cast<double>(rows.size()), total_);
    if (Improves(gain, best)) best = {gain, column, threshold, {}};
  }

  void TryThresholds(int column, std::span<const int> rows, Split& best) {
    sorted_.clear();
    for (const int row : rows) sorted_.emplace_back(x_(row, column), y_[row]);
    std::sort(sorted_.begin(), sorted_.end());
    double sum = 0, found = best.gain;
    size_t split = 0;
    for (size_t i = 0; i + 1 < sorted_.size(); ++i) {
      sum += sorted_[i].second;
      if (!(sorted_[i].first < sorted_[i + 1].first) || !Allowed(i + 1, rows.size())) continue;
      const double gain = Gain(static_cast<double>(i + 1), sum, static_cast<double>(rows.size()), total_);
      if (gain > found && Improves(gain, best)) {
        found = gain;
        split = i + 1;
      }
    }
    if (split == 0) return;
    const double below = sorted_[split - 1].first, above = sorted_[split].first;
    // Rounding must not lift it to the upper neighbour.
    const double threshold = std::min(below + rng_.Uniform() * (above - below), std::nextafter(above, below));
    best = {found, column, threshold, {}};
  }

  void TryCategories(int column, std::span<const int> rows, Split& best) {
    const size_t levels = columns_[column].levels;
    std::vector<double> count(levels), sum(levels);
    for (const int row : rows) {
      const auto category = static_cast<size_t>(x_(row, column));
      count[category] += 1;
      sum[category] += y_[row];
    }
    std::vector<size_t> present;
    for (size_t category = 0; category < levels; ++category) {
      if (count[category] > 0) present.push_back(category);
    }
    size_t end = present.size();
    if (options_.thresholds == Thresholds::kRandom) {
      for (size_t i = end - 1; i > 0; --i) std::swap(present[i], present[rng_.Below(i + 1)]);
      end = 1 + rng_.Below(end - 1);
    } else {
      std::stable_sort(present.begin(), present.end(),
                       [&](size_t a, size_t b) { return sum[a] / count[a] < sum[b] / count[b]; });
    }
    double left_count = 0, left_sum = 0, found = best.gain;
    size_t split = 0;
    for (size_t i = 0; i + 1 < present.size() && i < end; ++i) {
      left_count += count[present[i]];
      left_sum += sum[present[i]];
      if (options_.thresholds == Thresholds::kRandom && i + 1 < end) continue;
      if (!Allowed(static_cast<size_t>(left_count), rows.size())) continue;
      const double gain = Gain(left_count, left_sum, static_cast<double>(rows.size()), total_);
      if (gain > found && Improves(gain, best)) {
        found = gain;
        split = i + 1;
      }
    }
    if (split == 0) return;
    double taken = 0;
    for (size_t i = 0; i < split; ++i) taken += count[present[i]];
    std::vector<bool> left(levels, taken > static_cast<double>(rows.size()) / 2);
    for (size_t i = 0; i < present.size(); ++i) left[present[i]] = i < split;
    best = {found, column, 0, std::move(left)};
  }

  RegressionTree& tree_;
  const std::vector<FeatureColumn>& columns_;
  const Eigen::MatrixXd& x_;
  const Eigen::VectorXd& y_;
  const Options& options_;
  Rng& rng_;
  std::vector<int> order_;                         // of columns
  std::vector<std::pair<double, double>> sorted_;  // x and y
  double total_ = 0;                               // sum of y of the node's rows
};

RegressionTree::RegressionTree(const std::vector<FeatureColumn>& columns, const Eigen::MatrixXd& x,
                               const Eigen::VectorXd& y, std::vector<int> rows, const Options& options,
                               Rng& rng) {
  Grower(*this, columns, x, y, options, rng).Grow(rows, 0);
}

bool RegressionTree::GoesLeft(const Node& node, double value) const {
  return node.categories < 0 ? value <= node.threshold
                             : categories_[node.categories][static_cast<size_t>(value)];
}

int RegressionTree::LeafOf(const Eigen::MatrixXd& x, Eigen::Index row) const {
  const Node* node = &nodes_[0];
  while (node->column >= 0) node = &nodes_[GoesLeft(*node, x(row, node->column)) ? node->left : node->right];
  return node->left;
}

}  // namespace qalam::algorithms
