// A density over a search space, estimated from points.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "algorithms/axis.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {

/// A mixture of one kernel for each point added and of the declared distribution, the prior:
///
///   p(x) = sum_i w_i / W  prod_j k_j(x_j | x_ij)  +  w_0 / W  prod_j p_j(x_j),    W = sum_i w_i, i >= 0
///
/// kContinuous  k is a normal truncated to [0, 1], in the quantile of the declared distribution
/// kOrdered     the mass of the same normal in the cell of the value
/// kUnordered   1 - h for the value itself, and h spread evenly over the whole list [1]
///
/// Densities are relative to the declared distribution: that one is 1 everywhere, so p(x) integrates to one over
/// [0, 1] on continuous axes, and sums to one on finite ones when weighted by the widths of the cells.
///
/// Points are codes (axis.h), one for each axis. NaN says that the axis is inactive at the point: a kernel
/// without a place on an axis has the declared distribution there, and a point without one is judged by its
/// other axes. Threads: const methods may run concurrently.
///
/// [1] Aitchison, Aitken, Multivariate binary discrimination by the kernel method, Biometrika 63, 1976.
class ParzenEstimator {
 public:
  /// `bandwidths` has one entry for each axis: the standard deviation of the normal (> 0), or h in (0, 1].
  /// `prior_weight` is w_0 > 0. `axes` must outlive this.
  ParzenEstimator(std::span<const Axis> axes, std::vector<double> bandwidths, double prior_weight);

  /// O(d).
  void Add(std::span<const double> codes, double weight);  // weight > 0

  /// log p. O(d n).
  double LogDensity(std::span<const double> codes) const;

  std::vector<double> Sample(Rng& rng) const;

  const std::vector<double>& bandwidths() const { return bandwidths_; }

 private:
  static constexpr std::uint32_t kInactive = ~std::uint32_t{0};

  // The points along one axis: each one's own position if it is continuous, else the distinct codes.
  struct Centres {
    std::vector<double> position;
    std::vector<double> log_height;  // continuous: of the kernel at its centre; 0 where the point is inactive
    std::vector<double> code;        // finite
    std::vector<double> log_inside;  // kOrdered: of the mass that the normal has within [0, 1]
    std::vector<std::uint32_t> slot;  // finite: of each point, its place in the lists above, or kInactive
    std::unordered_map<double, std::uint32_t> slots;
  };

  void LogKernels(size_t axis, double code, std::vector<double>& log_kernels) const;

  std::span<const Axis> axes_;
  std::vector<double> bandwidths_;
  double prior_weight_, total_weight_;
  std::vector<double> weights_;
  std::vector<double> log_factor_;  // of each point: log w_i and what does not depend on x
  std::vector<Centres> centres_;
};

}  // namespace qalam::algorithms
