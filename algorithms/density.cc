#include "algorithms/density.h"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>

namespace qalam::algorithms {
namespace {

// No promotion to long double: its width differs between machines.
using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

double NormalCdf(double z) { return 0.5 * boost::math::erfc(-z / std::numbers::sqrt2, Policy()); }

double NormalQuantile(double p) { return -std::numbers::sqrt2 * boost::math::erfc_inv(2 * p, Policy()); }

}  // namespace

Density::Density(Distribution distribution, double min, double max, double lower, double upper)
    : log_(IsLogScale(distribution)),
      normal_(distribution == Distribution::kNormal || distribution == Distribution::kLogNormal) {
  const auto scaled = [this](double x) { return log_ ? std::log(x) : x; };
  low_ = scaled(lower);
  high_ = scaled(upper);
  // Halves first: the bounds may be so large that their sum or difference is not finite.
  mean_ = scaled(min) / 2 + scaled(max) / 2;
  sd_ = (scaled(max) / 2 - scaled(min) / 2) / 3;
  p_low_ = normal_ ? NormalCdf((low_ - mean_) / sd_) : 0;
  p_high_ = normal_ ? NormalCdf((high_ - mean_) / sd_) : 1;
}

double Density::Quantile(double u) const {
  double t;
  if (!normal_) {
    t = low_ * (1 - u) + high_ * u;
  } else {
    const double p = std::clamp(p_low_ + u * (p_high_ - p_low_), p_low_, p_high_);
    t = p <= 0 ? low_ : p >= 1 ? high_ : mean_ + sd_ * NormalQuantile(p);
  }
  return log_ ? std::exp(t) : t;
}

double Density::Cdf(double x) const {
  if (log_ && x <= 0) return 0;
  const double t = log_ ? std::log(x) : x;
  if (t <= low_) return 0;
  if (t >= high_) return 1;
  if (!normal_) return (t / 2 - low_ / 2) / (high_ / 2 - low_ / 2);
  return std::clamp((NormalCdf((t - mean_) / sd_) - p_low_) / (p_high_ - p_low_), 0.0, 1.0);
}

}  // namespace qalam::algorithms
