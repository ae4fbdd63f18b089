// The trust region of TuRBO, as a function of what was observed.
#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace qalam::algorithms {

struct TrustRegionOptions {
  std::int64_t initial_points = 10;    // observations of a region before its length changes; >= 1
  std::int64_t success_tolerance = 3;  // rounds; >= 1
  std::int64_t failure_tolerance = 4;  // rounds; >= 1
  std::int64_t round = 1;              // observations that are judged together: the parallel trials; >= 1
};

/// Side of a hypercube before it is stretched to the shape of the length scales, in units of the space.
struct TrustRegion {
  static constexpr double kFirstLength = 0.8, kLeastLength = 0x1p-7, kMostLength = 1.6;

  double length = kFirstLength;
  std::int64_t first = 0;  // number of the first observation that belongs to the region; all later ones do
};

/// Replays all observations, in the order in which they became known [1]. After the initial points of a region, a round
/// is a success when it improves the region's best value by more than a thousandth of its spread so far, else a
/// failure; `success_tolerance` successes in a row double the length, `failure_tolerance` failures in a row halve it, and
/// below the least length a new region begins, which knows none of the observations so far.
///
/// O(n). A pure function, so that any copy of the service has the same region.
///
/// [1] Eriksson, Pearce, Gardner, Turner, Poloczek, Scalable Global Optimization via Local Bayesian Optimization, NeurIPS
///     2019. Departs from [1] in the measure of an improvement, there a thousandth of the value itself, which depends on
///     where zero is.
TrustRegion ReplayTrustRegion(const Eigen::VectorXd& values, const TrustRegionOptions& options);

struct Box {
  Eigen::RowVectorXd lower, upper;  // one number per column, in [0, 1]
};

/// The box around `centre` with the length's volume and the length scales' proportions (all above 2 count as 2), cut to [0, 1]. Columns whose
/// `log_length` is not finite do not count and are not bound.
Box StretchedBox(const Eigen::RowVectorXd& centre, double length, const Eigen::VectorXd& log_length);

}  // namespace qalam::algorithms
