#include "algorithms/truncated_normal.h"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>

namespace qalam::algorithms {
namespace {

// No promotion to long double: its width differs between machines.
using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

constexpr double kSmallest = 1e-300;

}  // namespace

double NormalMass(double a, double b) {
  const double x = a / std::numbers::sqrt2, y = b / std::numbers::sqrt2;
  if (a > 0) return 0.5 * (std::erfc(x) - std::erfc(y));
  if (b < 0) return 0.5 * (std::erfc(-y) - std::erfc(-x));
  return 0.5 * (std::erf(y) - std::erf(x));
}

double TruncatedNormalQuantile(double u, double a, double b) {
  if (b < 0) return -TruncatedNormalQuantile(1 - u, -b, -a);
  // Counted from above, where little mass is left if a is large.
  const double above_a = 0.5 * std::erfc(a / std::numbers::sqrt2);
  const double above = above_a - u * NormalMass(a, b);
  if (!(above > kSmallest)) return above_a > 2 * kSmallest ? b : a;
  if (above >= 1) return a;
  return std::clamp(std::numbers::sqrt2 * boost::math::erfc_inv(2 * above, Policy()), a, b);
}

}  // namespace qalam::algorithms
