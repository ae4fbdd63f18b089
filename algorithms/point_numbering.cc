#include "algorithms/point_numbering.h"

#include <algorithm>

namespace qalam::algorithms {
namespace {

constexpr std::uint64_t kMaxCounted = 262'144;  // some 0.1 s

// Those that conditions depend on, parents first.
std::vector<size_t> Parents(const SearchSpace& space) {
  std::vector<size_t> parents;
  const auto add = [&](size_t j) {
    if (std::find(parents.begin(), parents.end(), j) == parents.end()) parents.push_back(j);
  };
  const auto is_parent = [&](size_t j) {
    return std::any_of(space.conditions().begin(), space.conditions().end(),
                       [&](const Condition& c) { return c.parent == j; });
  };
  for (const Condition& condition : space.conditions()) {
    add(condition.parent);
    if (is_parent(condition.parameter)) add(condition.parameter);
  }
  return parents;
}

}  // namespace

std::optional<PointNumbering> PointNumbering::Make(const SearchSpace& space) {
  if (!space.combinations()) return std::nullopt;
  PointNumbering numbering(space);
  const std::vector<size_t> parents = Parents(space);
  numbering.is_parent_.assign(space.size(), false);
  for (const size_t j : parents) numbering.is_parent_[j] = true;
  Point point;
  for (const Parameter& parameter : space.parameters()) point.push_back(parameter.At(0));
  if (!numbering.AddBranches(parents, 0, point)) return std::nullopt;
  return numbering;
}

bool PointNumbering::AddBranches(const std::vector<size_t>& parents, size_t depth, Point& point) {
  const std::vector<bool> active = space_.Active(point);
  if (depth < parents.size()) {
    const size_t j = parents[depth];
    if (!active[j]) return AddBranches(parents, depth + 1, point);
    const std::uint64_t values = *space_.parameters()[j].cardinality();
    if (values > kMaxBranches) return false;
    for (std::uint64_t i = 0; i < values; ++i) {
      point[j] = space_.parameters()[j].At(i);
      if (!AddBranches(parents, depth + 1, point)) return false;
    }
    return true;
  }
  if (branches_.size() == kMaxBranches) return false;
  std::vector<bool> free(space_.size());
  std::uint64_t points = 1;
  for (size_t j = 0; j < space_.size(); ++j) {
    free[j] = active[j] && !is_parent_[j];
    const std::uint64_t values = free[j] ? *space_.parameters()[j].cardinality() : 1;
    if (points > kMaxPoints / values) return false;
    points *= values;
  }
  if (points > kMaxPoints - size()) return false;
  branches_.push_back(space_.Canonical(point));
  free_.push_back(std::move(free));
  first_.push_back(size() + points);
  return true;
}

Point PointNumbering::At(std::uint64_t number) const {
  const size_t branch =
      static_cast<size_t>(std::upper_bound(first_.begin(), first_.end(), number) - first_.begin()) - 1;
  Point point = branches_[branch];
  std::uint64_t rest = number - first_[branch];
  for (size_t j = 0; j < point.size(); ++j) {
    if (!free_[branch][j]) continue;
    const std::uint64_t values = *space_.parameters()[j].cardinality();
    point[j] = space_.parameters()[j].At(rest % values);
    rest /= values;
  }
  return point;
}

std::optional<std::uint64_t> CountAdmitted(const SearchSpace& space) {
  if (!space.has_rules()) return space.combinations();
  const std::optional<PointNumbering> points = PointNumbering::Make(space);
  if (!points) return std::nullopt;
  if (space.constraints().empty()) return points->size();
  if (points->size() > kMaxCounted) return std::nullopt;
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < points->size(); ++i) count += space.IsFeasible(points->At(i)) ? 1 : 0;
  return count;
}

}  // namespace qalam::algorithms
