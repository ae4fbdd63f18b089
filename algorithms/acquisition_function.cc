#include "algorithms/acquisition_function.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qalam::algorithms {
namespace {

constexpr double kTail = -3;
constexpr double kMinVariance = 1e-18;
constexpr double kConfidence = 1.96;
const double kLogSqrtTwoPi = 0.5 * std::log(2 * std::numbers::pi);

double Density(double z) { return std::exp(-0.5 * z * z - kLogSqrtTwoPi); }
double Cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

// The ratio of Mills is (1 - Phi(t)) / phi(t) = 1 / (t + c(t)) with c(t) = 1 / (t + 2 / (t + 3 / (t + ...))).
// 40 terms leave an error of exp(-2 t sqrt(80)) or so: 1e-23 at t = 3.
double MillsTerm(double t) {
  constexpr int kTerms = 40;
  double rest = t;
  for (int k = kTerms; k >= 2; --k) rest = t + k / rest;
  return 1 / rest;
}

}  // namespace

ValueAndSlope LogExpectedImprovementRatio(double z) {
  if (z < kTail) {
    // h(z) = phi(t) (1 - t m) with m = 1 / (t + c), hence phi(t) c / (t + c); and Phi / h = m (t + c) / c.
    const double t = -z, c = MillsTerm(t);
    return {-0.5 * t * t - kLogSqrtTwoPi + std::log(c) - std::log(t + c), 1 / c};
  }
  const double cdf = Cdf(z), h = Density(z) + z * cdf;
  return {std::log(h), cdf / h};
}

ValueAndSlope LogNormalCdf(double z) {
  if (z < kTail) {
    const double t = -z, c = MillsTerm(t);
    return {-0.5 * t * t - kLogSqrtTwoPi - std::log(t + c), t + c};
  }
  const double cdf = Cdf(z);
  return {z > 3 ? std::log1p(-Cdf(-z)) : std::log(cdf), Density(z) / cdf};
}

Acquisition Evaluate(AcquisitionKind kind, double mean, double variance, double best) {
  const bool floored = variance < kMinVariance;
  const double sd = std::sqrt(std::max(variance, kMinVariance));
  const double z = (best - mean) / sd;
  Acquisition result;
  double by_sd = 0;
  switch (kind) {
    case AcquisitionKind::kLogExpectedImprovement: {
      const ValueAndSlope h = LogExpectedImprovementRatio(z);
      result.value = std::log(sd) + h.value;
      result.by_mean = -h.slope / sd;
      by_sd = (1 - z * h.slope) / sd;
      break;
    }
    case AcquisitionKind::kLogProbabilityOfImprovement: {
      const ValueAndSlope p = LogNormalCdf(z);
      result.value = p.value;
      result.by_mean = -p.slope / sd;
      by_sd = -z * p.slope / sd;
      break;
    }
    case AcquisitionKind::kLowerConfidenceBound:
      result.value = kConfidence * sd - mean;
      result.by_mean = -1;
      by_sd = kConfidence;
      break;
  }
  result.by_variance = floored ? 0 : by_sd / (2 * sd);
  return result;
}

}  // namespace qalam::algorithms
