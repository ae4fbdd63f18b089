#include "algorithms/trial_cost.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "algorithms/gp_fit.h"

namespace qalam::algorithms {
namespace {

constexpr double kFailureCost = 6, kInfeasibleCost = 40;
constexpr double kNoise = 0.02;  // variance, of standardised costs
constexpr size_t kMaxFailures = 150, kMaxBest = 50, kMaxOthers = 100;

// Numbers of the best and of an even selection of the others.
std::vector<size_t> Selection(const std::vector<Observation>& finished) {
  std::vector<size_t> order(finished.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return finished[a].value < finished[b].value; });
  const size_t best = std::min(kMaxBest, order.size()), rest = order.size() - best;
  const size_t others = std::min(kMaxOthers, rest);
  std::sort(order.begin() + static_cast<std::ptrdiff_t>(best), order.end());
  for (size_t i = 0; i < others; ++i) order[best + i] = order[best + i * rest / others];
  order.resize(best + others);
  return order;
}

std::optional<GaussianProcess> Fit(const FeatureEncoding& encoding, const std::vector<Point>& points,
                                   const std::vector<double>& costs, double size) {
  GpParameters parameters = PriorMode(encoding.columns()).kernel;
  parameters.log_signal = 2 * std::log(size);
  parameters.log_noise = std::log(kNoise) + parameters.log_signal;
  absl::StatusOr<GaussianProcess> process =
      GaussianProcess::Make(encoding.columns(), parameters, encoding.Encode(points));
  if (!process.ok()) return std::nullopt;
  process->SetValues(
      Eigen::Map<const Eigen::VectorXd>(costs.data(), static_cast<Eigen::Index>(costs.size())));
  return *std::move(process);
}

}  // namespace

std::optional<GaussianProcess> FailureCost(const FeatureEncoding& encoding, const Observations& seen) {
  if (seen.failed.empty()) return std::nullopt;
  const size_t first = seen.failed.size() - std::min(kMaxFailures, seen.failed.size());
  std::vector<Point> points(seen.failed.begin() + static_cast<std::ptrdiff_t>(first), seen.failed.end());
  std::vector<double> costs(points.size(), kFailureCost);
  double highest = kFailureCost;
  for (size_t i = 0; i < points.size(); ++i) {
    if (seen.infeasible[first + i]) costs[i] = highest = kInfeasibleCost;
  }
  for (const size_t i : Selection(seen.finished)) {
    points.push_back(seen.finished[i].point);
    costs.push_back(0);
  }
  return Fit(encoding, points, costs, highest);
}

std::optional<GaussianProcess> TimeCost(const FeatureEncoding& encoding, const Observations& seen) {
  std::vector<Observation> timed;
  std::copy_if(seen.finished.begin(), seen.finished.end(), std::back_inserter(timed),
               [](const Observation& o) { return o.seconds > 0; });
  if (timed.size() < 3) return std::nullopt;
  std::vector<Point> points;
  std::vector<double> costs;
  for (const size_t i : Selection(timed)) {
    points.push_back(timed[i].point);
    costs.push_back(std::log(timed[i].seconds));
  }
  const double mean = std::accumulate(costs.begin(), costs.end(), 0.0) / static_cast<double>(costs.size());
  double squares = 0;
  for (double& cost : costs) {
    cost -= mean;
    squares += cost * cost;
  }
  return Fit(encoding, points, costs, std::max(0.1, std::sqrt(squares / static_cast<double>(costs.size()))));
}

}  // namespace qalam::algorithms
