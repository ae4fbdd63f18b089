#include "algorithms/taken_points.h"

#include <algorithm>
#include <bit>

#include "algorithms/random_engine.h"
#include "algorithms/shuffled_points.h"

namespace qalam::algorithms {
namespace {

constexpr std::uint64_t kMaxInfeasible = 65'536;  // bounds the work where hardly any combination is feasible

}  // namespace

std::uint64_t PointKey(const SearchSpace& space, const Point& point) {
  std::uint64_t key = 0;
  for (size_t j = 0; j < point.size(); ++j) {
    const Parameter& parameter = space.parameters()[j];
    const std::uint64_t word = parameter.cardinality()
                                   ? parameter.IndexOf(point[j])
                                   : std::bit_cast<std::uint64_t>(std::get<double>(point[j]));
    key = HashWords({key, word});
  }
  return key;
}

TakenPoints::TakenPoints(const SearchSpace& space, const Observations& seen) : space_(space) {
  keys_.reserve(seen.finished.size() + seen.pending.size() + seen.failed.size());
  for (const Observation& observation : seen.finished) Add(observation.point);
  for (const Point& point : seen.pending) Add(point);
  for (const Point& point : seen.failed) Add(point);
}

bool TakenPoints::Contains(const Point& point) const { return keys_.contains(PointKey(space_, point)); }

void TakenPoints::Add(const Point& point) { keys_.insert(PointKey(space_, point)); }

std::optional<Point> TakenPoints::AnyFree(std::uint64_t seed) const {
  const std::optional<ShuffledPoints> points = ShuffledPoints::Make(space_, seed);
  if (!points) return std::nullopt;
  // Of size + 1 points one is free.
  const std::uint64_t end = keys_.size() + (space_.constraints().empty() ? 1 : kMaxInfeasible);
  for (std::uint64_t i = 0; i < std::min(end, points->size()); ++i) {
    Point point = (*points)(i);
    if (!Contains(point) && space_.IsFeasible(point)) return point;
  }
  return std::nullopt;
}

}  // namespace qalam::algorithms
