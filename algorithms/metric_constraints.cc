#include "algorithms/metric_constraints.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qalam::algorithms {

double RelativeExcess(const MetricConstraint& constraint, double value) {
  const double excess = constraint.at_most ? value - constraint.bound : constraint.bound - value;
  return constraint.bound == 0 ? excess : excess / std::fabs(constraint.bound);
}

double Violation(std::span<const MetricConstraint> constraints, std::span<const double> values) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double violation = 0;
  for (size_t i = 0; i < constraints.size(); ++i) {
    if (i >= values.size() || std::isnan(values[i])) return kInfinity;
    violation += std::max(0.0, RelativeExcess(constraints[i], values[i]));
  }
  return violation;
}

}  // namespace qalam::algorithms
