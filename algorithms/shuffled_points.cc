#include "algorithms/shuffled_points.h"

#include <utility>

namespace qalam::algorithms {

std::optional<ShuffledPoints> ShuffledPoints::Make(const SearchSpace& space, std::uint64_t seed) {
  const std::optional<std::uint64_t> combinations = space.combinations();
  if (!combinations) return std::nullopt;
  if (space.conditions().empty())
    return ShuffledPoints(space, *combinations, CombinationShuffle(space, seed));
  std::optional<PointNumbering> points = PointNumbering::Make(space);
  if (!points) return std::nullopt;
  const std::uint64_t size = points->size();
  return ShuffledPoints(space, size, Numbered{*std::move(points), Permutation(size, seed)});
}

Point ShuffledPoints::operator()(std::uint64_t i) const {
  if (const auto* shuffle = std::get_if<CombinationShuffle>(&order_)) return space_.At((*shuffle)(i));
  const Numbered& numbered = std::get<Numbered>(order_);
  return numbered.points.At(numbered.order(i));
}

}  // namespace qalam::algorithms
