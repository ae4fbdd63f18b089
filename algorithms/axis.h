// One parameter as models of the objective see it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/search_space.h"

namespace qalam::algorithms {

/// Turns the values of one parameter into numbers, its codes, and back.
///
/// kContinuous  the code is the quantile of the value: the declared distribution is uniform on [0, 1]
/// kOrdered     finite; the code is the value's number 0 .. size - 1 in ascending order. Ints, doubles with a
///              step, and discrete lists in which every entry is a number
/// kUnordered   finite; the code is the place in the list
///
/// On finite axes every code has a cell of [0, 1], whose width is the share of the mass: equal chances for
/// lists, the declared distribution otherwise.
///
/// Threads: immutable.
class Axis {
 public:
  enum class Kind { kContinuous, kOrdered, kUnordered };

  explicit Axis(const Parameter& parameter);

  const Parameter& parameter() const { return parameter_; }
  Kind kind() const { return kind_; }
  std::uint64_t size() const { return size_; }  // how many codes there are; 0 if kContinuous
  bool is_finite() const { return size_ > 0; }

  double Encode(const Value& value) const;
  Value Decode(double code) const;  // of a code; kContinuous: of any number, the bounds beyond [0, 1]

  Parameter::Cell CellOf(double code) const;  // finite axes only

  /// Where the code lies in [0, 1]: itself, or the middle of its cell.
  double Position(double code) const;

  /// The code at a position in [0, 1].
  double CodeAt(double position) const;

 private:
  Parameter parameter_;
  Kind kind_;
  std::uint64_t size_;
  std::vector<std::uint32_t> by_rank_, rank_;  // discrete and ordered: entry of a rank, rank of an entry
};

/// One for each parameter, in the order of the space.
std::vector<Axis> AxesOf(const SearchSpace& space);

/// The codes of a point, in the order of the space.
std::vector<double> Encode(std::span<const Axis> axes, const Point& point);
/// Likewise, with NaN for the parameters that are inactive at the point.
std::vector<double> EncodeActive(const SearchSpace& space, std::span<const Axis> axes, const Point& point);
Point Decode(std::span<const Axis> axes, std::span<const double> codes);

}  // namespace qalam::algorithms
