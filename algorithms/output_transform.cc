#include "algorithms/output_transform.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace qalam::algorithms {
namespace {

constexpr double kMaxDistance = 1e100;  // keeps squares finite

// Distances above the least value, in units of the median's.
Eigen::ArrayXd Distances(const Eigen::VectorXd& values) {
  // Halves, as differences of doubles may not be finite.
  const Eigen::ArrayXd halves = values.array() / 2;
  const Eigen::ArrayXd above = halves - halves.minCoeff();
  std::vector<double> sorted(above.data(), above.data() + above.size());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  double scale = *middle;
  if (!(scale > 0)) scale = (above / static_cast<double>(above.size())).sum();
  if (!(scale > 0)) return Eigen::ArrayXd::Zero(above.size());
  return (above / scale).min(kMaxDistance);
}

}  // namespace

TransformedValues TransformValues(const Eigen::VectorXd& values, double log_k) {
  const auto n = static_cast<double>(values.size());
  const double k = std::exp(log_k);
  const Eigen::ArrayXd t = Distances(values);
  const Eigen::ArrayXd w = t.unaryExpr([k](double x) { return std::log1p(k * x) / k; });
  const Eigen::ArrayXd w_by = t / (1 + k * t) - w;
  const Eigen::ArrayXd centred = w - w.mean(), centred_by = w_by - w_by.mean();
  const double sd = std::sqrt(centred.square().sum() / n);
  TransformedValues result;
  if (!(sd > 0)) {
    result.z = result.z_by_log_k = Eigen::VectorXd::Zero(values.size());
    return result;
  }
  const double sd_by = (centred * centred_by).sum() / (n * sd);
  result.z = centred / sd;
  result.z_by_log_k = centred_by / sd - result.z.array() * (sd_by / sd);
  result.log_jacobian = -(1 + k * t).log().sum() - n * std::log(sd);
  result.log_jacobian_by_log_k = -(k * t / (1 + k * t)).sum() - n * sd_by / sd;
  return result;
}

}  // namespace qalam::algorithms
