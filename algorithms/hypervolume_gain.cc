#include "algorithms/hypervolume_gain.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace qalam::algorithms {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMinVariance = 1e-18;
constexpr double kLeastShare =
    1e-300;  // of the improvement the empty front would have; less is not told apart

// Of points in `m` leading objectives that all dominate the reference there.
std::vector<LossBox> Slices(const std::vector<Losses>& points, const Losses& reference, size_t m) {
  const size_t last = m - 1;
  if (m == 1) {
    double end = reference[0];
    for (const Losses& p : points) end = std::min(end, p[0]);
    return {{{-kInfinity}, {end}}};
  }
  std::vector<Losses> sorted = points;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [last](const Losses& a, const Losses& b) { return a[last] < b[last]; });
  std::vector<LossBox> boxes;
  std::map<std::pair<Losses, Losses>, double> open;  // boxes in one objective less, and where they began
  std::vector<Losses> active;
  double begin = -kInfinity;
  for (size_t i = 0; i <= sorted.size(); ++i) {
    const double end = i < sorted.size() ? sorted[i][last] : reference[last];
    if (end > begin) {
      std::map<std::pair<Losses, Losses>, double> next;
      for (LossBox& box : Slices(active, reference, last)) {
        auto key = std::make_pair(std::move(box.lower), std::move(box.upper));
        const auto before = open.extract(key);
        next.emplace(std::move(key), before.empty() ? begin : before.mapped());
      }
      const auto close = [&](auto& ended, double at) {
        for (const auto& [box, start] : ended) {
          LossBox closed = {box.first, box.second};
          closed.lower.push_back(start);
          closed.upper.push_back(at);
          boxes.push_back(std::move(closed));
        }
      };
      close(open, begin);
      open = std::move(next);
      begin = end;
      if (i == sorted.size()) close(open, end);
    }
    if (i < sorted.size()) {
      active.push_back(sorted[i]);
      active.back().pop_back();
    }
  }
  return boxes;
}

}  // namespace

