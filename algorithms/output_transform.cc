#include "algorithms/output_transform.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace qalam::algorithms {
namespace {

constexpr Eigen::Index kFirst = 10;
constexpr double kSameValue = 1e-9;     // of the range
constexpr double kMaxDistance = 1e100;  // keeps squares finite

}  // namespace

ValueScale ScaleOf(const Eigen::VectorXd& values) {
  ValueScale scale{values.minCoeff() / 2, 0};
  const Eigen::Index count = std::min(kFirst, values.size());
  const Eigen::ArrayXd above = values.head(count).array() / 2 - scale.half_least;
  std::vector<double> sorted(above.data(), above.data() + count);
  std::sort(sorted.begin(), sorted.end());
  scale.half_unit = sorted[sorted.size() / 2];
  if (scale.half_unit > 0) return scale;
  const auto n = static_cast<double>(values.size());
  scale.half_unit = ((values.array() / 2 - scale.half_least) / n).sum();
  if (!(scale.half_unit > 0)) scale.half_unit = 1;
  return scale;
}

TransformedValues TransformValues(const Eigen::VectorXd& values, const ValueScale& scale, double log_k) {
  const auto n = static_cast<double>(values.size());
  const double k = std::exp(log_k);
  const Eigen::ArrayXd t =
      ((values.array() / 2 - scale.half_least) / scale.half_unit).max(0).min(kMaxDistance);
  const Eigen::ArrayXd w = t.unaryExpr([k](double x) { return std::log1p(k * x) / k; });
  const Eigen::ArrayXd w_by = t / (1 + k * t) - w;
  const Eigen::ArrayXd centred = w - w.mean(), centred_by = w_by - w_by.mean();
  const double sd = std::sqrt(centred.square().sum() / n);
  TransformedValues result;
  result.mean_w = w.mean();
  if (!(sd > 0)) {
    result.z = result.z_by_log_k = Eigen::VectorXd::Zero(values.size());
    return result;
  }
  const double sd_by = (centred * centred_by).sum() / (n * sd);
  result.z = centred / sd;
  result.z_by_t = 1 / sd;
  result.z_by_log_k = centred_by / sd - result.z.array() * (sd_by / sd);
  result.log_jacobian = -(1 + k * t).log().sum() - n * std::log(sd);
  result.log_jacobian_by_log_k = -(k * t / (1 + k * t)).sum() - n * sd_by / sd;
  return result;
}

double TransformedAt(double value, const ValueScale& scale, double log_k,
                     const TransformedValues& transformed) {
  const double t = std::clamp((value / 2 - scale.half_least) / scale.half_unit, -kMaxDistance, kMaxDistance);
  const double w = t > 0 ? std::log1p(std::exp(log_k) * t) / std::exp(log_k) : t;
  return (w - transformed.mean_w) * (transformed.z_by_t > 0 ? transformed.z_by_t : 1);
}

double ResolutionOf(const Eigen::VectorXd& values, const ValueScale& scale) {
  Eigen::VectorXd t = (values.array() / 2 - scale.half_least) / scale.half_unit;
  std::sort(t.begin(), t.end());
  const double same = kSameValue * t[t.size() - 1];  // differences that come from rounding
  Eigen::Index distinct = 1;
  double least = std::numeric_limits<double>::infinity();
  for (Eigen::Index i = 1; i < t.size(); ++i) {
    const double step = t[i] - t[i - 1];
    if (!(step > same)) continue;
    ++distinct;
    least = std::min(least, step);
  }
  return distinct > 1 && 3 * distinct <= 2 * t.size() ? least : 0;
}

}  // namespace qalam::algorithms
