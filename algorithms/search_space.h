// What is searched: parameters, in the order in which the user wrote them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "algorithms/parameter.h"
#include "algorithms/space_rules.h"

namespace qalam::algorithms {

/// One value per parameter, in the order of the space.
using Point = std::vector<Value>;

/// A box of parameters, and the rules that tie them together, if there are any. Where a parameter is inactive its value
/// means nothing; the program is given the canonical one: the median of the declared distribution of a number, the first
/// entry of a list. Points that differ in inactive parameters only are one point, of which algorithms know the canonical
/// form.
///
/// Immutable; const methods may run concurrently.
class SearchSpace {
 public:
  /// More combinations than this are reported as this many.
  static constexpr std::uint64_t kManyCombinations = std::uint64_t{1} << 63;

  /// The space of one point, which has no values.
  SearchSpace() = default;

  /// INVALID_ARGUMENT when two parameters have the same name (the message gives it).
  static absl::StatusOr<SearchSpace> Make(std::vector<Parameter> parameters);

  /// The same space with more rules. INVALID_ARGUMENT, naming the parameters: conditions that form a cycle, a comparison
  /// or a constraint with a parameter that has no numbers, places outside the space, what the comments in space_rules.h
  /// exclude.
  absl::StatusOr<SearchSpace> WithConditions(std::vector<Condition> conditions) const;
  absl::StatusOr<SearchSpace> WithConstraints(std::vector<LinearConstraint> constraints) const;

  std::span<const Parameter> parameters() const { return parameters_; }
  size_t size() const { return parameters_.size(); }

  std::span<const Condition> conditions() const { return conditions_; }
  std::span<const LinearConstraint> constraints() const { return constraints_; }
  bool has_rules() const { return !conditions_.empty() || !constraints_.empty(); }

  /// Of each parameter, whether it is active at the point. All are where there are no conditions.
  std::vector<bool> Active(const Point& point) const;
  Point Canonical(Point point) const;

  /// Whether all constraints hold, up to rounding: 0.1 + 0.2 <= 0.3 does.
  bool IsFeasible(const Point& point) const;

  /// Whether the point is canonical and feasible: one that may be proposed.
  bool Admits(const Point& point) const;

  /// The value as a number; of a list whose entries are all numbers, the entry's. NaN for other lists.
  double NumberOf(size_t parameter, const Value& value) const;

  /// How far the left side of a constraint is beyond its bound, > 0 where the constraint does not hold; whether its
  /// parameters are active is not asked.
  double Excess(const LinearConstraint& constraint, const Point& point) const;

  /// Product of the parameters' cardinalities, whatever the rules, at most kManyCombinations; nothing when one of them
  /// is continuous.
  std::optional<std::uint64_t> combinations() const;

  /// Whether every parameter is uniform: all combinations (or equal volumes) have the same chance.
  bool is_uniform() const;

  /// Coordinate by coordinate; `u` has size() entries in (0, 1).
  Point FromUnit(std::span<const double> u) const;
  std::vector<double> ToUnit(const Point& point) const;

  /// The point whose parameters have the values of these numbers; finite spaces only.
  Point At(std::span<const std::uint64_t> indices) const;

 private:
  absl::Status CheckNumbers(size_t parameter) const;

  std::vector<Parameter> parameters_;
  std::vector<Condition> conditions_;  // those of a parent come before those of its children
  std::vector<LinearConstraint> constraints_;
  std::vector<Value> canonical_;              // of each parameter
  std::vector<std::vector<double>> numbers_;  // of each parameter, those of its list; empty where it has none
};

}  // namespace qalam::algorithms
