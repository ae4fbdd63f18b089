// One dimension of a search space: its type, its values, how they are distributed, how they read as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "algorithms/density.h"
#include "algorithms/step_grid.h"
#include "base/status.h"

namespace qalam::algorithms {

enum class ParameterType { kDouble, kInt, kDiscrete, kCategorical };

/// Place in the list of a discrete or categorical parameter.
struct Choice {
  std::uint32_t index = 0;
  bool operator==(const Choice&) const = default;
};

/// double for kDouble, std::int64_t for kInt, Choice for kDiscrete and kCategorical.
using Value = std::variant<double, std::int64_t, Choice>;

/// Bounds of a numeric parameter. Values are min, min + step, ... up to max (the last one is max where the
/// steps reach it). Without a step a double is continuous and an int has every whole number.
struct Range {
  double min = 0;
  double max = 1;                                      // >= min
  std::optional<double> step;                          // > 0
  Distribution distribution = Distribution::kUniform;  // a log scale needs min > 0
};

/// Immutable; const methods may run concurrently. Methods that take a Value require one of this parameter's
/// type and a Choice within the list.
///
/// On a grid (ints, and doubles with a step) a value has the mass of its cell, which reaches half a step to
/// each side; on a log scale the first cell reaches as far down, in the logarithm, as it reaches up. So
/// uniform gives every value the same chance, the ends included. Discrete and categorical entries always have
/// equal chances.
class Parameter {
 public:
  /// INVALID_ARGUMENT, naming parameter, rule and value: empty name; a bound or step that is not finite; min
  /// > max; step <= 0 or so small that there are more than 2^53 values; min <= 0 on a log scale.
  static absl::StatusOr<Parameter> Double(std::string name, const Range& range);

  /// Bounds must be whole numbers of at most 10^15 in size. A step below 1 is read as 1 (Katib's clients send
  /// such); any other step must be whole. Errors as for Double.
  static absl::StatusOr<Parameter> Int(std::string name, const Range& range);

  /// Entries are texts, kept as they are. INVALID_ARGUMENT: empty name, no entries, an entry given twice.
  static absl::StatusOr<Parameter> Discrete(std::string name, std::vector<std::string> list);
  static absl::StatusOr<Parameter> Categorical(std::string name, std::vector<std::string> list);

  const std::string& name() const { return name_; }
  ParameterType type() const { return type_; }
  bool is_numeric() const { return type_ == ParameterType::kDouble || type_ == ParameterType::kInt; }
  const Range& range() const { return range_; }                   // numeric parameters; as it was given
  const std::vector<std::string>& list() const { return list_; }  // the others

  /// How many values there are; nothing for a continuous double with min < max.
  std::optional<std::uint64_t> cardinality() const;

  /// Whether every value (or every interval of equal length) is as likely as any other.
  bool is_uniform() const;

  /// Value number `index` < cardinality(), in ascending (or list) order. Finite parameters only.
  Value At(std::uint64_t index) const;

  /// Number of the value at quantile u in (0, 1), and of the value nearest to `value`. Finite parameters
  /// only.
  std::uint64_t IndexFromUnit(double u) const;
  std::uint64_t IndexOf(const Value& value) const;

  /// The quantiles between which value number `index` < cardinality() lies: its share of the mass. Cells of
  /// neighbours touch; the first begins at 0, the last ends at 1. Finite parameters only.
  struct Cell {
    double lower = 0, upper = 1;
  };
  Cell CellAt(std::uint64_t index) const;

  /// The value at quantile u in [0, 1] of the declared distribution: the least one at 0, the largest at 1.
  Value FromUnit(double u) const;

  /// The share of the mass below `value`, counting half of its own cell: FromUnit(ToUnit(v)) is v for every
  /// value of a finite parameter, and v up to rounding for a continuous one. In [0, 1].
  double ToUnit(const Value& value) const;

  /// Numbers as base/number_text.h writes them, list entries verbatim.
  std::string Text(const Value& value) const;

  /// Reads what Text wrote, or any number within the bounds (also off the grid), or a list entry. Nothing
  /// otherwise.
  std::optional<Value> Parse(std::string_view text) const;

 private:
  Parameter(std::string name, ParameterType type) : name_(std::move(name)), type_(type) {}
  static absl::StatusOr<Parameter> Numeric(std::string name, ParameterType type, const Range& range);
  static absl::StatusOr<Parameter> Listed(std::string name, ParameterType type,
                                          std::vector<std::string> list);

  std::string name_;
  ParameterType type_;
  Range range_;
  std::vector<std::string> list_;
  std::optional<StepGrid> grid_;    // numeric and finite
  std::optional<Density> density_;  // numeric and more than one value
};

/// The numbers of a discrete list, entry by entry, where every one is finite; empty for all other parameters.
std::vector<double> NumbersOf(const Parameter& parameter);

}  // namespace qalam::algorithms
