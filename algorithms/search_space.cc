#include "algorithms/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace qalam::algorithms {

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
  return space;
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
