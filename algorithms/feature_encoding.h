// Points as rows of numbers, the form in which models of the objective see them.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "algorithms/axis.h"

namespace qalam::algorithms {

/// One column per parameter, in the order of the space, by the kind of its axis (axis.h):
///
///   kSmooth       continuous: the quantile (Parameter::ToUnit), in [0, 1]
///   kOrdered      the quantile of the middle of the value's cell, for lists (rank + 0.5) / size; only these values
///                 occur
///   kCategorical  unordered: the place in the list, 0, 1, ..., levels - 1
struct FeatureColumn {
  enum class Kind { kSmooth, kOrdered, kCategorical };
  Kind kind = Kind::kSmooth;
  std::uint64_t levels = 0;  // number of values; 0: uncountable. With 1 the column says nothing
};

/// The encoding of a space. Declared distributions act through the quantiles: what the user holds for likely
/// takes more room, and so has more of the prior's variation.
///
/// Threads: immutable.
class FeatureEncoding {
 public:
  explicit FeatureEncoding(const SearchSpace& space);

  const std::vector<FeatureColumn>& columns() const { return columns_; }
  Eigen::Index size() const { return static_cast<Eigen::Index>(columns_.size()); }

  /// size() numbers for a point of the space, also for one off the grid (it moves to the nearest value).
  Eigen::RowVectorXd Encode(const Point& point) const;
  Eigen::MatrixXd Encode(const std::vector<Point>& points) const;  // points x size()

  /// The point of a row that Encode or Snap made.
  Point Decode(const Eigen::Ref<const Eigen::RowVectorXd>& row) const;

  /// Moves every number to the nearest one that a point of the space has.
  void Snap(Eigen::Ref<Eigen::RowVectorXd> row) const;

  /// The row of quantiles u, one in (0, 1) per parameter.
  Eigen::RowVectorXd FromUnit(std::span<const double> u) const;

  /// Columns kOrdered and kCategorical: the number of a value, and the value of a number < levels, both in
  /// ascending order.
  std::uint64_t IndexAt(Eigen::Index column, double value) const;
  double ValueAt(Eigen::Index column, std::uint64_t index) const;

 private:
  Value ValueOf(Eigen::Index column, double feature) const;

  // A list whose entries are all numbers: its values are ranks.
  bool IsRanked(Eigen::Index column) const {
    return columns_[column].kind == FeatureColumn::Kind::kOrdered && !axes_[column].parameter().is_numeric();
  }

  std::vector<Axis> axes_;
  std::vector<FeatureColumn> columns_;
};

}  // namespace qalam::algorithms
