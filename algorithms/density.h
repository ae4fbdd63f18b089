// The distributions a parameter may declare, as quantile and cumulative functions.
#pragma once

namespace qalam::algorithms {

enum class Distribution { kUniform, kLogUniform, kNormal, kLogNormal };

inline bool IsLogScale(Distribution distribution) {
  return distribution == Distribution::kLogUniform || distribution == Distribution::kLogNormal;
}

/// A distribution on an interval.
///
///   kUniform     constant density
///   kLogUniform  log x is uniform
///   kNormal      mean (min + max) / 2, standard deviation (max - min) / 6, truncated to the interval
///   kLogNormal   log x is such a normal, from log min and log max
///
/// Functions are exact to a few units in the last place; normal quantiles come from Boost.Math.
/// Threads: immutable.
class Density {
 public:
  /// `min` and `max` fix the shape; [lower, upper] is where x lives: the bounds themselves, or, for values on
  /// a grid, the outer edges of the first and the last cell. Requires min < max, lower < upper, all finite,
  /// and for a log scale min > 0 and lower > 0.
  Density(Distribution distribution, double min, double max, double lower, double upper);

  /// x for a share u of the mass below it; u in [0, 1]. Rounding may leave [lower, upper] by an ulp: callers
  /// clamp.
  double Quantile(double u) const;

  /// Share of the mass below x, in [0, 1]. 0 below `lower`, 1 above `upper`.
  double Cdf(double x) const;

 private:
  bool log_, normal_;
  double low_, high_;      // ends, on the log scale if log_
  double mean_, sd_;       // of the normal, likewise
  double p_low_, p_high_;  // its mass below the ends
};

}  // namespace qalam::algorithms
