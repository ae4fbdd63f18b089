// Expected improvement of the hypervolume.
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "algorithms/gain.h"
#include "algorithms/pareto.h"

namespace qalam::algorithms {

/// A box of the objectives' space; a lower end may be -infinity.
struct LossBox {
  Losses lower, upper;
};

/// What no point of `front` dominates of all that dominates `reference`, as disjoint boxes: slices along the
/// last objective, boxes that stay the same from one slice to the next joined. n + 1 of them for two
/// objectives and n points, some 3n for three, O(n^2) for four and five. Points that do not dominate the
/// reference are ignored.
std::vector<LossBox> NondominatedBoxes(std::span<const Losses> front, const Losses& reference);

/// The logarithm of the expected hypervolume improvement [1] of independent normal posteriors, one per
/// objective: exact, with its gradient. Over the boxes [l, u] that are not dominated yet it is
///
///   sum over boxes of prod over objectives of EI(u) - EI(l),   EI(a) = E max(0, a - y),
///
/// as the part of [y, infinity) within [l, u] is as long as max(0, u - y) - max(0, l - y) [2]. All EI are taken relative to
/// that of the reference, so that the logarithm is finite far from any improvement too.
///
/// Cost: O(m n) normal distribution functions and O(m boxes) multiplications per point.
///
/// [1] Emmerich, Giannakoglou, Naujoks, Single- and Multiobjective Evolutionary Optimization Assisted by
///     Gaussian Random Field Metamodels, IEEE TEC 10(4), 2006.
/// [2] Yang, Emmerich, Deutz, Bäck, Efficient computation of expected hypervolume improvement using box
///     decomposition algorithms, JOGO 75, 2019.
class HypervolumeGain final : public Gain {
 public:
  /// One model per objective; they outlive this. `front`: what is reached already, no matter whether all of it is efficient.
  HypervolumeGain(std::vector<const Surrogate*> models, std::span<const Losses> front,
                  const Losses& reference);

  Eigen::VectorXd Values(const Eigen::MatrixXd& rows) const override;
  Eigen::VectorXd OptimisticValues(const Eigen::MatrixXd& rows) const override;
  bool has_gradient() const override;
  double ValueWithGradient(const Eigen::RowVectorXd& row, Eigen::RowVectorXd& gradient) const override;

 private:
  struct Normal {
    double mean = 0, variance = 0;
    double by_mean = 0, by_variance = 0;  // derivatives of the result, where they are asked for
  };
  // Of one posterior per objective.
  double Evaluate(std::span<Normal> posterior, bool with_derivatives) const;
  Eigen::VectorXd Of(const std::vector<Posterior>& posteriors) const;

  std::vector<const Surrogate*> models_;
  std::vector<std::vector<double>>
      levels_;  // of each objective, ascending: ends of boxes; the last one is the reference's
  // Numbers of levels, boxes x objectives, one after another; 0: -infinity, k: levels[k - 1].
  std::vector<int> lower_, upper_;
};

}  // namespace qalam::algorithms
