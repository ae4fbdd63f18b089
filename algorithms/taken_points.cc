#include "algorithms/taken_points.h"

#include <bit>

#include "algorithms/combination_shuffle.h"
#include "algorithms/random_engine.h"

namespace qalam::algorithms {

TakenPoints::TakenPoints(const SearchSpace& space, const Observations& seen) : space_(space) {
  keys_.reserve(seen.finished.size() + seen.pending.size() + seen.failed.size());
  for (const Observation& observation : seen.finished) Add(observation.point);
  for (const Point& point : seen.pending) Add(point);
  for (const Point& point : seen.failed) Add(point);
}

bool TakenPoints::Contains(const Point& point) const { return keys_.contains(Key(point)); }

void TakenPoints::Add(const Point& point) { keys_.insert(Key(point)); }

std::optional<Point> TakenPoints::AnyFree(std::uint64_t seed) const {
  const std::optional<std::uint64_t> combinations = space_.combinations();
  if (!combinations) return std::nullopt;
  const CombinationShuffle shuffle(space_, seed);
  // Of size + 1 points one is free.
  for (std::uint64_t i = 0; i < *combinations && i <= keys_.size(); ++i) {
    Point point = space_.At(shuffle(i));
    if (!Contains(point)) return point;
  }
  return std::nullopt;
}

std::uint64_t TakenPoints::Key(const Point& point) const {
  std::uint64_t key = 0;
  for (size_t j = 0; j < point.size(); ++j) {
    const Parameter& parameter = space_.parameters()[j];
    const std::uint64_t word = parameter.cardinality()
                                   ? parameter.IndexOf(point[j])
                                   : std::bit_cast<std::uint64_t>(std::get<double>(point[j]));
    key = HashWords({key, word});
  }
  return key;
}

}  // namespace qalam::algorithms
