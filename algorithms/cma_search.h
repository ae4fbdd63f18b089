// CMA-ES on the axes of a search space: margins for integers, chances for categories, restarts.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/axis.h"
#include "algorithms/cma_distribution.h"

namespace qalam::algorithms {

enum class RestartStrategy { kNone, kIpop, kBipop };

/// A search that is fed results, one after the other, and can be asked for a point at any time. Every population()
/// results it moves on to the next generation, whatever distribution they come from.
///
/// kContinuous and kOrdered axes: coordinates in [0, 1] of one normal distribution (cma_distribution.h); what falls
/// outside is evaluated at the bound. Of a value at a bound, and of any ordered value, only the cell is known from
/// which it came: its coordinate is drawn from the normal, truncated to that cell. (The cell's middle would have too
/// little variance, and the search would freeze.) And the deviation never gets so small that the neighbours of
/// the current ordered value lose their chance [1].
/// kUnordered axes: each category has a probability, which moves towards the better half of each generation by the
/// natural gradient and stays above a margin [2].
///
/// A run ends when its deviations or the differences of its values have vanished. Then, with kIpop [3], another one
/// starts at a random place with twice the population; with kBipop [4] these alternate with runs of small
/// population and deviation, so that both have had about the same number of results. With kNone nothing changes.
///
/// [1] Hamano et al., CMA-ES with Margin, GECCO 2022.
/// [2] Hamano et al., CatCMA, GECCO 2024.
/// [3] Auger, Hansen, A Restart CMA Evolution Strategy With Increasing Population Size, CEC 2005.
/// [4] Hansen, Benchmarking a BI-Population CMA-ES on the BBOB-2009 Function Testbed, GECCO 2009.
class CmaSearch {
 public:
  /// The first run starts in the middle of the space. `sigma` > 0 is the initial deviation on every axis, where 1 is
  /// the whole range. `axes` must outlive this.
  CmaSearch(std::span<const Axis> axes, double sigma, RestartStrategy restarts, std::uint64_t seed);

  /// The next result; lower is better, infinity for a failure, not NaN. One with a smaller violation is better than any with
  /// a larger one. A code that is NaN says that the axis was inactive: the result says nothing about it. A pure function of
  /// all told so far.
  void Tell(std::vector<double> codes, double value, double violation = 0);

  /// A point of the current distribution, the deviations of ordered axes multiplied by `widening`. `u` has one
  /// number in (0, 1) for each axis.
  std::vector<double> PointAt(std::span<const double> u, double widening) const;

  int population() const { return population_; }
  int runs() const { return runs_; }  // begun so far
  const CmaDistribution* distribution() const { return distribution_ ? &*distribution_ : nullptr; }

  /// Of an unordered axis' categories; empty for other axes.
  const std::vector<double>& chances(size_t axis) const { return chances_[axis]; }

 private:
  struct Result {
    std::vector<double> codes;
    double value = 0, violation = 0;
    std::uint64_t number = 0;  // of all told
  };

  // What a result is worth where the violation is not told apart.
  static double Ranked(const Result& result) {
    return result.violation > 0 ? std::numeric_limits<double>::infinity() : result.value;
  }
  void StartRun(Eigen::VectorXd mean, double sigma, int population);
  void Restart();
  void NextGeneration();
  void MeasureDeviations();
  double MarginDeviation(size_t coordinate) const;
  Eigen::VectorXd CoordinatesOf(const Result& result) const;
  void MoveChances();
  bool HasConverged() const;

  std::span<const Axis> axes_;
  const double sigma_;
  const RestartStrategy restarts_;
  const std::uint64_t seed_;
  std::vector<size_t> coordinates_;  // axis of each coordinate of the distribution
  size_t categories_ = 0;            // unordered axes with more than one entry

  int population_ = 0;
  std::optional<CmaDistribution> distribution_;  // nothing when there are no coordinates
  Eigen::VectorXd deviations_, widths_;          // of each coordinate: as adapted; with the margin
  std::vector<std::vector<double>> chances_;     // of each axis
  std::vector<Result> generation_;               // best first once it is complete
  std::vector<double> recent_bests_;             // of this run's generations

  std::uint64_t told_ = 0, told_before_run_ = 0;
  int runs_ = 0;
  // Restarts: how often the population was doubled; kBipop: the kind of this run, the results told to each kind.
  int doublings_ = 0;
  bool large_ = true;
  std::uint64_t told_large_ = 0, told_small_ = 0;
};

}  // namespace qalam::algorithms
