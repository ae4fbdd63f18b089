#include "algorithms/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <unordered_set>

namespace qalam::algorithms {
namespace {

using Test = Condition::Test;

constexpr double kRounding = 1e-12;  // of the sum of the sizes of all terms

bool Holds(const Condition& condition, const Value& value, double number) {
  const auto is_listed = [&] {
    return std::find(condition.values.begin(), condition.values.end(), value) != condition.values.end();
  };
  switch (condition.test) {
    case Test::kIn:
      return is_listed();
    case Test::kNotIn:
      return !is_listed();
    case Test::kLess:
      return number < condition.bound;
    case Test::kAtMost:
      return number <= condition.bound;
    case Test::kGreater:
      return number > condition.bound;
    case Test::kAtLeast:
      return number >= condition.bound;
  }
  return true;
}

// Of each parameter its place in an order in which parents come first.
absl::StatusOr<std::vector<size_t>> ParentsFirst(std::span<const Parameter> parameters,
                                                 std::span<const Condition> conditions) {
  std::vector<std::vector<size_t>> parents(parameters.size());
  for (const Condition& condition : conditions) parents[condition.parameter].push_back(condition.parent);
  std::vector<size_t> rank(parameters.size(), 0);
  for (size_t placed = 0, next = 1; placed < parameters.size();) {
    const size_t before = placed;
    for (size_t j = 0; j < parameters.size(); ++j) {
      if (rank[j] > 0 ||
          !std::all_of(parents[j].begin(), parents[j].end(), [&](size_t p) { return rank[p] > 0; }))
        continue;
      rank[j] = next++;
      ++placed;
    }
    if (placed > before) continue;
    // Whoever follows unplaced parents comes back to where he was.
    const auto unplaced_parent = [&](size_t j) {
      return *std::find_if(parents[j].begin(), parents[j].end(), [&](size_t p) { return rank[p] == 0; });
    };
    size_t at = static_cast<size_t>(std::find(rank.begin(), rank.end(), 0u) - rank.begin());
    for (size_t i = 0; i < parameters.size(); ++i) at = unplaced_parent(at);
    std::string cycle = parameters[at].name();
    for (size_t j = unplaced_parent(at); j != at; j = unplaced_parent(j))
      cycle += " -> " + parameters[j].name();
    return absl::InvalidArgumentError(
        fmt::format("conditions form a cycle: {} -> {}", cycle, parameters[at].name()));
  }
  return rank;
}

}  // namespace

absl::StatusOr<SearchSpace> SearchSpace::Make(std::vector<Parameter> parameters) {
  std::unordered_set<std::string_view> names;
  for (const Parameter& parameter : parameters) {
    if (!names.insert(parameter.name()).second) {
      return absl::InvalidArgumentError(
          fmt::format("parameter {}: two parameters have this name, names must differ", parameter.name()));
    }
  }
  SearchSpace space;
  space.parameters_ = std::move(parameters);
  for (const Parameter& parameter : space.parameters_) {
    space.canonical_.push_back(parameter.is_numeric() ? parameter.FromUnit(0.5) : Choice{0});
    space.numbers_.push_back(NumbersOf(parameter));
  }
  return space;
}

absl::Status SearchSpace::CheckNumbers(size_t parameter) const {
  if (parameter >= size())
    return absl::InvalidArgumentError(fmt::format("there is no parameter {}", parameter));
  if (parameters_[parameter].is_numeric() || !numbers_[parameter].empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("parameter {} has no numbers: it must be a double, an int, or a discrete list of numbers",
                  parameters_[parameter].name()));
}

absl::StatusOr<SearchSpace> SearchSpace::WithConditions(std::vector<Condition> conditions) const {
  SearchSpace space = *this;
  space.conditions_.insert(space.conditions_.end(), std::make_move_iterator(conditions.begin()),
                           std::make_move_iterator(conditions.end()));
  for (const Condition& condition : space.conditions_) {
    if (condition.parameter >= size() || condition.parent >= size()) {
      return absl::InvalidArgumentError("a condition names a parameter that is not there");
    }
    if (condition.test != Test::kIn && condition.test != Test::kNotIn) {
      QALAM_RETURN_IF_ERROR(CheckNumbers(condition.parent));
    }
  }
  QALAM_ASSIGN_OR_RETURN(const std::vector<size_t> rank, ParentsFirst(parameters_, space.conditions_));
  std::stable_sort(
      space.conditions_.begin(), space.conditions_.end(),
      [&](const Condition& a, const Condition& b) { return rank[a.parameter] < rank[b.parameter]; });
  return space;
}

absl::StatusOr<SearchSpace> SearchSpace::WithConstraints(std::vector<LinearConstraint> constraints) const {
  SearchSpace space = *this;
  for (LinearConstraint& constraint : constraints) {
    std::unordered_set<size_t> named;
    for (const LinearConstraint::Term& term : constraint.terms) {
      QALAM_RETURN_IF_ERROR(CheckNumbers(term.parameter));
      if (!std::isfinite(term.coefficient) || term.coefficient == 0 || !named.insert(term.parameter).second) {
        return absl::InvalidArgumentError(
            fmt::format("parameter {} must be in a constraint once, with a finite coefficient other than 0",
                        parameters_[term.parameter].name()));
      }
    }
    if (constraint.terms.empty() || !std::isfinite(constraint.bound)) {
      return absl::InvalidArgumentError("a constraint needs parameters and a finite bound");
    }
    space.constraints_.push_back(std::move(constraint));
  }
  return space;
}

std::vector<bool> SearchSpace::Active(const Point& point) const {
  std::vector<bool> active(size(), true);
  for (const Condition& condition : conditions_) {
    const Value& value = point[condition.parent];
    if (!active[condition.parent] || !Holds(condition, value, NumberOf(condition.parent, value))) {
      active[condition.parameter] = false;
    }
  }
  return active;
}

Point SearchSpace::Canonical(Point point) const {
  if (conditions_.empty()) return point;
  const std::vector<bool> active = Active(point);
  for (size_t j = 0; j < size(); ++j) {
    if (!active[j]) point[j] = canonical_[j];
  }
  return point;
}

bool SearchSpace::IsFeasible(const Point& point) const {
  if (constraints_.empty()) return true;
  const std::vector<bool> active = Active(point);
  return std::all_of(constraints_.begin(), constraints_.end(), [&](const LinearConstraint& constraint) {
    const bool applies = std::all_of(constraint.terms.begin(), constraint.terms.end(),
                                     [&](const auto& term) { return active[term.parameter]; });
    return !applies || Excess(constraint, point) <= 0;
  });
}

bool SearchSpace::Admits(const Point& point) const { return Canonical(point) == point && IsFeasible(point); }

double SearchSpace::NumberOf(size_t parameter, const Value& value) const {
  if (const double* real = std::get_if<double>(&value)) return *real;
  if (const std::int64_t* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  const std::vector<double>& numbers = numbers_[parameter];
  return numbers.empty() ? std::nan("") : numbers[std::get<Choice>(value).index];
}

double SearchSpace::Excess(const LinearConstraint& constraint, const Point& point) const {
  double excess = -constraint.bound, size = std::fabs(constraint.bound);
  for (const auto& [parameter, coefficient] : constraint.terms) {
    const double term = coefficient * NumberOf(parameter, point[parameter]);
    excess += term;
    size += std::fabs(term);
  }
  const double rounding = kRounding * size;
  // Of a strict one, being equal up to rounding is as far beyond as rounding can tell.
  return constraint.strict ? excess + rounding + std::numeric_limits<double>::min() : excess - rounding;
}

std::optional<std::uint64_t> SearchSpace::combinations() const {
  std::uint64_t product = 1;
  for (const Parameter& parameter : parameters_) {
    const std::optional<std::uint64_t> factor = parameter.cardinality();
    if (!factor) return std::nullopt;
    product = product > kManyCombinations / *factor ? kManyCombinations : product * *factor;
  }
  return product;
}

bool SearchSpace::is_uniform() const {
  return std::all_of(parameters_.begin(), parameters_.end(),
                     [](const Parameter& p) { return p.is_uniform(); });
}

Point SearchSpace::FromUnit(std::span<const double> u) const {
  Point point;
  point.reserve(size());
  for (size_t i = 0; i < size(); ++i) point.push_back(parameters_[i].FromUnit(u[i]));
  return point;
}

std::vector<double> SearchSpace::ToUnit(const Point& point) const {
  std::vector<double> u;
  u.reserve(size());
  for (size_t i = 0; i < size(); ++i) u.push_back(parameters_[i].ToUnit(point[i]));
  return u;
}

Point SearchSpace::At(std::span<const std::uint64_t> indices) const {
  Point point;
  point.reserve(size());
  for (size_t i = 0; i < size(); ++i) point.push_back(parameters_[i].At(indices[i]));
  return point;
}

}  // namespace qalam::algorithms
