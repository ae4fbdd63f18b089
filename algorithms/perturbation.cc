#include "algorithms/perturbation.h"

#include <algorithm>

namespace qalam::algorithms {
namespace {

constexpr double kFactor = 0.2;
constexpr double kShareFromZero = 0.05;

Value Continuous(const Parameter& parameter, double value, bool up) {
  if (value == 0) {
    const double u = parameter.ToUnit(value) + (up ? kShareFromZero : -kShareFromZero);
    return parameter.FromUnit(std::clamp(u, 0.0, 1.0));
  }
  const double changed = value * (up ? 1 + kFactor : 1 - kFactor);
  return std::clamp(changed, parameter.range().min, parameter.range().max);
}

// `grown`: the number gets larger in size.
Value OnGrid(const Parameter& parameter, const Value& value, double number, bool grown) {
  const double changed = number * (grown ? 1 + kFactor : 1 - kFactor);
  const Range& range = parameter.range();
  const double clamped = std::clamp(changed, range.min, range.max);
  const Value wish = parameter.type() == ParameterType::kInt
                         ? Value(static_cast<std::int64_t>(clamped))  // cut off, as Katib does
                         : Value(clamped);
  const std::uint64_t old = parameter.IndexOf(value);
  std::uint64_t index = parameter.IndexOf(wish);
  const bool up = number >= 0 ? grown : !grown;
  if (index == old) {
    if (up && old + 1 < *parameter.cardinality()) ++index;
    if (!up && old > 0) --index;
  }
  return parameter.At(index);
}

Value Neighbour(const Parameter& parameter, const Value& value, bool up) {
  const std::uint64_t count = *parameter.cardinality();
  return parameter.At((parameter.IndexOf(value) + (up ? 1 : count - 1)) % count);
}

}  // namespace

Point Perturbed(const SearchSpace& space, const Point& point, Rng& rng) {
  Point changed;
  changed.reserve(point.size());
  for (size_t i = 0; i < point.size(); ++i) {
    const Parameter& parameter = space.parameters()[i];
    const bool up = rng.Below(2) == 1;
    if (!parameter.is_numeric()) {
      changed.push_back(Neighbour(parameter, point[i], up));
      continue;
    }
    const bool whole = parameter.type() == ParameterType::kInt;
    const double number =
        whole ? static_cast<double>(std::get<std::int64_t>(point[i])) : std::get<double>(point[i]);
    changed.push_back(parameter.cardinality() ? OnGrid(parameter, point[i], number, up)
                                              : Continuous(parameter, number, up));
  }
  return changed;
}

}  // namespace qalam::algorithms
