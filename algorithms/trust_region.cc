#include "algorithms/trust_region.h"

#include <algorithm>
#include <cmath>

namespace qalam::algorithms {
namespace {

constexpr double kLeastGain = 1e-3;
const double kFlat = std::log(2.0);  // an objective with a longer scale hardly changes within the space

}  // namespace

TrustRegion ReplayTrustRegion(const Eigen::VectorXd& values, const TrustRegionOptions& options) {
  TrustRegion region;
  double best = 0, worst = 0;
  std::int64_t successes = 0, failures = 0, in_round = 0;
  bool improved = false;
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (i == region.first) {
      best = worst = value;
      successes = failures = in_round = 0;
      improved = false;
    }
    if (i < region.first + options.initial_points) {
      best = std::min(best, value);
      worst = std::max(worst, value);
      continue;
    }
    // Halves, as the difference of two doubles may not be finite.
    improved = improved || best / 2 - value / 2 > kLeastGain * (worst / 2 - best / 2);
    best = std::min(best, value);
    worst = std::max(worst, value);
    if (++in_round < options.round) continue;
    successes = improved ? successes + 1 : 0;
    failures = improved ? 0 : failures + 1;
    in_round = 0;
    improved = false;
    if (successes == options.success_tolerance) {
      region.length = std::min(2 * region.length, TrustRegion::kMostLength);
      successes = 0;
    } else if (failures == options.failure_tolerance) {
      region.length /= 2;
      failures = 0;
    }
    if (region.length < TrustRegion::kLeastLength) region = {.first = i + 1};
  }
  return region;
}

Box StretchedBox(const Eigen::RowVectorXd& centre, double length, const Eigen::VectorXd& log_length) {
  double sum = 0;
  int count = 0;
  for (const double x : log_length) {
    if (!std::isfinite(x)) continue;
    sum += std::min(x, kFlat);
    ++count;
  }
  Box box = {Eigen::RowVectorXd::Zero(centre.size()), Eigen::RowVectorXd::Ones(centre.size())};
  for (Eigen::Index j = 0; j < centre.size(); ++j) {
    if (!std::isfinite(log_length[j])) continue;
    const double half = length / 2 * std::exp(std::min(log_length[j], kFlat) - sum / count);
    box.lower[j] = std::max(0.0, centre[j] - half);
    box.upper[j] = std::min(1.0, centre[j] + half);
  }
  return box;
}

}  // namespace qalam::algorithms