std::vector<LossBox> NondominatedBoxes(std::span<const Losses> front, const Losses& reference) {
  std::vector<Losses> points;
  for (const size_t i : ParetoFront(front)) {
    bool dominates = true;
    for (size_t j = 0; j < reference.size(); ++j) dominates &= front[i][j] < reference[j];
    if (dominates) points.push_back(front[i]);
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return Slices(points, reference, reference.size());
}

HypervolumeGain::HypervolumeGain(std::vector<const Surrogate*> models, std::span<const Losses> front,
                                 const Losses& reference)
    : models_(std::move(models)), levels_(reference.size()) {
  const std::vector<LossBox> boxes = NondominatedBoxes(front, reference);
  for (size_t j = 0; j < levels_.size(); ++j) {
    std::vector<double>& levels = levels_[j];
    levels.push_back(reference[j]);
    for (const LossBox& box : boxes) {
      for (const double end : {box.lower[j], box.upper[j]}) {
        if (end > -kInfinity) levels.push_back(end);
      }
    }
    std::sort(levels.begin(), levels.end());
    levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  }
  for (const LossBox& box : boxes) {
    for (size_t j = 0; j < levels_.size(); ++j) {
      const auto number = [&](double end) {
        return static_cast<int>(std::upper_bound(levels_[j].begin(), levels_[j].end(), end) -
                                levels_[j].begin());
      };
      lower_.push_back(number(box.lower[j]));
      upper_.push_back(number(box.upper[j]));
    }
  }
}

double HypervolumeGain::Evaluate(std::span<Normal> posterior, bool with_derivatives) const {
  const size_t m = levels_.size();
  struct Level {
    double share = 0;               // EI here over EI at the reference
    double by_mean = 0, by_sd = 0;  // derivatives of its logarithm
    double weight = 0;              // derivative of the sum by the share
  };
  std::vector<std::vector<Level>> tables(m);
  double result = 0;
  for (size_t j = 0; j < m; ++j) {
    std::vector<Level>& table = tables[j];
    table.assign(levels_[j].size() + 1, {});
    const double sd = std::sqrt(std::max(posterior[j].variance, kMinVariance));
    double log_reference = 0;
    for (size_t k = levels_[j].size(); k > 0; --k) {
      const double z = (levels_[j][k - 1] - posterior[j].mean) / sd;
      const ValueAndSlope h = LogExpectedImprovementRatio(z);
      if (k == levels_[j].size()) log_reference = h.value;
      table[k] = {std::exp(h.value - log_reference), -h.slope / sd, (1 - z * h.slope) / sd, 0};
    }
    result += log_reference + std::log(sd);
  }

  double sum = 0;
  for (size_t b = 0; b < lower_.size(); b += m) {
    double product = 1;
    for (size_t j = 0; j < m; ++j) product *= tables[j][upper_[b + j]].share - tables[j][lower_[b + j]].share;
    sum += product;
  }
  const bool lost = !(sum > kLeastShare);
  if (lost) sum = kLeastShare;
  if (with_derivatives) {
    for (size_t b = 0; b < lower_.size() && !lost; b += m) {
      for (size_t j = 0; j < m; ++j) {
        double others = 1;
        for (size_t k = 0; k < m; ++k) {
          if (k != j) others *= tables[k][upper_[b + k]].share - tables[k][lower_[b + k]].share;
        }
        tables[j][upper_[b + j]].weight += others;
        tables[j][lower_[b + j]].weight -= others;
      }
    }
    for (size_t j = 0; j < m; ++j) {
      const Level& reference = tables[j].back();
      double by_mean = reference.by_mean, by_sd = reference.by_sd;
      for (const Level& level : tables[j]) {
        const double share = level.weight * level.share / sum;
        by_mean += share * (level.by_mean - reference.by_mean);
        by_sd += share * (level.by_sd - reference.by_sd);
      }
      const bool floored = posterior[j].variance < kMinVariance;
      posterior[j].by_mean = by_mean;
      posterior[j].by_variance = floored ? 0 : by_sd / (2 * std::sqrt(posterior[j].variance));
    }
  }
  return result + std::log(sum);
}

Eigen::VectorXd HypervolumeGain::Of(const std::vector<Posterior>& posteriors) const {
  Eigen::VectorXd values(posteriors.front().mean.size());
  std::vector<Normal> point(posteriors.size());
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    for (size_t j = 0; j < point.size(); ++j)
      point[j] = {posteriors[j].mean[i], posteriors[j].variance[i], 0, 0};
    values[i] = Evaluate(point, /*with_derivatives=*/false);
  }
  return values;
}

Eigen::VectorXd HypervolumeGain::Values(const Eigen::MatrixXd& rows) const {
  std::vector<Posterior> posteriors;
  for (const Surrogate* model : models_) posteriors.push_back(model->Predict(rows));
  return Of(posteriors);
}

Eigen::VectorXd HypervolumeGain::OptimisticValues(const Eigen::MatrixXd& rows) const {
  std::vector<Posterior> posteriors;
  for (const Surrogate* model : models_) posteriors.push_back(model->PredictOptimistic(rows));
  return Of(posteriors);
}

bool HypervolumeGain::has_gradient() const {
  return std::all_of(models_.begin(), models_.end(),
                     [](const Surrogate* model) { return model->has_gradient(); });
}

double HypervolumeGain::ValueWithGradient(const Eigen::RowVectorXd& row, Eigen::RowVectorXd& gradient) const {
  std::vector<Normal> point;
  std::vector<Surrogate::PointPosterior> posteriors;
  for (const Surrogate* model : models_) {
    posteriors.push_back(model->PredictWithGradient(row));
    point.push_back({posteriors.back().mean, posteriors.back().variance, 0, 0});
  }
  const double value = Evaluate(point, /*with_derivatives=*/true);
  gradient = Eigen::RowVectorXd::Zero(row.size());
  for (size_t j = 0; j < point.size(); ++j) {
    gradient += point[j].by_mean * posteriors[j].mean_gradient +
                point[j].by_variance * posteriors[j].variance_gradient;
  }
  return value;
}

}  // namespace qalam::algorithms
