// The standard normal distribution on an interval.
#pragma once

namespace qalam::algorithms {

/// Mass of the standard normal between a <= b, exact to some 1e-15 of itself in the tails too; either may be
/// infinite.
double NormalMass(double a, double b);

/// The z in [a, b] below which a share u in [0, 1] of the mass between a <= b lies. Where that mass is below what
/// a double holds, the end nearest to 0.
double TruncatedNormalQuantile(double u, double a, double b);

}  // namespace qalam::algorithms
